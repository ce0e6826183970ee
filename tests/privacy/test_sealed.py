"""Everything the store holds looks alike, and whatever becomes of it every text is answered."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from bot.app import open_book
from bot.conversation import SESSION_CAP_SECONDS, Conversation, SessionKey
from bot.flow.engine import step
from bot.flow.session import Session, Turn
from bot.storage.keys import Keyring, new
from bot.storage.redis import FORMAT, SEALED, store_from_url

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOK = open_book(Path(__file__).parent.parent / "county")
TEXTS = (
    "hi",
    "1",
    "shelter 33128",
    "more",
    "1",
    "back",
    "x" * 1600,
    "ERASE",
    "STOP",
    "\U0001f600",
)
NAME = re.compile(rb"porchlight:\{[0-9a-f]{32}\}")


def _real(session: Session | None, text: str, now: datetime) -> Turn:
    return step(BOOK, session, text, now)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """Give the keys of a new file."""
    new(tmp_path / "key", NOON)
    return Keyring(tmp_path / "key")


@pytest.fixture
def line(redis_url: str, redis_client: redis.Redis) -> Conversation:
    """Give a line with a real book on an empty store."""
    assert redis_client.dbsize() == 0
    return Conversation(_real, store_from_url(redis_url), "Call 911.")


def test_all_the_store_ever_holds_looks_alike(
    line: Conversation, keyring: Keyring, redis_client: redis.Redis
) -> None:
    """After every text, before and after midnight: one form of name, one length, an end."""
    lengths, kinds = set(), set()
    for hours in (0, 11.9, 12.1, 13):
        now = NOON + timedelta(hours=hours)
        for n, text in enumerate(TEXTS):
            for caller in ("+13055550147", f"+1305{n:07}"):
                line.answer(keyring.session_key(caller, now), os.urandom(8).hex(), text, now)
            for name in redis_client.scan_iter("*"):
                assert NAME.fullmatch(bytes(name))
                assert 0 < redis_client.ttl(name) <= SESSION_CAP_SECONDS
                kinds.add(redis_client.type(name))
                lengths.add(redis_client.strlen(name))
    assert (lengths, kinds) == ({SEALED}, {b"string"})


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "one byte": lambda _: FORMAT,
    "truncated": lambda blob: blob[:-1],
    "longer": lambda blob: blob + b"\x00",
    "older version": lambda blob: b"\x00" + blob[1:],
    "newer version": lambda blob: b"\xff" + blob[1:],
    "random": lambda _: os.urandom(SEALED),
    "random in our form": lambda _: FORMAT + os.urandom(SEALED - 1),
    "zeros in our form": lambda _: FORMAT.ljust(SEALED, b"\x00"),
    "other nonce": lambda blob: blob[:1] + os.urandom(12) + blob[13:],
    "halves exchanged": lambda blob: blob[:13] + blob[4013:] + blob[13:4013],
    "text": lambda _: b'{"session": null}'.ljust(SEALED),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_record_is_a_strangers(
    line: Conversation,
    keyring: Keyring,
    redis_client: redis.Redis,
    damage: Callable[[bytes], bytes],
) -> None:
    """The next text is answered as a stranger's, byte for byte, and the one after goes on."""
    key = keyring.session_key("+13055550147", NOON)
    stranger, goes_on = _asks(line, key)
    assert _asks(line, key) != (stranger, goes_on)
    name, blob = _held(redis_client)
    redis_client.set(name, damage(blob), ex=60)
    assert _asks(line, key) == (stranger, goes_on)
    assert redis_client.strlen(name) == SEALED


def test_another_persons_record_opens_for_nobody(
    line: Conversation, keyring: Keyring, redis_client: redis.Redis
) -> None:
    """Put under another name, or left after the key changed, a record is no session."""
    key, other = (keyring.session_key(f"+1305555014{n}", NOON) for n in (7, 8))
    stranger, (name, blob) = _asks(line, key), _held(redis_client)
    redis_client.set(name.replace(key.name.encode(), other.name.encode()), blob, ex=60)
    assert _asks(line, other) == stranger
    assert _asks(line, SessionKey(key.name, os.urandom(32))) == stranger


@pytest.mark.parametrize("kind", ["list", "hash", "stream"])
def test_a_foreign_kind_of_value_is_answered_too(
    line: Conversation, keyring: Keyring, redis_client: redis.Redis, kind: str
) -> None:
    """Whatever else lies under a name, the text is answered, without a session."""
    key = keyring.session_key("+13055550147", NOON)
    (stranger, _), (name, _) = _asks(line, key), _held(redis_client)
    redis_client.delete(name)
    if kind == "list":
        redis_client.lpush(name, "x")
    elif kind == "hash":
        redis_client.hset(name, "x", "y")
    else:
        redis_client.xadd(name, {"x": "y"})
    turn = line.answer(key, "0" * 16, "1", NOON)
    assert (turn.reply, turn.events[-1]) == (stranger, "store-error")


def _asks(line: Conversation, key: SessionKey) -> tuple[str, str]:
    first, second = (line.answer(key, os.urandom(8).hex(), text, NOON) for text in "11")
    assert not {"store-error", "turn-error"} & {*first.events, *second.events}
    return first.reply, second.reply


def _held(client: redis.Redis) -> tuple[bytes, bytes]:
    (name,) = client.scan_iter("*")
    value = client.get(name)
    assert isinstance(value, bytes)
    return bytes(name), value
