"""Where two streets meet, worked out from points along each of them."""

import math
from dataclasses import dataclass
from itertools import pairwise, product

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS84)."""
Stretch = tuple[Point, Point]

KM_PER_DEGREE = 111.2
REACH = 0.3
"""How far from the end of a drawn street its crossings may lie, in km."""
BLUR = 0.2
"""How far a crossing read from points with three decimals may be off, in km."""
APART = 1.0


def km(a: Point, b: Point) -> float:
    """Give the distance in km; flat-earth, good to 0.1 % inside one county."""
    return abs(_flat(b, a))


@dataclass(frozen=True)
class Street:
    """A street: its name and one or more stretches of it, each a line of points."""

    id: str
    name: str
    lines: tuple[tuple[Point, ...], ...]
    asks: tuple[str, ...] = ()
    """Places to offer when only this street is named."""


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


def _flat(point: Point, origin: Point) -> complex:
    """Lay a point on a plane: km east of the origin, and north as the imaginary part."""
    east = (point[1] - origin[1]) * math.cos(math.radians(origin[0]))
    return KM_PER_DEGREE * complex(east, point[0] - origin[0])


def _beside(a: Stretch, b: Stretch) -> bool:
    # A hundredth of a degree is wider than REACH; this spares nearly all of the arithmetic.
    return all(
        min(one[0][axis], one[1][axis]) - 0.01 <= max(other[0][axis], other[1][axis])
        for one, other in ((a, b), (b, a))
        for axis in (0, 1)
    )


def _approach(a: Stretch, b: Stretch) -> tuple[float, Point]:
    """Give how close two stretches come, in km, and where."""
    start, way = _flat(b[0], a[0]), _flat(a[1], a[0])
    # Turned so that `a` runs from 0 to 1 along the real axis, `b` crosses where it is real.
    c, d = start / way, _flat(b[1], a[0]) / way
    if c.imag * d.imag <= 0 and c.imag != d.imag:
        along = (c + (d - c) * c.imag / (c.imag - d.imag)).real
        if 0 <= along <= 1:
            return 0.0, (
                a[0][0] + along * (a[1][0] - a[0][0]),
                a[0][1] + along * (a[1][1] - a[0][1]),
            )
    return min((_off(end, line), end) for ends, line in ((a, b), (b, a)) for end in ends)


def _off(point: Point, line: Stretch) -> float:
    """Give the km from a point to a stretch."""
    here, way = _flat(point, line[0]), _flat(line[1], line[0])
    return abs(here - way * max(0.0, min(1.0, (here / way).real)))
