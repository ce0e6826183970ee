"""Finds known phrases in a text, longest first.

A phrase is words; `...` in it passes over up to three words, `<name>` stands for any
phrase of a group. Work is bounded by the phrase, not the text: nothing backtracks far.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.text.normalise import tokens

Meaning = TypeVar("Meaning")

GAP = "..."
REACH = 3
"""Words a gap may pass over."""


def pattern(text: str) -> tuple[str, ...]:
    """Split a phrase as staff write it: "<he> has ... gun" -> <he> has ... gun, folded."""
    found: list[str] = []
    for part in text.split():
        special = part == GAP or (part.startswith("<") and part.endswith(">"))
        found += [part] if special else tokens(part)
    return tuple(found)


@dataclass(frozen=True)
class Found(Generic[Meaning]):
    """A phrase at tokens [start, end) and everything it may mean."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]


@dataclass(slots=True)
class _Node(Generic[Meaning]):
    words: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    groups: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)


@dataclass
class Phrases(Generic[Meaning]):
    """A table from phrases to meanings."""

    groups: "Mapping[str, Phrases[str]]" = field(default_factory=dict, repr=False)
    """What `<name>` stands for."""
    root: _Node[Meaning] = field(default_factory=_Node)
    _table: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)

    def add(self, phrase: tuple[str, ...], meaning: Meaning) -> None:
        """Let `phrase` mean `meaning`, beside whatever it means already."""
        if not phrase:
            return
        node = self.root
        for word in phrase:
            edges = node.groups if word in self.groups else node.words
            node = edges.setdefault(word, _Node())
        if meaning not in node.meanings:
            node.meanings.append(meaning)
        self._table[phrase] = node.meanings

    def exactly(self, phrase: tuple[str, ...]) -> tuple[Meaning, ...]:
        """Give the meanings of the whole text."""
        hits = self.ends(phrase, 0) if phrase else ()
        return tuple(one for end, found in hits for one in found if end == len(phrase))

    def find(self, words: tuple[str, ...]) -> list[Found[Meaning]]:
        """Find phrases that do not overlap, the longest at each place, left to right."""
        found: list[Found[Meaning]] = []
        for hit in self.overlapping(words):
            if not found or hit.start >= found[-1].end:
                found.append(hit)
        return found

    def overlapping(self, words: tuple[str, ...]) -> list[Found[Meaning]]:
        """Find the longest phrase at every position, so that none hides behind another."""
        found = []
        for start in range(len(words)):
            best = 0
            meanings: list[Meaning] = []
            for end, given in self.ends(words, start):
                if end > best:
                    best, meanings = end, []
                if end == best:
                    meanings += given
            if best:
                found.append(Found(start, best, tuple(dict.fromkeys(meanings))))
        return found

    def ends(self, words: tuple[str, ...], start: int) -> Iterator[tuple[int, list[Meaning]]]:
        """Give every end of a phrase that begins at `start`, with its meanings."""
        waiting = [(self.root, start)]
        while waiting:
            node, at = waiting.pop()
            if node.meanings:
                yield at, node.meanings
            following = node.words
            if at >= len(words):
                continue
            if words[at] in following:
                waiting.append((following[words[at]], at + 1))
            if GAP in following:
                reach = min(REACH, len(words) - 1 - at)
                waiting += [(following[GAP], at + skipped) for skipped in range(reach + 1)]
            for name, after in node.groups.items():
                group = self.groups[name]
                # Most groups cannot begin here; asking that first keeps hundreds of them cheap.
                if words[at] in group.root.words or GAP in group.root.words:
                    waiting += [(after, end) for end, _ in group.ends(words, at)]

    def items(self) -> Mapping[tuple[str, ...], list[Meaning]]:
        """Give the whole table, for checks."""
        return self._table
