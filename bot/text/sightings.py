"""Spots ZIPs, place names, crossings and streets in the tokens of a text: look-ups only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.text.crossings import Street, meeting
from bot.text.normalise import SEPARATORS

Phrase = tuple[str, ...]
Strength = Literal["safe", "common", "weak"]
"""safe = counts anywhere; common = after "in" or "near", or as an answer; weak = as an answer."""
LONGEST = 6
"""The most tokens a place's name may have."""
MOST = 6
"""The most sightings, and crossings tried, in one text: nobody is in more places than that."""
WORDS = 400
"""The most tokens that are looked at: more than a text of real words can have."""

_MARKED = re.compile(r"[a-z]{1,3}(\d[\do]+)")
_NUMBERED = re.compile(r"(\d{1,3})[^\W\d_]{0,3}")


@dataclass(frozen=True)
class Name:
    """What a phrase may mean: ids of places; without one `outside`, or a place left open."""

    ids: tuple[str, ...]
    strength: Strength
    outside: bool = False


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

    names: Mapping[Phrase, Name]
    streets: Mapping[Phrase, Street]
    zips: frozenset[str]
    zip_range: tuple[str, str]
    before: frozenset[Phrase]
    joins: frozenset[str]
    suffixes: frozenset[str]
    articles: frozenset[str]
    ordinals: Mapping[str, str]


def plain(token: str, ordinals: Mapping[str, str]) -> str:
    """Give the number of a numbered street, however it is written: 6th, 6ta, sixth -> 6."""
    token = ordinals.get(token, token)
    numbered = _NUMBERED.fullmatch(token)
    return numbered[1] if numbered else token


def spot(lexicon: Lexicon, words: Phrase, *, alone: bool) -> list[Sighting]:
    """Find what tells a place, left to right, the longest at each token.

    `alone` = the text answers "where are you?", so weaker names count too.
    """
    words = words[:WORDS]
    scan = _Scan(lexicon, words, tuple(plain(word, lexicon.ordinals) for word in words), alone)
    found: list[Sighting] = []
    at = 0
    while at < len(words) and len(found) < MOST:
        seen = [one for one in (scan.zip(at), scan.name(at), scan.street(at)) if one]
        if seen:
            found.append(max(seen, key=lambda one: one.end))
        at = found[-1].end if seen else at + 1
    return found


@dataclass(frozen=True)
class _Named:
    """A street in the text; `marked` = a word such as "street" stands with it."""

    end: int
    street: Street
    words: Phrase
    marked: bool


@dataclass
class _Scan:
    lexicon: Lexicon
    words: Phrase
    plain: Phrase
    alone: bool
    tries: int = 0

    def zip(self, at: int) -> Sighting | None:
        width = len(self.lexicon.zip_range[0])
        code, end = "", at
        # 9 0 0 5 7, nine zero zero five seven, 900 57: pieces count whole, or one digit each.
        while len(code) < width and end < len(self.words):
            piece = self.plain[end].replace("o", "0")
            if not piece.isdecimal() or not (self.alone or len(piece) in (1, width)):
                break
            code, end = code + piece, end + 1
        around = (*self.plain[max(at - 1, 0) : at], *self.plain[end : end + 1])
        if len(code) != width or (end > at + 1 and any(map(_digit, around))):
            marked = _MARKED.fullmatch(self.words[at]) if self.alone else None
            code, end = marked[1].replace("o", "0") if marked else self.words[at], at + 1
        if code not in self.lexicon.zips:
            return self._elsewhere(at)
        plus_four = self.words[end : end + 1]
        return Sighting(at, end + any(len(w) == 4 and w.isdecimal() for w in plus_four), (code,))

    def _elsewhere(self, at: int) -> Sighting | None:
        code, end = self.words[at], at + 1
        first, last = self.lexicon.zip_range
        if len(code) != len(first) or not code.isdecimal() or code.endswith("000"):
            return None
        # A phone or house number must not send anybody away as living elsewhere.
        beside = (*self.words[max(at - 1, 0) : at], *self.words[end : end + 1])
        phone = any(word.isdecimal() and len(word) > 2 and len(word) != 4 for word in beside)
        house = self._named(end) or self.lexicon.suffixes.intersection(self.words[end : end + 3])
        told = self.alone or end == len(self.words) or self._led(at)
        if phone or house or not told:
            return None
        return Sighting(at, end, outside=first <= code <= last)

    def name(self, at: int) -> Sighting | None:
        for end in range(min(at + LONGEST, len(self.words)), at, -1):
            name = self.lexicon.names.get(self.words[at:end])
            if name and self._counts(name, at, end):
                return Sighting(at, end, name.ids, name.outside)
        return None

    def _counts(self, name: Name, at: int, end: int) -> bool:
        last, led = end == len(self.words), self._led(at)
        if name.strength == "safe":
            return True
        if not self.alone:
            return name.strength == "common" and (led or (at == 0 and last))
        if self.lexicon.articles.issuperset(self.words[at:end]):
            return last
        led = led or at == 0 or self.words[at - 1] in self.lexicon.articles
        return led or name.strength == "common"

    def _led(self, at: int) -> bool:
        starts = range(max(at - 3, 0), at)
        return any(self.words[start:at] in self.lexicon.before for start in starts)

    def street(self, at: int) -> Sighting | None:
        """Give a crossing, else a street that a word such as "avenue" marks as one."""
        first = self._named(at)
        if not first:
            return None
        start = first.end
        joins = self.lexicon.joins.union(SEPARATORS)
        while start < len(self.words) and self.words[start] in joins:
            start += 1
        second = self._named(start)
        if second and self._may_cross(first, second, self.words[first.end : start]):
            crossing = self._crossing(first.street, second.street)
            if crossing or self.alone or first.marked:
                return Sighting(at, second.end, crossing)
        return Sighting(at, first.end, first.street.asks) if first.marked else None

    def _named(self, at: int) -> _Named | None:
        marked = False
        for start in range(at, min(at + 3, len(self.words))):
            for end in range(min(start + LONGEST, len(self.words)), start, -1):
                street = self.lexicon.streets.get(self.plain[start:end])
                if street:
                    more = bool(self.lexicon.suffixes.intersection(self.words[end : end + 1]))
                    return _Named(end + more, street, self.words[start:end], marked or more)
            if self.words[start] in self.lexicon.suffixes:
                marked = True
            elif self.words[start] not in self.lexicon.articles:
                return None
        return None

    def _may_cross(self, first: _Named, second: _Named, between: Phrase) -> bool:
        unmarked = [one.words for one in (first, second) if not one.marked]
        if not between and not (self.alone or not unmarked):
            return False
        names = map(self.lexicon.names.get, unmarked)
        places = [name for name in names if name and name.strength == "safe"]
        return (
            first.street is not second.street
            # "3 and 6 year olds" are no streets.
            and sum(words[0].isdecimal() for words in unmarked) < (2 if between else 1)
            # "Norwalk and Downey" are two cities; "norwalk/downey" may be two streets.
            and (len(places) < 2 or not set(SEPARATORS).isdisjoint(between))
        )

    def _crossing(self, *streets: Street) -> tuple[str, ...]:
        # One text of nothing but crossings would keep the line busy for everybody else.
        self.tries += 1
        if self.tries > MOST or not meeting(*streets):
            return ()
        ids = sorted((one.id for one in streets), key=lambda id_: (id_[0].isdecimal(), id_))
        return ("+".join(ids),)


def _digit(word: str) -> bool:
    return len(word) == 1 and (word.isdecimal() or word == "o")
