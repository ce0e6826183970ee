"""What funders see: weeks of counts in which nobody can be found, by any arithmetic."""

import xml.etree.ElementTree as ET
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import stats
from bot.stats import LEAST, OUTCOMES, TOTAL, Cell, Table, protect, table

ROWS = st.sampled_from(["beds", "clinic", "food", "lawyer", "needles"])
SMALL = st.one_of(st.integers(0, 14), st.integers(0, 80))
COUNTS = st.dictionaries(st.tuples(ROWS, st.sampled_from(OUTCOMES)), SMALL, max_size=15)


def solved(given_: Table) -> set[Cell]:
    """Give the hidden cells that sums tell: Gauss's elimination over all lines of the table."""
    unknown = sorted(given_.hidden)
    rows: list[list[Fraction]] = []
    lines = [[(row, one) for one in given_.columns] for row in given_.rows]
    lines += [[(one, column) for one in given_.rows] for column in given_.columns]
    for line in lines:
        sign = {cell: -1 if cell is line[-1] else 1 for cell in line}
        rows.append([Fraction(sign.get(cell, 0)) for cell in unknown])
    for column in range(len(unknown)):
        pivot = next((r for r in rows if r[column] and not any(r[:column])), None)
        for row in rows:
            if pivot and row is not pivot and row[column]:
                factor = row[column] / pivot[column]
                row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    alone = [row for row in rows if sum(map(bool, row)) == 1]
    return {unknown[at] for row in alone for at, value in enumerate(row) if value}


@given(COUNTS)
@settings(max_examples=150)
def test_small_counts_cannot_be_worked_out(counts: dict[Cell, int]) -> None:
    """No cell under ten is shown, none hidden follows from sums, no sum of hidden ones is small."""
    shown = table(counts, OUTCOMES)
    protect(shown)
    assert all(not 0 < n < LEAST for cell, n in shown.cells.items() if cell not in shown.hidden)
    assert not solved(shown)
    for row in shown.rows:
        inner = [n for (one, column), n in shown.cells.items() if one == row and column != TOTAL]
        hidden = [
            shown.cells[row, one]
            for one in shown.columns[:-1]
            if (row, one) in shown.hidden and (row, TOTAL) not in shown.hidden
        ]
        assert len(inner) == len(OUTCOMES)
        assert not 0 < sum(hidden) < LEAST


@given(st.dictionaries(st.tuples(ROWS, st.sampled_from("MTW"), st.sampled_from(OUTCOMES)), SMALL))
@settings(max_examples=100)
def test_tables_of_one_week_hide_the_same_sums(counts: dict[tuple[str, str, str], int]) -> None:
    """A sum hidden in one table is not to be read in the other, nor worked out in either."""
    one, other = Counter[Cell](), Counter[Cell]()
    for (need, day, outcome), count in counts.items():
        one[need, outcome] += count
        other[need, day] += count
    both = table(one, OUTCOMES), table(other, "MTW")
    protect(*both)
    sums = [{cell for cell in each.hidden if cell[1] == TOTAL} for each in both]
    assert sums[0] == sums[1]
    assert not solved(both[0])
    assert not solved(both[1])


def test_large_counts_are_shown_as_they_are() -> None:
    """Nothing is hidden where everybody stands in a crowd."""
    shown = table({("beds", "met"): 40, ("beds", "closed"): 12, ("food", "nothing"): 10}, OUTCOMES)
    protect(shown)
    assert not shown.hidden
    assert shown.cells[TOTAL, TOTAL] == 62


def test_a_week_reads_as_a_report() -> None:
    """The headline is the unmet need; small areas are left out; the chart shows no hidden cell."""
    days = {day.isoformat(): {"beds met": 20, "beds closed": 11} for day in stats.days("2026-W47")}
    days["2026-11-22"] = {
        "beds met": 20,
        "beds nothing": 30,
        "food met": 13,
        "food closed": 22,
        "id met": 3,
    }
    week = {"westlake": 31, "norwalk": 9, "watts": 12}
    lines, chart = stats.report("2026-W47", days | {"2026-W47": week}, {"beds": "A bed"})
    assert lines[0] == (
        "Week 2026-W47: 274 searches. Unmet: 88 found only what was closed, 30 found nothing near."
    )
    text = "\n".join(lines)
    assert "A bed" in text
    assert text.index("    31  westlake") < text.index("    12  watts")
    assert "norwalk" not in text
    drawn = [one.text for one in ET.fromstring(chart).iter() if one.tag.endswith("title")]
    assert drawn
    assert {int(str(one).split()[-1]) for one in drawn} <= {0, 66, 22, 30}


@pytest.mark.parametrize("week", ["", "2026", "2026-W54", "2025-W53", "2026-11-22", "x"])
def test_what_is_no_week_has_no_days(week: str) -> None:
    """Only a week of the calendar has days."""
    assert stats.days(week) == []
