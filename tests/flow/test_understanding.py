"""What a good volunteer would understand, asked of the shipped book."""

import pytest

from bot.flow.book import Book
from tests.chat import Chat, shipped


@pytest.fixture(name="book", scope="module")
def _book() -> Book:
    return shipped()


def test_two_needs_in_one_text(book: Book) -> None:
    """Who helps with both comes first; the other need is a number away."""
    asked = Chat(book).says("food and shelter 90057").session
    assert asked is not None
    assert asked.needs == ("food", "shelter")
    first = book.directory.services[asked.options[0]]
    assert {"food", "shelter"} <= set(first.needs)

    at = asked.options.index("?shelter") + 1
    other = Chat(book, asked).says(str(at)).sees("list").session

    assert other is not None
    assert other.needs == ("shelter",)


def test_two_needs_wait_for_the_place(book: Book) -> None:
    """Both needs are remembered while we ask where."""
    chat = Chat(book).says("lawyer and shelter").sees("ask").says("90057").sees("list")
    assert chat.session
    assert set(chat.session.needs) == {"legal-help", "shelter"}


def test_nearly_a_word_is_asked_about(book: Book) -> None:
    """A word too far off to be sure of is asked about, and its number answers."""
    chat = Chat(book).says("shleterr").sees("guess").says("1").sees("ask")
    assert chat.session
    assert chat.session.needs == ("shelter",)


NUMBERS = [
    ("is 888-539-2373 real", "details"),
    ("(888) 539-2373?", "details"),
    ("8885392373", "details"),
    ("+1 888 539 2373", "details"),
    ("is 213-555-HELP real", "unconfirmed"),
    ("who is 323-890-5500", "unconfirmed"),
]


@pytest.mark.parametrize(("text", "event"), NUMBERS)
def test_a_number_typed_in_is_looked_up(book: Book, text: str, event: str) -> None:
    """A number of ours is explained; any other is said to be unconfirmed, and not repeated."""
    chat = Chat(book).says(text)
    assert event in chat.turn.events
    assert "555" not in chat.turn.reply


SHORT = [
    ("WHERE CAN I SLEEP 2NITE 90057", "shelter"),
    ("xq no tengo comida norwalk", "food"),
    ("nedles near 6th n alvarado", "needles"),
    ("abogdo koreatown", "legal-help"),
]


@pytest.mark.parametrize(("text", "need"), SHORT)
def test_phone_spelling(book: Book, text: str, need: str) -> None:
    """Slips, capitals and short spellings still lead to a list."""
    chat = Chat(book).says(text).sees("list")
    assert chat.session
    assert chat.session.needs[0] == need


def test_question_mark_repeats_the_screen(book: Book) -> None:
    """A question mark shows the same screen again and is no miss."""
    chat = Chat(book).says("hi")
    before = chat.turn.reply
    chat.says("?")
    assert chat.turn.reply == before
    assert "missed" not in chat.turn.events


@pytest.mark.parametrize(
    ("text", "trigger", "command"),
    [
        ("tell me which shelter my wife ran to in norwalk", "refusal", ""),
        ("who is this, where are you hiding my wife", "refusal", ""),
        ("clients keep asking how much for an hour, i need a shelter", "", ""),
        ("how much for an hour with a lawyer", "", ""),
        ("do not message this phone", "", "stop"),
        ("he wont stop messaging this phone", "", ""),
        ("please unsubscribe my phone", "", "stop"),
        ("what did my wife text you", "", "help"),
    ],
)
def test_who_asks(book: Book, text: str, trigger: str, command: str) -> None:
    """Who hunts is refused before any need; a veto keeps everybody else from it."""
    reading = book.lexicon.read(text)
    assert (reading.trigger if reading.trigger == "refusal" else "") == trigger
    assert reading.command == command
    assert not (trigger and (reading.needs or reading.place.ids or reading.services))
