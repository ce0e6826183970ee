import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator

import pytest

from bot import logs
from bot.settings import Settings, SettingsError

CANARY = '+12135550147 canary\r\n{"event": "turn"}'


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Install the list and give all that is written; afterwards undo it."""
    hooks = sys.excepthook, sys.unraisablehook, logging.raiseExceptions, logging.root.handlers[:]
    thread_hook = threading.excepthook
    logs.install()
    yield _caught()
    logging.captureWarnings(capture=False)
    sys.excepthook, sys.unraisablehook, logging.raiseExceptions = hooks[:3]
    logging.root.handlers[:] = hooks[3]
    threading.excepthook = thread_hook


def _caught() -> io.StringIO:
    stream = io.StringIO()
    for handler in logging.root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
    return stream


def _lines(written: io.StringIO) -> list[dict[str, object]]:
    for hidden in ("canary", "2135550147", "\r"):
        assert hidden not in written.getvalue()
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_event_is_one_line(written: io.StringIO) -> None:
    """A known event is written with its words and numbers."""
    logs.event("turn", outcome="answered", segments=2)
    assert _lines(written) == [{"event": "turn", "outcome": "answered", "segments": 2}]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (CANARY, {}),
        ("turn", {"outcome": CANARY}),
        ("turn", {"outcome": "shelter"}),
        ("turn", {CANARY: 1}),
        ("turn", {"segments": 12135550147}),
        ("turn", {"segments": 5550147}),
        ("turn", {"segments": -1}),
        ("turn", {"segments": 1.5}),
        ("turn", {"outcome": ["answered"]}),
        ("turn", {"outcome": None}),
    ],
)
def test_anything_unlisted_is_refused(
    written: io.StringIO, name: str, fields: dict[str, object]
) -> None:
    """An unknown name, word, field or large number is written as a refusal, without it."""
    logs.event(name, **fields)  # type: ignore[arg-type]
    assert _lines(written) == [{"event": "log-refused"}]


def test_a_fault_tells_class_and_place_only(written: io.StringIO) -> None:
    """An exception is its class and the last line of ours it passed; its words are not told."""
    try:
        int(CANARY)
    except ValueError as error:
        logs.fault(error)
    try:
        Settings.from_env({"PORT": CANARY})
    except SettingsError as error:
        logs.fault(error)
    first, second = _lines(written)
    assert first == {"event": "fault", "error": "ValueError", "at": "-"}
    assert second["error"] == "SettingsError"
    assert str(second["at"]).startswith("bot/settings.py:")


@pytest.mark.parametrize(
    "name", ["", "gunicorn.error", "werkzeug", "redis.connection", "twilio.http_client"]
)
def test_others_lines_lose_their_words(written: io.StringIO, name: str) -> None:
    """Of other loggers' lines only level, logger and exception class remain."""
    logger = logging.getLogger(name)
    logger.error("from %s", CANARY)
    logger.error(CANARY)
    logger.error(f"from {CANARY}", extra={"more": CANARY})  # noqa: G004 as others do
    logger.error("bad %d", CANARY)
    try:
        dict[str, int]()[CANARY]
    except KeyError:
        logger.exception("at %s", CANARY)
    plain = {"event": "log", "level": "error", "logger": name or "root"}
    assert _lines(written) == [plain] * 4 + [{**plain, "error": "KeyError", "at": "-"}]


def test_the_servers_known_lines_are_told_in_our_words(written: io.StringIO) -> None:
    """What an operator needs of the server's log is kept, without its arguments."""
    logging.getLogger("gunicorn.error").error("Worker (pid:%s) was sent %s!", CANARY, 1)
    assert [line["said"] for line in _lines(written)] == ["worker-killed"]


def counted() -> Counter[str]:
    """Give the numbers of the metrics page by series."""
    pairs = (line.rpartition(" ") for line in logs.metrics().splitlines())
    return Counter({series: int(number) for series, _, number in pairs})


def test_what_is_logged_is_counted(written: io.StringIO) -> None:
    """Each event counts by its words; numbers are summed; what was refused counts as that."""
    before = counted()
    for _ in range(3):
        logs.event("turn", outcome="safe-reply", segments=2, milliseconds=50)
    logs.event("turn", outcome=CANARY, segments=2)  # type: ignore[arg-type]
    logs.event("refused", reason="shape")
    logs.fault(ValueError(CANARY))
    assert counted() - before == {
        'porchlight_turn{outcome="safe-reply",milliseconds="50"}': 3,
        "porchlight_turn_segments": 6,
        "porchlight_log_refused{}": 1,
        'porchlight_refused{reason="shape"}': 1,
        "porchlight_fault": 1,
    }
    assert len(_lines(written)) == 6
    shape = r'[a-z_]+(\{([a-z]+="[a-z0-9-]+",?)*\})? \d+'
    assert all(re.fullmatch(shape, line) for line in logs.metrics().splitlines())


@pytest.mark.usefixtures("written")
def test_nothing_is_lost_between_threads_and_processes() -> None:
    """What workers count at the same time adds up, and one killed in the middle stops nobody."""
    before = counted()
    workers = []
    for nth in range(4):
        pid = os.fork()
        if not pid:
            threads = [threading.Thread(target=_count, args=[nth]) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(0)
        workers.append(pid)
    os.kill(workers[0], signal.SIGKILL)
    for pid in workers:
        os.waitpid(pid, 0)
    logs.event("refused", reason="shape")
    series = counted() - before
    assert [series[f'porchlight_turn{{milliseconds="{nth}"}}'] for nth in (1, 2, 3)] == [400] * 3
    assert series['porchlight_refused{reason="shape"}'] == 1


def _count(nth: int) -> None:
    for _ in range(100):
        logs.event("turn", milliseconds=nth)


def test_handlers_set_later_are_removed_by_installing_again(
    written: io.StringIO,
) -> None:
    """A server that gave its loggers handlers of their own loses them again."""
    logger = logging.getLogger("gunicorn.error")
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.propagate = False
    logs.install()
    again = _caught()
    logger.error(CANARY)
    assert len(_lines(again)) == 1
    assert not written.getvalue()


def test_odd_logger_names_and_warnings_say_nothing(written: io.StringIO) -> None:
    """A logger named by a person's words, and a warning's text, are not told."""
    logging.getLogger(CANARY).error("x")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)
    assert [line["logger"] for line in _lines(written)] == ["other", "py.warnings"]


@pytest.mark.parametrize(
    "code",
    [
        "logs.install(); raise ValueError(C)",
        "import threading; logs.install(); t = threading.Thread(target=int, args=(C,)); t.start(); t.join()",
        "logs.install()\nclass A:\n def __del__(self): raise ValueError(C)\nA()",
        "from bot import cli; sys.argv = ['x', 'x']; cli.porchlight.command('x')(lambda: int(C)); cli.main()",
    ],
    ids=["main", "thread", "finaliser", "command"],
)
def test_uncaught_exceptions_say_nothing(code: str) -> None:
    """No traceback with a person's words is printed, wherever the exception ends."""
    start = "import sys; from bot import logs; C = '+12135550147 canary'\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, check=False
    )
    said = json.loads(done.stdout + done.stderr)
    assert (said["event"], said["error"], len(said)) == ("fault", "ValueError", 3)
