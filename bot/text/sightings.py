"""Spots ZIPs, place names, crossings and streets in the tokens of a text: look-ups only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.text.normalise import SEPARATORS

Words = tuple[str, ...]
Strength = Literal["safe", "common", "weak"]
"""safe = counts anywhere; common = after "in" or "near", or as an answer; weak = as an answer."""
LONGEST = 6
"""The most tokens a place's name may have."""
OUTSIDE = "outside"


@dataclass(frozen=True)
class Name:
    """What a phrase may mean: place ids, or none for a place outside our area."""

    ids: tuple[str, ...]
    strength: Strength


@dataclass(frozen=True)
class Sighting:
    """Tokens [start, end) say where: `ids` to choose from, or `outside`, or unclear (neither)."""

    start: int
    end: int
    ids: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class Lexicon:
    """Every phrase and word a place can be told with."""

    names: Mapping[Words, Name]
    streets: Mapping[Words, str]
    asks: Mapping[str, tuple[str, ...]]
    """What to offer when only this street is named."""
    zips: frozenset[str]
    zip_range: tuple[str, str]
    crossing: Callable[[str, str], str | None]
    """The id of the crossing of two streets, if they meet."""
    before: frozenset[Words] = frozenset()
    here: frozenset[Words] = frozenset()
    unsure: frozenset[Words] = frozenset()
    joins: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    ordinals: Mapping[str, str] = field(default_factory=dict)


def plain(token: str, ordinals: Mapping[str, str]) -> str:
    """Give the number of a numbered street, however it is written: 6th, 6ta, sixth -> 6."""
    token = ordinals.get(token, token)
    digits = token[: len(token) - len(token.lstrip("0123456789"))]
    rest = token[len(digits) :]
    named = 1 <= len(digits) <= 3 and len(rest) <= 3 and (not rest or rest.isalpha())
    return digits if named else token


def spot(lexicon: Lexicon, words: Words, *, alone: bool) -> list[Sighting]:
    """Find what tells a place, left to right, the longest at each token.

    `alone` = the text answers "where are you?", so weaker names count too.
    """
    return _Scan(lexicon, words, alone).all()


@dataclass(frozen=True)
class _Street:
    end: int
    id: str
    words: Words
    marked: bool
    """A word such as "street" stands with it."""


class _Scan:
    def __init__(self, lexicon: Lexicon, words: Words, alone: bool) -> None:  # noqa: FBT001
        self.lexicon = lexicon
        self.words = words
        self.alone = alone
        self.plain = tuple(plain(word, lexicon.ordinals) for word in words)

    def all(self) -> list[Sighting]:
        found: list[Sighting] = []
        at = 0
        while at < len(self.words):
            seen = [s for s in self._at(at) if s]
            best = max(seen, key=lambda s: s.end, default=None)
            if best:
                found.append(best)
            at = best.end if best else at + 1
        return found

    def _at(self, at: int) -> list[Sighting | None]:
        street = self._street(at)
        return [
            self._zip(at),
            self._name(at),
            self._crossing(at, street) if street else None,
            self._bare_street(at, street) if street else None,
            self._nowhere(at),
        ]

    def _zip(self, at: int) -> Sighting | None:
        code, end = self._code(at)
        if code in self.lexicon.zips:
            plus_four = end < len(self.words) and _digits(self.words[end], 4)
            return Sighting(at, end + plus_four, (code,))
        return self._other_number(at) if self.words[at].isdecimal() else None

    def _code(self, at: int) -> tuple[str, int]:
        width = len(self.lexicon.zip_range[0])
        run = self.words[at : at + width]
        beside = (*self.words[max(at - 1, 0) : at], *self.words[at + width : at + width + 1])
        if len(run) == width and all(map(_one_digit, run)) and not any(map(_one_digit, beside)):
            return "".join(run).replace("o", "0"), at + width
        word = self.words[at]
        mostly = sum(char.isdecimal() for char in word) * 2 > len(word)
        return (word.replace("o", "0") if mostly else ""), at + 1

    def _other_number(self, at: int) -> Sighting | None:
        # A phone or house number must not send anybody away as living elsewhere.
        word, end, width = self.words[at], at + 1, len(self.lexicon.zip_range[0])
        beside = (*self.words[max(at - 1, 0) : at], *self.words[end : end + 1])
        house = self._street(end) or self.lexicon.suffixes.intersection(self.words[end : end + 3])
        if house or any(w.isdecimal() and len(w) > 2 and len(w) != 4 for w in beside):
            return None
        told = self.alone or end == len(self.words) or self._after_before(at)
        if len(word) == width and told and not word.endswith("000"):
            first, last = self.lexicon.zip_range
            return Sighting(at, end, outside=first <= word <= last)
        if word.endswith("00000") or (self.alone and abs(len(word) - width) == 1):
            return Sighting(at, end)
        return None

    def _name(self, at: int) -> Sighting | None:
        for length in range(min(LONGEST, len(self.words) - at), 0, -1):
            phrase = self.words[at : at + length]
            name = self.lexicon.names.get(phrase)
            if name and self._counts(name, phrase, at):
                return Sighting(at, at + length, name.ids, outside=not name.ids)
        return None

    def _counts(self, name: Name, phrase: Words, at: int) -> bool:
        if name.strength == "safe":
            return True
        if not self.alone:
            whole = len(phrase) == len(self.words)
            return name.strength == "common" and (whole or self._after_before(at))
        if self.lexicon.articles.issuperset(phrase):
            return at + len(phrase) == len(self.words)
        led = at == 0 or self.words[at - 1] in self.lexicon.articles or self._after_before(at)
        return name.strength == "common" or led

    def _after_before(self, at: int) -> bool:
        return any(
            self.words[at - n : at] in self.lexicon.before for n in range(1, min(at, 3) + 1)
        )

    def _street(self, at: int) -> _Street | None:
        marked = False
        for start in range(at, min(at + 3, len(self.words))):
            found = self._longest_street(start)
            if found:
                suffixed = self.words[found.end : found.end + 1]
                more = bool(self.lexicon.suffixes.intersection(suffixed))
                return _Street(found.end + more, found.id, found.words, marked or more)
            word = self.words[start]
            if word not in self.lexicon.suffixes and word not in self.lexicon.articles:
                return None
            marked = marked or word in self.lexicon.suffixes
        return None

    def _longest_street(self, at: int) -> _Street | None:
        for length in range(min(LONGEST, len(self.words) - at), 0, -1):
            street = self.lexicon.streets.get(self.plain[at : at + length])
            if street:
                return _Street(at + length, street, self.words[at : at + length], marked=False)
        return None

    def _crossing(self, at: int, first: _Street) -> Sighting | None:
        start, by_mark = first.end, False
        while start < len(self.words) and self._joins(self.words[start]):
            by_mark = by_mark or self.words[start] in SEPARATORS
            start += 1
        second = self._street(start)
        if not second or (start == first.end and not self._adjoin(first, second)):
            return None
        named = all(s.words in self.lexicon.names and not s.marked for s in (first, second))
        safe = named and all(
            self.lexicon.names[s.words].strength == "safe" for s in (first, second)
        )
        numbers = all(s.words[0][0].isdecimal() and not s.marked for s in (first, second))
        if (safe and not by_mark) or numbers:
            return None
        crossing = self.lexicon.crossing(first.id, second.id)
        if crossing:
            return Sighting(at, second.end, (crossing,))
        return Sighting(at, second.end) if self.alone or first.marked else None

    def _joins(self, word: str) -> bool:
        return word in SEPARATORS or word in self.lexicon.joins

    def _adjoin(self, first: _Street, second: _Street) -> bool:
        bare = any(s.words[0].isdecimal() and not s.marked for s in (first, second))
        return (self.alone or (first.marked and second.marked)) and not bare

    def _bare_street(self, at: int, street: _Street) -> Sighting | None:
        if street.marked:
            return Sighting(at, street.end, self.lexicon.asks.get(street.id, ()))
        known = self.alone and not any(map(str.isdecimal, street.words))
        return Sighting(at, street.end) if known else None

    def _nowhere(self, at: int) -> Sighting | None:
        for length in range(min(LONGEST, len(self.words) - at), 0, -1):
            phrase = self.words[at : at + length]
            if phrase in self.lexicon.here and (self.alone or length > 1):
                return Sighting(at, at + length)
            if phrase in self.lexicon.unsure and self.alone:
                return Sighting(at, at + length)
        return None


def _digits(word: str, length: int) -> bool:
    return len(word) == length and word.isdecimal()


def _one_digit(word: str) -> bool:
    return len(word) == 1 and (word.isdecimal() or word == "o")
