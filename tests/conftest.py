"""What every test may ask for: a real Redis server of our own, empty at each test."""

from collections.abc import Iterator

import pytest
import redis

from bot.storage.embedded import embedded


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Give the URL of a server that lives as long as the test run."""
    with embedded() as url:
        yield url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """Give a plain client of that server, emptied first."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
