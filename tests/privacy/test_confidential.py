"""A confidential place is never told: not in a list, a line, details, nor by how far it is."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.directory import listing
from bot.directory.model import Location, Service
from bot.directory.search import search
from bot.directory.wording import Wording
from bot.flow.book import Book
from tests.chat import Chat, shipped

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
PLACES = (None, "90057", "90013", "norwalk", "alvarado+6th", "skid-row", "90044")
DISTANCE = re.compile(r"\d (mi|km)\b")
SECRET = Location(
    name={"": "Qanary House"},
    address="77 Qanary Ln, Quux",
    zip="90099",
    at=(34.0593, -118.2745),
    transport={"": "Qanary Station"},
)


def hidden(book: Book) -> Book:
    """Give the book as if every service in it were confidential, each with a place to betray.

    No file can say so: the loader refuses it. This is what stands behind the loader.
    """
    services = {
        key: one.model_copy(update={"confidential": True, "locations": (*one.locations, SECRET)})
        for key, one in book.directory.services.items()
    }
    return replace(book, directory=replace(book.directory, services=services))


def betrayals(services: Mapping[str, Service]) -> set[str]:
    """Give every address, street, ZIP and position that any service has."""
    found: set[str] = {"Qanary"}
    for service in services.values():
        for place in service.locations:
            found |= {place.address, place.address.split(",")[0]} - {""}
            found |= {f"{number:.3f}" for number in place.at or ()}
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_confidential_place_is_never_told(language: str) -> None:
    """With every service made confidential no text about any of them holds a place or distance."""
    book = hidden(shipped())
    secrets = betrayals(book.directory.services)
    wording = Wording(
        language,
        book.default,
        book.locale,
        NOW,
        lambda name, **values: book.phrase(name, language, **values),
    )
    for near in (book.gazetteer.get(place) if place else None for place in PLACES):
        for service in book.directory.services.values():
            own = " ".join(
                [*service.about.values(), *service.name.values(), *service.alert.values()]
            )
            for text in (
                listing.item(service, near, wording),
                listing.line(service, wording),
                listing.details(service, near, wording),
            ):
                told = [one for one in secrets if one in text and one not in own]
                assert not told, (told, text)
                assert not DISTANCE.search(text), text


def test_nearness_does_not_rank_what_is_confidential() -> None:
    """Who asks from two places hears confidential services in one and the same order."""
    book = hidden(shipped())
    for need in book.needs.needs:
        orders = {
            tuple(one for one in found if not book.directory.services[one].serves)
            for place in ("90057", "norwalk", "90265")
            if (near := book.gazetteer.get(place))
            for found in [search(book.directory, (need,), near, NOW, book.locale).ids]
        }
        assert len(orders) == 1, need


def test_shipped_confidential_services_have_no_place() -> None:
    """Those that are confidential are told by phone only, whole conversations through."""
    book = shipped()
    ours = {key: one for key, one in book.directory.services.items() if one.confidential}
    assert ours
    for one in ours.values():
        assert not one.locations
        for place in ("90057", "norwalk", "6th and alvarado"):
            chat = Chat(book).says(f"{next(iter(one.name.values()))} {place}")
            assert not DISTANCE.search(chat.reply), chat.transcript
