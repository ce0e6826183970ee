"""The line's own gunicorn configuration with shorter times, so that tests need not wait."""

import os

from bot import gunicorn
from bot.gunicorn import *  # noqa: F403 every setting as it is

gunicorn.LOOK_SECONDS = 0.1
gunicorn.SLOW_SECONDS = 1.0
if "YOUNG" in os.environ:
    gunicorn.AGE_SECONDS = (1.0, 2.0)
