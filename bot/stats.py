"""Counts for those who pay for the line: tables and a chart in which nobody can be found.

Cells under LEAST are hidden, and as many others as it takes that none of these can be worked
out from sums. Only whole weeks are shown: two reports a day apart could be subtracted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from html import escape

LEAST = 10
"""Fewer people are not told; the US Centers for Medicare & Medicaid Services use 11."""
TOTAL = "total"
HIDDEN = "-"
OTHERS = "others"
OUTCOMES = ("met", "closed", "nothing")
UNMET = OUTCOMES[1:]
Cell = tuple[str, str]
"""A row and a column."""


@dataclass
class Table:
    """Counts by row and column; a table of several columns has sums at its ends."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[Cell, int]
    hidden: set[Cell] = field(default_factory=set)

    def shown(self, row: str, column: str) -> str:
        """Give a cell as it may be told."""
        return HIDDEN if (row, column) in self.hidden else str(self.cells[row, column])


def table(counts: Mapping[Cell, int], columns: Iterable[str]) -> Table:
    """Make a table with its sums; nothing is hidden yet."""
    rows, columns = (*sorted({row for row, _ in counts}), TOTAL), (*columns, TOTAL)
    cells = dict.fromkeys(((row, column) for row in rows for column in columns), 0)
    for (row, column), count in counts.items():
        for cell in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            cells[cell] += count
    return Table(rows, columns, cells)


def protect(*tables: Table) -> None:
    """Hide what must be in tables that have the same rows and sums of rows."""
    before = -1
    while before != (now := sum(len(one.hidden) for one in tables)):
        before = now
        shared = {cell for one in tables for cell in one.hidden if cell[1] == TOTAL}
        for one in tables:
            one.hidden |= (shared & one.cells.keys()) | {
                cell for cell, n in one.cells.items() if 0 < n < LEAST
            }
            while weak := next(filter(None, map(partial(_weak, one), sorted(one.hidden))), None):
                one.hidden.add(weak)


def _weak(given: Table, cell: Cell) -> Cell | None:
    """Give a cell to hide beside one that sums tell, alone or as a small sum of a few."""
    row = [(cell[0], column) for column in given.columns]
    column = [(one, cell[1]) for one in given.rows]
    told = not _around(given.hidden - {cell}, cell)
    for line in (row, column):
        inner = sum(given.cells[one] for one in line[:-1] if one in given.hidden)
        few = line[-1] not in given.hidden and 0 < inner < LEAST
        open_ones = [one for one in line if one not in given.hidden]
        if open_ones and (told or few):
            return min(open_ones, key=lambda one: (not given.cells[one], given.cells[one]))
    return None


def _around(hidden: set[Cell], cell: Cell) -> bool:
    """Say whether hidden cells lead from the row of `cell` back to its column."""
    # Each line is an equation, each hidden cell an unknown in two: one on no circle is solved.
    rows, columns = {cell[0]}, set[str]()
    while True:
        columns |= {column for row, column in hidden if row in rows}
        more = {row for row, column in hidden if column in columns}
        if more <= rows:
            return cell[1] in columns
        rows |= more


def lines(given: Table, names: Mapping[str, str]) -> list[str]:
    """Give a table as text, its rows by name."""
    width = max((len(names.get(row, row)) for row in given.rows), default=0)
    head = " " * width + "".join(f"{column:>9}" for column in given.columns)
    return [head] + [
        f"{names.get(row, row):{width}}"
        + "".join(f"{given.shown(row, column):>9}" for column in given.columns)
        for row in given.rows
    ]


def chart(given: Table, names: Mapping[str, str], title: str, unmet: Iterable[str]) -> str:
    """Draw bars of the unmet columns by row, as SVG; hidden cells have no bar."""
    colours = dict(zip(unmet, ("#b3541e", "#e0a458"), strict=True))
    longest = max((n for cell, n in given.cells.items() if cell not in given.hidden), default=0)
    drawn = [f'<text x="0" y="18" font-weight="bold">{escape(title)}</text>']
    for nth, row in enumerate(given.rows[:-1]):
        y, x = 34 + 22 * nth, 200.0
        drawn.append(f'<text x="0" y="{y + 12}">{escape(names.get(row, row))}</text>')
        for column, colour in colours.items():
            if (row, column) not in given.hidden:
                wide = 380 * given.cells[row, column] / max(longest, 1)
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="14" fill="{colour}">'
                    f"<title>{escape(column)}: {given.cells[row, column]}</title></rect>"
                )
                x += wide
    size = 34 + 22 * len(given.rows)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{size}" font-size="12"'
    return "\n".join([f'{opening} font-family="sans-serif">', *drawn, "</svg>", ""])


def day_of(moment: datetime) -> tuple[str, str]:
    """Give the periods in which a local moment is counted: its day and its week (ISO 8601)."""
    return f"{moment:%Y-%m-%d}", f"{moment:%G-W%V}"


def days(week: str) -> list[date]:
    """Give the seven days of a week written as 2026-W47; none for anything else."""
    try:
        monday = date.fromisoformat(f"{week}-1")
    except ValueError:
        return []
    return [monday + timedelta(nth) for nth in range(7)]


def report(
    week: str, counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> tuple[list[str], str]:
    """Give a week's tables as lines, and its chart; `counts` are by period, then by name.

    In a day's counts a name is a need and an outcome with a space between, in a week's an area.
    """
    daily, outcomes, asked = Counter[Cell](), Counter[Cell](), Counter[str]()
    told = [(day, name, n) for day in days(week) for name, n in counts[str(day)].items()]
    for _, name, count in told:
        asked[name.split()[0]] += count
    for day, name, count in told:
        need, outcome = name.split()
        # Rare needs together say more than a row of hidden cells each.
        row = need if asked[need] >= LEAST else OTHERS
        daily[row, f"{day:%a}"] += count
        outcomes[row, outcome] += count
    by_outcome = table(outcomes, OUTCOMES)
    by_day = table(daily, [f"{day:%a}" for day in days(week)])
    protect(by_outcome, by_day)
    unmet = [by_outcome.shown(TOTAL, column) for column in UNMET]
    head = (
        f"Week {week}: {by_outcome.shown(TOTAL, TOTAL)} searches. "
        f"Unmet: {unmet[0]} found only what was closed, {unmet[1]} found nothing near."
    )
    areas = Counter({area: n for area, n in counts[week].items() if n >= LEAST}).most_common()
    where = [f"{n:6}  {names.get(area, area)}" for area, n in areas]
    foot = f"{HIDDEN} = fewer than {LEAST}, or such a number could be worked out from it."
    text = [head, "", *lines(by_outcome, names), "", *lines(by_day, names), "", *where, "", foot]
    return text, chart(by_outcome, names, f"Unmet need, {week}", UNMET)
