import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.redis import FAILURES
from tests.chat import shipped
from tests.reliability.conftest import Line, elsewhere
from tests.reliability.servers import Server, free_port, liar, until

TEXTS = ("shelter 90057", "refugio 90057", "health", "menu", "he is going to kill me", "help", "1")
"""What works without a store: a need and a place in one text, words of menus, danger."""


@pytest.fixture(scope="module")
def known() -> dict[str, str | None]:
    """Hold what a stranger hears, by text."""
    return {}


@pytest.fixture
def alone(line: Line, known: dict[str, str | None]) -> dict[str, str | None]:
    """Give what each text gets from a phone never seen: the right answer without a store."""
    if not known:
        known |= {text: line.text(text, f"+1213555{n:04}") for n, text in enumerate(TEXTS)}
    return known


def test_every_answer_without_a_store_is_of_use(alone: dict[str, str | None]) -> None:
    """A listing for a need and a place, a menu for a word, 911 for danger."""
    assert "213-" in (alone["shelter 90057"] or "")
    assert alone["health"] not in (alone["menu"], None)
    assert "911" in (alone["he is going to kill me"] or "")


ERRORS = (
    "LOADING Redis is loading the dataset in memory",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM this user has no permissions",
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Errors writing to the AOF file",
    "MOVED 1 127.0.0.1:1",
    "ASK 1 127.0.0.1:1",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "CLUSTERDOWN The cluster is down",
    "MASTERDOWN Link with MASTER is down",
    "NOSCRIPT No matching script.",
    "BUSY Redis is busy running a script.",
    "ERR max number of clients reached",
    "\x00\xff\u202e",
    "",
)
LIES = (
    b":1\r\n", b"*0\r\n", b"*-1\r\n", b"+OK\r\n", b"$3\r\nabc\r\n", b"$8029\r\n" + b"x" * 8029 + b"\r\n",
    b"_\r\n", b"#t\r\n", b"%1\r\n+a\r\n+b\r\n", b"(1\r\n", b",nan\r\n", b"$0\r\n\r\n",
)  # fmt: skip


@pytest.mark.parametrize("word", ["GET", "EVAL"])
@pytest.mark.parametrize("error", ERRORS)
def test_whatever_a_store_refuses_texts_are_answered(
    settings: Settings, alone: dict[str, str | None], word: str, error: str
) -> None:
    """Each error of a store, at the read or at the write, leaves every text its answer."""
    said = (word, f"-{error}\r\n".encode())
    with liar(said) as url:
        line = Line(elsewhere(settings, url))
        assert {text: line.text(text) for text in TEXTS} == alone


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("word", ["GET", "EVAL"])
def test_whatever_a_store_says_texts_are_answered(
    settings: Settings, alone: dict[str, str | None], word: str, lie: bytes
) -> None:
    """An answer of another kind is no session and no reason to fail."""
    with liar((word, lie)) as url:
        line = Line(elsewhere(settings, url))
        assert {text: line.text(text) for text in TEXTS} == alone


def garbage(count: int) -> Iterator[bytes]:
    """Give bytes of every kind, some that begin like an answer."""
    chance = random.Random(7)
    for n in range(count):
        head = chance.choice([b"", b"$", b"*", b"+", b"-", b":", b"$99999999999\r\n"])
        yield head + chance.randbytes(n % 40 + 1) + b"\r\n"
    yield b"*1\r\n" * 5000
    yield b"$8029\r\nabc"
    yield b"*99999999\r\n"


def survives(settings: Settings, alone: dict[str, str | None], count: int) -> None:
    for lie in garbage(count):
        with liar(("GET", lie), ("EVAL", lie), ("HELLO", lie)) as url:
            assert Line(elsewhere(settings, url)).text(TEXTS[0]) == alone[TEXTS[0]]
        with liar(("GET", lie), ("EVAL", lie)) as url:
            assert Line(elsewhere(settings, url)).text(TEXTS[1]) == alone[TEXTS[1]]


def test_broken_bytes_from_a_store_are_survived(
    settings: Settings, alone: dict[str, str | None]
) -> None:
    """Deep nesting, half an answer and huge lengths: the text is answered."""
    survives(settings, alone, 0)


@pytest.mark.long
def test_random_bytes_from_a_store_are_survived(
    settings: Settings, alone: dict[str, str | None]
) -> None:
    """Three hundred times bytes that are no protocol, at the greeting, the read and the write."""
    survives(settings, alone, 300)


@pytest.mark.parametrize("said", [b"$8029\r\nabc", b""])
@pytest.mark.parametrize("word", ["GET", "EVAL", "HELLO"])
def test_a_connection_that_goes_silent_is_given_up(
    settings: Settings, alone: dict[str, str | None], word: str, said: bytes
) -> None:
    """Half an answer, or none, and then silence or a broken line: the text is answered."""
    with liar((word, said), hang=bool(said)) as url:
        line = Line(elsewhere(settings, url))
        assert line.text(TEXTS[0]) == alone[TEXTS[0]]


def test_no_server_and_one_that_hangs(
    settings: Settings, alone: dict[str, str | None], tmp_path: Path
) -> None:
    """Refused at the door, and taken in and never heard: answers, and the same ones."""
    refused = Line(elsewhere(settings, f"redis://127.0.0.1:{free_port()}"))
    assert {text: refused.text(text) for text in TEXTS} == alone
    server = Server(tmp_path)
    hung = Line(elsewhere(settings, server.url))
    server.signal(signal.SIGSTOP)
    assert [hung.text(text) for text in TEXTS[:2]] == [alone[text] for text in TEXTS[:2]]
    server.signal(signal.SIGCONT)
    until(lambda: hung.text("shelter 90057") == hung.text("?"), 6)


@pytest.mark.parametrize("fault", ["full", "read-only", "locked", "forgot its scripts"])
def test_a_store_that_reads_and_cannot_write(
    settings: Settings, alone: dict[str, str | None], tmp_path: Path, fault: str
) -> None:
    """While nothing can be kept no number is read against a menu of before; then all is well."""
    server = Server(tmp_path)
    line = Line(elsewhere(settings, server.url))
    line.text("shelter 90057")
    words: dict[str, tuple[tuple[object, ...], tuple[object, ...]]] = {
        "full": (("CONFIG", "SET", "maxmemory", 1), ("CONFIG", "SET", "maxmemory", 0)),
        "read-only": (("REPLICAOF", "127.0.0.1", 1), ("REPLICAOF", "NO", "ONE")),
        "locked": (
            ("ACL", "SETUSER", "default", "-eval"),
            ("ACL", "SETUSER", "default", "+eval"),
        ),
        "forgot its scripts": (("SCRIPT", "FLUSH"), ("PING",)),
    }
    broken, mended = words[fault]
    server.run(*broken)
    details = line.text("1")
    assert details == alone["1"] or (fault == "forgot its scripts" and details != alone["1"])
    server.run(*mended)
    if fault != "forgot its scripts":
        assert line.text("1") == alone["1"]
    listing = line.text("shelter 90057")
    assert line.text("?") == listing


def test_what_could_not_be_erased_does_not_come_back(
    settings: Settings, alone: dict[str, str | None], tmp_path: Path
) -> None:
    """ERASE meets a store that cannot write: the next text is a stranger's all the same."""
    server = Server(tmp_path)
    line = Line(elsewhere(settings, server.url))
    line.text("shelter 90057")
    server.run("CONFIG", "SET", "maxmemory", 1)
    line.text("erase")
    server.run("CONFIG", "SET", "maxmemory", 0)
    assert line.text("1") == alone["1"]


def test_a_slow_store_is_waited_for(settings: Settings, tmp_path: Path) -> None:
    """Late by less than our patience is no failure: the session goes on."""
    server = Server(tmp_path)
    line = Line(elsewhere(settings, server.url))
    listing = line.text("shelter 90057")
    server.run("CLIENT", "PAUSE", 100, "ALL")
    assert line.text("?") == listing


def test_a_full_store_opens_the_breaker(settings: Settings, tmp_path: Path) -> None:
    """A store that reads but never writes is left alone in the end, as one that is gone."""
    server = Server(tmp_path, "--maxmemory", "1")
    line = Line(elsewhere(settings, server.url))
    server.run("CONFIG", "RESETSTAT")
    for _ in range(FAILURES * 4):
        line.text("hi")
    stats = server.run("INFO", "commandstats")
    assert isinstance(stats, dict)
    assert stats["cmdstat_eval"]["calls"] == FAILURES
    assert line.app
    assert (line.app.test_client().get("/health").json or {})["redis"] == "down"


def test_a_store_that_restarts_is_used_again(settings: Settings, tmp_path: Path) -> None:
    """Killed, gone for a while and back empty: the line goes on without a restart of its own."""
    server = Server(tmp_path)
    line = Line(elsewhere(settings, server.url))
    listing = line.text("shelter 90057")
    assert line.text("?") == listing
    server.kill()
    for _ in range(FAILURES + 1):
        assert line.text("shelter 90057") == listing
    server.start()
    front = line.text("?", "+12135550199")
    until(lambda: line.text("?") == front and line.text("food 90057") == line.text("?"), 6)


def test_without_a_store_nothing_is_called_erased(settings: Settings) -> None:
    """What cannot be erased now is not said to be: the reply asks to text again."""
    line = Line(elsewhere(settings, "unix:///nowhere/redis.sock"))
    said = line.text("erase")
    assert said
    assert said.startswith(shipped().phrase("safe", "en").splitlines()[0])
    assert "erased" not in said
