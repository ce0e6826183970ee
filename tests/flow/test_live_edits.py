"""The book changes while people are in the middle of it: nobody is answered for an old menu."""

import re
from collections.abc import Callable
from functools import cache

import pytest

from bot.files import read_folder
from bot.flow.book import Book
from bot.flow.load import load
from tests.chat import ROOT, Chat, county

FILES = read_folder(ROOT / "tests" / "county")
Edit = Callable[[dict[str, bytes]], object]


def change(path: str, old: str, new: str) -> Edit:
    """Make an edit that replaces one piece of one file."""

    def edit(files: dict[str, bytes]) -> None:
        assert files[path].count(old.encode()) == 1, old
        files[path] = files[path].replace(old.encode(), new.encode())

    return edit


def swapped(files: dict[str, bytes]) -> None:
    """Turn the two choices of dwa.start round."""
    head, choices, rest = re.split(
        r"(?<=choices:\n)|(?=  lari:)", files["dwa.yaml"].decode(), maxsplit=2
    )
    first, second = re.findall(r"      - .*\n(?:        .*\n)*", choices)
    files["dwa.yaml"] = (head + second + first + rest).encode()


def moved(files: dict[str, bytes]) -> None:
    """Move the flow dwa to another name, with all that leads to it."""
    for path in ("dwa.yaml", "akey.yaml", "sante.yaml"):
        text = files[path].decode()
        text = text.replace("flow: dwa", "flow: lalwa").replace("goto: dwa", "goto: lalwa")
        files[path] = text.encode()


EDITS: dict[str, Edit] = {
    "prompt": change("dwa.yaml", "konnen sou lalwa?", "konnen sou dwa w?"),
    "label": change("dwa.yaml", "Jwenn yon avoka", "Chache yon avoka"),
    "keyword": change("dwa.yaml", "ht: avoka, en: lawyer", "ht: avoka, en: attorney"),
    "goto": change("dwa.yaml", "        goto: lari", "        goto: avoka"),
    "order": swapped,
    "moved flow": moved,
    "other kind": lambda files: files.update(
        {
            "dwa.yaml": files["dwa.yaml"]
            .replace(b"  start:\n    prompt", b"  ansyen:\n    prompt")
            .replace(b"nodes:\n", b"nodes:\n  start:\n    goto: ansyen\n")
        }
    ),
}


@cache
def edited(name: str) -> Book:
    """Give the second book with one edit."""
    files = dict(FILES)
    EDITS[name](files)
    book, problems = load(files)
    assert book, problems
    return book


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("answer", ["1", "2", "Jwenn yon avoka", "lari"])
def test_an_answer_is_not_read_against_a_menu_never_seen(name: str, answer: str) -> None:
    """Whatever was edited, an answer to the old menu takes no choice of the new one."""
    chat = Chat(county()).says("dwa")
    assert chat.session
    assert chat.session.spot == ("dwa", "start")
    chat.book = edited(name)
    chat.says(answer)
    assert chat.turn.chosen is None, chat.transcript
    assert chat.reply


@pytest.mark.parametrize("name", EDITS)
def test_who_stood_there_goes_on_politely(name: str) -> None:
    """The next menu shown is the new one, and it is the one the next number answers."""
    chat = Chat(county()).says("dwa")
    chat.book = edited(name)
    chat.says("1").hears("1 ").hears("2 ").says("2")
    assert chat.turn.chosen, chat.transcript
    assert chat.turn.chosen[1] == 1


@pytest.mark.parametrize("word", ["repete", "tounen", "plis", "meni", "33127"])
@pytest.mark.parametrize("name", EDITS)
def test_words_for_everywhere_work_after_an_edit(name: str, word: str) -> None:
    """Each global word answers, and a number after it answers the menu it has shown."""
    chat = Chat(county()).says("bonjou", "dwa")
    chat.book = edited(name)
    chat.says(word)
    if chat.turn.events[-1:] == ("prompt",):
        chat.says("2")
        assert chat.turn.chosen, chat.transcript
        assert chat.turn.chosen[1] == 1


@pytest.mark.parametrize("way", ["back", "return"])
def test_a_flow_gone_from_behind_leads_to_the_front_door(way: str) -> None:
    """Who comes back to a node that is no more stands at the front door and can answer it."""
    chat = Chat(county()).says("bonjou", "sante", "2")  # sekre, then dwa, to return to sante
    assert chat.session
    assert chat.session.returns
    files = dict(FILES)
    del files["sante.yaml"]
    files["akey.yaml"] = files["akey.yaml"].replace(b"goto: sante", b"goto: dwa")
    book, problems = load(files)
    assert book, problems
    chat.book = book
    chat.says(*(["tounen"] if way == "back" else ["1"])).hears("1 ").at("akey.start")
    chat.says("4")
    assert chat.turn.chosen == (("akey", "start"), 3), chat.transcript


def without(service: str) -> Book:
    """Give the second book with one service renamed, so that its old id is no more."""
    files = {path: text.replace(service.encode(), b"nouvo-non") for path, text in FILES.items()}
    book, problems = load(files)
    assert book, problems
    return book


def test_a_number_never_opens_another_service() -> None:
    """A number of a list means the service that stood there, or the list is shown anew."""
    chat = Chat(county()).says("dokte 33127")
    assert chat.session
    first, second = chat.session.options[:2]
    name = county().directory.services[second].name["ht"]
    kept = chat.kept
    chat.book = without(first)
    chat.says("2").hears(name)
    chat.kept = kept
    chat.says("1").sees("list").hears_not(county().directory.services[first].name["ht"])


def test_a_place_gone_from_the_book_is_asked_for_again() -> None:
    """A place that is no more is not taken for the whole county: the question comes again."""
    chat = Chat(county()).says("Ti Ayiti")
    assert chat.session
    files = dict(FILES)
    files["places.yaml"] = files["places.yaml"].replace(b"  ti-ayiti:", b"  lot-ayiti:")
    book, problems = load(files)
    assert book, problems
    assert chat.session.place not in book.gazetteer.places
    chat.book = book
    chat.says("dokte").sees("ask").hears_phrase("ask-place")


def test_one_of_several_places_gone_is_not_taken() -> None:
    """A number for a place that is no more asks again where, and names no empty place."""
    chat = Chat(county()).says("dokte flagler").sees("which")
    files = dict(FILES)
    for old, new in (
        (b"flagler-lwes", b"flagler-nan-lwes"),
        (b"flagler-downtown", b"flagler-anba"),
    ):
        files["places.yaml"] = files["places.yaml"].replace(old, new)
    book, problems = load(files)
    assert book, problems
    chat.book = book
    chat.says("2").hears_phrase("ask-place-again").sees("ask")
