"""Which services fit a need, the best first: fit, nearness, open, lately assured, metres."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from math import asin, cos, radians, sin, sqrt

from bot.directory.catalogue import Directory
from bot.directory.model import Location, Service
from bot.directory.schedule import Locale, State, state
from bot.text.normalise import tokens
from bot.text.places import Place

WALK, NEAR, AREA = 1_500, 5_000, 25_000
"""Ends of the distance bands in metres."""
ASSURED = timedelta(days=180)
"""How long a call to a service is worth more than none."""
_REACH = ("local", "county", "state", "national")
_EARTH = 6_371_009


class Band(IntEnum):
    """How near help is; a county's lines come before a place one cannot walk or ride to."""

    WALK = 0
    NEAR = 1
    LINE = 2
    AREA = 3
    BEYOND = 4


@dataclass(frozen=True)
class Results:
    """Ids of services, best first."""

    ids: tuple[str, ...]
    widened: bool = False
    """Nothing lies near or helps by phone: these are farther than anyone asked for."""


def search(
    directory: Directory,
    needs: Sequence[str],
    place: Place | None,
    now: datetime,
    locale: Locale,
    filters: Collection[str] = (),
) -> Results:
    """Rank the listed services for any of `needs`; `filters` are audiences the person named."""
    fitting = {
        service_id: service
        for service_id, service in directory.services.items()
        if service.offer == "listed"
        and service.status in ("active", "temporarily closed")
        and set(needs) & set(service.needs)
    }
    here = {key: one for key, one in fitting.items() if _serves(one, place)}
    if not here and place is None:
        here = fitting
    asked = _Asked(tuple(needs), place, now, locale, frozenset(filters))
    ids = tuple(sorted(here, key=lambda key: (asked.rank(here[key]), key)))
    beyond = all(band(here[key], place) == Band.BEYOND for key in ids)
    return Results(ids, widened=bool(ids) and place is not None and beyond)


@dataclass(frozen=True)
class _Asked:
    """What one search compares services by."""

    needs: tuple[str, ...]
    place: Place | None
    now: datetime
    locale: Locale
    filters: frozenset[str]

    def rank(self, service: Service) -> tuple[object, ...]:
        near = band(service, self.place)
        located = near != Band.LINE
        metres = distance(service, self.place)
        at_home = located and self.place is None
        return (
            service.status != "active",
            self._audience(service),
            -sum(need in service.needs for need in self.needs),
            not located and not service.phones,  # only a name: nobody can go or ring there
            near,
            0 if located else _REACH.index(service.reach),
            _title(service) if at_home else "",
            min(service.needs.index(need) for need in self.needs if need in service.needs),
            self._arriving(service, metres).rank,
            not self._assured(service),
            metres or 0,
            _title(service),
        )

    def _audience(self, service: Service) -> int:
        """0 = meant for whom the person named, 1 = for all, 2 = for others."""
        if not service.audience or not self.filters:
            return 1
        return 0 if self.filters & set(service.audience) else 2

    def _arriving(self, service: Service, metres: float | None) -> State:
        # On foot as far as one walks, by bus beyond: a door that shuts on the way is no help.
        minutes = (metres or 0) / 1000 * (12 if (metres or 0) <= WALK else 5)
        return standing(service, self.place, self.now + timedelta(minutes=minutes), self.locale)

    def _assured(self, service: Service) -> bool:
        day = service.assured_date
        return (
            day is not None and self.now.astimezone(self.locale.timezone).date() - day <= ASSURED
        )


def standing(service: Service, place: Place | None, now: datetime, locale: Locale) -> State:
    """Judge the hours of a service, at its nearest location if that has hours of its own."""
    location = nearest(service, place)
    hours = (location.hours if location else ()) or service.hours
    return state(hours[0] if hours else "", service.closures, now, locale)


def nearest(service: Service, place: Place | None) -> Location | None:
    """Give the location nearest to `place`, else the first one; None for a line."""
    located = [one for one in service.locations if one.at]
    if place is None or not located or service.confidential:
        return next(iter(service.locations), None)
    return min(located, key=lambda one: _metres(one, place))


def distance(service: Service, place: Place | None) -> float | None:
    """Give the metres to the nearest location; None where it is unknown or may not be told."""
    location = nearest(service, place)
    if place is None or location is None or location.at is None or service.confidential:
        return None
    return _metres(location, place)


def band(service: Service, place: Place | None) -> Band:
    """Tell how near a service is; without a place every located one counts as in the area."""
    location = nearest(service, place)
    if location is None or location.at is None:
        return Band.LINE
    metres = distance(service, place)
    if metres is None:
        return Band.AREA
    if metres <= WALK and place and not place.wide:
        return Band.WALK
    return Band.NEAR if metres <= NEAR else Band.AREA if metres <= AREA else Band.BEYOND


def _serves(service: Service, place: Place | None) -> bool:
    areas = {tokens(area) for area in (place.areas if place else ())}
    return not service.serves or bool(areas & {tokens(area) for area in service.serves})


def _title(service: Service) -> str:
    return next(iter(service.name.values()), "").casefold()


def _metres(location: Location, place: Place) -> float:
    """Great-circle metres (haversine on the mean radius): 0.5 % off at worst."""
    lat, lon = location.at or (0.0, 0.0)
    a, b = radians(lat), radians(place.lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(place.lon - lon) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(min(1.0, half)))
