"""What shows on a locked phone: the beginning of an answer never betrays."""

from dataclasses import replace

import pytest

from bot.flow.book import Book
from bot.flow.check.texts import LOCK_SCREEN
from bot.flow.session import Session
from bot.text.normalise import tokens
from tests.chat import Chat, Stand, shipped, stands

PLACES = ("90057", "norwalk", "6th & alvarado", "skip", "orlando", "western")
NUMBERS = ("1", "2", "3", "more", "back", "?", "blarg", "help", "erase", "hide", "stop", "9")


def betrayed(book: Book, typed: str, reply: str) -> list[str]:
    """Give the revealing words at the beginning of a reply that the text itself did not hold."""
    shown, own = tokens(reply[:LOCK_SCREEN]), set(tokens(typed))
    return [
        " ".join(phrase)
        for phrase in book.revealing
        if any(shown[at : at + len(phrase)] == phrase for at in range(len(shown)))
        and not own.issuperset(phrase)
    ]


@pytest.mark.parametrize("stand", [*stands(shipped())], ids=str)
def test_no_answer_begins_with_what_betrays(stand: Stand) -> None:
    """At every node, list and question, in every language, whatever neutral text comes."""
    book = shipped()
    for typed in (*NUMBERS, *PLACES):
        reply = Chat(book, stand.session).says(typed).reply
        assert not betrayed(book, typed, reply), (typed, reply[:LOCK_SCREEN])


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_list_or_details_begin_with_what_betrays(language: str) -> None:
    """Every page of every need from several places, and everything about each service on it."""
    book = shipped()
    for need in book.needs.needs:
        home = book.home(need)
        assert home
        for place in ("90057", "norwalk", "*"):
            at = Session(language, home, "ask", book.shown(home), place, (need,))
            chat = Chat(book, replace(at, place="")).says("skip" if place == "*" else place)
            for _page in range(3):
                opened = chat.session
                for number in ("1", "2", "3", "4"):
                    reply = Chat(book, opened).says(number).reply
                    assert not betrayed(book, number, reply), (need, reply[:LOCK_SCREEN])
                assert not betrayed(book, "", chat.reply), (need, chat.reply[:LOCK_SCREEN])
                chat.says("more")
