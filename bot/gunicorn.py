"""How gunicorn runs the line: `gunicorn -c python:bot.gunicorn 'bot.app:create()'`."""

import os
import threading
import time
from typing import Any

from bot import logs

bind = f"0.0.0.0:{os.environ.get('PORT', '').strip() or 8000}"
workers = 2
# The provider gives up after 15 seconds; a worker that hangs must be gone before.
timeout = 10
graceful_timeout = 10
preload_app = True
accesslog = None
control_socket_disable = True


def on_starting(server: Any) -> None:  # noqa: ARG001 gunicorn passes it
    """Send the server's own log lines through the allow-list."""
    logs.install()


def post_worker_init(worker: Any) -> None:
    """Ratchet the daily key every minute, text or no text; threads do not survive a fork."""

    def turn() -> None:
        while True:
            time.sleep(60)
            try:
                worker.wsgi.extensions["keyring"]()
            except Exception as error:  # noqa: BLE001 the next minute may be better
                logs.fault(error)

    threading.Thread(target=turn, daemon=True).start()
