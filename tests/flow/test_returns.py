"""Flows inside flows: they come back; chains that never ask must not hang the line."""

from dataclasses import replace

import pytest

from bot.flow.book import Book
from bot.flow.engine import step
from bot.flow.model import FlowFile
from bot.flow.session import LIMIT_TRAIL, Session
from tests.chat import TUESDAY, Chat


def bent(county: Book, **nodes: dict[str, object]) -> Book:
    """Give the county's book with a flow `lasso` that no check has seen."""
    flow = FlowFile.model_validate({"flow": "lasso", "nodes": nodes})
    return replace(county, flows={**county.flows, "lasso": flow})


def at(book: Book, node: str) -> Session:
    """Give the session of somebody who stands at a node of `lasso`."""
    return Session(spot=("lasso", node), shown=book.shown(("lasso", node)))


ASK: dict[str, object] = {"prompt": "Ask", "choices": [{"label": "go", "goto": "go"}]}


def test_a_flow_entered_from_another_comes_back(county: Book) -> None:
    """Health calls the law's flow; when that ends health goes on where it said."""
    chat = Chat(county).says("english", "health", "2").at("dwa.start").hears("keeps what you say")
    chat.says("1").at("sante.start").hears("stay silent", "1 A clinic near me")


def test_a_flow_opened_by_its_own_word_ends(county: Book) -> None:
    """The same flow opened directly just ends."""
    Chat(county).says("rights", "1").at("").hears("stay silent").hears_phrase("end", "en")


@pytest.mark.parametrize("leave", ["menu", "back", "health"])
def test_leaving_a_flow_forgets_to_come_back(county: Book, leave: str) -> None:
    """Who left a called flow half-way is not led to its caller much later."""
    chat = (
        Chat(county).says("english", "health", "2").at("dwa.start").says(leave, "menu", "3", "1")
    )
    chat.at("").hears_phrase("end", "en")
    chat = Chat(county).says("english", "health", "2", "back").at("sante.start").says("back")
    chat.at("akey.start").says("3", "1").at("")


@pytest.mark.parametrize(
    "round_",
    [
        {"go": {"goto": "go"}},
        {"go": {"goto": "on"}, "on": {"goto": "go"}},
        {"go": {"say": "Na."}, "on": {"goto": "go", "then": "on"}},
        {"go": {"goto": "on", "then": "go"}, "on": {"say": "Na."}},
        {"go": {"say": "Na", "goto": "nowhere"}},
        {"go": {"goto": "lasso", "then": "start"}},
        {"go": {"goto": "nowhere.at-all", "then": "nor-here"}},
    ],
)
def test_an_endless_chain_comes_to_an_end(
    county: Book, round_: dict[str, dict[str, object]]
) -> None:
    """A loop that slipped past every check still gets an answer and a way on."""
    book = bent(county, start=ASK, **round_)
    turn = step(book, at(book, "start"), "1", TUESDAY)
    assert turn.reply
    assert len(turn.reply) <= 1600
    assert step(book, turn.session, "meni", TUESDAY).session


def test_calls_do_not_pile_up(county: Book) -> None:
    """A flow that calls itself for ever keeps at most a fixed number of ways back."""
    book = bent(county, start=ASK, go={"goto": "start", "then": "go"})
    chat = Chat(book, at(book, "start")).says(*["1"] * 30)
    assert chat.session
    assert len(chat.session.returns) <= LIMIT_TRAIL
    assert len(chat.kept) < 2000
