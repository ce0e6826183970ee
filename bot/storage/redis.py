"""Sealed sessions in Redis: one read and one atomic write a turn, nothing readable in it.

Every record is of one length and opened only by its person's key.
Every command names one key, so the same code runs against a cluster.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import redis
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import TypeAdapter, ValidationError
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.conversation import SESSION_SECONDS, Record, SessionKey, StoreError

FAILURES = 5
"""So many failures in a row open the breaker."""
PAUSE_SECONDS = 2.0
"""How long an open breaker keeps us from trying again."""
FORMAT = b"\x01"
"""Changes with the shape of Record: a record of another version is no record."""
NONCE = 12
BUCKET = 8000
"""Bytes of every record before sealing: a reply of 1,600 characters of any kind fits."""
VERSION = len(FORMAT) + NONCE
"""The first bytes of a sealed record name this one writing of it: the nonce is random."""
SEALED = VERSION + BUCKET + 16
"""Bytes of every sealed record."""

PREFIX = "porchlight:"
"""Begins every name of ours in the store."""
COMMANDS = ("ping", "get", "getrange", "set", "del", "eval")
"""All we ask of the server; a server of our own refuses every other command."""

_RECORD = TypeAdapter(Record)
_SAVE = f"""
if redis.call('GETRANGE', KEYS[1], 0, {VERSION - 1}) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


@dataclass
class Breaker:
    """Leaves a broken store alone for a while, so that every answer stays quick."""

    clock: Callable[[], float]
    """Seconds that only ever grow, from any start."""
    failures: int = 0
    until: float = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one use of the store through, or raise StoreError at once when open."""
        now = self.clock()
        if self.failures >= FAILURES and now < self.until:
            raise StoreError("The store is being left alone.")
        # Set before trying: one probe at a time, the others are still turned away.
        self.until = now + PAUSE_SECONDS
        try:
            yield
        except (redis.RedisError, OSError):
            self.failures += 1
            # Not chained: the client's own words may hold the key and the value.
            raise StoreError("The store cannot be used.") from None
        self.failures = 0


@dataclass(frozen=True)
class RedisSessions:
    """The Sessions port on a Redis client."""

    client: redis.Redis = field(repr=False)
    breaker: Breaker = field(repr=False)

    def load(self, key: SessionKey) -> Record:
        """Read one person's record, or yesterday's not yet moved. Raises StoreError."""
        with self.breaker.guard():
            for one in filter(None, (key, key.former)):
                blob = self.client.get(_name(one))
                if isinstance(blob, bytes):
                    # Moving needs today's name to be free: the version of nothing stored.
                    version = blob[:VERSION] if one is key else b""
                    return replace(unseal(one, blob) or Record(), version=version)
        return Record()

    def save(self, key: SessionKey, record: Record, seconds: int) -> bool:
        """Write it under today's name if nobody wrote since the load. Raises StoreError.

        A record moves to today's name with its first turn after midnight. Yesterday's copy
        goes after that write, or before any later one: whenever a worker dies in between,
        today's copy outlives it, so an erased session never comes back.
        """
        if key.former and not record.version:
            seconds = max(seconds, SESSION_SECONDS)
        with self.breaker.guard():
            if key.former and record.version:
                self.client.delete(_name(key.former))
            # Whole, not by its hash: a server that failed over knows no scripts.
            blob = seal(key, record)
            done = self.client.eval(_SAVE, 1, _name(key), record.version, blob, seconds)
            if key.former and done:
                self.client.delete(_name(key.former))
        return bool(done)

    def up(self) -> bool:
        """Tell whether the store answers now."""
        try:
            with self.breaker.guard():
                return bool(self.client.ping())
        except StoreError:
            return False


def connect(url: str) -> redis.Redis:
    """Make a client that never waits long; connects at its first command.

    Raises ValueError for a URL that is not redis://, rediss:// or unix://.
    """
    # No retries: a provider waits 15 seconds for us, and a person with them.
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.3, socket_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )


def store_from_url(url: str, clock: Callable[[], float] = time.monotonic) -> RedisSessions:
    """Make the store at a URL as `connect` takes it."""
    return RedisSessions(connect(url), Breaker(clock))


def seal(key: SessionKey, record: Record) -> bytes:
    """Seal a record into SEALED bytes.

    When it would not fit the oldest answers lose their words but still tell a duplicate,
    then the session goes; the newest answer stays.
    """
    full, blank = record.answers, tuple(replace(one, reply="") for one in record.answers)
    tries = [replace(record, answers=blank[:n] + full[n:]) for n in range(max(1, len(full)))]
    tries.append(Record(answers=full[-1:], replies=record.replies))
    plain = next(text for text in map(_encode, tries) if len(text) <= BUCKET)
    version = FORMAT + os.urandom(NONCE)
    box = ChaCha20Poly1305(key.seal).encrypt(version[1:], plain.ljust(BUCKET), _name(key).encode())
    return version + box


def unseal(key: SessionKey, blob: bytes) -> Record | None:
    """Open what `seal` made; None for another key, a changed bit, another version."""
    if len(blob) != SEALED or not blob.startswith(FORMAT):
        return None
    version, box = blob[:VERSION], blob[VERSION:]
    try:
        plain = ChaCha20Poly1305(key.seal).decrypt(version[1:], box, _name(key).encode())
        return replace(_RECORD.validate_json(plain), version=version)
    except (InvalidTag, ValidationError):
        return None


def _encode(record: Record) -> bytes:
    return _RECORD.dump_json(record, exclude={"version"}, exclude_defaults=True)


def _name(key: SessionKey) -> str:
    return f"{PREFIX}{{{key.name}}}"
