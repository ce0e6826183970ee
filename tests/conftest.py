"""What every test may ask for: a real Redis server of our own, empty at each test.

Tests that look into it or break it do so as its owner; the line itself never can.
"""

from collections.abc import Iterator

import pytest
import redis

from bot.storage import embedded as server
from bot.storage.embedded import embedded


def as_owner(url: str) -> redis.Redis:
    """Give a client that may do anything on a server that this test run started."""
    return redis.Redis.from_url(url.replace("unix://", "unix://owner:owner@"))


@pytest.fixture(scope="session", autouse=True)
def _owned() -> Iterator[None]:
    limit = server._limit

    def owned(client: redis.Redis) -> None:
        words = ("ACL", "SETUSER", "owner", "on", ">owner", "+@all", "~*", "&*")
        client.execute_command(*words)  # type: ignore[no-untyped-call]
        limit(client)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_limit", owned)
        yield


@pytest.fixture(scope="session")
def redis_url(_owned: None) -> Iterator[str]:
    """Give the URL of a server that lives as long as the test run."""
    with embedded() as url:
        yield url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """Give its owner's client of that server, emptied first."""
    with as_owner(redis_url) as client:
        client.flushdb()
        yield client
