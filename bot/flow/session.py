"""Where one person is: the least that lets the next text be understood, as a value.

Never typed words, answers, age or name: only names from the book. Whoever seizes an
opened session learns which screen was shown, and nothing the person said.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

LIMIT_TRAIL = 8
"""How many screens BACK can go; also how deep flows may call each other."""

Spot = tuple[str, str]
"""A flow's name and a node's name."""
Outcome = Literal["met", "closed", "nothing"]


@dataclass(frozen=True)
class Session:
    """One person's place in the book between two texts."""

    language: str = ""
    """Language code; empty until a text showed one."""
    spot: Spot | None = None
    """The node whose question is open."""
    screen: str = ""
    """What is open there: "" the node's choices, ask, which, list, detail, guess."""
    shown: str = ""
    """Fingerprint of the node as it was shown; a changed node never reads an old answer."""
    place: str = ""
    """Id of the place, from our own list; "*" = the person said SKIP."""
    needs: tuple[str, ...] = ()
    """What is being searched, first things first."""
    options: tuple[str, ...] = ()
    """Ids behind the numbers on the screen: services of a list, or places to choose from."""
    page: int = 0
    trail: tuple[Spot, ...] = ()
    """Screens before this one, oldest first, for BACK."""
    returns: tuple[Spot, ...] = ()
    """Nodes to come back to when the flows entered from them end."""
    misses: int = 0
    """Texts in a row that fitted nothing."""

    def encode(self) -> bytes:
        """Write as compact bytes, what is empty left out."""
        return _FORM.dump_json(self, exclude_defaults=True)


_FORM = TypeAdapter(Session)


def decode(raw: bytes) -> Session | None:
    """Read what `encode` wrote; anything else is no session."""
    try:
        return _FORM.validate_json(raw)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Search:
    """What a new search came to, for counting: names from the book, nothing of the person."""

    need: str
    outcome: Outcome
    """closed = all that was shown is closed now; nothing = only farther or other things."""
    area: str = ""
    """Id of a neighbourhood or city; empty = not told."""


@dataclass(frozen=True)
class Turn:
    """What one text caused: where the person is now, what is said, what is counted."""

    session: Session | None
    reply: str
    """Empty = say nothing."""
    events: tuple[str, ...] = ()
    """Names from the book only: never anything the person wrote."""
    walked: tuple[Spot, ...] = ()
    """Nodes passed and shown, for coverage."""
    chosen: tuple[Spot, int] | None = None
    """The choice taken, for coverage."""
    search: Search | None = None
    """A new search that this text began."""
