"""Flows as staff write them, and the two files that speak for the whole line."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from bot.reading.model import by_language
from bot.source import Shape, Text, Words
from bot.source.shape import Names

MAX_CHOICES = 9
"""One digit answers any choice."""


class Choice(Shape):
    """A numbered answer; its number, its label or a keyword selects it."""

    label: Text
    """What the line says after the number; 28 characters at most."""
    keywords: Words = Field(default_factory=dict)
    """Words that select it too."""
    goto: str
    """A node of this flow, another flow, or flow.node."""

    def heard(self) -> list[tuple[str, str]]:
        """Give the label and every keyword, each with its language."""
        return [*self.label.items(), *by_language(self.keywords)]


class PromptNode(Shape):
    """Says something and waits for one of its choices."""

    prompt: Text
    """What is said above the choices."""
    choices: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=MAX_CHOICES)]
    """Numbered answers, 1 to 9."""


class SearchNode(Shape):
    """Lists services for a need; asks for the place, pages and details are built in."""

    search: str
    """The need, from needs.yaml."""
    place: Literal["ask", "skip"] = "ask"
    """skip = do not ask where; for lines that help everywhere by phone."""
    nothing: str = ""
    """Where to go when nothing is found at all."""


class SayNode(Shape):
    """Says something and goes on, or ends the flow."""

    say: Text
    """What is said."""
    goto: str = ""
    """Where to go on; without it the flow ends here."""


class GotoNode(Shape):
    """Goes into another flow, and comes back when that ends."""

    goto: str
    """A node of this flow, another flow, or flow.node."""
    then: str = ""
    """The node to come back to."""


_KINDS = ("prompt", "search", "say", "goto")


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _kind(value: Any) -> str | None:
    names = value if isinstance(value, dict) else {}
    return next((f"<{kind}>" for kind in _KINDS if kind in names), None)


Node = Annotated[
    Annotated[PromptNode, Tag("<prompt>")]
    | Annotated[SearchNode, Tag("<search>")]
    | Annotated[SayNode, Tag("<say>")]
    | Annotated[GotoNode, Tag("<goto>")],
    Discriminator(_kind),
]


class FlowFile(Shape):
    """One topic: its name, the words that open it, its nodes."""

    flow: str
    """The flow's name; other flows go to it by this name."""
    triggers: Words = Field(default_factory=dict)
    """Words that open this flow; a "!" phrase does not, and hides those it touches."""
    first: bool = False
    """yes = its triggers outdo needs and names in the same text."""
    nodes: dict[str, Node]
    """Nodes by name; every flow begins at `start`."""


class Language(Shape):
    """A language of the line."""

    name: str
    """Its own name for itself."""
    draft: bool = False
    """yes = not reviewed yet: off unless a setting names it; its texts may be missing or dear."""


class BookFile(Shape):
    """book.yaml: who this line is and where it works."""

    name: str
    """The line's name, said in HELP and to callers only."""
    languages: dict[str, Annotated[Language, BeforeValidator(_named)]]
    """Language code -> its own name; the first is the default."""
    voices: dict[str, str] = Field(default_factory=dict)
    """Language code -> tag the voice provider knows, such as es-MX."""
    timezone: str
    """Such as America/Los_Angeles."""
    country: str
    """Two letters, for holidays."""
    subdivision: str = ""
    """State or province, two letters, for holidays."""
    units: Literal["miles", "km"] = "miles"
    front: str
    """The flow that MENU opens."""
    last_resort: Names
    """Services always good to give, best first."""
    example: str = ""
    """A text to try the line with: a need and a place."""
