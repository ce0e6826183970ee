"""A whole line on a real store, and phones that text it as the provider would."""

import secrets
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import redis
from flask import Flask

from bot.app import create_app, running
from bot.flow.book import Book
from bot.flow.engine import step
from bot.flow.session import Session, Turn
from bot.settings import Secret, Settings
from bot.web.site import HEADER, sign
from tests.chat import TUESDAY, county, shipped
from tests.reliability.servers import end_all

NUMBER = "+12135550147"
Answer = Callable[[Book, Session | None, str, datetime], Turn]


def sid() -> str:
    """Give a fresh message id."""
    return "SM" + secrets.token_hex(16)


def count(_book: Book, session: Session | None, text: str, _now: datetime) -> Turn:
    """Answer with how often this person has texted, and the text; STOP ends it."""
    if text == "STOP":
        return Turn(None, "Stopped.", ("stop",))
    number = session.misses + 1 if session else 1
    return Turn(Session(misses=number), f"{number} {text}", ("counted",))


@dataclass
class Line:
    """A line, its clock, and the texts one can send to it."""

    settings: Settings
    answer: Answer = step
    book: Book | None = None
    now: datetime = TUESDAY
    app: Flask | None = None

    def __post_init__(self) -> None:
        """Build the line on the shipped book unless another was given."""
        self.app = create_app(self.settings, self.book or shipped(), lambda: self.now, self.answer)

    def later(self, seconds: float) -> None:
        """Turn the clock on."""
        self.now += timedelta(seconds=seconds)

    def text(self, body: str, number: str = NUMBER, message: str = "", **more: str) -> str | None:
        """Send a text; give the reply, or None for no message. Fails on anything but 200."""
        given = {
            "AccountSid": "AC" + "0" * 32,
            "Body": body,
            "From": number,
            "MessageSid": message or sid(),
        }
        assert self.app
        form, url = given | more, f"{self.settings.public_url}/sms"
        headers = {HEADER: sign(url, form, self.settings.tokens[0].reveal())}
        answer = self.app.test_client().post("/sms", data=form, headers=headers)
        assert answer.status_code == 200
        return ET.fromstring(answer.text).findtext("Message")


@pytest.fixture
def settings(redis_url: str, redis_client: redis.Redis) -> Iterator[Settings]:
    """Give complete settings of a line on an empty store."""
    assert redis_client.dbsize() == 0
    env = {"REDIS_URL": redis_url, "PORCHLIGHT_DAILY_REPLIES": "99999999"}
    with running(Settings.from_env(env)) as complete:
        yield complete


@pytest.fixture
def line(settings: Settings) -> Line:
    """Give the shipped line."""
    return Line(settings)


@pytest.fixture
def counting(settings: Settings) -> Line:
    """Give a line that counts the texts of each phone."""
    return Line(settings, count, county())


def elsewhere(settings: Settings, url: str) -> Settings:
    """Give the same settings with another store."""
    return replace(settings, redis_url=Secret(url))


NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def _no_server_is_left() -> Iterator[None]:
    yield
    end_all()
