"""Whatever breaks at any line of a turn: an answer, and not a word about who texted in the logs."""

import io
import json
import logging
import random
import sys
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
import redis
from werkzeug.test import TestResponse

from bot import logs
from bot.web.site import HEADER, sign
from tests.chat import ROOT
from tests.privacy.canaries import Search, people
from tests.privacy.conftest import START, TOKEN, Line

(ANYBODY,) = people(1, ["90057"], seed=4)
FAULTS = (RuntimeError, KeyError, OSError, RecursionError, MemoryError, redis.ConnectionError)
TURNS: dict[str, tuple[str, ...]] = {
    "front door": ("hi",),
    "choice": ("hi", "1"),
    "search": (f"shelter 90057 my name is {ANYBODY.word}",),
    "details": ("shelter 90057", "1"),
    "next page": ("shelter 90057", "more"),
    "which place": ("shelter", f"western {ANYBODY.word}"),
    "danger": ("hi", f"he has a gun {ANYBODY.word}"),
    "nonsense": ("hi", f"{ANYBODY.word} {ANYBODY.number} {ANYBODY.far}"),
    "erase": ("shelter 90057", "erase"),
    "stop": ("shelter 90057", "stop"),
}
Place = tuple[str, int]
"""File and line."""


@dataclass
class Saboteur:
    """Counts the lines of the line's own code that a thread runs, and raises at one of them.

    Not in the log, which all this is told to.
    """

    at: Place = ("", 0)
    nth: int = 0
    error: BaseException | None = None
    """What to raise when line `at` is run for the nth time; None: only count."""
    lines: Counter[Place] = field(default_factory=Counter)
    raised: bool = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        """Be told of a frame, then of each line in it."""
        name = frame.f_code.co_filename
        if not name.startswith(f"{ROOT}/bot/") or name.endswith("/logs.py"):
            return None
        if event == "line":
            place = (name, frame.f_lineno)
            self.lines[place] += 1
            if self.error and place == self.at and self.lines[place] == self.nth:
                self.raised = True
                raise self.error
        return self


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Log as a server does, and give what is logged. Afterwards undo it."""
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions
    handlers = logging.root.handlers[:]
    logs.install()
    stream = io.StringIO()
    logging.root.handlers[:] = logging.root.handlers[:1]
    logging.root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    logging.captureWarnings(capture=False)
    sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions = hooks
    logging.root.handlers[:] = handlers


def posted(line: Line, body: str, message: str, saboteur: Saboteur | None = None) -> TestResponse:
    """Send one text while a saboteur looks on."""
    form = {
        "AccountSid": "AC" + "0" * 32,
        "Body": body,
        "From": ANYBODY.number,
        "MessageSid": "SM" + message * 32,
    }
    headers = {HEADER: sign(f"{line.settings.public_url}/sms", form, TOKEN)}
    client = line.app.test_client()
    sys.settrace(saboteur)
    try:
        return client.post("/sms", data=form, headers=headers)
    finally:
        sys.settrace(None)


def reply(answer: TestResponse) -> str:
    """Give the one message in an answer."""
    return ET.fromstring(answer.text).findtext("Message") or ""


@dataclass
class Rehearsed:
    """A turn that was seen to go well, and can be put back to just before it."""

    line: Line
    last: str
    kept: dict[bytes, bytes]
    fine: set[str]
    """Replies that are correct: as it went, and as a stranger without a session gets it."""
    lines: Counter[Place]

    @classmethod
    def of(cls, line: Line, texts: tuple[str, ...]) -> "Rehearsed":
        """Play texts up to the last, and that one three times: with and without a session."""
        for text in texts[:-1]:
            line.says(ANYBODY.number, text)
        held = {bytes(name): line.store.get(name) for name in line.store.scan_iter("*")}
        kept = {name: value for name, value in held.items() if isinstance(value, bytes)}
        one = cls(line, texts[-1], kept, set(), Counter())
        fine, seen = set(), Saboteur()
        for known, saboteur in ((kept, None), ({}, None), (kept, seen)):
            one.back(known)
            answer = posted(line, texts[-1], "a", saboteur)
            fine.add(reply(answer))
        one.fine, one.lines = fine, seen.lines
        return one

    def back(self, kept: dict[bytes, bytes]) -> None:
        """Put the store back, and make a new line that remembers no failure."""
        self.line.store.flushdb()
        for name, value in kept.items():
            self.line.store.set(name, value, ex=600)
        self.line.__post_init__()

    def sabotaged(self, place: Place, nth: int, error: BaseException) -> tuple[bool, TestResponse]:
        """Run the turn anew with an error at the nth run of a line; whether it came to that."""
        self.back(self.kept)
        saboteur = Saboteur(place, nth, error)
        answer = posted(self.line, self.last, "a", saboteur)
        # Or the frames it went through, and the files they opened, would stay with it.
        error.__traceback__ = None
        return saboteur.raised, answer


@pytest.mark.parametrize("texts", TURNS.values(), ids=TURNS)
@pytest.mark.parametrize(
    ("most", "hours"),
    [
        (8, 0),
        pytest.param(10**6, 0, marks=pytest.mark.long),
        # In the day's first hour records move to today's key.
        pytest.param(10**6, 6.5, marks=pytest.mark.long),
    ],
)
def test_an_error_at_any_line_is_answered_and_tells_nothing(
    line: Line,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    texts: tuple[str, ...],
    hours: float,
    most: int,
) -> None:
    """At each line's first and last run: 200, a safe or correct reply, nobody in the logs."""
    line.now = START + timedelta(hours=hours)
    rehearsed = Rehearsed.of(line, texts)
    safe = "\n".join(dict.fromkeys(line.book.phrase("safe", one) for one in line.book.languages))
    runs = sorted({(place, n) for place, total in rehearsed.lines.items() for n in (1, total)})
    chosen = random.Random(len(texts)).sample(runs, min(most, len(runs)))
    everything = f"{ANYBODY.number} {ANYBODY.word} {ANYBODY.far}\n{texts}"
    bad, missed = list[object](), 0
    for at, (place, nth) in enumerate(chosen):
        error = FAULTS[at % len(FAULTS)](everything)
        raised, answer = rehearsed.sabotaged(place, nth, error)
        missed += not raised
        if answer.status_code != 200 or reply(answer) not in rehearsed.fine | {safe}:
            bad.append((place, nth, error.__class__, answer.status_code, answer.text))
    assert not bad
    assert missed <= len(chosen) // 10
    assert capfd.readouterr() == ("", "")
    written = logged.getvalue()
    assert not Search([ANYBODY]).needles([written.encode()])
    events = [json.loads(one) for one in written.splitlines()]
    troubles = {"fault", "turn-error", "store-error"}
    assert [one for one in events if troubles & {one["event"], one.get("outcome")}]
