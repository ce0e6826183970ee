"""Every place people can name, as one immutable value: look a place up, or read it in a text."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.source import Text
from bot.source.shape import ANY_LANGUAGE
from bot.text.crossings import BLUR, Point, Street, km, meeting
from bot.text.sightings import Lexicon, spot


@dataclass(frozen=True)
class Place:
    """Somewhere people say they are; `km` = how far from the point they may still be."""

    id: str
    name: Text
    lat: float
    lon: float
    km: float
    areas: tuple[str, ...]
    """Areas it lies in, its own id first; these tell who serves and who polices it."""
    wide: bool = False
    """Too big to rank by distance: people are asked for something nearer."""

    @property
    def at(self) -> Point:
        """Give latitude and longitude."""
        return self.lat, self.lon

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
        one, _, other = place_id.partition("+")
        if one not in self.streets or other not in self.streets:
            return None
        point = meeting(self.streets[one], self.streets[other])
        return self._crossing(place_id, point) if point else None

    def find(self, tokens: tuple[str, ...], alone: bool = False) -> PlaceReading:  # noqa: FBT001, FBT002
        """Read a place in a text; `alone` = it answers "where are you?", so weak names count."""
        seen = spot(self.lexicon, tokens, alone=alone)
        spans = tuple((s.start, s.end) for s in seen)
        told = [s.ids for s in seen if s.ids]
        ids = told[0] if len(told) == 1 else self._choose(told)
        if ids:
            return PlaceReading("one" if len(ids) == 1 else "several", ids, spans)
        if any(s.outside for s in seen):
            return PlaceReading("outside", (), spans)
        return PlaceReading("unclear" if seen else "none", (), spans)

    def names(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Give every name in plain tokens with the ids it may mean; () = outside our area."""
        return {phrase: name.ids for phrase, name in self.lexicon.names.items()}

    def _choose(self, sighted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        told = [[place for place in map(self.get, ids) if place] for ids in sighted]
        certain = self._narrowest([places[0] for places in told if len(places) == 1])
        narrow = [place for place in certain if not place.wide]
        options: dict[str, Place] = {}
        for places in told:
            # "western 90047": what is certain settles what the other word may mean.
            settled = any(a.holds(b) or b.holds(a) for a in places for b in narrow)
            if len(places) > 1 and not settled:
                options.update({place.id: place for place in places})
        return tuple(dict.fromkeys([p.id for p in (narrow if options else certain)] + [*options]))

    def _narrowest(self, places: list[Place]) -> list[Place]:
        kept: list[Place] = []
        for place in {place.id: place for place in places}.values():
            if not any(place.holds(other) for other in kept):
                kept = [*(other for other in kept if not other.holds(place)), place]
        return kept

    def _crossing(self, place_id: str, point: Point) -> Place:
        streets = [self.streets[one].name for one in place_id.split("+")]
        name = {ANY_LANGUAGE: " & ".join(streets)}
        areas = (place_id, *self._areas_at(point))
        return Place(place_id, name, round(point[0], 4), round(point[1], 4), BLUR, areas)

    def _areas_at(self, point: Point) -> tuple[str, ...]:
        near = [(km(place.at, point), place) for place in self.places.values() if not place.wide]
        around = [pair for pair in near if pair[0] <= pair[1].km]
        nearest = min(around, key=lambda pair: pair[0], default=None)
        return tuple(a for a in nearest[1].areas if a not in self.lexicon.zips) if nearest else ()


def crossing_of(streets: Mapping[str, Street]) -> Callable[[str, str], str | None]:
    """Give a function from two street ids to the id of their crossing, if they meet at one."""

    def crossing(one: str, other: str) -> str | None:
        first, second = sorted((one, other), key=lambda id_: (id_[0].isdecimal(), id_))
        return f"{first}+{second}" if meeting(streets[first], streets[second]) else None

    return crossing
