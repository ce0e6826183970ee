"""A tester who texts: `Chat(book).says("hi").hears("1 ...").at("main.start")`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.files import read_folder
from bot.flow.book import Book
from bot.flow.check.transcripts import SESSION_MINUTES
from bot.flow.engine import step
from bot.flow.load import load
from bot.flow.model import SearchNode
from bot.flow.moment import Moment
from bot.flow.screens import go
from bot.flow.session import Session, Spot, Turn, decode

ROOT = Path(__file__).parents[1]
TUESDAY = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
"""An ordinary weekday: late morning in Los Angeles, one o'clock in Miami."""


@cache
def shipped() -> Book:
    """Load the book in flows/."""
    return opened(ROOT / "flows")


@cache
def county() -> Book:
    """Load the second book: another county, another pair of languages."""
    return opened(ROOT / "tests" / "county")


def opened(folder: Path) -> Book:
    """Load a book that must have no problem but warnings."""
    book, problems = load(read_folder(folder))
    assert book, "\n".join(map(str, problems))
    return book


class Chat:
    """One phone; what is known of it is written out and read back between any two texts."""

    def __init__(self, book: Book, session: Session | None = None) -> None:
        self.book = book
        self.now = TUESDAY
        self.kept = session.encode() if session else b""
        self.turn = Turn(session, "")
        self.lines: list[str] = []

    @property
    def session(self) -> Session | None:
        """Give the session as the next text will find it."""
        return decode(self.kept) if self.kept else None

    @property
    def reply(self) -> str:
        """Give what was heard last."""
        return self.turn.reply

    @property
    def transcript(self) -> str:
        """Give all that was said, for a failing test to show."""
        return "\n".join(self.lines)

    def says(self, *texts: str) -> "Chat":
        """Send texts, one after the other."""
        for text in texts:
            self.turn = step(self.book, self.session, text, self.now)
            self.kept = self.turn.session.encode() if self.turn.session else b""
            self.now += timedelta(seconds=20)
            self.lines += [f"> {text}", self.reply, f"   {self.turn.session}"]
        return self

    def waits(self, minutes: int) -> "Chat":
        """Let time pass; after half an hour the store has forgotten the session."""
        self.now += timedelta(minutes=minutes)
        self.kept = b"" if minutes >= SESSION_MINUTES else self.kept
        self.lines.append(f"~ {minutes} minutes")
        return self

    def hears(self, *parts: str) -> "Chat":
        """Expect each part in the last reply."""
        for part in parts:
            assert part in self.reply, f"{part!r} was not heard\n{self.transcript}"
        return self

    def hears_not(self, *parts: str) -> "Chat":
        """Expect none of the parts in the last reply."""
        for part in parts:
            assert part not in self.reply, f"{part!r} was heard\n{self.transcript}"
        return self

    def hears_phrase(self, name: str, language: str = "", **values: str) -> "Chat":
        """Expect one of the line's own sentences."""
        return self.hears(self.book.phrase(name, language or self.book.default, **values))

    def at(self, spot: str, screen: str = "") -> "Chat":
        """Expect to stand at flow.node, with the node's own question or `screen` open."""
        here = self.session.spot if self.session else None
        assert ".".join(here or ()) == spot, f"at {here}, not {spot}\n{self.transcript}"
        return self.sees(screen)

    def sees(self, screen: str) -> "Chat":
        """Expect this screen: "" a node's choices, ask, which, list, detail."""
        assert self.session, f"no session\n{self.transcript}"
        seen = self.session.screen
        assert seen == screen, f"sees {seen!r}, not {screen!r}\n{self.transcript}"
        return self

    def is_silent(self) -> "Chat":
        """Expect no reply."""
        assert not self.reply, self.transcript
        return self

    def has_no_session(self) -> "Chat":
        """Expect that nothing is kept."""
        assert not self.kept, self.transcript
        return self


@dataclass(frozen=True)
class Stand:
    """Somewhere a person may stand: a node, a language, and what is open there."""

    spot: Spot
    language: str
    screen: str
    session: Session | None

    def __str__(self) -> str:
        return f"{'.'.join(self.spot)} {self.language} {self.screen}".rstrip()


def stands(book: Book) -> Iterator[Stand]:
    """Give every node in every language, as one who was led there by choices sees it."""
    for spot, node in book.nodes():
        for language in book.languages:
            known = Session(language=language, spot=book.front, shown=book.shown(book.front))
            yield _stand(book, spot, known)
            if isinstance(node, SearchNode):
                listed = _stand(book, spot, replace(known, place="*"))
                if node.place == "ask":
                    yield listed
                if listed.session and listed.session.options:
                    opened = step(book, listed.session, "1", TUESDAY).session
                    yield replace(listed, screen="detail", session=opened)


def _stand(book: Book, spot: Spot, known: Session) -> Stand:
    turn = go(Moment(book, known, book.lexicon.read(""), TUESDAY), spot)
    screen = turn.session.screen if turn.session else ""
    return Stand(spot, known.language, screen, turn.session)
