"""Where one person is: the least that lets the next text be understood, as a value.

Never typed words, answers, age or name: only names from the book. Whoever seizes an
opened session learns which screen was shown, and nothing the person said.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

LIMIT_TRAIL = 8
"""How many screens BACK can go; also how deep flows may call each other."""

Spot = tuple[str, str]
"""A flow's name and a node's name."""

FORMAT = 1


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
    need: str = ""
    """The need being searched."""
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
        """Write as compact bytes; the store seals and pads them."""
        kept = {name: value for name, value in asdict(self).items() if value}
        return json.dumps({"v": FORMAT, **kept}, separators=(",", ":")).encode()


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


def decode(raw: bytes) -> Session | None:
    """Read what `encode` wrote; anything else, older formats included, is no session."""
    try:
        given: dict[str, Any] = json.loads(raw)
        if given.pop("v") != FORMAT:
            return None
        spot = given.pop("spot", None)
        given["options"] = tuple(map(str, given.get("options", ())))
        for name in ("trail", "returns"):
            given[name] = tuple((str(flow), str(node)) for flow, node in given.get(name, ()))
        return Session(spot=(str(spot[0]), str(spot[1])) if spot else None, **given)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
