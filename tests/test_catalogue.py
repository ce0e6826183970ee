"""The directory against the checked catalogue, row by row."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.directory.model import DirectoryFile, Service
from bot.source import fit, read

CATALOGUE = Path(__file__).parents[2] / "shared" / "catalogue"
FOLDER = Path(__file__).parents[1] / "flows" / "directory"

needs_catalogue = pytest.mark.skipif(
    not CATALOGUE.is_dir(), reason="the catalogue is not beside this checkout"
)

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    """Give the rows of one catalogue file with every scalar as text; none when it is absent."""
    path = CATALOGUE / name
    if not path.is_file():
        return []
    found = yaml.BaseLoader(path.read_text("utf-8")).get_single_data()
    return [{key: "" if value == "null" else value for key, value in row.items()} for row in found]


SEEDS = rows("services.yaml")
REPLACEMENTS = rows("replacements.yaml")


def each(found: list[Row]) -> pytest.MarkDecorator:
    """Run a test once per row; with no catalogue there are no rows and the test is skipped."""
    return pytest.mark.parametrize("row", found, ids=[row["id"] for row in found])


def load() -> dict[str, Service]:
    """Give every service that ships, by id."""
    found: dict[str, Service] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        document, problems = read(path.name, path.read_bytes())
        assert document is not None, problems
        fitted, misfits = fit(DirectoryFile, document)
        assert fitted is not None, misfits
        found |= fitted.services
    return found


SERVICES = load()
WRITTEN = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml")))

NUMBER = re.compile(
    r"(?<![\d-])(?:\d{3}-\d{3}-(?:\d{4}|[A-Z]{4})|\d{5,6}|\d{3}(?=$|;| or ))(?![\d-])"
)


def numbers(words: str) -> set[str]:
    """Give the telephone numbers and short codes in a catalogue cell."""
    return set(NUMBER.findall(words))


def checked(row: Row) -> set[str]:
    """Give the numbers of a row that were found outside the seed."""
    return numbers(row["phone_checked"]) | numbers(row["text_checked"])


def dialed(service: Service) -> set[str]:
    """Give the numbers a service hands out."""
    return {phone.number for phone in service.phones}


EVERY_CHECKED = {number for row in SEEDS for number in checked(row)} | {
    number for row in REPLACEMENTS for number in numbers(row["phone"]) | numbers(row["text"])
}

OFFERS = {
    "list": "listed",
    "list-corrected": "listed",
    "list-no-phone": "listed",
    "reporting-only": "listed",
    "info-only": "info",
    "named-lookup-only": "by-name",
    "never": "never",
}


def serve(row: Row) -> str:
    """Give the catalogue's advice without the remark behind it."""
    return str(row["serve"].split(" ")[0])


@needs_catalogue
def test_the_catalogue_is_whole() -> None:
    """The rows walked below are all of them."""
    assert len(SEEDS) == 84
    assert len(REPLACEMENTS) == 31


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("211 or 800-339-6993", {"211", "800-339-6993"}),
        ("311; outside city 213-473-3231", {"311", "213-473-3231"}),
        ("911", {"911"}),
        ("233733 (seed keywords: HELP)", {"233733"}),
        ("213-555-HELP (=213-555-4357)", {"213-555-HELP", "213-555-4357"}),
        ("12401 Washington Blvd, 90602", {"12401", "90602"}),
        ("", set()),
    ],
)
def test_numbers_are_found_in_a_cell(words: str, found: set[str]) -> None:
    """The pattern that the walk relies on sees short and long numbers alike."""
    assert numbers(words) == found


@each(SEEDS)
def test_each_row_is_offered_as_the_catalogue_says(row: Row) -> None:
    """Each row is represented, and offered as its `serve` says."""
    assert SERVICES[row["id"]].offer == OFFERS[serve(row)]


@each([row for row in SEEDS if OFFERS[serve(row)] == "listed"])
def test_a_listed_row_gives_exactly_what_was_checked(row: Row) -> None:
    """A listed row has every checked number and no other, and no place but a checked one."""
    service = SERVICES[row["id"]]
    assert dialed(service) == checked(row)
    if serve(row) == "list-no-phone":
        assert not service.phones
        assert service.instead
    for place in service.locations:
        assert place.address.split(",")[0] in row["address_checked"]
        assert place.zip in row["address_checked"]
        assert place.at == (float(row["lat"]), float(row["lon"]))
    assert service.website in {"", *row["web_checked"].split(" ; ")}


@each([row for row in SEEDS if OFFERS[serve(row)] in {"by-name", "never", "info"}])
def test_a_row_not_listed_holds_no_way_there(row: Row) -> None:
    """A row not listed carries no number, place or hours; its checked lines stand in for it."""
    service = SERVICES[row["id"]]
    assert not service.phones
    assert not service.locations
    assert not service.hours
    assert not service.needs
    if serve(row) in {"never", "named-lookup-only"}:
        assert not service.website
        assert service.instead
    given = {number for other in service.instead for number in dialed(SERVICES[other])}
    # Checked numbers on such a row are those of the services that replace it.
    assert checked(row) <= given


@each([row for row in SEEDS if serve(row) == "reporting-only"])
def test_a_reporting_row_serves_reports_only(row: Row) -> None:
    """The police and the City are given to residents who report, and to nobody else."""
    service = SERVICES[row["id"]]
    assert set(service.needs) <= {"police-report", "city-cleanup"}
    assert ("police-linked" in service.told) == (row["id"] != "la-311")


@each([row for row in SEEDS if row["phone"]])
def test_a_number_only_the_seed_gave_is_nowhere(row: Row) -> None:
    """A number that nobody but the seed gave appears nowhere, not even in a note."""
    bare = re.sub(r"[^0-9A-Z]", "", WRITTEN)
    for number in numbers(row["phone"]) - EVERY_CHECKED:
        assert number not in WRITTEN
        assert number.replace("-", "") not in bare


@each([row for row in SEEDS if row["address"]])
def test_an_address_only_the_seed_gave_is_nowhere(row: Row) -> None:
    """An address that nobody but the seed gave appears nowhere, not even in a note."""
    address = re.sub(r"\(.*\)|'|^near ", "", row["address"].strip("'")).strip().casefold()
    places = {place.address.casefold() for one in SERVICES.values() for place in one.locations}
    assert address not in places
    assert "bloomfield" not in WRITTEN.casefold()
    if re.search(r"\d", address):
        assert address not in WRITTEN.casefold()


def texts(service: Service) -> Iterator[str]:
    """Give the names and sentences that say what a service is."""
    yield from (*service.name.values(), *service.about.values(), *service.alert.values())
    yield from (*service.aliases, service.organization)


@each([row for row in SEEDS if serve(row) in {"list", "list-corrected"} and row["hours"]])
def test_hours_are_given_only_when_checked(row: Row) -> None:
    """Hours that the catalogue doubts are left out; only round-the-clock ones are given."""
    service = SERVICES[row["id"]]
    whole_day = row["hours"].startswith(("24", "ER 24"))
    assert service.hours == (("24/7",) if whole_day else ())


def is_listable(row: Row) -> bool:
    """Tell whether a replacement is sure enough to be given out before staff ring it."""
    return bool(re.match(r"(high|medium-high)\b", row["confidence"]))


@each(REPLACEMENTS)
def test_each_replacement_is_offered_by_its_confidence(row: Row) -> None:
    """High and medium-high are listed; the rest is kept back for staff to ring."""
    service = SERVICES[row["id"]]
    assert service.offer == ("listed" if is_listable(row) else "by-name")
    if not is_listable(row):
        assert service.note
        assert not service.phones
        assert not service.locations


@each([row for row in REPLACEMENTS if is_listable(row)])
def test_a_listed_replacement_gives_what_the_row_gives(row: Row) -> None:
    """A listed replacement has the row's numbers, and no place that is still to be confirmed."""
    service = SERVICES[row["id"]]
    assert dialed(service) == numbers(row["phone"]) | numbers(row["text"])
    in_doubt = "to confirm" in row["confidence"] and "address" in row["confidence"]
    if in_doubt or "general knowledge" in row["source"]:
        assert not service.locations
    for place in service.locations:
        assert place.address in row["address"]
        assert place.zip == row["zip"]
        if row["lat"]:
            assert place.at == (float(row["lat"]), float(row["lon"]))
    assert service.hours == (("24/7",) if row["hours"] == "24/7" else ())


def test_one_line_is_listed_once() -> None:
    """Where two rows are the same line, one is listed and the other leads to it."""
    for twin, listed in (("swop-line", "swop"), ("lasd-ht-tips", "la-regional-ht-task-force")):
        assert SERVICES[twin].offer == "by-name"
        assert SERVICES[twin].instead == (listed,)
        assert SERVICES[listed].offer == "listed"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("journey-out", "prototypes"),
        ("star-court", "recovery"),
        ("st-johns", "norwalk"),
        ("lgbtq-center-lb", "hormon"),
        ("translatina", "fund"),
        ("la-regional-ht-task-force", "discreet"),
        ("general-relief", "california"),
        ("nhth", "polaris"),
    ],
)
def test_what_the_catalogue_calls_wrong_is_not_said(name: str, words: str) -> None:
    """No text or name of a service repeats what its row calls wrong."""
    for text in texts(SERVICES[name]):
        assert words not in text.casefold(), text


def test_the_deaf_line_of_311_is_only_that() -> None:
    """The City's line for deaf callers is never given as help."""
    holders = {
        (name, phone.type)
        for name, one in SERVICES.items()
        for phone in one.phones
        if phone.number == "213-473-5990"
    }
    assert holders == {("la-311", "tty")}
