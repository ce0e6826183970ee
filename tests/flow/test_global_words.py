"""MENU, BACK, MORE, PLACE, ERASE, SKIP, repeat, HELP, STOP and languages, at every node."""

import re
from dataclasses import replace

import pytest

from bot.flow.book import Book
from bot.flow.screens import ANYWHERE
from bot.flow.session import Session
from bot.reading.model import CARRIER_HELP, OPT_IN, OPT_OUT
from bot.text.phrases import SPECIAL
from tests.chat import Chat, Stand

BARE = Session()


def words(book: Book, command: str, language: str = "") -> list[str]:
    """Give the plain words for a command, no patterns, in one language or all."""
    table = book.lexicon.commands.table.items()
    return [
        " ".join(phrase)
        for phrase, meanings in table
        if any(name == command and language in ("", code) for code, name in meanings)
        and not any(part in SPECIAL or part[0] == "<" for part in phrase)
    ]


def word(book: Book, command: str, language: str) -> str:
    """Give the word people are told to use, the shortest one."""
    return words(book, command, language)[0]


def test_menu_opens_the_front_door(of: Book, stand: Stand) -> None:
    """MENU, at every node, in every spelling, shows the front door and lets the rest go."""
    door = ".".join(of.front)
    for text in words(of, "menu", stand.language):
        chat = Chat(of, stand.session).says(text).at(door).hears("\n1 ")
        assert chat.session
        kept = replace(BARE, language=chat.session.language, place=chat.session.place)
        left = replace(chat.session, spot=None, shown="", trail=())
        assert left == kept, chat.transcript


def test_back_goes_one_screen_back(of: Book, stand: Stand) -> None:
    """BACK leads from details to the list, and from a node to the one before it."""
    chat = Chat(of, stand.session).says(word(of, "back", stand.language))
    before = stand.session
    assert before
    if stand.screen == "detail" and len(before.options) > 1:
        chat.sees("list")
    else:
        chat.at(".".join(before.trail[-1] if before.trail else of.front))


def test_back_and_back_again_reach_the_front_door(of: Book, stand: Stand) -> None:
    """However deep, BACK ends at the front door and never turns in a circle."""
    chat = Chat(of, stand.session)
    for _ in range(10):
        chat.says(word(of, "back", stand.language))
    chat.at(".".join(of.front))


def test_more_shows_every_result_once_and_begins_again(of: Book, stand: Stand) -> None:
    """MORE pages through a list without a gap or a repeat; elsewhere it repeats the screen."""
    chat, more = Chat(of, stand.session), word(of, "more", stand.language)
    again = word(of, "repeat", stand.language)
    if stand.screen != "list":
        if stand.screen != "detail":
            assert chat.says(more).reply == Chat(of, stand.session).says(again).reply
        return
    first = chat.says(again).reply
    seen: list[int] = []
    while not seen or chat.says(more).reply != first:
        seen += [int(at) for at in re.findall(r"^(\d+) ", chat.reply, re.MULTILINE)]
        assert len(seen) <= 200, chat.transcript
    assert chat.session
    assert seen == list(range(1, len(chat.session.options) + 1)), chat.transcript


def test_every_number_of_a_list_opens_its_service(of: Book, stand: Stand) -> None:
    """In a list a number shows the service of that line, wherever the list has been paged to."""
    if stand.screen != "list" or not stand.session:
        return
    for at, service in enumerate(stand.session.options, 1):
        chat = Chat(of, stand.session).says(str(at)).sees("detail")
        chat.hears(of.say(of.directory.services[service].name, stand.language))


def test_place_asks_where(of: Book, stand: Stand) -> None:
    """PLACE asks at every node, and what was being looked for is found there."""
    chat = Chat(of, stand.session).says(word(of, "place", stand.language)).sees("ask")
    chat.hears_phrase("ask-place", stand.language)
    code = min(of.gazetteer.lexicon.zips)
    searching = bool(stand.session and stand.session.needs and stand.screen)
    chat.says(code).sees("list" if searching and chat.session and chat.session.needs else "")
    assert chat.session
    assert chat.session.place == code


def test_skip_answers_where_and_nothing_else(of: Book, stand: Stand) -> None:
    """SKIP stands for "anywhere" when asked where; elsewhere the screen comes again."""
    chat = Chat(of, stand.session).says(word(of, "skip", stand.language))
    if stand.screen == "ask":
        assert chat.session
        assert chat.session.place == ANYWHERE
        assert chat.session.screen != "ask", chat.transcript
    elif stand.screen != "detail":
        again = word(of, "repeat", stand.language)
        assert chat.reply == Chat(of, stand.session).says(again).reply


def test_repeat_says_the_same_again_and_moves_nothing(of: Book, stand: Stand) -> None:
    """The same screen comes however often one asks for it, and nothing else moves."""
    text = word(of, "repeat", stand.language)
    once = Chat(of, stand.session).says(text)
    twice = Chat(of, once.session).says(text)
    assert twice.reply == once.reply
    assert twice.session == once.session


def test_repeat_stays_where_the_person_stands(of: Book, stand: Stand) -> None:
    """Asking again never leads away from the node whose question is open."""
    if not stand.session or not stand.session.spot or stand.screen == "detail":
        return
    chat = Chat(of, stand.session).says(word(of, "repeat", stand.language))
    chat.at(".".join(stand.session.spot), stand.screen)


def test_help_explains_and_keeps_the_place(of: Book, stand: Stand) -> None:
    """HELP says who this is and how to stop; the open question stays open."""
    for text in (*CARRIER_HELP, *words(of, "help", stand.language)):
        if of.lexicon.read(text).danger:
            continue  # danger is answered first
        chat = Chat(of, stand.session).says(text)
        assert chat.reply == of.phrase("help", stand.language)
        assert chat.session == stand.session


@pytest.mark.parametrize("language", ["ht", "en"])
def test_every_word_of_stopping_stops(county: Book, language: str) -> None:
    """The carriers' words and the book's own end it, in any case, with marks or "please"."""
    for text in (*OPT_OUT, *words(county, "stop", language)):
        for written in (text, text.upper(), f" {text.title()}. "):
            chat = Chat(county).says("bonjou", written).has_no_session()
            assert chat.turn.events == ("stop",), chat.transcript


def test_stop_at_every_node_forgets(of: Book, stand: Stand) -> None:
    """STOP at every node gives one confirmation in the person's language, and no session."""
    chat = Chat(of, stand.session).says("STOP").has_no_session()
    assert chat.reply == of.phrase("stopped", stand.language)


@pytest.mark.parametrize("text", sorted(OPT_IN))
def test_opting_in_opens_the_front_door(county: Book, text: str) -> None:
    """START, YES and UNSTOP never answer a question; they open the front door."""
    Chat(county).says("bonjou", "2", text).at("akey.start")


def test_a_languages_name_changes_the_language_and_it_sticks(of: Book, stand: Stand) -> None:
    """A language's own name says the open screen in it; the next texts stay in it."""
    other = next(code for code in of.languages if code != stand.language)
    phrase = next(p for p, m in of.lexicon.switches.table.items() if (other, other) in m)
    chat = Chat(of, stand.session).says(" ".join(phrase))
    assert chat.session
    assert chat.session.language == other
    same = Chat(of, replace(stand.session or BARE, language=other))
    assert chat.reply == same.says(word(of, "repeat", other)).reply
    chat.says("2", "?", "4")
    assert chat.session.language == other, chat.transcript


def test_every_name_of_a_language_is_heard(county: Book) -> None:
    """All spellings of a language's name change to it."""
    for phrase, meanings in county.lexicon.switches.table.items():
        chat = Chat(county).says("bonjou", " ".join(phrase)).at("akey.start")
        assert chat.session
        assert (chat.session.language,) * 2 in meanings
