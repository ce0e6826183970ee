"""The line as a server runs it, but a request may say after how many lines its worker dies.

Only tests start it: nothing of this is in the line itself, so nobody can switch it on there.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from bot.app import create_app, open_book, running
from bot.settings import Settings

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
"""The clock stands still, so that two runs can be compared to the byte."""
KILL = "HTTP_X_KILL_AFTER"
LINES = "X-Lines"


class Doomed:
    """A WSGI application that counts every line of Python a request runs, ours or not."""

    def __init__(self) -> None:
        settings = ExitStack().enter_context(running(Settings.from_env(os.environ)))
        self._app: Any = create_app(settings, open_book(settings.flows), lambda: NOON)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or die at the line the request names; past the last, just before the answer."""
        last, lines = int(environ.get(KILL, 0)), 0
        begun: list[Any] = []

        def trace(_frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal lines
            lines += event == "line"
            if last and lines == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            body = list(self._app(environ, lambda *given: begun.extend(given)))
        finally:
            sys.settrace(None)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        start(begun[0], [*begun[1], (LINES, str(lines))])
        return body
