"""Finds known phrases in a text: exact tokens, longest first, left to right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")


@dataclass(frozen=True)
class Found(Generic[Meaning]):
    """A phrase at tokens [start, end) and everything it may mean."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]


@dataclass
class Phrases(Generic[Meaning]):
    """A table from phrases (token tuples) to meanings."""

    _table: dict[tuple[str, ...], list[Meaning]] = field(default_factory=dict)
    _longest: dict[str, int] = field(default_factory=dict)

    def add(self, phrase: tuple[str, ...], meaning: Meaning) -> None:
        """Let `phrase` mean `meaning`, beside whatever it means already."""
        if not phrase:
            return
        meanings = self._table.setdefault(phrase, [])
        if meaning not in meanings:
            meanings.append(meaning)
        self._longest[phrase[0]] = max(self._longest.get(phrase[0], 0), len(phrase))

    def exactly(self, phrase: tuple[str, ...]) -> tuple[Meaning, ...]:
        """Give the meanings of the whole text."""
        return tuple(self._table.get(phrase, ()))

    def find(self, words: tuple[str, ...]) -> list[Found[Meaning]]:
        """Find phrases that do not overlap, the longest at each place, left to right."""
        found: list[Found[Meaning]] = []
        start = 0
        while start < len(words):
            hit = self._at(words, start)
            if hit:
                found.append(hit)
            start = hit.end if hit else start + 1
        return found

    def overlapping(self, words: tuple[str, ...]) -> list[Found[Meaning]]:
        """Find the longest phrase at every position, so that none hides behind another."""
        hits = (self._at(words, start) for start in range(len(words)))
        return [hit for hit in hits if hit]

    def _at(self, words: tuple[str, ...], start: int) -> Found[Meaning] | None:
        for length in range(self._longest.get(words[start], 0), 0, -1):
            meanings = self._table.get(words[start : start + length])
            if meanings and start + length <= len(words):
                return Found(start, start + length, tuple(meanings))
        return None

    def items(self) -> Mapping[tuple[str, ...], Iterable[Meaning]]:
        """Give the whole table, for checks."""
        return self._table
