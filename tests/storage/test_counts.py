"""Counts in a real store: sealed like everything else, and none lost or doubled."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from bot.conversation import StoreError
from bot.storage.counts import Counts
from bot.storage.keys import Keyring
from bot.storage.redis import SEALED, RedisSessions, store_from_url


@pytest.fixture(name="keyring")
def _keyring(key_file: Path) -> Keyring:
    return Keyring(key_file)


def test_counts_of_many_workers_add_up(redis_url: str, keyring: Keyring) -> None:
    """Ten workers counting at once lose nothing and count nothing twice."""

    def work(_: int) -> None:
        counts = Counts(store_from_url(redis_url), keyring.counts_key)
        for _turn in range(10):
            counts.add("2026-11-22", "beds met")
            counts.add("2026-W47", "westlake")
        while counts.waiting:
            try:
                counts.flush()
            except StoreError:
                continue

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(10)))
    counts = Counts(store_from_url(redis_url), keyring.counts_key)
    assert counts.read("2026-11-22") == {"beds met": 100}
    assert counts.read("2026-W47") == {"westlake": 100}
    assert counts.read("2026-11-21") == {}


def test_counts_lie_in_the_store_like_a_session(
    store: RedisSessions, redis_client: redis.Redis, keyring: Keyring
) -> None:
    """A record of counts has the same form of name, the same length, and an end."""
    counts = Counts(store, keyring.counts_key)
    counts.add("2026-11-22", "beds met")
    counts.flush()
    (name,) = redis_client.keys("*")
    assert len(name) == len("porchlight:{}") + 32
    assert redis_client.strlen(name) == SEALED
    assert redis_client.ttl(name) > 0


def test_counts_wait_for_a_store_that_is_gone(store: RedisSessions, keyring: Keyring) -> None:
    """What cannot be written now is written by a later flush."""
    away = Counts(store_from_url("unix:///nowhere/redis.sock"), keyring.counts_key)
    away.add("2026-11-22", "beds met")
    with pytest.raises(StoreError):
        away.flush()
    back = Counts(store, keyring.counts_key, away.waiting)
    back.flush()
    assert back.read("2026-11-22") == {"beds met": 1}


def test_too_many_names_lose_the_rarest(store: RedisSessions, keyring: Keyring) -> None:
    """A record keeps its length: what does not fit any more is what was counted least."""
    counts = Counts(store, keyring.counts_key)
    for nth in range(600):
        counts.add("2026-W47", f"a-rather-long-name-of-a-place-{nth}")
    for _ in range(2):
        counts.add("2026-W47", "westlake")
    counts.flush()
    kept = counts.read("2026-W47")
    assert kept["westlake"] == 2
    assert 100 < len(kept) < 600
