"""Which services fit a need, the best first: fit, nearness, open, lately assured, metres."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.directory.model import Location, Service
from bot.directory.parse import Directory
from bot.directory.schedule import Locale, State, state
from bot.text.crossings import km
from bot.text.places import Place

WALK, NEAR, AREA = 1_500, 5_000, 25_000
"""Ends of the distance bands in metres."""
OPEN_NOW, SPEAKS = "open-now", "speaks-"
ASSURED = timedelta(days=180)
"""How long a call to a service is worth more than none."""
_REACH = ("county", "local", "state", "national")
"""Turn of those without a place; a local one may be local to another end of the county."""


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
    """Rank the listed services for any of `needs`.

    `filters` say what the person named: audiences, `open-now`, `speaks-es` ...
    """
    people = {wish for one in directory.services.values() for wish in one.audience} & set(filters)
    spoken = {wish.removeprefix(SPEAKS) for wish in filters if wish.startswith(SPEAKS)}
    fitting = {
        key: one
        for key, one in directory.services.items()
        if one.offer == "listed"
        and one.status in ("active", "temporarily closed")
        and not set(needs).isdisjoint(one.needs)
    }
    areas = set(place.areas if place else ())
    here = {key: one for key, one in fitting.items() if not one.serves or areas & {*one.serves}}
    if place is None:
        here = here or fitting
    day = (now - ASSURED).astimezone(locale.timezone).date()

    def rank(key: str) -> tuple[object, ...]:
        service = here[key]
        near, metres = band(service, place), nearest(service, place)[1] or 0
        line, title = near == Band.LINE, next(iter(service.name.values()), "").casefold()
        # On foot as far as one walks, by bus beyond: a door that shuts on the way is no help.
        arrival = now + timedelta(minutes=metres / 1000 * (12 if metres <= WALK else 5))
        open_now = OPEN_NOW in filters
        meant = 1  # for all; 0 = for whom the person named, 2 = for others
        if service.audience and people:
            meant = 2 if people.isdisjoint(service.audience) else 0
        return (
            service.status != "active",
            meant,
            -len(set(needs).intersection(service.needs)),
            open_now and standing(service, place, arrival, locale).rank,
            line and not service.phones,  # only a name: nobody can go or ring there
            near,
            _REACH.index(service.reach) if line else 0,
            bool(service.told),  # whoever tells nobody comes before whoever may
            bool(spoken and service.languages) and spoken.isdisjoint(service.languages),
            "" if line or place else title,
            min(service.needs.index(need) for need in needs if need in service.needs),
            standing(service, place, arrival, locale).rank,
            not (service.assured_date and service.assured_date >= day),
            metres,
            title,
            key,
        )

    beyond = all(band(one, place) == Band.BEYOND for one in here.values())
    return Results(tuple(sorted(here, key=rank)), bool(here and place and beyond))


def standing(service: Service, place: Place | None, now: datetime, locale: Locale) -> State:
    """Judge the hours of a service, at its nearest location if that has hours of its own."""
    location, _ = nearest(service, place)
    hours = (location.hours if location else ()) or service.hours
    return state(hours[0] if hours else "", service.closures, now, locale)


def nearest(service: Service, place: Place | None) -> tuple[Location | None, float | None]:
    """Give the location nearest to `place`, else the first, and the metres to it.

    A confidential service has none: its file names no place, and if one slips in it ends here.
    """
    if service.confidential:
        return None, None
    located = [(km(one.at, place.at), one) for one in service.locations if one.at and place]
    if not located:
        return next(iter(service.locations), None), None
    away, location = min(located, key=lambda pair: pair[0])
    return location, 1000 * away


def band(service: Service, place: Place | None) -> Band:
    """Tell how near a service is; without a place every located one counts as in the area."""
    location, metres = nearest(service, place)
    if location is None or location.at is None:
        return Band.LINE
    if metres is None:
        return Band.AREA
    if metres <= WALK and place and not place.wide:
        return Band.WALK
    return Band.NEAR if metres <= NEAR else Band.AREA if metres <= AREA else Band.BEYOND
