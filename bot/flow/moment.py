"""What one step works with, and how it moves from node to node."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.directory.wording import Wording
from bot.flow.book import Book
from bot.flow.model import GotoNode, Node, PromptNode, SayNode, SearchNode
from bot.flow.phrases import fill
from bot.flow.session import LIMIT_TRAIL, Session, Spot, Turn
from bot.reading import Reading
from bot.source import Text

STEP_LIMIT = 50
"""Nodes one text may pass; a loop in the book must never hang the line."""
MISS_LIMIT = 2
"""Texts in a row that fit nothing before a human's number is given."""


@dataclass(frozen=True)
class Moment:
    """One text arriving: the book, where the person is, what the text means, the time."""

    book: Book
    session: Session
    reading: Reading
    now: datetime
    stranger: bool = False
    """Nothing was known of this person before this text."""
    said: tuple[str, ...] = ()
    """What is to be said before the next screen."""
    walked: tuple[Spot, ...] = ()
    chosen: tuple[Spot, int] | None = None

    @property
    def language(self) -> str:
        """Give the language to answer in."""
        return self.session.language or self.book.default

    @property
    def wording(self) -> Wording:
        """Give what a listing needs to speak: language, place on earth, time."""
        book = self.book
        return Wording(self.language, book.default, book.locale, self.now, self.phrase)

    def at(self, session: Session) -> "Moment":
        """Give the same moment with the person elsewhere."""
        return replace(self, session=session)

    def saying(self, text: str) -> "Moment":
        """Give the same moment with something more to say first."""
        return replace(self, said=(*self.said, text))

    def say(self, text: Text) -> str:
        """Give a text of the book in the person's language."""
        return fill(self.book.say(text, self.language), {"line": self.book.about.name})

    def phrase(self, name: str, **values: str) -> str:
        """Give one of the line's own sentences in the person's language."""
        return self.book.phrase(name, self.language, **values)

    def turn(self, text: str, event: str) -> Turn:
        """End the step here: what was to be said, then `text`."""
        reply = "\n".join(part for part in (*self.said, text) if part)
        return Turn(self.session, reply, (event,), self.walked, self.chosen)


def open_node(moment: Moment) -> Node | None:
    """Give the node whose question is open, unless it has changed since it was shown."""
    session, book = moment.session, moment.book
    same = session.spot is not None and book.shown(session.spot) == session.shown
    return book.node(session.spot) if same else None


def walk(moment: Moment, spot: Spot) -> tuple[Moment, Spot | None]:
    """Pass the nodes that wait for nothing; give the one that waits, or None at the end."""
    for _ in range(STEP_LIMIT):
        node = moment.book.node(spot)
        if node is None:
            moment = moment.at(Session(language=moment.session.language))
            break
        moment = replace(moment, walked=(*moment.walked, spot))
        if isinstance(node, PromptNode | SearchNode):
            return arrive(moment, spot), spot
        moment, following = _through(moment, spot, node)
        if following is None:
            return _ended(moment), None
        spot = following
    return arrive(moment, moment.book.front), moment.book.front


def _through(moment: Moment, spot: Spot, node: SayNode | GotoNode) -> tuple[Moment, Spot | None]:
    session = moment.session
    if isinstance(node, SayNode):
        moment = moment.saying(moment.say(node.say))
    elif node.then:
        back = moment.book.target(spot[0], node.then)
        if back and len(session.returns) < LIMIT_TRAIL:
            moment = moment.at(replace(session, returns=(*session.returns, back)))
    if node.goto:
        return moment, moment.book.target(spot[0], node.goto)
    if session.returns:
        *rest, last = session.returns
        return moment.at(replace(session, returns=tuple(rest))), last
    return moment, None


def arrive(moment: Moment, spot: Spot) -> Moment:
    """Stand at a node, with the one before it on the way back."""
    session = moment.session
    here = replace(
        session,
        spot=spot,
        shown=moment.book.shown(spot),
        trail=_trail(session, spot),
        screen="",
        options=(),
        page=0,
        misses=0,
    )
    return moment.at(here)


def _ended(moment: Moment) -> Moment:
    session = moment.session
    gone = Session(language=session.language, place=session.place, trail=_trail(session, None))
    return moment.at(gone)


def _trail(session: Session, spot: Spot | None) -> tuple[Spot, ...]:
    if session.spot and session.spot != spot:
        return (*session.trail, session.spot)[-LIMIT_TRAIL:]
    return session.trail
