"""The book: flows, services, places and words as one immutable value."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.directory.parse import Directory
from bot.directory.schedule import Locale
from bot.flow.model import BookFile, FlowFile, Node, PromptNode, SearchNode
from bot.flow.phrases import fill
from bot.flow.session import Spot
from bot.reading import DangerFile, Lexicon, NeedsFile
from bot.source import Document, Text
from bot.source.shape import say
from bot.text.places import Gazetteer

START = "start"
"""Where every flow begins."""


@dataclass(frozen=True)
class Book:
    """Everything the line knows; never changes once made."""

    about: BookFile
    flows: Mapping[str, FlowFile]
    phrases: Mapping[str, Text]
    danger: DangerFile
    needs: NeedsFile
    directory: Directory
    gazetteer: Gazetteer
    lexicon: Lexicon
    locale: Locale
    revealing: frozenset[tuple[str, ...]] = frozenset()
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)
    """Files by path, so that a check can point at a line."""
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Path of each flow's file, by the flow's name."""
    transcripts: Mapping[str, str] = field(default_factory=dict, repr=False)
    drafts: frozenset[str] = frozenset()
    """Draft languages that are on all the same."""
    mark: str = ""
    """Changes whenever any file does."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Give the codes of the languages that are on, the default first."""
        on = self.about.languages.items()
        return tuple(code for code, one in on if not one.draft or code in self.drafts)

    @property
    def default(self) -> str:
        """Give the default language's code."""
        return self.languages[0]

    @property
    def front(self) -> Spot:
        """Give the front door."""
        return self.about.front, START

    def node(self, spot: Spot | None) -> Node | None:
        """Give a node, or None when the book has none there (any more)."""
        flow = self.flows.get(spot[0]) if spot else None
        return flow.nodes.get(spot[1]) if flow and spot else None

    def shown(self, spot: Spot) -> str:
        """Give a short mark of the node at `spot` that changes whenever the node does."""
        node = self.node(spot)
        return hashlib.sha256(node.model_dump_json().encode()).hexdigest()[:8] if node else ""

    def target(self, flow: str, goto: str) -> Spot | None:
        """Resolve a goto: a node of this flow, then another flow's start, then flow.node."""
        if self.node((flow, goto)):
            return flow, goto
        other, _, node = goto.partition(".")
        spot = (other, node or START)
        return spot if self.node(spot) else None

    def say(self, text: Text, language: str) -> str:
        """Give a text in a language, else in the default one."""
        return say(text, language, self.default)

    def phrase(self, name: str, language: str, **values: str) -> str:
        """Give one of the line's own sentences."""
        values.setdefault("line", self.about.name)
        # A sentence that is missing is refused by a rule, which other rules must not hide.
        return fill(self.say(self.phrases.get(name, {}), language), values)

    def home(self, need: str) -> Spot | None:
        """Give the search node that answers a need: the one it names, else the first."""
        entry = self.needs.needs.get(need)
        if entry and entry.home:
            return self.target("", entry.home)
        searches = ((spot, one) for spot, one in self.nodes() if isinstance(one, SearchNode))
        return next((spot for spot, node in searches if node.search == need), None)

    def nodes(self) -> Iterator[tuple[Spot, Node]]:
        """Give every node with its spot, in the order of the files."""
        for name, flow in self.flows.items():
            for key, node in flow.nodes.items():
                yield (name, key), node

    def exits(self, spot: Spot) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Give every goto of a node with its way inside the node."""
        node = self.node(spot)
        if isinstance(node, PromptNode):
            for at, choice in enumerate(node.choices):
                yield ("choices", at, "goto"), choice.goto
        for name in ("nothing", "goto", "then"):
            if goto := getattr(node, name, ""):
                yield (name,), goto
