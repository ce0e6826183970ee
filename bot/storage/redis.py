"""Sealed sessions in Redis: one read and one atomic write a turn, nothing readable in it.

Every command names one key, so the same code runs against a cluster.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.conversation import SESSION_SECONDS, Record, SessionKey, StoreError
from bot.storage.seal import VERSION, seal, unseal

CONNECT_SECONDS = 0.3
READ_SECONDS = 0.5
FAILURES = 5
"""So many failures in a row open the breaker."""
PAUSE_SECONDS = 2.0
"""How long an open breaker keeps us from trying again."""
SCHEMES = ("redis", "rediss", "unix")

_MOVED = b"moved"
"""Version of a record found under yesterday's name: today's name must still be free."""

_SAVE = f"""
if redis.call('GETRANGE', KEYS[1], 0, {VERSION - 1}) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

Clock = Callable[[], float]
"""Seconds that only ever grow, from any start."""


class Breaker:
    """Leaves a broken store alone for a while, so that every answer stays quick."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one use of the store through, or raise StoreError at once when open."""
        with self._lock:
            if self._failures >= FAILURES:
                if self._clock() < self._until:
                    raise StoreError("The store is being left alone.")
                # One probe at a time: the others are still turned away.
                self._until = self._clock() + PAUSE_SECONDS
        try:
            yield
        except (redis.RedisError, OSError):
            with self._lock:
                self._failures += 1
                self._until = self._clock() + PAUSE_SECONDS
            # Not chained: the client's own words may hold the key and the value.
            raise StoreError("The store cannot be used.") from None
        self._failures = 0


@dataclass(frozen=True)
class RedisSessions:
    """The Sessions port on a Redis client."""

    client: redis.Redis = field(repr=False)
    breaker: Breaker = field(repr=False)

    def load(self, key: SessionKey) -> Record:
        """Read one person's record, or yesterday's not yet moved. Raises StoreError."""
        with self.breaker.guard():
            blob = self.client.get(_name(key))
            if isinstance(blob, bytes):
                return replace(unseal(key, blob) or Record(), version=blob[:VERSION])
            former = self.client.get(_name(key.former)) if key.former else None
        if key.former and isinstance(former, bytes):
            return replace(unseal(key.former, former) or Record(), version=_MOVED)
        return Record()

    def save(self, key: SessionKey, record: Record, seconds: int) -> bool:
        """Write it under today's name if nobody wrote since the load. Raises StoreError.

        A record moves to today's name with its first turn after midnight. Yesterday's copy
        goes after that write, or before any later one: whenever a worker dies in between,
        today's copy outlives it, so an erased session never comes back.
        """
        moved = record.version == _MOVED
        expected = b"" if moved else record.version
        lasting = max(seconds, SESSION_SECONDS) if moved else seconds
        with self.breaker.guard():
            if key.former and not moved:
                self.client.delete(_name(key.former))
            script = self.client.register_script(_SAVE)
            blob = seal(key, record)
            saved = bool(script(keys=[_name(key)], args=[expected, blob, lasting]))
            if key.former and moved and saved:
                self.client.delete(_name(key.former))
        return saved


def store_from_url(url: str, clock: Clock = time.monotonic) -> RedisSessions:
    """Make the store at redis://, rediss:// or unix://; connects at the first turn.

    Raises ValueError for any other URL, without repeating it.
    """
    if url.partition("://")[0] not in SCHEMES:
        raise ValueError("The store's URL must begin with redis://, rediss:// or unix://.")
    return RedisSessions(_client(url), Breaker(clock))


def _client(url: str) -> redis.Redis:
    # No retries: a provider waits 15 seconds for us, and a person with them.
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=READ_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        decode_responses=False,
    )


def _name(key: SessionKey) -> str:
    return f"porchlight:{{{key.name}}}"
