"""Numbered choices: every way to take one, and what happens to an answer that fits none."""

import pytest

from bot.flow.book import Book
from bot.flow.engine import step
from bot.flow.model import PromptNode
from bot.flow.session import Session
from bot.reading.model import by_language
from tests.chat import TUESDAY, Chat, Stand

SECOND = [
    "2", " 2 ", "2.", "(2)", "#2", "02", "\uff12", "\u00b2", "\u2461", "\u0662",
    "Doktè ak klinik", "dokte ak klinik", "DOKTÈ  AK KLINIK!", "Doctor or clinic", "malad",
    "Malad.", "sick", "mwen malad", "i need a sick",
]  # fmt: skip
NOT_THERE = ["0", "5", "9", "99", "999", "1000", "1 2", "2 3 4", "9" * 40, "\u00bd", "2b"]


@pytest.mark.parametrize("text", SECOND)
def test_a_choice_is_taken_by_number_label_or_keyword(county: Book, text: str) -> None:
    """Any digits, the label in either language or a keyword takes the second choice."""
    Chat(county).says("bonjou", text).at("sante.start")


@pytest.mark.parametrize("text", NOT_THERE)
def test_a_number_that_is_not_there_asks_again(county: Book, text: str) -> None:
    """A number outside the menu takes nothing; the same menu comes again."""
    chat = Chat(county).says("bonjou", text).at("akey.start")
    chat.hears_phrase("not-understood").hears("\n4 Pale ak yon moun")


def test_every_way_to_take_a_choice_takes_that_one(of: Book, stand: Stand) -> None:
    """At every menu each number, label and keyword selects its own choice and no other."""
    spot = stand.session.spot if stand.session else None
    node = of.node(spot)
    if stand.screen or not isinstance(node, PromptNode):
        return
    for at, choice in enumerate(node.choices):
        words = [word for _, word in by_language(choice.keywords)]
        for text in (str(at + 1), *choice.label.values(), *words):
            turn = step(of, stand.session, text, TUESDAY)
            assert turn.chosen == (spot, at), f"{text!r}: {turn.chosen} {turn.reply}"


def test_a_keyword_in_the_other_language_changes_the_language(county: Book) -> None:
    """Who answers in English is answered in English from then on."""
    Chat(county).says("bonjou", "sick").hears("1 A clinic near me").says("3").hears("ZIP")
    Chat(county).says("bonjou", "sick", "1").hears_phrase("ask-place", "en")


def test_first_miss_asks_again_and_second_gives_a_person(county: Book) -> None:
    """Once not understood: the question again; twice: the front door and a human's number."""
    chat = Chat(county).says("bonjou", "2").says("blarg")
    chat.at("sante.start").hears_phrase("not-understood").hears("1 Klinik tou pre")
    chat.says("blarg").at("akey.start").hears_phrase("lost").hears("211", "\n1 Yon kote")


def test_misses_are_forgotten_once_something_fits(county: Book) -> None:
    """Two misses with an answer between them are each a first miss."""
    chat = Chat(county).says("bonjou", "blarg", "2", "blarg")
    chat.at("sante.start").hears_phrase("not-understood")


def test_two_misses_anywhere_lead_to_a_person(of: Book, stand: Stand) -> None:
    """From every screen two texts that fit nothing bring a line that can be called."""
    chat = Chat(of, stand.session).says("blarg xyzzy", "blarg xyzzy")
    phones = {one.number for entry in of.directory.services.values() for one in entry.phones}
    assert any(number in chat.reply for number in phones), chat.transcript


def test_a_strangers_first_text_gets_the_front_door(county: Book) -> None:
    """Whatever a stranger sends, even nothing, the menu answers without a reproach."""
    for text in ("blarg", "", "???", "\U0001f642", "7"):
        Chat(county).says(text).at("akey.start").hears_not(county.phrase("not-understood", "ht"))


def test_an_ended_flow_goes_on_from_anywhere(county: Book) -> None:
    """After the last words of a flow no menu is open, yet every word still works."""
    chat = Chat(county, Session(language="ht")).says("dwa", "1").at("").hears_phrase("end")
    chat.says("1").at("akey.start")
    chat.says("dwa", "1", "dokte 33127").at("sante.klinik", "list")
