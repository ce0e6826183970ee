"""The whole line in this process: the shipped book, a real store, a clock that tests turn."""

import secrets
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask

from bot.app import create_app, open_book
from bot.flow.book import Book
from bot.settings import Secret, Settings
from bot.web.site import HEADER, sign
from tests.chat import ROOT

TOKEN = "a-token-for-tests"
START = datetime(2026, 11, 24, 18, tzinfo=UTC)


@dataclass
class Line:
    """A line to text, and its clock."""

    settings: Settings
    book: Book
    store: redis.Redis
    """Its owner's client."""
    now: datetime = START
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        """Start it."""
        self.app = create_app(self.settings, self.book, lambda: self.now)

    def says(self, number: str, *texts: str) -> str:
        """Text from a number, one text after the other; give the last reply."""
        reply = ""
        for text in texts:
            form = {
                "AccountSid": "AC" + "0" * 32,
                "Body": text,
                "From": number,
                "MessageSid": "SM" + secrets.token_hex(16),
            }
            headers = {HEADER: sign(f"{self.settings.public_url}/sms", form, TOKEN)}
            answer = self.app.test_client().post("/sms", data=form, headers=headers)
            assert answer.status_code == 200
            reply = ET.fromstring(answer.text).findtext("Message") or ""
        return reply

    def waits(self, **time: float) -> None:
        """Let time pass, on the line's clock and in the store, where each end comes nearer."""
        self.now += timedelta(**time)
        for name in self.store.scan_iter("*"):
            left = int(str(self.store.pttl(name))) - int(timedelta(**time) / timedelta(0, 0, 1000))
            self.store.pexpire(name, max(left, 0))


@pytest.fixture(scope="session")
def shipped_book() -> Book:
    """Give the shipped book, loaded as a server loads it."""
    return open_book(ROOT / "flows")


@pytest.fixture
def line(redis_url: str, redis_client: redis.Redis, shipped_book: Book, tmp_path: Path) -> Line:
    """Give a line that nobody has texted yet."""
    assert redis_client.dbsize() == 0
    settings = replace(
        Settings.from_env({"PORCHLIGHT_FLOWS": str(ROOT / "flows")}),
        tokens=(Secret(TOKEN),),
        redis_url=Secret(redis_url),
        key_file=tmp_path / "key",
    )
    return Line(settings, shipped_book, redis_client)
