"""Open or not, at one moment in one county."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.model import Closure
from bot.directory.schedule import Kind, state
from tests.directory.samples import LA, LOCALE, at

HOLIDAYS = Closure(start=date(2026, 12, 24), end=date(2027, 1, 3))
WEEK = "Mo-Fr 09:00-17:00; PH off"


@pytest.mark.parametrize(
    ("hours", "now", "kind", "change", "soon"),
    [
        ("", at(2026, 11, 23), "unknown", None, False),
        ("Mo unknown", at(2026, 11, 23), "unknown", None, False),
        ("24/7", at(2026, 11, 23), "always", None, False),
        ("Mo-Su 00:00-24:00", at(2026, 11, 23), "always", None, False),
        (WEEK, at(2026, 11, 23, 10), "open", at(2026, 11, 23, 17), False),
        (WEEK, at(2026, 11, 23, 8, 1), "opens", at(2026, 11, 23, 9), True),
        (WEEK, at(2026, 11, 23, 8), "opens", at(2026, 11, 23, 9), True),
        (WEEK, at(2026, 11, 23, 7, 59), "opens", at(2026, 11, 23, 9), False),
        (WEEK, at(2026, 11, 23, 17), "opens", at(2026, 11, 24, 9), False),
        (WEEK, at(2026, 11, 25, 18), "opens", at(2026, 11, 27, 9), False),
        (WEEK, at(2026, 11, 26, 10), "opens", at(2026, 11, 27, 9), False),
        ("24/7; PH off", at(2026, 11, 23), "open", at(2026, 11, 26, 0), False),
        ("Mo 09:00-12:00,13:00-17:00", at(2026, 11, 23), "opens", at(2026, 11, 23, 13), True),
        ("Mo 09:00-12:00,12:00-17:00", at(2026, 11, 23, 10), "open", at(2026, 11, 23, 17), False),
        ("Fr 20:00-02:00", at(2026, 11, 28, 1), "open", at(2026, 11, 28, 2), False),
        ("Tu[1] 17:00-19:00", at(2026, 11, 24, 17), "opens", at(2026, 12, 1, 17), False),
        ("Tu[-1] 17:00-19:00", at(2026, 11, 24, 18), "open", at(2026, 11, 24, 19), False),
        ("PH off", at(2026, 11, 23), "closed", None, False),
        ("2020 Mo 10:00-12:00", at(2026, 11, 23), "closed", None, False),
    ],
)
def test_the_state_says_when_it_changes(
    hours: str,
    now: datetime,
    kind: Kind,
    change: datetime | None,
    soon: bool,  # noqa: FBT001
) -> None:
    """Spans, nights, n-th weekdays and holidays give a state and its next change."""
    found = state(hours, (), now, LOCALE)
    assert (found.kind, found.at, found.soon) == (kind, change, soon)


@pytest.mark.parametrize(
    ("hours", "now", "utc", "soon"),
    [
        ("Sa 22:00-04:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC), (3, 8, 11), False),
        ("Su 03:00-05:00", datetime(2026, 3, 8, 9, 30, tzinfo=UTC), (3, 8, 10), True),
        ("Sa 22:00-04:00", datetime(2026, 11, 1, 6, 0, tzinfo=UTC), (11, 1, 12), False),
        ("Su 03:00-05:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC), (11, 1, 11), False),
        ("Su 03:00-05:00", datetime(2026, 11, 1, 9, 30, tzinfo=UTC), (11, 1, 11), False),
        ("Su 03:00-05:00", datetime(2026, 11, 1, 10, 0, tzinfo=UTC), (11, 1, 11), True),
    ],
)
def test_hours_keep_the_wall_clock_when_clocks_change(
    hours: str,
    now: datetime,
    utc: tuple[int, int, int],
    soon: bool,  # noqa: FBT001
) -> None:
    """On both days of the change the hour on the wall holds, and waits are real minutes."""
    found = state(hours, (), now, LOCALE)
    assert found.at
    assert found.at.astimezone(UTC) == datetime(2026, *utc, tzinfo=UTC)
    assert found.soon is soon


@pytest.mark.parametrize(
    ("hours", "now", "kind", "change"),
    [
        ("24/7", at(2026, 11, 23), "open", at(2026, 12, 24, 0)),
        ("24/7", at(2026, 12, 24, 0), "closed-until", at(2027, 1, 4, 0)),
        (WEEK, at(2026, 12, 23, 18), "opens", at(2027, 1, 4, 9)),
        (WEEK, at(2026, 12, 30), "closed-until", at(2027, 1, 4, 9)),
        ("", at(2026, 12, 30), "closed-until", at(2027, 1, 4, 0)),
        ("", at(2027, 1, 4, 0), "unknown", None),
        ("We 20:00-02:00", at(2026, 12, 23, 21), "open", at(2026, 12, 24, 0)),
        ("We 20:00-02:00", at(2026, 12, 24, 1), "closed-until", at(2027, 1, 6, 20)),
    ],
)
def test_a_closure_wins_over_the_hours(
    hours: str, now: datetime, kind: Kind, change: datetime | None
) -> None:
    """Both days of a closure count, and the change named is one at which a door opens."""
    found = state(hours, (HOLIDAYS,), now, LOCALE)
    assert (found.kind, found.at) == (kind, change)


def test_closures_that_meet_are_one() -> None:
    """A closure that runs into the next is over when the last one is."""
    later = Closure(start=date(2027, 1, 4), end=date(2027, 1, 9))
    found = state("24/7", (later, HOLIDAYS), at(2026, 12, 30), LOCALE)
    assert found.at == at(2027, 1, 10, 0)


@given(
    st.sampled_from([WEEK, "Fr 20:00-02:00", "Tu[1] 17:00-19:00", "Sa 22:00-04:00", "24/7"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 zoned below
    st.booleans(),
)
def test_a_change_lies_ahead_and_is_one(hours: str, naive: datetime, closed: bool) -> None:  # noqa: FBT001
    """Until the moment named the state holds, and at that moment it is another."""
    now = naive.replace(tzinfo=LA)
    closures = (HOLIDAYS,) if closed else ()
    found = state(hours, closures, now, LOCALE)
    if found.at:
        assert found.at.timestamp() > now.timestamp()
        after = state(hours, closures, found.at, LOCALE)
        assert (after.rank == 0) is not (found.rank == 0)
