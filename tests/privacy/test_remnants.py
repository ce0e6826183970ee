"""What the store's own memory still holds of sessions that are over, sealed as they were."""

import os
import sys

import pytest
import redis
from ahocorasick_rs import BytesAhoCorasick

from bot.conversation import SESSION_SECONDS, Record, SessionKey
from bot.flow.session import Session
from bot.storage import embedded as server
from bot.storage.embedded import embedded
from bot.storage.redis import PREFIX, RedisSessions, store_from_url
from tests.conftest import as_owner
from tests.privacy.canaries import memory
from tests.reliability.line import wait

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="root alone reads others' memory, on Linux",
)
PEOPLE = 50
IN_BUFFERS = 2
"""What was written last waits in a connection's buffer until the next command overwrites it."""


def written(store: RedisSessions, owner: redis.Redis, nth: int) -> bytes:
    """Write somebody's record anew; give a piece of how it lies in the store."""
    key = SessionKey(f"{nth:032x}", nth.to_bytes(32, "big"))
    record = Record(store.load(key).version, Session(language="en"))
    assert store.save(key, record, SESSION_SECONDS)
    blob = owner.getrange(f"{PREFIX}{{{key.name}}}", 4000, 4015)
    assert isinstance(blob, bytes)
    return blob


def left(pid: int, pieces: list[bytes]) -> int:
    """Count the pieces that a process still remembers."""
    search = BytesAhoCorasick(pieces)
    return len(
        {
            found[0]
            for block in memory(pid)
            for found in search.find_matches_as_indexes(block, overlapping=True)
        }
    )


def remnants() -> tuple[int, int, int]:
    """Count what is left of records: while they are there, written over, and at their end."""
    with embedded() as url, as_owner(url) as owner:
        memory_info = owner.info("memory")
        if "libc" not in str(memory_info["mem_allocator"]):
            pytest.skip("this server does not free its memory through the C library")
        pid, store = int(str(owner.info()["process_id"])), store_from_url(url)
        first = [written(store, owner, nth) for nth in range(PEOPLE)]
        there = left(pid, first)
        second = [written(store, owner, nth) for nth in range(PEOPLE)]
        erased = left(pid, first)
        for name in [*owner.scan_iter("*")]:
            owner.pexpire(name, 1)
        wait(lambda: not owner.dbsize())
        owner.ping()
        return there, erased, left(pid, second)


def test_the_store_wipes_what_it_frees() -> None:
    """Nothing but the very last record is left in its memory after new writing or the end."""
    there, erased, ended = remnants()
    assert there == PEOPLE
    assert erased <= IN_BUFFERS
    assert ended <= IN_BUFFERS


def test_without_wiping_ended_records_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that only frees its memory keeps most ended records in it, sealed."""
    monkeypatch.setattr(server, "_SHRED", {})
    monkeypatch.delenv("MALLOC_PERTURB_", raising=False)
    _, _, ended = remnants()
    assert ended > PEOPLE // 2
