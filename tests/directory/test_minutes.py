"""Every minute of the days on which clocks change, against a judge that knows only wall clocks.

The judge reads each schedule from a table of its own: weekday, first minute, last minute. It
asks the zone for the wall clock of each minute of UTC time; it adds and subtracts nothing.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from bot.directory.schedule import state
from tests.directory.samples import LA, LOCALE

DAY = 24 * 60
Spans = dict[int, list[tuple[int, int]]]
"""Weekday (Monday = 0) -> minutes of that day's wall clock, the second not included."""
EVERY = range(7)
SCHEDULES: dict[str, Spans] = {
    "Mo-Fr 09:00-17:00": {day: [(540, 1020)] for day in range(5)},
    "Sa-Su 00:30-03:15": {day: [(30, 195)] for day in (5, 6)},
    "Sa,Su 01:30-02:30": {day: [(90, 150)] for day in (5, 6)},
    "Su 02:00-03:00": {6: [(120, 180)]},
    "Mo-Su 22:00-04:00": {day: [(1320, DAY), (0, 240)] for day in EVERY},
    "Sa 20:00-02:30": {5: [(1200, DAY)], 6: [(0, 150)]},
    "Sa 10:00-12:00, Sa 13:00-18:00, Su 12:00-24:00": {
        5: [(600, 720), (780, 1080)],
        6: [(720, DAY)],
    },
}


def changes(first: int, last: int) -> Iterator[date]:
    """Give the days on which the zone's distance to UTC changes."""
    day = date(first, 1, 1)
    while day.year <= last:
        here = datetime(day.year, day.month, day.day, tzinfo=LA)
        if here.utcoffset() != (here + timedelta(days=1)).utcoffset():
            yield day
        day += timedelta(days=1)


@cache
def minutes(day: date) -> tuple[tuple[datetime, int, int], ...]:
    """Give each minute of a day and half of its neighbours: UTC, weekday and wall clock."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=6)
    found = []
    for nth in range(44 * 60):
        moment = start + timedelta(minutes=nth)
        here = moment.astimezone(LA)
        found.append((moment, here.weekday(), here.hour * 60 + here.minute))
    return tuple(found)


def jumps(moment: datetime) -> bool:
    """Say whether clocks change at this moment."""
    before = (moment - timedelta(minutes=1)).astimezone(LA)
    return before.utcoffset() != moment.astimezone(LA).utcoffset()


def twice(moment: datetime) -> bool:
    """Say whether this wall clock comes twice: a door that is shut by the judge in between."""
    here = moment.astimezone(LA)
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()


def judged(spans: Spans, weekday: int, minute: int) -> bool:
    """Say whether a wall clock shows an open minute."""
    return any(first <= minute < last for first, last in spans.get(weekday, ()))


def disagreements(days: Iterator[date] | list[date], step: int) -> list[tuple[str, datetime]]:
    """Give every minute at which we and the judge differ, open or not."""
    return [
        (hours, moment)
        for day in days
        for hours, spans in SCHEDULES.items()
        for moment, weekday, minute in minutes(day)[::step]
        if (state(hours, (), moment, LOCALE).kind == "open") != judged(spans, weekday, minute)
    ]


def test_minutes_of_two_years_changes_agree() -> None:
    """Around the changes of two years every third minute agrees with the judge."""
    days = [*changes(2026, 2027)]
    assert len(days) == 4
    assert disagreements(days, 3) == []


@pytest.mark.long
def test_every_minute_of_twelve_years_changes_agrees() -> None:
    """Around every change from 2024 to 2035 every minute agrees with the judge."""
    days = [*changes(2024, 2035)]
    assert len(days) == 24
    assert disagreements(days, 1) == []


def test_the_change_told_is_the_next_one_the_judge_sees() -> None:
    """What we say about when it opens or closes is the wall clock of the judge's next change."""
    for day in changes(2026, 2026):
        for hours, spans in SCHEDULES.items():
            line = [(moment, judged(spans, *wall)) for moment, *wall in minutes(day)]
            # A clock set back into a span closes no door, whatever the judge says.
            turns = [b[0] for a, b in pairwise(line) if a[1] != b[1] and not jumps(b[0])]
            for moment, _ in line[::37]:
                following = next((turn for turn in turns if turn > moment), None)
                told = state(hours, (), moment, LOCALE).at
                if following and not twice(moment):
                    assert told
                    wall = following.astimezone(LA).replace(tzinfo=None, fold=0)
                    assert told.replace(tzinfo=None, fold=0) == wall, (hours, moment)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York", "nowhere"])
def test_the_machines_own_zone_does_not_matter(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine set to another zone tells the same state at the same moment."""
    moments = [moment for moment, *_ in minutes(date(2026, 11, 1))[::50]]
    before = [state("Mo-Su 22:00-04:00", (), moment, LOCALE) for moment in moments]
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        assert [state("Mo-Su 22:00-04:00", (), moment, LOCALE) for moment in moments] == before
    finally:
        monkeypatch.undo()
        time.tzset()
