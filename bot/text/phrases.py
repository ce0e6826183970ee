"""Finds known phrases in a text, longest first.

A phrase is words; `...` in it passes over up to three words, `~` over up to five and turns
round what stands beside it, `<name>` stands for any phrase of a group. Work is bounded by
the phrase, not the text: nothing backtracks far.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Generic, TypeVar

from bot.text.normalise import tokens

Meaning = TypeVar("Meaning")

GAP, EITHER, FIRST, LAST = "...", "~", "^", "$"
REACH = {GAP: 3, EITHER: 5}
"""Words that a gap may pass over."""
SPECIAL = frozenset({GAP, EITHER, FIRST, LAST})
"""Marks in phrases that no text holds; `^` and `$` are its borders, where a reader adds them."""
_Memo = dict[tuple[int, int], list[int]]


def pattern(text: str) -> tuple[str, ...]:
    """Split a phrase as staff write it: "<he> has ... gun" -> <he> has ... gun, folded."""
    found: list[str] = []
    for part in text.split():
        special = part in SPECIAL or (part.startswith("<") and part.endswith(">"))
        found += [part] if special else tokens(part)
    return tuple(found)


@dataclass(frozen=True)
class Found(Generic[Meaning]):
    """A phrase at tokens [start, end) and everything it may mean."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]


@dataclass(slots=True, repr=False)
class _Node(Generic[Meaning]):
    words: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    gaps: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    groups: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)
    opened: "dict[str, list[tuple[Phrases[str], _Node[Meaning]]]] | None" = None
    """Word -> groups that can begin with it: hundreds that cannot cost nothing."""


@dataclass(repr=False)
class Phrases(Generic[Meaning]):
    """A table from phrases to meanings; complete before it is first searched."""

    groups: "Mapping[str, Phrases[str]]" = field(default_factory=dict)
    """What `<name>` stands for."""
    root: _Node[Meaning] = field(default_factory=_Node)
    _table: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    _openers: set[str] = field(default_factory=set)

    def add(self, phrase: tuple[str, ...], meaning: Meaning) -> None:
        """Let `phrase` mean `meaning`, beside whatever it means already."""
        parts = [part.split() for part in " ".join(phrase).split(EITHER)]
        if not all(parts):
            return
        for turned in permutations(parts):
            node = self.root
            for word in f" {EITHER} ".join(map(" ".join, turned)).split():
                kind = "groups" if word in self.groups else "gaps" if word in REACH else "words"
                node = getattr(node, kind).setdefault(word, _Node())
            if meaning not in node.meanings:
                node.meanings.append(meaning)
            self._table.setdefault(phrase, node.meanings)

    def exactly(self, phrase: tuple[str, ...]) -> tuple[Meaning, ...]:
        """Give the meanings of the whole text."""
        hits = self.ends(phrase, 0, {}) if phrase else ()
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
        found, memo = [], _Memo()
        self._openers = self._openers or self.openers()
        for start, word in enumerate(words):
            if word not in self._openers:
                continue
            best = 0
            meanings: list[Meaning] = []
            for end, given in self.ends(words, start, memo):
                if end > best:
                    best, meanings = end, []
                if end == best:
                    meanings += given
            if best:
                found.append(Found(start, best, tuple(dict.fromkeys(meanings))))
        return found

    def ends(
        self, words: tuple[str, ...], start: int, memo: _Memo
    ) -> Iterator[tuple[int, list[Meaning]]]:
        """Give every end of a phrase that begins at `start`, with its meanings.

        `memo` is empty at first and serves one text: a group is asked once at each word.
        """
        waiting = [(self.root, start)]
        while waiting:
            node, at = waiting.pop()
            if node.meanings:
                yield at, node.meanings
            if at >= len(words):
                continue
            word = words[at]
            if word in node.words:
                waiting.append((node.words[word], at + 1))
            for gap, after in node.gaps.items():
                reach = min(REACH[gap], len(words) - 1 - at)
                waiting += [(after, at + skipped) for skipped in range(reach + 1)]
            if node.groups:
                for group, after in self._opened(node).get(word, ()):
                    known = id(group), at
                    if known not in memo:
                        memo[known] = list({end for end, _ in group.ends(words, at, memo)})
                    waiting += [(after, end) for end in memo[known]]

    def _opened(
        self, node: _Node[Meaning]
    ) -> "dict[str, list[tuple[Phrases[str], _Node[Meaning]]]]":
        if node.opened is None:
            node.opened = {}
            for name, after in node.groups.items():
                for word in self.groups[name].openers():
                    node.opened.setdefault(word, []).append((self.groups[name], after))
        return node.opened

    def openers(self) -> set[str]:
        """Give every word a phrase of this table can begin with; none begins with a gap."""
        return set(self.root.words).union(
            *(self.groups[name].openers() for name in self.root.groups)
        )

    def items(self) -> Mapping[tuple[str, ...], list[Meaning]]:
        """Give the whole table, for checks."""
        return self._table
