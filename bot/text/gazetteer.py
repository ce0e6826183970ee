"""Every place people can name, as one immutable value: look a place up, or read it in a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapidfuzz import fuzz, process

from bot.source import Text
from bot.source.shape import ANY_LANGUAGE
from bot.text.crossings import BLUR, KM_PER_DEGREE, Point, Street, km, meeting
from bot.text.sightings import Lexicon, spot

ALIKE = 80
"""Percent of likeness: 28 of 30 misspelt names and none of 17 everyday words (measured)."""
LONGEST_NAME = 30


@dataclass(frozen=True)
class Place:
    """Somewhere people say they are; `km` = how far from the point they may still be."""

    id: str
    name: Text
    at: Point
    km: float
    areas: tuple[str, ...]
    """Areas it lies in, its own id first; these tell who serves and who polices it."""
    wide: bool = False
    """Too big to rank by distance: people are asked for something nearer."""

    def holds(self, other: "Place") -> bool:
        """Say whether `other` is a narrower name for somewhere inside this place."""
        if self.id in other.areas or (self.wide and not other.wide):
            return True
        if other.id in self.areas:
            return False
        return other.km <= self.km and km(self.at, other.at) <= self.km


@dataclass(frozen=True)
class PlaceReading:
    """What a text says about where: `ids` to use (one) or to choose from (several).

    outside = only places we do not serve; unclear = a place is meant, but not which.
    `spans` are the token ranges that were read as a place, whatever the kind.
    """

    kind: Literal["none", "one", "several", "outside", "unclear"]
    ids: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    """Places, ZIPs and streets of one book."""

    places: Mapping[str, Place]
    streets: Mapping[str, Street]
    areas: Mapping[str, Text]
    """Areas by id, with their names; every place is one, too."""
    lexicon: Lexicon

    def get(self, place_id: str) -> Place | None:
        """Give the place with this id; a crossing is worked out from its two streets."""
        if place_id in self.places:
            return self.places[place_id]
        streets = [self.streets[id_] for id_ in place_id.split("+") if id_ in self.streets]
        return self._crossing(place_id, *streets) if len(streets) == 2 else None

    def fine(self, area: str) -> bool:
        """Say whether an area is too small to count people in: a ZIP or a crossing."""
        return area in self.lexicon.zips or area not in self.areas

    def find(self, tokens: tuple[str, ...], alone: bool = False) -> PlaceReading:  # noqa: FBT001, FBT002
        """Read a place in a text; `alone` = it answers "where are you?", so weak names count."""
        seen = spot(self.lexicon, tokens, alone=alone)
        spans = tuple((one.start, one.end) for one in seen)
        ids = self._choose({one.ids: None for one in seen if one.ids})
        if ids:
            return PlaceReading("one" if len(ids) == 1 else "several", ids, spans)
        if any(one.outside for one in seen):
            return PlaceReading("outside", (), spans)
        near = self._nearly(tokens) if alone and not seen else ()
        if near:
            return PlaceReading("one" if len(near) == 1 else "several", near, ((0, len(tokens)),))
        return PlaceReading("unclear" if seen else "none", (), spans)

    def _nearly(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Give the place whose name is most like the whole answer; two alike are neither."""
        typed = "".join(tokens)
        if not 5 <= len(typed) <= LONGEST_NAME:
            return ()
        close = process.extract(
            typed, self._joined.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=2
        )
        best = {self._joined[name] for name, score, _ in close if score == close[0][1]}
        return best.pop() if len(best) == 1 else ()

    @cached_property
    def _joined(self) -> Mapping[str, tuple[str, ...]]:
        return {"".join(phrase): name.ids for phrase, name in self.lexicon.names.items()}

    def _choose(self, sighted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        told = [[place for place in map(self.get, ids) if place] for ids in sighted]
        certain = _narrowest(places[0] for places in told if len(places) == 1)
        narrow = [place for place in certain if not place.wide]
        options = [
            place
            for places in told
            # "western 90047": what is certain settles what the other word may mean.
            if len(places) > 1
            and not any(a.holds(b) or b.holds(a) for a in places for b in narrow)
            for place in places
        ]
        chosen = [*narrow, *options] if options else certain
        return tuple(dict.fromkeys(place.id for place in chosen))

    def _crossing(self, place_id: str, one: Street, other: Street) -> Place | None:
        point = meeting(one, other)
        if not point:
            return None
        # A degree of latitude tells most places apart before any sine is asked.
        around = [
            (away, place)
            for place in self.places.values()
            if not place.wide and abs(place.at[0] - point[0]) * KM_PER_DEGREE <= place.km
            for away in [km(place.at, point)]
            if away <= place.km
        ]
        areas = min(around, key=lambda pair: pair[0])[1].areas if around else ()
        areas = (place_id, *(area for area in areas if area not in self.lexicon.zips))
        name = {ANY_LANGUAGE: f"{one.name} & {other.name}"}
        return Place(place_id, name, (round(point[0], 4), round(point[1], 4)), BLUR, areas)


def _narrowest(places: Iterable[Place]) -> list[Place]:
    kept: list[Place] = []
    for place in places:
        if not any(place.holds(other) for other in kept):
            kept = [*(other for other in kept if not other.holds(place)), place]
    return kept
