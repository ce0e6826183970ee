"""Sealed sessions in Redis: one read and one atomic write a turn, nothing readable in it.

Every record is of one length and opened only by its person's key.
Every command names one key, so the same code runs against a cluster.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import redis
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import TypeAdapter, ValidationError
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

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
COMMANDS = ("ping", "get", "getrange", "set", "del", "eval", "command", "cluster|slots")
"""All we ask of the server, of a cluster the last two; our own refuses every other command."""

PORTS = {"sentinel": 26379, "cluster": 6379}
"""Kinds of URL that name several hosts, and where these listen unless the URL says."""
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
    failures: Counter[str] = field(default_factory=Counter)
    """Failures in a row, by the part of the store that failed: a cluster's node."""
    until: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def guard(self, part: str = "", remembers: int = 0) -> Iterator[None]:
        """Let one use through, or raise StoreError; a success leaves that many failures."""
        now = self.clock()
        if self.failures[part] >= FAILURES and now < self.until[part]:
            raise StoreError("The store is being left alone.")
        # Set before trying: one probe at a time, the others are still turned away. Without a
        # lock, because of threads that meet here the worst is a second probe.
        self.until[part] = now + PAUSE_SECONDS
        try:
            yield
        except Exception:  # noqa: BLE001 a lying server makes the client raise anything
            self.failures[part] += 1
            # Not chained: the client's own words may hold the key and the value.
            raise StoreError("The store cannot be used.") from None
        self.failures[part] = min(self.failures[part], remembers)


@dataclass(frozen=True)
class RedisSessions:
    """The Sessions port on a Redis client."""

    client: redis.Redis = field(repr=False)
    breaker: Breaker = field(repr=False)

    def load(self, key: SessionKey) -> Record:
        """Read one person's record, or yesterday's not yet moved. Raises StoreError."""
        for one in filter(None, (key, key.former)):
            if blob := self._read(one):
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
        with self._guard(key):
            if key.former and record.version:
                self.client.delete(_name(key.former))
            done = self._swap(key, record.version, seal(key, record), seconds)
            if key.former and done:
                self.client.delete(_name(key.former))
        return done

    def get(self, key: SessionKey) -> tuple[bytes, bytes]:
        """Read any sealed record: its version and what it holds. Raises StoreError."""
        blob = self._read(key)
        return blob[:VERSION], _open(key, blob)

    def put(self, key: SessionKey, version: bytes, plain: bytes, seconds: int) -> bool:
        """Write BUCKET bytes at most if `version` is still the stored one. Raises StoreError."""
        with self._guard(key):
            return self._swap(key, version, _close(key, plain), seconds)

    def _guard(self, key: SessionKey, remembers: int = 0) -> AbstractContextManager[None]:
        # A cluster's node that is down leaves the others in use.
        part = self.client.part(_name(key)) if isinstance(self.client, _Later) else ""
        return self.breaker.guard(part, remembers)

    def _read(self, key: SessionKey) -> bytes:
        # A full or read-only store can still be read: only a write makes it whole again.
        with self._guard(key, remembers=FAILURES - 1):
            blob = self.client.get(_name(key))
        return blob if isinstance(blob, bytes) else b""

    def _swap(self, key: SessionKey, version: bytes, blob: bytes, seconds: int) -> bool:
        # Whole, not by its hash: a server that failed over knows no scripts.
        return bool(self.client.eval(_SAVE, 1, _name(key), version, blob, seconds))

    def up(self) -> bool:
        """Tell whether the store answers now."""
        with suppress(StoreError), self.breaker.guard(remembers=FAILURES - 1):
            return bool(self.client.ping())
        return False


class _Later:
    """A client made at its first use: a cluster's asks the cluster while it is being made."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:
        self._client = self._client or self._make()
        return getattr(self._client, name)

    def part(self, name: str) -> str:
        """Name the node that holds a name; none before the cluster was asked."""
        with suppress(redis.RedisError):
            if self._client:
                return str(self._client.get_node_from_key(name).name)
        return ""


def connect(url: str) -> redis.Redis:
    """Make a client for a URL that may be REDIS_URL; it connects late and never waits long."""
    # No retries: a provider waits 15 seconds for us, and a person with them.
    retry, parts = Retry(NoBackoff(), 0), urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if kind not in PORTS or scheme not in {"redis", "rediss"}:
        return redis.Redis.from_url(
            url, socket_connect_timeout=0.3, socket_timeout=0.5, retry=retry
        )
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = (unquote(part) or None for part in login.partition(":"))
    named = [urlsplit(f"//{host}") for host in hosts.split(",")]
    nodes = [(one.hostname or "", one.port or PORTS[kind]) for one in named]
    # Shorter, because three hosts that hang are waited for one after the other.
    many = {"socket_connect_timeout": 0.2, "socket_timeout": 0.3, "ssl": scheme == "rediss"}
    own: dict[str, Any] = {**many, "username": user, "password": password}
    if kind == "cluster":
        start = [ClusterNode(*node) for node in nodes]  # type: ignore[no-untyped-call]
        # A node that is down takes its own people's sessions away, not everybody's.
        make = partial(RedisCluster, startup_nodes=start, require_full_coverage=False)
        return cast("redis.Redis", _Later(partial(make, retry=retry, **own)))
    watch = Sentinel(  # type: ignore[no-untyped-call]
        nodes, sentinel_kwargs={**many, "retry": retry}, retry=retry, **own
    )
    return cast("redis.Redis", watch.master_for(parts.path[1:]))  # type: ignore[no-untyped-call]


def store_from_url(url: str, clock: Callable[[], float] = time.monotonic) -> RedisSessions:
    """Make the store at a URL as `connect` takes it."""
    return RedisSessions(connect(url), Breaker(clock))


def seal(key: SessionKey, record: Record) -> bytes:
    """Seal a record into SEALED bytes; what does not fit goes, the newest answer never."""
    # The oldest answers lose their words first, and still tell a duplicate; then the session.
    full, blank = record.answers, tuple(replace(one, reply="") for one in record.answers)
    tries = [replace(record, answers=blank[:n] + full[n:]) for n in range(max(1, len(full)))]
    tries.append(Record(answers=full[-1:], replies=record.replies))
    encode = partial(_RECORD.dump_json, exclude={"version"}, exclude_defaults=True)
    return _close(key, next(text for text in map(encode, tries) if len(text) <= BUCKET))


def unseal(key: SessionKey, blob: bytes) -> Record | None:
    """Open what `seal` made; None for another key, a changed bit, another version."""
    try:
        return replace(_RECORD.validate_json(_open(key, blob)), version=blob[:VERSION])
    except ValidationError:
        return None


def _close(key: SessionKey, plain: bytes) -> bytes:
    nonce, name = os.urandom(NONCE), _name(key).encode()
    return FORMAT + nonce + ChaCha20Poly1305(key.seal).encrypt(nonce, plain.ljust(BUCKET), name)


def _open(key: SessionKey, blob: bytes) -> bytes:
    """Open what `_close` made; nothing for anything else."""
    if len(blob) != SEALED or not blob.startswith(FORMAT):
        return b""
    nonce, box, name = blob[len(FORMAT) : VERSION], blob[VERSION:], _name(key).encode()
    with suppress(InvalidTag):
        return ChaCha20Poly1305(key.seal).decrypt(nonce, box, name)
    return b""


def _name(key: SessionKey) -> str:
    return f"{PREFIX}{{{key.name}}}"
