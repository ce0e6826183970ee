"""Builds the gazetteer from the places file and the ZIP table, and says what is wrong in them."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.problems import Problem
from bot.source import Document, Loc, Words, fit
from bot.source.shape import ANY_LANGUAGE, did_you_mean
from bot.text.crossings import Point, Street
from bot.text.gazetteer import Gazetteer, Place, PlaceReading, crossing_of
from bot.text.normalise import tokens
from bot.text.placefile import AreaEntry, PlaceEntry, PlacesFile, PlaceWords
from bot.text.sightings import Lexicon, Name, Strength, plain

__all__ = ["Gazetteer", "Place", "PlaceReading", "PlaceWords", "PlacesFile", "parse"]

ZIP_COLUMNS = ["zip", "lat", "lon", "name", "areas"]


def parse(
    document: Document,
    zips: tuple[str, str],
    words: PlaceWords,
    ordinals: Mapping[str, Mapping[str, str]],
) -> tuple[Gazetteer | None, list[Problem]]:
    """Build the gazetteer from the places file and `zips` (path and text of the ZIP table)."""
    entries, problems = fit(PlacesFile, document)
    if entries is None:
        return None, problems
    spoken = {word: number for map_ in ordinals.values() for word, number in map_.items()}
    builder = _Builder(document, entries, spoken)
    places = {**builder.places(), **builder.zips(*zips)}
    streets = {key: Street(key, s.name, s.line) for key, s in entries.streets.items()}
    lexicon = builder.lexicon(words, places, streets)
    areas = {key: area.name for key, area in entries.areas.items()}
    areas |= {key: place.name for key, place in entries.places.items()}
    return Gazetteer(places, streets, areas, lexicon), builder.problems


@dataclass
class _Builder:
    document: Document
    file: PlacesFile
    ordinals: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    suffixes: frozenset[str] = frozenset()

    def say(self, at: Loc, rule: str, message: str) -> None:
        self.problems.append(self.document.problem(at, rule, message))

    def places(self) -> dict[str, Place]:
        for key, area in self.file.areas.items():
            self._areas(area.within, lambda *said, key=key: self.say(("areas", key), *said))
        return {key: self._place(key, entry) for key, entry in self.file.places.items()}

    def _place(self, key: str, entry: PlaceEntry) -> Place:
        loc: Loc = ("places", key)
        if "+" in key or not key.isascii() or key in self.file.areas:
            self.say(loc, "bad-id", f"`{key}` must be plain letters, without +, and not an area.")
        self._inside(entry.at, lambda *said: self.say((*loc, "at"), *said))
        within = self._areas(entry.within, lambda *said: self.say((*loc, "within"), *said))
        areas = tuple(dict.fromkeys((key, *within)))
        return Place(key, entry.name, *entry.at, entry.km, areas, entry.wide)

    def zips(self, path: str, text: str) -> dict[str, Place]:
        """Read the rows of the ZIP table; lines that begin with # are notes."""
        found: dict[str, Place] = {}
        for number, line in enumerate(text.splitlines(), 1):
            row = next(csv.reader([line]), [])

            def say(rule: str, message: str, number: int = number) -> None:
                self.problems.append(Problem(path, number, 1, rule, message))

            if row == ZIP_COLUMNS or not line or line[0] == "#":
                continue
            if len(row) != len(ZIP_COLUMNS):
                say("bad-row", f"Expected {', '.join(ZIP_COLUMNS)}.")
            elif row[0] in found:
                say("twice", f"{row[0]} is here twice.")
            else:
                place = self._zip(row, say)
                found.update({place.id: place} if place else {})
        self.codes = set(found)
        return found

    def _zip(self, row: list[str], say: Callable[[str, str], None]) -> Place | None:
        code, lat, lon, name, areas = row
        try:
            at = float(lat), float(lon)
        except ValueError:
            say("bad-row", "Latitude and longitude must be numbers like 34.0617 and -118.2768.")
            return None
        if not (code.isdecimal() and len(code) == len(self.file.zip_range[0])):
            say("bad-row", f"`{code}` is not a ZIP.")
        self._inside(at, say)
        within = (code, *self._areas(areas.split(), say))
        return Place(code, {ANY_LANGUAGE: name}, *at, self.file.zip_km, within)

    def _inside(self, at: Point, say: Callable[[str, str], None]) -> None:
        box = self.file.bounds
        if not (box.south <= at[0] <= box.north and box.west <= at[1] <= box.east):
            say("out-of-bounds", f"{at[0]}, {at[1]} lies outside `bounds`; latitude comes first.")

    def _areas(self, names: Iterable[str], say: Callable[[str, str], None]) -> tuple[str, ...]:
        known: dict[str, AreaEntry | PlaceEntry] = {**self.file.areas, **self.file.places}
        found: list[str] = []
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name not in known:
                hint = did_you_mean(name, known)
                say("unknown-area", f"No area or place is called `{name}`.{hint}")
            elif name not in found:
                found.append(name)
                waiting.extend(known[name].within)
        return tuple(found)

    def lexicon(
        self, words: PlaceWords, places: Mapping[str, Place], streets: Mapping[str, Street]
    ) -> Lexicon:
        self.suffixes = _singles(words.suffixes)
        street_names = self._street_names()
        asked = self._asked()
        by_street = {street_names.get(self._plain(p)): ids for p, ids in asked.items()}
        asks = {street: ids for street, ids in by_street.items() if street}
        return Lexicon(
            names=self._names(street_names, asks, asked),
            streets=street_names,
            asks=asks,
            zips=frozenset(key for key in places if key in self.codes),
            zip_range=self.file.zip_range,
            crossing=crossing_of(streets),
            before=_phrases(words.before),
            here=_phrases(words.here),
            unsure=_phrases(words.unsure),
            joins=_singles(words.join),
            suffixes=self.suffixes,
            articles=_singles(words.articles),
            ordinals=self.ordinals,
        )

    def _asked(self) -> dict[str, tuple[str, ...]]:
        known = self.file.places
        for phrase, ids in self.file.ask.items():
            for one in ids:
                if one not in known:
                    hint = did_you_mean(one, known)
                    self.say(("ask", phrase), "unknown-place", f"No place `{one}`.{hint}")
        return {p: tuple(one for one in ids if one in known) for p, ids in self.file.ask.items()}

    def _plain(self, phrase: str) -> tuple[str, ...]:
        return tuple(plain(token, self.ordinals) for token in tokens(phrase))

    def _street_names(self) -> dict[tuple[str, ...], str]:
        found: dict[tuple[str, ...], str] = {}
        for key, street in self.file.streets.items():
            bare = self._plain(street.name)
            while len(bare) > 1 and bare[-1] in self.suffixes:
                bare = bare[:-1]
            for phrase in (bare, *map(self._plain, _all(street.also))):
                if found.setdefault(phrase, key) != key:
                    said = f"`{' '.join(phrase)}` is also a name of `{found[phrase]}`."
                    self.say(("streets", key), "twice", said)
        return found

    def _names(
        self,
        streets: Mapping[tuple[str, ...], str],
        asks: Mapping[str, tuple[str, ...]],
        asked: Mapping[str, tuple[str, ...]],
    ) -> dict[tuple[str, ...], Name]:
        # "western" and "imperial" are everyday words, too.
        found: dict[tuple[str, ...], Name] = {
            phrase: Name(asks[street], "common" if len(asks[street]) > 1 else "safe")
            for phrase, street in streets.items()
            if street in asks
        }
        for name, ids in asked.items():
            found.setdefault(tokens(name), Name(ids, "safe"))
        shared = set(found)
        for key, place in self.file.places.items():
            strength: Strength = "common" if place.common else "safe"
            for name in (*place.name.values(), *_all(place.also)):
                self._add(found, shared, name, key, strength)
            for name in _all(place.alone):
                self._add(found, shared, name, key, "weak")
        for name in (name for names in self.file.outside for name in names):
            found.setdefault(tokens(name), Name((), "safe"))
        return found

    def _add(
        self,
        found: dict[tuple[str, ...], Name],
        shared: set[tuple[str, ...]],
        name: str,
        key: str,
        strength: Strength,
    ) -> None:
        phrase = tokens(name)
        known = found.setdefault(phrase, Name((key,), strength))
        if phrase not in shared and known.ids != (key,):
            said = f"`{name}` also means `{known.ids[0]}`; list both under `ask`."
            self.say(("places", key), "twice", said)


def _all(words: Words) -> tuple[str, ...]:
    return tuple(word for listed in words.values() for word in listed)


def _phrases(words: Words) -> frozenset[tuple[str, ...]]:
    return frozenset(tokens(word) for word in _all(words))


def _singles(words: Words) -> frozenset[str]:
    return frozenset(token for word in _all(words) for token in tokens(word))
