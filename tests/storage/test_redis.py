import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from bot.conversation import (
    ANSWER_SECONDS,
    SESSION_SECONDS,
    Answer,
    Record,
    SessionKey,
    StoreError,
)
from bot.flow.session import Session
from bot.storage.embedded import embedded
from bot.storage.keys import Keyring
from bot.storage.redis import FAILURES, PAUSE_SECONDS, SEALED, RedisSessions, store_from_url
from tests.conftest import as_owner
from tests.storage.conftest import ADDRESS, NOON

OPEN = Record(
    b"", Session(language="en", needs=("shelter",)), 1, 2, (Answer("0" * 16, "Hello", 2),)
)
MIDNIGHT = NOON.replace(hour=0) + timedelta(days=1)


def _name(key: SessionKey) -> str:
    return f"porchlight:{{{key.name}}}"


def test_a_stranger_has_an_empty_record(store: RedisSessions, key: SessionKey) -> None:
    """Nothing stored is an empty record with an empty version."""
    assert store.load(key) == Record()


def test_saved_is_loaded(store: RedisSessions, key: SessionKey) -> None:
    """What was saved comes back, with a version that allows the next save."""
    assert store.save(key, OPEN, 60)
    found = store.load(key)
    assert replace(found, version=b"") == OPEN
    assert store.save(key, replace(found, started=5), 60)
    assert store.load(key).started == 5


def test_only_the_last_seen_version_can_be_replaced(
    store: RedisSessions, key: SessionKey, redis_client: redis.Redis
) -> None:
    """A save on an older version, or on a record now expired, does nothing."""
    store.save(key, OPEN, 60)
    old = store.load(key)
    assert store.save(key, old, 60)
    now = store.load(key)
    assert not store.save(key, old, 60)
    assert not store.save(key, OPEN, 60)
    assert store.load(key) == now
    redis_client.delete(_name(key))
    assert not store.save(key, now, 60)
    assert store.load(key) == Record()


@pytest.mark.parametrize("seconds", [ANSWER_SECONDS, SESSION_SECONDS])
def test_records_expire(
    store: RedisSessions, key: SessionKey, seconds: int, redis_client: redis.Redis
) -> None:
    """Each save sets the time to live it was given."""
    store.save(key, OPEN, 3600)
    assert store.save(key, replace(store.load(key), session=None), seconds)
    assert seconds * 1000 - 2000 < redis_client.pttl(_name(key)) <= seconds * 1000


def test_one_of_many_parallel_saves_wins(store: RedisSessions, key: SessionKey) -> None:
    """Of sixteen workers that saw one version exactly one writes, round after round."""
    with ThreadPoolExecutor(16) as pool:
        for _ in range(20):
            seen = store.load(key)
            tries = [replace(OPEN, version=seen.version, started=n) for n in range(16)]
            done = list(pool.map(lambda one: store.save(key, one, 60), tries))
            assert done.count(True) == 1
            assert store.load(key).started == done.index(True)


def test_no_turn_is_lost_in_parallel(store: RedisSessions, key: SessionKey) -> None:
    """Eight workers counting in one record, each trying again when late, lose no count."""

    def count() -> None:
        for _ in range(20):
            saved = False
            while not saved:
                seen = store.load(key)
                saved = store.save(key, replace(seen, started=seen.started + 1), 60)

    workers = [threading.Thread(target=count) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert store.load(key).started == 160


def test_store_holds_uniform_names_and_nothing_readable(
    store: RedisSessions, key_file: Path, redis_client: redis.Redis
) -> None:
    """Names have one shape, values one length, and no part of a number or a text is in either."""
    ring = Keyring(key_file)
    for n in range(50):
        record = replace(OPEN, answers=(Answer("0" * 16, f"canary-word-{n} 90057", 1),) * (n % 4))
        assert store.save(ring.session_key(f"+12135550{n:03}", NOON), record, 60)
    names = redis_client.keys("*")
    assert isinstance(names, list)
    assert len(names) == 50
    assert {len(name) for name in names} == {len("porchlight:{}") + 32}
    everything = b""
    for name in names:
        value = redis_client.get(name)
        assert isinstance(name, bytes)
        assert isinstance(value, bytes)
        assert len(value) == SEALED
        everything += name + value
    for canary in (b"2135550", b"5550", b"canary", b"90057", b"shelter", b"Hello", b"session"):
        assert canary not in everything.replace(b"-", b"")


@pytest.mark.parametrize("change", ["flip", "older", "short", "empty"])
def test_unreadable_records_are_no_session(
    store: RedisSessions, key: SessionKey, change: str, redis_client: redis.Redis
) -> None:
    """A damaged or older record reads as none and is replaced by the next save."""
    store.save(key, OPEN, 60)
    blob = redis_client.get(_name(key))
    assert isinstance(blob, bytes)
    changed = {
        "flip": blob[:50] + bytes([blob[50] ^ 1]) + blob[51:],
        "older": b"\x00" + blob[1:],
        "short": blob[:7],
        "empty": b"",
    }[change]
    redis_client.set(_name(key), changed)
    found = store.load(key)
    assert replace(found, version=b"") == Record()
    assert store.save(key, replace(OPEN, version=found.version), 60)
    assert store.load(key).session == OPEN.session


def _night(store: RedisSessions, key_file: Path) -> tuple[SessionKey, SessionKey]:
    ring = Keyring(key_file)
    evening = ring.session_key(ADDRESS, NOON)
    assert store.save(evening, OPEN, 900)
    return evening, ring.session_key(ADDRESS, MIDNIGHT)


def test_a_session_goes_on_over_midnight(
    store: RedisSessions, key_file: Path, redis_client: redis.Redis
) -> None:
    """The first turn after midnight reads yesterday's record and moves it to today's name."""
    evening, morning = _night(store, key_file)
    found = store.load(morning)
    assert replace(found, version=b"") == OPEN
    assert store.save(morning, replace(found, started=7), 900)
    assert redis_client.keys("*") == [_name(morning).encode()]
    assert store.load(morning).started == 7
    assert store.load(evening) == Record()
    assert store.load(replace(morning, former=None)).started == 7


def test_one_of_many_moves_over_midnight_wins(
    store: RedisSessions, key_file: Path, redis_client: redis.Redis
) -> None:
    """Of sixteen workers that saw yesterday's record one moves it; the others see the move."""
    _, morning = _night(store, key_file)
    seen = store.load(morning)
    with ThreadPoolExecutor(16) as pool:
        tries = [replace(seen, started=n) for n in range(16)]
        done = list(pool.map(lambda one: store.save(morning, one, 60), tries))
    assert done.count(True) == 1
    assert store.load(morning).started == done.index(True)
    assert redis_client.dbsize() == 1


def test_an_erased_session_never_returns_after_a_kill(
    store: RedisSessions, key_file: Path, redis_client: redis.Redis
) -> None:
    """If a worker dies before yesterday's copy is gone, today's copy outlives or deletes it."""
    evening, morning = _night(store, key_file)
    left = redis_client.dump(_name(evening))
    assert isinstance(left, bytes)
    erased = replace(store.load(morning), session=None)
    assert store.save(morning, erased, ANSWER_SECONDS)
    redis_client.restore(_name(evening), SESSION_SECONDS * 1000, left)
    now, then = redis_client.pttl(_name(morning)), redis_client.pttl(_name(evening))
    assert now >= then - 100
    assert store.save(morning, replace(store.load(morning), session=None), ANSWER_SECONDS)
    assert redis_client.keys("*") == [_name(morning).encode()]


def test_no_script_need_be_known_to_the_server(
    store: RedisSessions, key: SessionKey, redis_client: redis.Redis
) -> None:
    """A server that restarted or failed over and forgot all scripts still saves."""
    store.save(key, OPEN, 60)
    redis_client.script_flush()
    assert store.save(key, store.load(key), 60)


def test_a_turn_is_one_read_and_one_write(
    store: RedisSessions, key: SessionKey, redis_client: redis.Redis
) -> None:
    """Load and save send one command each, and keep no other connection busy."""
    store.save(key, OPEN, 60)
    redis_client.config_resetstat()
    assert store.save(key, store.load(key), 60)
    sent = {
        name: stats["calls"]
        for name, stats in redis_client.info("commandstats").items()
        if name not in {"cmdstat_info", "cmdstat_config|resetstat"}
    }
    assert sent == {
        "cmdstat_get": 1,
        "cmdstat_eval": 1,
        "cmdstat_getrange": 1,
        "cmdstat_set": 1,
    }


def _fails_within(store: RedisSessions, key: SessionKey, seconds: float) -> StoreError:
    start = time.monotonic()
    with pytest.raises(StoreError) as caught:
        store.load(key)
    assert time.monotonic() - start < seconds
    return caught.value


def test_a_refused_connection_fails_at_once(tmp_path: Path, key: SessionKey) -> None:
    """No server: StoreError at once, saying nothing about the person or the store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        urls = [f"redis://:hush@127.0.0.1:{free.getsockname()[1]}", f"unix://{tmp_path}/absent"]
    for url in urls:
        error = _fails_within(store_from_url(url), key, 0.4)
        assert str(error) == "The store cannot be used."
        assert (error.__cause__, error.__suppress_context__) == (None, True)
        assert "hush" not in repr(store_from_url(url))


@contextmanager
def _stopped(url: str) -> Iterator[None]:
    with as_owner(url) as client:
        server = int(client.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def test_a_hung_server_fails_soon_and_then_at_once(key: SessionKey) -> None:
    """Hung: each try ends within a second; after five the breaker answers; it heals itself."""
    clock = [0.0]
    with embedded() as url:
        store = store_from_url(url, lambda: clock[0])
        assert store.save(key, OPEN, 60)
        with _stopped(url):
            for _ in range(FAILURES):
                _fails_within(store, key, 0.9)
            assert str(_fails_within(store, key, 0.05)) == "The store is being left alone."
        _fails_within(store, key, 0.05)
        clock[0] += PAUSE_SECONDS
        assert store.load(key).session == OPEN.session
        assert store.load(key).session == OPEN.session


def test_an_open_breaker_lets_one_probe_through(tmp_path: Path, key: SessionKey) -> None:
    """After the pause one try is made; while it fails the others are turned away."""
    clock = [0.0]
    store = store_from_url(f"unix://{tmp_path}/absent", lambda: clock[0])
    said = []
    for step in [0.0] * FAILURES + [1.0, 1.0, 0.0]:
        clock[0] += step
        said.append(str(_fails_within(store, key, 0.4)))
    tried, left = "The store cannot be used.", "The store is being left alone."
    assert said == [tried] * FAILURES + [left, tried, left]


@pytest.mark.parametrize("command", ["OOM", "WRONGTYPE"])
def test_every_answer_of_a_broken_server_is_a_store_error(
    store: RedisSessions, key: SessionKey, command: str, redis_client: redis.Redis
) -> None:
    """Out of memory or a foreign value: StoreError, without the server's words."""
    if command == "OOM":
        redis_client.config_set("maxmemory", 1)
    else:
        redis_client.lpush(_name(key), "x")
    try:
        with pytest.raises(StoreError, match=r"^The store cannot be used\.$"):
            store.save(key, OPEN, 60)
    finally:
        redis_client.config_set("maxmemory", "64mb")


@pytest.mark.parametrize("url", ["http://:hush@x", "", "memory://", "valkey+unix:///x"])
def test_other_urls_are_refused(url: str) -> None:
    """A URL of another kind is refused without being repeated."""
    with pytest.raises(ValueError, match="redis://") as caught:
        store_from_url(url)
    assert "hush" not in str(caught.value)
