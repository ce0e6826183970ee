"""A day, a person's key and a store to test with."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from bot.conversation import SessionKey
from bot.storage.keys import Keyring, new
from bot.storage.redis import RedisSessions, store_from_url

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
ADDRESS = "+12135550147"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Give a key file made at NOON."""
    new(tmp_path / "key", NOON)
    return tmp_path / "key"


@pytest.fixture
def key(key_file: Path) -> SessionKey:
    """Give the key of ADDRESS at NOON."""
    return Keyring(key_file).session_key(ADDRESS, NOON)


@pytest.fixture
def store(redis_url: str, redis_client: redis.Redis) -> RedisSessions:
    """Give a store on the empty server."""
    assert redis_client.dbsize() == 0
    return store_from_url(redis_url)
