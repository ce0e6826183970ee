"""Where two streets meet, worked out from points along each of them."""

import math
from dataclasses import dataclass
from itertools import pairwise, product

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS84)."""

KM_PER_DEGREE = 111.2
REACH = 0.3
"""How far from the end of a drawn street its crossings may lie, in km."""
BLUR = 0.2
"""How far a crossing read from points with three decimals may be off, in km."""
APART = 1.0


def km(a: Point, b: Point) -> float:
    """Give the distance in km; flat-earth, good to 0.1 % inside one county."""
    x, y = _flat(b, a)
    return math.hypot(x, y)


@dataclass(frozen=True)
class Street:
    """A street: its name and one or more stretches of it, each a line of points."""

    id: str
    name: str
    lines: tuple[tuple[Point, ...], ...]


def meeting(one: Street, other: Street) -> Point | None:
    """Give the one point where two streets meet; None when they never do, or in several places."""
    near: list[tuple[float, Point]] = []
    for a_line, b_line in product(one.lines, other.lines):
        for a, b in product(pairwise(a_line), pairwise(b_line)):
            distance, point = _approach(a, b) if _beside(a, b) else (APART, a[0])
            if distance <= REACH:
                near.append((distance, point))
    if not near:
        return None
    best, where = min(near)
    # Many names run in several cities, and neighbours run side by side: then we must ask.
    rivals = (point for distance, point in near if distance <= best + 0.1)
    return None if any(km(where, point) > APART for point in rivals) else where


def _flat(point: Point, origin: Point) -> Point:
    shrink = math.cos(math.radians(origin[0]))
    east = (point[1] - origin[1]) * KM_PER_DEGREE * shrink
    return east, (point[0] - origin[0]) * KM_PER_DEGREE


def _beside(a: tuple[Point, Point], b: tuple[Point, Point]) -> bool:
    # A hundredth of a degree is wider than REACH; this spares nearly all of the arithmetic.
    return all(
        min(a[axis] for a in one) - 0.01 <= max(b[axis] for b in other)
        for one, other in ((a, b), (b, a))
        for axis in (0, 1)
    )


def _approach(a: tuple[Point, Point], b: tuple[Point, Point]) -> tuple[float, Point]:
    crossed = _crossed(a, b)
    if crossed:
        return 0.0, crossed
    ends = [(a[0], b), (a[1], b), (b[0], a), (b[1], a)]
    return min(_from_line(end, line) for end, line in ends)


def _crossed(a: tuple[Point, Point], b: tuple[Point, Point]) -> Point | None:
    (ay, ax), (by, bx), (cy, cx), (dy, dx) = *a, *b
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if not turn:
        return None
    along_a = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
    along_b = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
    if not (0 <= along_a <= 1 and 0 <= along_b <= 1):
        return None
    return ay + along_a * (by - ay), ax + along_a * (bx - ax)


def _from_line(point: Point, line: tuple[Point, Point]) -> tuple[float, Point]:
    start, end = line
    px, py = _flat(point, start)
    ex, ey = _flat(end, start)
    length = ex * ex + ey * ey
    along = max(0.0, min(1.0, (px * ex + py * ey) / length)) if length else 0.0
    return math.hypot(px - along * ex, py - along * ey), point
