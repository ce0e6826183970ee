"""What is kept between two texts, and what happens when the book has changed meanwhile."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.book import Book
from bot.flow.engine import step
from bot.flow.model import PromptNode
from bot.flow.session import Session, decode
from tests.chat import TUESDAY, Chat, Stand

NAME = st.text(max_size=12)
SPOT = st.tuples(NAME, NAME)
ANY = st.builds(
    Session,
    language=st.sampled_from(["", "ht", "en", "xx"]),
    spot=st.none() | SPOT,
    screen=st.sampled_from(["", "ask", "which", "list", "detail", "guess"]),
    shown=NAME, place=NAME, needs=st.lists(NAME, max_size=3).map(tuple),
    options=st.lists(NAME, max_size=9).map(tuple),
    page=st.integers(0, 99),
    trail=st.lists(SPOT, max_size=8).map(tuple),
    returns=st.lists(SPOT, max_size=8).map(tuple),
    misses=st.integers(0, 9),
)  # fmt: skip
TEXTS = (
    "1",
    "meni",
    "tounen",
    "plis",
    "kote",
    "33127",
    "sote",
    "repete",
    "dokte",
    "avoka 33030",
    "",
    "blarg",
)


@given(ANY)
def test_every_session_comes_back_as_it_was(session: Session) -> None:
    """Writing out and reading back changes nothing."""
    assert decode(session.encode()) == session


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b"7", b'"v"', b"\xff\xfe", b'{"page":"x"}', b'{"language":1}',
        json.dumps({"trail": [1]}).encode(), json.dumps({"spot": [1]}).encode(),
        json.dumps({"options": 5}).encode(), json.dumps({"trail": [["a"]]}).encode(),
    ],
)  # fmt: skip
def test_anything_else_is_no_session(raw: bytes) -> None:
    """Broken, foreign and older bytes are no session; they raise nothing."""
    assert decode(raw) is None


def test_only_names_of_the_book_are_kept(of: Book, stand: Stand) -> None:
    """At every node the session holds names of the book, counts and nothing more."""
    if not stand.session:
        return
    known = {
        *of.languages,
        *of.flows,
        *of.directory.services,
        *of.needs.needs,
        *of.gazetteer.places,
    }
    known |= {node for _, node in (spot for spot, _ in of.nodes())} | {
        "",
        "*",
        stand.session.shown,
    }
    for field in fields(Session):
        value = getattr(stand.session, field.name)
        if isinstance(value, str) and field.name != "screen":
            assert value in known, field.name
    assert {*stand.session.options, *stand.session.needs} <= known
    assert len(stand.session.encode()) < 2000


def test_a_session_of_another_book_is_no_trouble(county: Book, of: Book, stand: Stand) -> None:
    """A session from a book whose flows, needs, places and services are all gone still answers."""
    other = county if of is not county else replace(of, flows={"akey": of.flows["akey"]})
    for text in TEXTS:
        assert step(other, stand.session, text, TUESDAY).reply


@given(ANY, st.sampled_from(TEXTS))
def test_a_session_of_nonsense_still_gets_an_answer(session: Session, text: str) -> None:
    """Whatever the session says, each text gets a reply and MENU the front door."""
    from tests.chat import county  # noqa: PLC0415 - a fixture does not mix with @given

    book = county()
    turn = step(book, session, text, TUESDAY)
    assert turn.reply
    turn = step(book, turn.session, "meni", TUESDAY)
    assert turn.session
    assert turn.session.spot == book.front


@pytest.mark.parametrize("gone", ["needs", "place", "options"])
@pytest.mark.parametrize("screen", ["", "ask", "which", "list", "detail"])
@pytest.mark.parametrize("text", [*TEXTS, "2"])
def test_one_name_gone_from_the_book(county: Book, gone: str, screen: str, text: str) -> None:
    """A need, a place or services taken out of the book do no harm to who was there."""
    session = Chat(county).says("dokte 33127").session
    assert session
    lost = {"needs": ("gone",), "place": "gone", "options": ("gone", "lost")}[gone]
    broken = replace(session, screen=screen, **{gone: lost})  # type: ignore[arg-type]
    assert step(county, broken, text, TUESDAY).reply


def test_a_changed_menu_never_reads_an_old_answer(of: Book, stand: Stand) -> None:
    """After staff edit a menu a number sent for the old one takes nothing."""
    if (
        not stand.session
        or stand.screen
        or not isinstance(of.node(stand.session.spot), PromptNode)
    ):
        return
    old = replace(stand.session, shown="an older one")
    turn = step(of, old, "1", TUESDAY)
    assert turn.chosen is None
    assert "missed" in turn.events
    assert turn.session
    assert turn.session.shown == of.shown(stand.session.spot or of.front)


def test_a_changed_search_never_reads_an_old_number(county: Book) -> None:
    """A number of a list whose node was edited opens no service."""
    session = Chat(county).says("dokte 33127").session
    assert session
    turn = step(county, replace(session, shown="older"), "1", TUESDAY)
    assert turn.session
    assert turn.session.screen != "detail"


def test_same_values_same_turn(of: Book, stand: Stand) -> None:
    """A step is pure: run twice it gives the same turn."""
    for text in ("1", "blarg", "33127"):
        first = step(of, stand.session, text, TUESDAY)
        assert first == step(of, stand.session, text, TUESDAY)
