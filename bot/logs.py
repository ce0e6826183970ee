"""Logs by allow-list: fixed names, fixed words and small numbers; nothing else gets out.

What a person typed, and from where, can reach a log only through a free string. There is
none: other people's log lines lose their words, exceptions keep their class and place.
"""

import fcntl
import json
import logging
import os
import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, get_args

Event = Literal["ready", "turn", "refused", "book", "alert", "log-refused"]
"""What can happen."""
Trouble = Literal["safe-reply", "turn-error", "store-error", "over-budget", "limited", "duplicate"]
Outcome = Literal["answered", "silent", Trouble]
Reason = Literal["signature", "shape", "sender", "budget"]
Edit = Literal["book-taken", "book-refused"]
Word = Literal[Outcome, Reason, Edit]
"""What can be said about it."""
Field = Literal["outcome", "reason", "segments", "milliseconds", "problems"]

LARGEST = 999_999
"""Numbers over this are refused: they could be a telephone number."""

_EVENTS, _WORDS, _FIELDS = (frozenset(get_args(kind)) for kind in (Event, Word, Field))
_PACKAGE = Path(__file__).parent
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_FILE = re.compile(r"([a-z][a-z-]*/)?[a-z][a-z-]*\.[a-z]+")
_RULE = re.compile(r"[a-z-]+")
_TEMPLATES = {
    "WORKER TIMEOUT (pid:%s)": "worker-timeout",
    "Worker (pid:%s) was sent %s!": "worker-killed",
    "Worker (pid:%s) was sent %s! Perhaps out of memory?": "worker-killed",
    "Worker (pid:%s) exited with code %s.": "worker-failed",
    "Connection in use: %s": "address-in-use",
}
"""Lines of others we know; told by our own word, never by their text or arguments."""


class _Line(str):
    __slots__ = ()


class _Counts:
    """How often each event was logged, in all processes forked since this was made together."""

    def __init__(self) -> None:
        self._threads = threading.Lock()
        self._file, path = tempfile.mkstemp()
        Path(path).unlink()

    def read(self) -> dict[str, int]:
        with suppress(ValueError):  # nothing yet, or a process died while it wrote
            return dict(json.loads(os.pread(self._file, 1 << 20, 0)))
        return {}

    def add(self, more: Mapping[str, int]) -> None:
        # A full disk must cost no answer; a process that dies leaves its lock, and no other.
        with suppress(OSError), self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                counts = json.dumps(Counter(self.read()) + Counter(more))
                os.pwrite(self._file, counts.encode(), 0)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


_OURS, _COUNTS = logging.getLogger("porchlight"), _Counts()


def event(name: Event, **fields: Word | int) -> None:
    """Log one event as a line of JSON; a name, word or number not listed is `log-refused`."""
    safe = name in _EVENTS and all(
        field in _FIELDS
        and (0 <= value <= LARGEST if isinstance(value, int) else str(value) in _WORDS)
        for field, value in fields.items()
    )
    if not safe:
        name, fields = "log-refused", {}
    _OURS.info(_Line(json.dumps({"event": name, **fields})))
    base, summed = f"porchlight_{name.replace('-', '_')}", fields.keys() & {"segments", "problems"}
    sums = {f"{base}_{field}": int(fields.pop(field)) for field in summed}
    labels = ",".join(f'{field}="{value}"' for field, value in fields.items())
    _COUNTS.add({f"{base}{{{labels}}}": 1, **sums})


def metrics() -> str:
    """Give what was counted as Prometheus reads it; milliseconds are a label, rounded up."""
    return "".join(f"{name} {number}\n" for name, number in sorted(_COUNTS.read().items()))


def fault(error: BaseException) -> None:
    """Log an exception's class and the place in our own code it passed last."""
    _OURS.error(_Line(json.dumps({"event": "fault", **_describe(error)})))
    _COUNTS.add({"porchlight_fault": 1})


def problem(rule: str, path: str, line: int) -> None:
    """Log what rule a book breaks and where; a file's name only if it holds plain words."""
    at = f"{path if _FILE.fullmatch(path) else 'other'}:{line}"
    said = {"event": "problem", "rule": rule if _RULE.fullmatch(rule) else "other", "at": at}
    _OURS.warning(_Line(json.dumps(said)))


def install() -> None:
    """Send every logger and exception through the list; again after a server made loggers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    _OURS.setLevel(logging.INFO)
    logging.getLogger("gunicorn.error").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # Otherwise a failing log call prints its arguments.
    logging.raiseExceptions = False
    catch()


def catch() -> None:
    """Tell every exception that nobody catches as a fault: its words may be a person's."""
    sys.excepthook = lambda _kind, error, _trace: fault(error)
    sys.unraisablehook = threading.excepthook = _hooked


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, _Line):
            return record.msg
        said = {"event": "log", "level": record.levelname.lower(), "logger": _name(record.name)}
        if isinstance(record.msg, str) and record.msg in _TEMPLATES:
            said["said"] = _TEMPLATES[record.msg]
        if record.exc_info and record.exc_info[1]:
            said |= _describe(record.exc_info[1])
        return json.dumps(said)


def _name(given: str) -> str:
    return given if _NAME.fullmatch(given) else "other"


def _describe(error: BaseException) -> dict[str, str]:
    place, trace = "-", error.__traceback__
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_PACKAGE):
            place = f"{file.relative_to(_PACKAGE.parent).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return {"error": _name(type(error).__name__), "at": place}


def _hooked(given: Any) -> None:
    if given.exc_value is not None:
        fault(given.exc_value)
