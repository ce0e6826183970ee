"""Whoever sends anything at all to the whole line, and a judge of every byte that comes back."""

import io
import json
import logging
import random
import urllib.parse
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from werkzeug.test import run_wsgi_app

from bot.app import create_app
from bot.conversation import ANSWER_SECONDS
from bot.flow.book import Book
from bot.settings import Settings
from bot.text.segments import MAX_LENGTH, sendable
from bot.web.site import sign
from tests.chat import TUESDAY
from tests.flow.test_anything import vocabulary
from tests.reliability.anything import anything, request

FORM = "application/x-www-form-urlencoded"
REFUSED = {403, 404, 405, 413}
PHONES = 40
LATER = {"erase": timedelta(minutes=10), "": timedelta(minutes=60)}
"""What a person sends to be forgotten, and how long before; "" = only time passes."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def ask(
    app: Flask, method: str, path: str, body: bytes = b"", query: str = "", **headers: str
) -> Answer:
    """Send a request as a server hands it over; path and query are bytes read as Latin-1."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
    }
    pieces, status, _ = run_wsgi_app(app, environ, buffered=True)
    return Answer(int(status[:3]), b"".join(pieces))


def judged(answer: Answer) -> tuple[str, str]:
    """Give what is wrong with an answer to a text, "" for nothing, and the reply in it."""
    if answer.status != 200:
        return f"status {answer.status}", ""
    try:
        root = ET.fromstring(answer.body)
    except ET.ParseError:
        return "unparsable", ""
    if root.tag != "Response" or [one.tag for one in root] not in ([], ["Message"]):
        return "other than one message", ""
    reply = "".join(one.text or "" for one in root)
    if len(reply.encode("utf-16-le")) > 2 * MAX_LENGTH:
        return "over 1,600 characters", reply
    return "" if reply == sendable(reply) else "unsendable", reply


class Troubles(logging.Handler):
    """Counts what the line itself tells of its turns."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Counter[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line's outcome."""
        said = json.loads(record.getMessage())
        self.seen[said.get("outcome") or said["event"]] += 1


@dataclass(frozen=True)
class Sent:
    """A text that was sent, and its answer."""

    at: datetime
    lost: int
    """Turns without a store until then."""
    form: dict[str, str]
    answer: bytes


@dataclass
class Crowd:
    """Phones that text one line anything at all, and time that passes."""

    settings: Settings
    book: Book
    dice: random.Random
    now: datetime = TUESDAY
    app: Flask = field(init=False)
    troubles: Troubles = field(default_factory=Troubles)
    wrong: Counter[str] = field(default_factory=Counter)
    """Faults by kind; the run is good when this is empty."""
    sent: Counter[str] = field(default_factory=Counter)
    strangers: int = 0
    last: dict[str, Sent] = field(default_factory=dict)
    """Phone -> its newest text."""

    def __post_init__(self) -> None:
        """Build the line."""
        self.app = create_app(self.settings, self.book, lambda: self.now)
        self.words = vocabulary(self.book)
        self.commands = [" ".join(words) for words in self.book.lexicon.commands.table]
        self.phone = self.stranger()
        self.phones = [self.stranger() for _ in range(PHONES)]

    def stranger(self) -> str:
        """Give a number never seen."""
        self.strangers += 1
        return f"+1{2_130_000_000 + self.strangers}"

    def text(self, body: str, phone: str) -> bytes:
        """Send a text as the provider does; give the answer."""
        return self.deliver(
            {
                "AccountSid": "AC" + "0" * 32,
                "Body": body,
                "From": phone,
                "MessageSid": f"SM{self.dice.getrandbits(128):032x}",
            }
        )

    def deliver(self, form: dict[str, str]) -> bytes:
        """Deliver a form, seen before or not; note whatever is wrong with the answer."""
        url, token = f"{self.settings.public_url}/sms", self.settings.tokens[0].reveal()
        headers = {"HTTP_X_TWILIO_SIGNATURE": sign(url, form, token), "CONTENT_TYPE": FORM}
        body = urllib.parse.urlencode(form).encode()
        answer = ask(self.app, "POST", "/sms", body, **headers)
        self.note(judged(answer)[0])
        self.last[form["From"]] = Sent(self.now, self.lost, form, answer.body)
        return answer.body

    def note(self, fault: str) -> None:
        """Count a fault."""
        if fault:
            self.wrong[fault] += 1

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def repeat(self, phone: str) -> None:
        """Deliver a phone's newest text again: the same bytes."""
        if phone not in self.last:
            return
        old = self.last[phone]
        again = self.deliver(old.form)
        known = self.now - old.at < timedelta(seconds=ANSWER_SECONDS)
        # What a limit left unanswered may be answered when the limit is over; and a store that
        # did not answer in time knows of no copy.
        if known and b"<Message>" in old.answer and old.lost == self.lost:
            self.note("a duplicate with another answer" * (again != old.answer))

    def forget(self, phone: str, body: str, way: str) -> None:
        """Be forgotten, then text: a stranger's bytes."""
        self.now, lost = self.now + LATER[way], self.lost
        if way:
            self.text(way, phone)
        same = self.text(body, phone) == self.text(body, self.stranger())
        # A store that did not answer in time may not have erased, and the reply said so.
        if lost == self.lost:
            self.note("one forgotten is known" * (not same))

    @property
    def lost(self) -> int:
        """Tell how many turns had no store."""
        return self.troubles.seen["store-error"]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what the line tells of its turns, until the block ends."""
        logger = logging.getLogger("porchlight")
        logger.addHandler(self.troubles)
        try:
            yield
        finally:
            logger.removeHandler(self.troubles)

    def knock(self) -> None:
        """Send what no provider sends: to be refused, and never an error of ours."""
        answer = ask(self.app, *request(self.dice))
        self.note(f"status {answer.status} to a knock" * (answer.status not in REFUSED | {200}))

    def step(self) -> None:
        """Do one thing that somebody may do."""
        dice = self.dice
        self.later(dice.randrange(4))
        if dice.random() < 0.03:
            self.phone = dice.choice(self.phones)
        kind = dice.choices(("text", "repeat", "knock", "wait", "forget"), (90, 5, 4.7, 0.1, 0.2))[
            0
        ]
        self.sent[kind] += 1
        if kind == "text":
            self.text(anything(dice, self.words, self.commands), self.phone)
        elif kind == "repeat":
            self.repeat(self.phone)
        elif kind == "knock":
            self.knock()
        elif kind == "wait":
            self.later(60 * dice.choice((1, 11, 31, 61, 300)))
        else:
            body = anything(dice, self.words, self.commands)
            self.forget(self.phone, body, dice.choice((*LATER,)))
