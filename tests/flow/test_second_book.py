"""The second book: another county and language pair through the same code, and nothing of LA's."""

import re

from bot.flow.book import Book
from bot.flow.check import check
from bot.flow.check.transcripts import coverage
from tests.chat import Chat, shipped


def test_the_second_book_is_whole(county: Book) -> None:
    """Every rule holds, both transcripts play, and nothing is even warned of."""
    assert [str(problem) for problem in check(county)] == []
    assert len(county.transcripts) == 2
    assert sum(coverage(county)[1].values()) >= 3


def test_times_are_said_on_a_24_hour_clock_in_its_own_zone(county: Book) -> None:
    """Ten in Los Angeles is one in Miami: the clinic shuts at 17:30, the other just opened."""
    chat = Chat(county).says("dokte 33127").hears("louvri jiska 17:30").says("plis")
    chat.hears("louvri jiska 19:00")
    assert not re.search(r"\d ?[ap]m\b", chat.transcript)


def test_ways_are_told_in_kilometres(county: Book) -> None:
    """Distances come in the book's own units."""
    chat = Chat(county).says("doctor 33127").hears("1.9 km")
    assert not re.search(r"\bmi(les)?\b", chat.reply)


def test_days_are_named_in_creole(county: Book) -> None:
    """Opening hours are read in Creole and said in the texter's language."""
    Chat(county).says("dokte 33127", "1").hears("lendi-vandredi 09:00-17:30")
    Chat(county).says("doctor 33127", "1").hears("Mon-Fri 09:00-17:30")


def test_the_default_language_answers_what_shows_none(county: Book) -> None:
    """A ZIP, an emoji or a Spanish word shows no language of this book: Creole answers."""
    for text in ("33127", "\U0001f642", "hola", "refugio", ""):
        chat = Chat(county).says(text).hears("1 Yon kote pou dòmi")
        assert chat.session
        assert chat.session.language in ("", "ht")


def test_a_talk_in_creole_gets_no_word_of_another_language(county: Book) -> None:
    """From hello to ERASE every line comes out of the Creole half of the book."""
    talk = (
        "bonjou",
        "2",
        "2",
        "1",
        "3",
        "33127",
        "1",
        "tounen",
        "meni",
        "4",
        "1",
        "kote",
        "xx",
        "xx",
        "èd",
        "efase",
    )
    chat = Chat(county).says(*talk).has_no_session()
    heard = {line for line in chat.transcript.splitlines() if not line.startswith((">", "   "))}
    texts = [text for text in county.phrases.values() if "ht" in text]
    texts += [one.label for _, node in county.nodes() for one in getattr(node, "choices", ())]
    english = {text["en"] for text in texts if text["en"] != text["ht"]}
    assert not any(said in line for line in heard for said in english if len(said) > 4)


def test_commands_are_the_books_own(county: Book) -> None:
    """Words of the other book do nothing here, and these do nothing there."""
    for text in ("borrar", "atras", "volver", "espanol", "refugio", "shelter"):
        Chat(county).says("bonjou", text).at("akey.start").hears_phrase("not-understood")
    for text in ("tounen", "kreyol", "kote"):
        chat = Chat(shipped()).says("hi", text)
        assert chat.turn.events[0] == "missed", chat.transcript


def test_a_confidential_house_shows_no_place(county: Book) -> None:
    """Neither the list nor the details of a confidential house say where or how far."""
    chat = Chat(county).says("kabann 33127").hears("1 Kay Fanm: 800-555-0114").hears_not("km")
    chat.says("1").hears("Kay Fanm", "Pou fanm").hears_not("km", "33127")
