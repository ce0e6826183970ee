"""When a service is open: OSM opening_hours and closures, judged at a moment in local time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours
from opening_hours import State as Judged

from bot.directory.model import Closure

SOON = timedelta(minutes=60)
"""What still counts as opening soon."""
HORIZON = timedelta(days=62)
"""How far ahead an opening is looked for: past it we say closed."""


@dataclass(frozen=True)
class Locale:
    """Where the directory is: what times, holidays and distances mean there."""

    timezone: ZoneInfo
    country: str
    """ISO 3166 code, for public holidays and phone numbers."""
    subdivision: str = ""
    units: Literal["miles", "km"] = "km"


Kind = Literal["always", "open", "opens", "closed", "closed-until", "unknown"]


@dataclass(frozen=True)
class State:
    """How a service stands at one moment, and when that changes."""

    kind: Kind
    at: datetime | None = None
    """Local. open: until then; opens: from then; closed-until: its first moment after."""
    soon: bool = False
    """It opens within SOON."""

    @property
    def rank(self) -> int:
        """Order for results: open, opening soon, unknown, closed."""
        return {"always": 0, "open": 0, "unknown": 2}.get(self.kind, 1 if self.soon else 3)


@lru_cache(maxsize=2048)
def _compiled(hours: str, timezone: ZoneInfo, country: str) -> OpeningHours:
    return OpeningHours(hours, timezone=timezone, country=country)


def state(hours: str, closures: Sequence[Closure], now: datetime, locale: Locale) -> State:
    """Judge canonical `hours` (empty = unknown) at `now`, an aware datetime; closures win."""
    here = now.astimezone(locale.timezone)
    reopening = _reopening(here, closures)
    spans = _spans(hours, closures, here, locale) if hours else iter(())
    if reopening:
        opens = next((start for start, end in spans if end > reopening), reopening)
        return State("closed-until", max(opens, reopening))
    if not hours:
        return State("unknown")
    schedule = _compiled(hours, locale.timezone, locale.country)
    if schedule.is_unknown(here):
        return State("unknown")
    if schedule.is_open(here) and not closures and schedule.next_change(here) is None:
        return State("always")
    span = next(spans, None)
    if span is None:
        return State("closed")
    if span[0] <= here:
        ends = span[1] - here < HORIZON
        return State("open", span[1]) if ends else State("always")
    # Two wall clocks of one zone subtract without the hour that a change of clocks takes.
    wait = span[0].timestamp() - here.timestamp()
    return State("opens", span[0], soon=wait <= SOON.total_seconds())


def _reopening(here: datetime, closures: Sequence[Closure]) -> datetime | None:
    """Give midnight after the closures that hold `here`, one running into the next."""
    day = here.date()
    for closure in sorted(closures, key=lambda one: one.start):
        if closure.start <= day <= closure.end:
            day = closure.end + timedelta(days=1)
    return None if day == here.date() else datetime.combine(day, time(), here.tzinfo)


def _spans(
    hours: str, closures: Sequence[Closure], here: datetime, locale: Locale
) -> Iterator[tuple[datetime, datetime]]:
    """Give the open stretches from `here` on, joined where they touch, closures cut out."""
    held: tuple[datetime, datetime] | None = None
    schedule = _compiled(hours, locale.timezone, locale.country)
    for start, end, judged, _ in schedule.intervals(here, here + HORIZON):
        if judged != Judged.OPEN:
            continue
        for piece in _without(start, end, closures):
            if held and held[1] == piece[0]:
                held = (held[0], piece[1])
            else:
                if held:
                    yield held
                held = piece
    if held:
        yield held


def _without(
    start: datetime, end: datetime, closures: Sequence[Closure]
) -> Iterator[tuple[datetime, datetime]]:
    for closure in sorted(closures, key=lambda one: one.start):
        shut = datetime.combine(closure.start, time(), start.tzinfo)
        again = datetime.combine(closure.end + timedelta(days=1), time(), start.tzinfo)
        if shut < end and start < again:
            if start < shut:
                yield start, shut
            start = again
    if start < end:
        yield start, end
