"""Logs by allow-list: fixed names, fixed words and small numbers; nothing else gets out.

What a person typed, and from where, can reach a log only through a free string. There is
none: other people's log lines lose their words, exceptions keep their class and place.
"""

import json
import logging
import re
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

Event = Literal[
    "started",
    "stopped",
    "turn",
    "refused",
    "fault",
    "book",
    "store",
    "key",
    "log",
    "log-refused",
]
"""What can happen."""
Word = Literal[
    "answered",
    "silent",
    "duplicate",
    "store-error",
    "turn-error",
    "safe-reply",
    "signature",
    "shape",
    "sender",
    "loaded",
    "kept",
    "lost",
    "back",
    "made",
    "turned",
    "unusable",
    "embedded",
    "remote",
]
"""What can be said about it."""
Field = Literal["outcome", "reason", "store", "segments", "milliseconds", "problems", "count"]

LARGEST = 999_999
"""Numbers over this are refused: they could be a telephone number."""

_EVENTS, _WORDS, _FIELDS = (frozenset(get_args(kind)) for kind in (Event, Word, Field))
_PACKAGE = Path(__file__).parent
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
_TEMPLATES = {
    "Starting gunicorn %s": "starting",
    "Listening at: %s (%s)": "listening",
    "Booting worker with pid: %s": "worker-started",
    "Worker exiting (pid: %s)": "worker-stopped",
    "WORKER TIMEOUT (pid:%s)": "worker-timeout",
    "Worker (pid:%s) was sent %s!": "worker-killed",
    "Worker (pid:%s) exited with code %s.": "worker-failed",
    "Handling signal: %s": "signal",
    "Shutting down: %s": "stopping",
    "Connection in use: %s": "address-in-use",
    "Invalid address: %s": "bad-address",
}
"""Lines of others we know; told by our own word, never by their text or arguments."""


class _Line(str):
    __slots__ = ()


_OURS = logging.getLogger("porchlight")


def event(name: Event, **fields: Word | int) -> None:
    """Log one event as a line of JSON; a name, word or number not listed is `log-refused`.

    Names of fields are those of `Field`; the type checker finds the rest before it runs.
    """
    if name not in _EVENTS or not all(_safe(*field) for field in fields.items()):
        name, fields = "log-refused", {}
    _write(logging.INFO, {"event": name, **fields})


def fault(error: BaseException) -> None:
    """Log an exception's class and the place in our own code it passed last."""
    _write(logging.ERROR, {"event": "fault", **_describe(error)})


def install() -> None:
    """Send every logger and every uncaught exception of this process through the list.

    Call it again after a server has set up its own loggers.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    _OURS.setLevel(logging.INFO)
    logging.getLogger("gunicorn.error").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    # Otherwise a failing log call prints its arguments.
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = _hooked
    sys.unraisablehook = _hooked


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, _Line):
            return record.msg
        said: dict[str, str | int] = {
            "event": "log",
            "level": _LEVELS.get(record.levelno, "other"),
        }
        said["logger"] = _name(record.name)
        if isinstance(record.msg, str) and record.msg in _TEMPLATES:
            said["said"] = _TEMPLATES[record.msg]
        if record.exc_info and record.exc_info[1]:
            said |= _describe(record.exc_info[1])
        return json.dumps(said)


def _safe(field: str, value: object) -> bool:
    if isinstance(value, int):
        return field in _FIELDS and 0 <= value <= LARGEST
    return field in _FIELDS and isinstance(value, str) and value in _WORDS


def _write(level: int, said: dict[str, Any]) -> None:
    _OURS.log(level, _Line(json.dumps(said)))


def _name(given: str) -> str:
    return given if _NAME.fullmatch(given) else "other"


def _describe(error: BaseException) -> dict[str, str]:
    return {"error": _name(type(error).__name__), "at": _place(error.__traceback__)}


def _place(trace: TracebackType | None) -> str:
    place = "-"
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_PACKAGE):
            place = f"{file.relative_to(_PACKAGE.parent).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        fault(error)


def _hooked(given: Any) -> None:
    if given.exc_value is not None:
        fault(given.exc_value)
