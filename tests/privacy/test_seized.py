"""What whoever takes the store's image, the key file and the source can open, with controls."""

import hashlib
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from bot.conversation import Conversation
from bot.flow.session import Session, Turn
from bot.storage.embedded import _program, embedded
from bot.storage.keys import Keyring, _derive, new
from bot.storage.redis import PREFIX, store_from_url, unseal
from tests.conftest import as_owner

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIDNIGHT = NOON + timedelta(hours=12)
FIRST_HOUR = MIDNIGHT + timedelta(minutes=59)
AFTER = MIDNIGHT + timedelta(hours=1)
PEOPLE = 100
Image = dict[str, bytes]
"""Name in the store -> what lay there."""


def number(n: int) -> str:
    """Give a number that someone might try; the first million are all different."""
    return f"+1213{n * 7919 % 10**7:07}"


CALLERS = [number(n * 97) for n in range(PEOPLE)]


def _hear(session: Session | None, _text: str, _now: datetime) -> Turn:
    return Turn(session or Session(language="en", needs=("shelter",)), "Heard.")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder with the image of a store in which people are texting, and today's key."""
    with tempfile.TemporaryDirectory(prefix="pl") as made, embedded() as url:
        new(Path(made, "key"), NOON)
        line = Conversation(_hear, store_from_url(url), "Call 911.")
        for n, caller in enumerate(CALLERS):
            key = Keyring(Path(made, "key")).session_key(caller, NOON)
            assert line.answer(key, f"{n:016x}", "shelter", NOON).events == ()
        with as_owner(url) as owner:
            owner.save()
        (Path(url.removeprefix("unix://")).parent / "dump.rdb").rename(Path(made, "dump.rdb"))
        yield Path(made)


@pytest.fixture(scope="module")
def image(folder: Path) -> Image:
    """Load the image into a server of the taker's own and read all of it."""
    words = [_program(), "--port", "0", "--unixsocket", "redis.sock"]
    client = redis.Redis(unix_socket_path=f"{folder}/redis.sock")
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL) as server, client:
        try:
            for _ in range(500):
                with suppress(redis.RedisError):
                    names = [bytes(name) for name in client.scan_iter("*")]
                    break
                time.sleep(0.01)
            held = {name.decode(): client.get(name) for name in names}
            return {name: value for name, value in held.items() if isinstance(value, bytes)}
        finally:
            server.kill()


@pytest.fixture
def keys(folder: Path, tmp_path: Path) -> Keyring:
    """Give a copy of today's key file, as it was while the people texted."""
    (tmp_path / "key").write_bytes((folder / "key").read_bytes())
    (tmp_path / "key").chmod(0o600)
    return Keyring(tmp_path / "key")


def opened(image: Image, keys: Keyring, moment: datetime) -> int:
    """Count the sessions that open for someone who knows every caller's number."""
    found = 0
    for caller in CALLERS:
        key = keys.session_key(caller, moment)
        for one in filter(None, (key, key.former)):
            record = unseal(one, image.get(f"{PREFIX}{{{one.name}}}", b""))
            found += bool(record and record.session)
    return found


def matched(image: Image, numbers: Iterable[str], *keys: bytes) -> int:
    """Count the names in an image that some number under some key gives."""
    names = {name.removeprefix(PREFIX).strip("{}") for name in image}
    return sum(_derive(key, one).name in names for one in numbers for key in keys)


@pytest.mark.parametrize(
    ("moment", "count"),
    [(NOON, PEOPLE), (FIRST_HOUR, PEOPLE), (AFTER, 0), (AFTER + timedelta(days=6), 0)],
)
def test_yesterdays_image_and_todays_key_open_nothing(
    image: Image, keys: Keyring, moment: datetime, count: int
) -> None:
    """Sessions open while they may still be alive, and for nobody ever after."""
    assert len(image) == PEOPLE
    keys.turn(moment)
    assert opened(image, keys, moment) == count
    assert opened(image, keys, NOON) == count


@pytest.mark.parametrize("many", [10**4, pytest.param(10**6, marks=pytest.mark.long)])
def test_an_image_without_the_key_names_nobody(image: Image, folder: Path, many: int) -> None:
    """Whoever tries numbers without the key finds none, though every caller is among them."""
    numbers = [number(n) for n in range(many)]
    assert set(CALLERS) <= set(numbers)
    assert len(set(numbers)) == many
    guesses = (b"", bytes(32), b"porchlight ratchet 1", hashlib.sha256(b"").digest())
    assert matched(image, numbers, *guesses) == 0
    plain = b"".join(name.encode() + value for name, value in image.items())
    assert not [one for one in CALLERS if one[1:].encode() in plain]
    todays = bytes.fromhex((folder / "key").read_text().split()[2])
    assert matched(image, numbers, todays) == PEOPLE
