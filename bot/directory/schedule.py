"""When a service is open: OSM opening_hours and closures, judged at a moment in local time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours

from bot.directory.model import Closure

SOON = timedelta(minutes=60)
"""What still counts as opening soon."""


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


_compiled = lru_cache(maxsize=2048)(OpeningHours)


def state(hours: str, closures: Sequence[Closure], now: datetime, locale: Locale) -> State:
    """Judge canonical `hours` (empty = unknown) at `now`, an aware datetime; closures win."""
    # Only the wall clock counts; the library shuts every door in the last minute of the first
    # pass of the hour that comes twice (opening-hours-py 2.1.4), so the second is asked for.
    here = now.astimezone(locale.timezone).replace(fold=1)
    shut = [f"{one.start:%Y %b %d}-{one.end:%Y %b %d} off" for one in closures]
    whole = "; ".join([hours or "unknown", *shut])
    schedule = _compiled(whole, timezone=locale.timezone, country=locale.country)
    change = schedule.next_change(here)
    if schedule.is_unknown(here):
        return State("unknown")
    if schedule.is_open(here):
        return State("open", change) if change else State("always")
    if change and any(one.start <= here.date() <= one.end for one in closures):
        return State("closed-until", change)
    if not change or not schedule.is_open(change):
        return State("closed")
    # Two wall clocks of one zone subtract without the hour that a change of clocks takes.
    wait = change.timestamp() - now.timestamp()
    return State("opens", change, soon=wait <= SOON.total_seconds())
