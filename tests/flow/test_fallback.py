"""What the provider says when we cannot be reached: complete, short enough, and from the book."""

from dataclasses import replace

import pytest

from bot.flow.book import Book
from bot.flow.fallback import heard, texted
from bot.text.segments import MAX_LENGTH, sendable
from tests import chat


@pytest.fixture(params=["shipped", "county"])
def of(request: pytest.FixtureRequest) -> Book:
    """Give each of the two books."""
    return chat.shipped() if request.param == "shipped" else chat.county()


def test_the_last_resort_is_texted_in_every_language(of: Book) -> None:
    """911, and each line of the last resort by name and number, in one message."""
    text = texted(of)
    assert "911" in text
    assert sendable(text) == text
    for name in of.about.last_resort:
        service = of.directory.services[name]
        assert service.phones[0].number in text
        assert all(of.say(service.name, language) in text for language in of.languages)


def test_nobody_who_tells_is_given_without_a_warning(of: Book) -> None:
    """There is no room to say who may be told, so only staff's own choice is given as it is."""
    text, county = texted(of), of.directory.services
    for name, one in county.items():
        if one.told and name not in of.about.last_resort:
            assert f"\n{of.say(one.name, of.default)}: " not in f"\n{text}"


def test_a_full_message_keeps_the_last_resort(of: Book) -> None:
    """Lines too many for one message are left out from the end; the last resort stays."""
    few, always = of.about.last_resort[:1], list(of.directory.services.items())
    more = {
        f"line-{nth}": replaced.model_copy(
            update={"hours": ("24/7",), "told": (), "locations": (), "name": {"": f"Line {nth}"}}
        )
        for nth in range(99)
        for _, replaced in always[:1]
    }
    directory = replace(of.directory, services={**of.directory.services, **more})
    book = replace(of, directory=directory)
    text = texted(book)
    assert MAX_LENGTH - 60 < len(text) <= MAX_LENGTH
    assert of.directory.services[few[0]].phones[0].number in text


def test_a_caller_hears_the_same_numbers(of: Book) -> None:
    """Each language's voice gives its sentence and every line of the last resort."""
    spoken = dict(heard(of, numbers=True))
    assert len(spoken) == len(of.languages)
    for text in spoken.values():
        for name in of.about.last_resort:
            assert of.directory.services[name].phones[0].number in text
