"""The two books every test of the conversation may ask for."""

import pytest

from bot.flow.book import Book
from tests import chat


@pytest.fixture(scope="session")
def book() -> Book:
    """Give the book that ships."""
    return chat.shipped()


@pytest.fixture(scope="session")
def county() -> Book:
    """Give the second book, of another county."""
    return chat.county()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `stand` at every node, language and screen of both books."""
    if "stand" in metafunc.fixturenames:
        places = [
            pytest.param(book, stand, id=f"{book.about.name} {stand}")
            for book in (chat.shipped(), chat.county())
            for stand in chat.stands(book)
        ]
        metafunc.parametrize(("of", "stand"), places)
