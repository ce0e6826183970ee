"""Finds known phrases in a text, longest first.

A phrase is words; `...` in it passes over up to three words, `~` over up to five and turns
round what stands beside it, `<name>` stands for any phrase of a group, `^` and `$` for the
text's borders. Groups are found once in a text, whatever tables ask for them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Generic, TypeVar

from bot.text.normalise import tokens

Meaning = TypeVar("Meaning")

GAP, EITHER, FIRST, LAST = "...", "~", "^", "$"
REACH = {GAP: 3, EITHER: 5}
"""Words that a gap may pass over."""
SPECIAL = frozenset({GAP, EITHER, FIRST, LAST})
"""Marks in phrases that no text holds."""


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


@dataclass(frozen=True)
class Scan:
    """The tokens of a text, and which groups stand at each of them, with their ends."""

    words: tuple[str, ...]
    groups: Sequence[dict[str, set[int]]]


@dataclass(slots=True, repr=False)
class _Node(Generic[Meaning]):
    words: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    gaps: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    groups: "dict[str, _Node[Meaning]]" = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)

    def following(self, scan: Scan, at: int) -> "Iterator[tuple[_Node[Meaning], int]]":
        """Give the nodes that the token at `at` leads to, each with the token after it."""
        word = scan.words[at]
        if word in self.words:
            yield self.words[word], at + 1
        for gap, after in self.gaps.items():
            for one in range(at, min(at + REACH[gap] + 1, len(scan.words))):
                if after.meanings or after.opens(scan, one):
                    yield after, one
        if self.groups:
            for name, ends in scan.groups[at].items():
                if name in self.groups:
                    after = self.groups[name]
                    yield from ((after, end) for end in ends)

    def opens(self, scan: Scan, at: int) -> bool:
        """Say whether anything here can go on with the token at `at`."""
        groups = self.groups
        return scan.words[at] in self.words or bool(
            groups and scan.groups[at] and not groups.keys().isdisjoint(scan.groups[at])
        )


@dataclass(repr=False)
class Phrases(Generic[Meaning]):
    """A table from phrases to meanings."""

    root: _Node[Meaning] = field(default_factory=_Node)
    table: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    """Every phrase as it was added."""

    def add(self, phrase: tuple[str, ...], meaning: Meaning) -> None:
        """Let `phrase` mean `meaning`, beside whatever it means already."""
        parts = [part.split() for part in " ".join(phrase).split(EITHER)]
        if not all(parts):
            return
        for turned in permutations(parts):
            node = self.root
            for word in f" {EITHER} ".join(map(" ".join, turned)).split():
                kind = "groups" if word[0] == "<" else "gaps" if word in REACH else "words"
                node = getattr(node, kind).setdefault(word, _Node())
            if meaning not in node.meanings:
                node.meanings.append(meaning)
            self.table.setdefault(phrase, node.meanings)

    def exactly(self, scan: Scan) -> tuple[Meaning, ...]:
        """Give the meanings of the whole text."""
        hits = self.ends(scan, 0) if scan.words else ()
        return tuple(one for end, found in hits for one in found if end == len(scan.words))

    def find(self, scan: Scan) -> list[Found[Meaning]]:
        """Find phrases that do not overlap, the longest at each place, left to right."""
        found: list[Found[Meaning]] = []
        for hit in self.overlapping(scan):
            if not found or hit.start >= found[-1].end:
                found.append(hit)
        return found

    def overlapping(self, scan: Scan) -> list[Found[Meaning]]:
        """Find the longest phrase at every position, so that none hides behind another."""
        found = []
        for start in range(len(scan.words)):
            if start and not self.root.opens(scan, start):
                continue
            best = 0
            meanings: list[Meaning] = []
            for end, given in self.ends(scan, start):
                if end > best:
                    best, meanings = end, []
                if end == best:
                    meanings += given
            if best:
                found.append(Found(start, best, tuple(dict.fromkeys(meanings))))
        return found

    def ends(self, scan: Scan, start: int) -> Iterator[tuple[int, list[Meaning]]]:
        """Give every end of a phrase that begins at `start`, with its meanings."""
        waiting = [(self.root, start)]
        if start == 0 and FIRST in self.root.words:
            waiting.append((self.root.words[FIRST], 0))
        while waiting:
            node, at = waiting.pop()
            if node.meanings:
                yield at, node.meanings
            if at < len(scan.words):
                waiting += node.following(scan, at)
            elif LAST in node.words:
                waiting.append((node.words[LAST], at))


@dataclass(repr=False)
class Groups:
    """What `<name>` stands for: phrases, which may hold groups added before."""

    levels: list[Phrases[str]] = field(default_factory=list)
    """Each holds groups that are made of groups of the levels before it."""
    level: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, phrases: Iterable[tuple[str, ...]]) -> None:
        """Let `<name>` stand for each of `phrases`; a group not added yet is never found."""
        given = list(phrases)
        within = [self.level[word] for phrase in given for word in phrase if word in self.level]
        level = self.level[f"<{name}>"] = max(within, default=-1) + 1
        if level == len(self.levels):
            self.levels.append(Phrases())
        for phrase in given:
            self.levels[level].add(phrase, f"<{name}>")

    def scan(self, words: tuple[str, ...]) -> Scan:
        """Find every group in a text."""
        scan = Scan(words, [{} for _ in words])
        for level in self.levels:
            for start, here in enumerate(scan.groups):
                if start and not level.root.opens(scan, start):
                    continue
                for end, names in level.ends(scan, start):
                    for name in names:
                        here.setdefault(name, set()).add(end)
        return scan
