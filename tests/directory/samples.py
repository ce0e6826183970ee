"""A small county of its own, so that no test leans on the shipped book."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.directory.hours import spelling
from bot.directory.listing import PHRASES
from bot.directory.parse import Directory, parse
from bot.directory.schedule import Locale
from bot.directory.wording import Wording
from bot.problems import Problem
from bot.source import read
from bot.text.places import Place

LA = ZoneInfo("America/Los_Angeles")
LOCALE = Locale(LA, "US", "CA", "miles")
SPELLING = spelling(
    {
        "en": {"mon": "Mo", "monday": "Mo", "tue": "Tu", "wed": "We", "thu": "Th"}
        | {"fri": "Fr", "sat": "Sa", "sun": "Su"},
        "es": {"lun": "Mo", "mar": "Tu", "mie": "We", "jue": "Th", "vie": "Fr", "lunes": "Mo"}
        | {"viernes": "Fr", "martes": "Tu"},
    },
    {
        "en": {"24 hours": "24/7", "noon": "12:00", "midnight": "24:00", "daily": "Mo-Su"}
        | {"closed": "off", "holidays": "PH", "to": "-", "and": ",", "1st": "[1]", "3rd": "[3]"}
        | {"last": "[-1]", "of the month": " "},
        "es": {"de": " ", "a": "-", "y": ",", "mediodia": "12:00", "1er": "[1]"},
    },
)
HERE = Place("here", {"": "Here"}, at=(34.0, -118.0), km=1, areas=("here", "old-town"))
KM = 1 / 111.195
"""One kilometre north, in degrees."""


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """Give a local moment."""
    return datetime(year, month, day, hour, minute, tzinfo=LA)


def directory(*sources: str) -> tuple[Directory, list[Problem]]:
    """Parse files named a.yaml, b.yaml ... that hold `sources`."""
    documents = []
    for name, source in zip("abcdefgh", sources, strict=False):
        document, problems = read(f"{name}.yaml", source)
        assert document, problems
        documents.append(document)
    return parse(documents, SPELLING, "US")


def services(entries: Mapping[str, str]) -> Directory:
    """Make listed services from `id: fields`, a line of flow YAML without braces."""
    lines = [
        f"  {key}: {{organization: {key}, offer: listed, name: {key}, {fields}}}"
        for key, fields in entries.items()
    ]
    made, problems = directory("services:\n" + "\n".join(lines))
    assert not [problem for problem in problems if not problem.warning], problems
    return made


def north(km: float) -> str:
    """Give the field of a location `km` north of HERE."""
    return f"locations: [{{address: 1 Main St, at: [{34.0 + km * KM:.6f}, -118.0]}}]"


def wording(now: datetime, language: str = "en") -> Wording:
    """Speak in plain stand-ins: a phrase's value if it has one, else its name."""

    def phrase(name: str, **values: str) -> str:
        assert set(values) == set(PHRASES.get(name, "").split()), name
        if name.startswith("day-"):
            return name[4:].title()
        if name.startswith("time-"):
            return values["hour"] + name[5:]
        if name.startswith("distance-"):
            return values["number"] + " " + name[9:]
        return " ".join([name, *values.values()])

    return Wording(language, "en", LOCALE, now, phrase)
