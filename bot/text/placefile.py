"""The places file and the words around places, as staff write them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.source import Shape, Text, Words
from bot.source.shape import Names
from bot.text.crossings import Point


def _stretches(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        lines = [[_point(part) for part in line.split(",")] for line in value.split(";")]
    except ValueError:
        lines = [[]]
    if any(len(line) < 2 for line in lines):
        raise ValueError("A line is two or more points: `34.06 -118.31, 34.05 -118.30`.")
    return lines


def _point(text: str) -> Point:
    lat, lon = text.split()
    return float(lat), float(lon)


class Bounds(Shape):
    """The rectangle every position must lie in, in degrees."""

    south: float
    north: float
    west: float
    east: float


class AreaEntry(Shape):
    """An area that is not itself a place people name, such as a jurisdiction."""

    name: Text
    within: Names = ()


class PlaceEntry(Shape):
    """A place people name."""

    name: Text
    at: tuple[float, float]
    """Latitude and longitude in degrees (WGS84)."""
    km: float
    """How far from `at` people who name it may be."""
    within: Names = ()
    """Areas or places it lies in."""
    also: Words = Field(default_factory=dict)
    """Other names people type, any spelling."""
    alone: Words = Field(default_factory=dict)
    """Names too common to count unless we asked where they are."""
    common: bool = False
    """yes = its name is an everyday word: it counts when asked, or after "in" or "near"."""
    wide: bool = False


class StreetEntry(Shape):
    """A street; any two of them make a crossing."""

    name: str
    also: Words = Field(default_factory=dict)
    line: Annotated[
        tuple[tuple[Point, ...], ...],
        BeforeValidator(_stretches),
        WithJsonSchema({"type": "string"}),
    ]
    """Points along it, `34.06 -118.31, 34.05 -118.30`; `;` starts another stretch."""


class PlacesFile(Shape):
    """The whole places file."""

    bounds: Bounds
    zip_km: float
    zip_range: tuple[str, str]
    """First and last ZIP there can be anywhere, to tell one elsewhere from a slip."""
    areas: dict[str, AreaEntry] = Field(default_factory=dict)
    places: dict[str, PlaceEntry]
    streets: dict[str, StreetEntry] = Field(default_factory=dict)
    ask: dict[str, Names] = Field(default_factory=dict)
    """Names that may mean several places, and the places to offer."""
    outside: tuple[Names, ...] = ()
    """Places people name that we do not serve."""


class PlaceWords(Shape):
    """The small words around a place."""

    before: Words = Field(default_factory=dict)
    """near, in, at ..."""
    here: Words = Field(default_factory=dict)
    """near me, here ..."""
    unsure: Words = Field(default_factory=dict)
    """Answers that give no place: idk ..."""
    join: Words = Field(default_factory=dict)
    """Between two street names: and, x ..."""
    suffixes: Words = Field(default_factory=dict)
    """street, ave ..."""
    articles: Words = Field(default_factory=dict)
    """Stand before a street name and mean nothing: the, west ..."""
