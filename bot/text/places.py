"""The places file, and how it and the ZIP table become the gazetteer."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.problems import Problem
from bot.source import Document, Loc, Shape, Text, Words, fit
from bot.source.shape import Names, did_you_mean
from bot.text.crossings import Point, Street
from bot.text.gazetteer import Gazetteer, Place, PlaceReading
from bot.text.normalise import tokens
from bot.text.sightings import Lexicon, Name, Phrase, plain

__all__ = ["Gazetteer", "Place", "PlaceReading", "PlaceWords", "PlacesFile", "parse"]

ZIP_COLUMNS = ["zip", "lat", "lon", "name", "areas"]


def _stretches(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        lines = [[_point(part) for part in line.split(",")] for line in value.split(";")]
    except ValueError:
        lines = [[]]
    if any(len(line) < 2 or any(a == b for a, b in pairwise(line)) for line in lines):
        raise ValueError("A line is two or more points: `34.06 -118.31, 34.05 -118.30`.")
    return lines


def _point(text: str) -> Point:
    lat, lon = map(float, text.split())
    return lat, lon


class Bounds(Shape):
    """The rectangle every position must lie in, in degrees."""

    south: float
    north: float
    west: float
    east: float


class AreaEntry(Shape):
    """An area that is not itself a place people name, such as a jurisdiction."""

    name: Text
    within: Names = ()


class PlaceEntry(Shape):
    """A place people name."""

    name: Text
    at: tuple[float, float]
    """Latitude and longitude in degrees (WGS84)."""
    km: float
    """How far from `at` people who name it may be."""
    within: Names = ()
    """Areas or places it lies in."""
    also: Words = Field(default_factory=dict)
    """Other names people type, any spelling."""
    alone: Words = Field(default_factory=dict)
    """Names too common to count unless we asked where they are."""
    common: bool = False
    """yes = its name is an everyday word: it counts when asked, or after "in" or "near"."""
    wide: bool = False


class StreetEntry(Shape):
    """A street; any two of them make a crossing."""

    name: str
    also: Words = Field(default_factory=dict)
    line: Annotated[
        tuple[tuple[Point, ...], ...],
        BeforeValidator(_stretches),
        WithJsonSchema({"type": "string"}),
    ]
    """Points along it, `34.06 -118.31, 34.05 -118.30`; `;` starts another stretch."""


class PlacesFile(Shape):
    """The whole places file."""

    bounds: Bounds
    zip_km: float
    zip_range: tuple[str, str]
    """First and last ZIP there can be anywhere, to tell one elsewhere from a slip."""
    areas: dict[str, AreaEntry] = Field(default_factory=dict)
    places: dict[str, PlaceEntry]
    streets: dict[str, StreetEntry] = Field(default_factory=dict)
    ask: dict[str, Names] = Field(default_factory=dict)
    """Names that may mean several places, and the places to offer."""
    outside: tuple[Names, ...] = ()
    """Places people name that we do not serve."""


class PlaceWords(Shape):
    """The small words around a place."""

    before: Words = Field(default_factory=dict)
    """near, in, at ..."""
    here: Words = Field(default_factory=dict)
    """near me, here ..."""
    unsure: Words = Field(default_factory=dict)
    """Answers that give no place: idk ..."""
    join: Words = Field(default_factory=dict)
    """Between two street names: and, x ..."""
    suffixes: Words = Field(default_factory=dict)
    """street, ave ..."""
    articles: Words = Field(default_factory=dict)
    """Stand before a street name and mean nothing: the, west ..."""


def parse(
    document: Document,
    zips: tuple[str, str],
    words: PlaceWords,
    ordinals: Mapping[str, Mapping[str, str]],
) -> tuple[Gazetteer | None, list[Problem]]:
    """Build the gazetteer from the places file and `zips` (path and text of the ZIP table)."""
    file, problems = fit(PlacesFile, document)
    if file is None:
        return None, problems
    spoken = {word: number for map_ in ordinals.values() for word, number in map_.items()}
    builder = _Builder(document, file, words, spoken)
    codes = builder.zips(*zips)
    places = builder.places() | codes
    streets = builder.streets()
    lexicon = Lexicon(
        names=builder.names(streets),
        streets=streets,
        zips=frozenset(codes),
        zip_range=file.zip_range,
        before=frozenset(map(tokens, _all(words.before))),
        joins=_singles(words.join),
        suffixes=_singles(words.suffixes),
        articles=_singles(words.articles),
        ordinals=spoken,
    )
    areas = {key: one.name for map_ in (file.areas, file.places) for key, one in map_.items()}
    by_id = {street.id: street for street in streets.values()}
    return Gazetteer(places, by_id, areas, lexicon), builder.problems


@dataclass
class _Builder:
    document: Document
    file: PlacesFile
    words: PlaceWords
    ordinals: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def say(self, loc: Loc, rule: str, message: str, document: Document | None = None) -> None:
        self.problems.append((document or self.document).problem(loc, rule, message))

    def places(self) -> dict[str, Place]:
        for key, area in self.file.areas.items():
            self._areas(self.document, ("areas", key), area.within)
        for key in self.file.places:
            if "+" in key or not key.isascii() or key in self.file.areas:
                message = f"`{key}` must be plain letters, without +, and not an area."
                self.say(("places", key), "bad-id", message)
        return {
            key: self._place(self.document, ("places", key), key, entry)
            for key, entry in self.file.places.items()
        }

    def zips(self, path: str, text: str) -> dict[str, Place]:
        """Read the rows of the ZIP table; lines that begin with # are notes."""
        found: dict[str, Place] = {}
        for number, line in enumerate(text.splitlines(), 1):
            row = next(csv.reader([line]), [])
            if row == ZIP_COLUMNS or line[:1] in ("", "#"):
                continue
            if len(row) != len(ZIP_COLUMNS):
                message = f"Expected {', '.join(ZIP_COLUMNS)}."
                self.problems.append(Problem(path, number, 1, "bad-row", message))
                continue
            code, lat, lon, name, areas = row
            cells = {"name": name, "at": [lat, lon], "km": self.file.zip_km}
            sheet = Document(path, {**cells, "within": areas.split()}, {(): (number, 1)})
            entry, misfits = fit(PlaceEntry, sheet)
            self.problems += misfits
            if code in found:
                self.say((), "twice", f"{code} is here twice.", sheet)
            elif not (code.isdecimal() and len(code) == len(self.file.zip_range[0])):
                self.say((), "bad-row", f"`{code}` is not a ZIP.", sheet)
            elif entry:
                found[code] = self._place(sheet, (), code, entry)
        return found

    def _place(self, document: Document, loc: Loc, key: str, entry: PlaceEntry) -> Place:
        (lat, lon), box = entry.at, self.file.bounds
        if not (box.south <= lat <= box.north and box.west <= lon <= box.east):
            message = f"{lat}, {lon} lies outside `bounds`; latitude comes first."
            self.say((*loc, "at"), "out-of-bounds", message, document)
        areas = (key, *self._areas(document, loc, entry.within))
        return Place(key, entry.name, entry.at, entry.km, tuple(dict.fromkeys(areas)), entry.wide)

    def _areas(self, document: Document, loc: Loc, names: Iterable[str]) -> list[str]:
        known: dict[str, AreaEntry | PlaceEntry] = {**self.file.areas, **self.file.places}
        found: list[str] = []
        waiting = list(names)
        for name in waiting:
            if name not in known:
                message = f"No area or place is called `{name}`.{did_you_mean(name, known)}"
                self.say((*loc, "within"), "unknown-area", message, document)
            elif name not in found:
                found.append(name)
                waiting += known[name].within
        return found

    def streets(self) -> dict[Phrase, Street]:
        """Give every way to name a street, its number plain and its suffixes left out."""
        suffixes = _singles(self.words.suffixes)
        found: dict[Phrase, str] = {}
        for key, entry in self.file.streets.items():
            bare = self._plain(entry.name)
            while len(bare) > 1 and bare[-1] in suffixes:
                bare = bare[:-1]
            for phrase in (bare, *map(self._plain, _all(entry.also))):
                if found.setdefault(phrase, key) != key:
                    message = f"`{' '.join(phrase)}` is also a name of `{found[phrase]}`."
                    self.say(("streets", key), "twice", message)
        asks = {found.get(self._plain(name)): ids for name, ids in self.file.ask.items()}
        streets = {
            key: Street(key, entry.name, entry.line, asks.get(key, ()))
            for key, entry in self.file.streets.items()
        }
        return {phrase: streets[key] for phrase, key in found.items()}

    def _plain(self, name: str) -> Phrase:
        return tuple(plain(token, self.ordinals) for token in tokens(name))

    def names(self, streets: Mapping[Phrase, Street]) -> dict[Phrase, Name]:
        """Give what each phrase may mean; what is under `ask` wins, what is outside yields."""
        # "western" and "imperial" are everyday words, too.
        found = {
            phrase: Name(street.asks, "common" if len(street.asks) > 1 else "safe")
            for phrase, street in streets.items()
            if street.asks
        }
        for text, ids in self.file.ask.items():
            found.setdefault(tokens(text), Name(ids, "safe"))
            for one in ids:
                if one not in self.file.places:
                    message = f"No place `{one}`.{did_you_mean(one, self.file.places)}"
                    self.say(("ask", text), "unknown-place", message)
        asked = set(found)
        for key, text, name in self._told():
            known = found.setdefault(tokens(text), name)
            if key and known.ids != name.ids and tokens(text) not in asked:
                message = f"`{text}` also means `{known.ids[0]}`; list both under `ask`."
                self.say(("places", key), "twice", message)
        return found

    def _told(self) -> Iterator[tuple[str, str, Name]]:
        for key, place in self.file.places.items():
            usual = Name((key,), "common" if place.common else "safe")
            yield from ((key, text, usual) for text in (*place.name.values(), *_all(place.also)))
            yield from ((key, text, Name((key,), "weak")) for text in _all(place.alone))
        for texts in self.file.outside:
            yield from (("", text, Name((), "safe", outside=True)) for text in texts)
        for text in _all(self.words.here):
            yield "", text, Name((), "safe" if len(tokens(text)) > 1 else "weak")
        yield from (("", text, Name((), "weak")) for text in _all(self.words.unsure))


def _all(words: Words) -> tuple[str, ...]:
    return tuple(word for listed in words.values() for word in listed)


def _singles(words: Words) -> frozenset[str]:
    return frozenset(token for word in _all(words) for token in tokens(word))
