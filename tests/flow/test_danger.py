"""Words of danger, wherever they come, are answered first; then the talk goes on."""

from dataclasses import replace

from bot.flow.book import Book
from bot.flow.engine import step
from bot.flow.session import Session
from bot.text.phrases import FIRST, LAST, SPECIAL
from bot.text.segments import economise
from tests.chat import TUESDAY, Chat, Stand

FIRSTS: dict[int, dict[str, str]] = {}
ALARMS: dict[tuple[int, str], list[tuple[str, str]]] = {}
"""What was worked out for a book before: both books live as long as the tests."""


def firsts(book: Book) -> dict[str, str]:
    """Give the first phrase of each group."""
    if id(book) not in FIRSTS:
        found: dict[str, str] = {}
        for level in book.lexicon.groups.levels:
            for words, names in level.table.items():
                for name in names:
                    found.setdefault(name, " ".join(words))
        FIRSTS[id(book)] = found
    return FIRSTS[id(book)]


def spoken(book: Book, phrase: str) -> str:
    """Give a phrase as somebody would type it: the first of each group, nothing in the gaps."""
    known = firsts(book)
    parts = [part for part in phrase.split() if part not in SPECIAL]
    return " ".join(spoken(book, known[one]) if one in known else one for one in parts)


def alarms(book: Book, language: str) -> list[tuple[str, str]]:
    """Give the first word of each class that shows this language, with its reply."""
    if (id(book), language) in ALARMS:
        return ALARMS[id(book), language]
    found = ALARMS[id(book), language] = []
    for name, group in book.danger.classes.items():
        typed = (spoken(book, word) for word in group.words[language])
        heard = ((word, book.lexicon.read(word)) for word in typed)
        own = (word for word, read in heard if (read.danger, read.language) == (name, language))
        if word := next(own, ""):
            found.append((word, economise(book.say(group.reply, language))))
    return found


def test_danger_is_answered_first_at_every_node(of: Book, stand: Stand) -> None:
    """At every node each class of danger gets its own reviewed reply and nothing else."""
    for word, reply in alarms(of, stand.language):
        assert Chat(of, stand.session).says(word).reply == reply


def test_after_danger_the_talk_goes_on(of: Book, stand: Stand) -> None:
    """The open question stays open: the next answer is read as if nothing had come between."""
    word = alarms(of, stand.language)[0][0]
    kept = Chat(of, stand.session).says(word).session
    assert kept == replace(stand.session or Session(), misses=0)
    assert step(of, kept, "1", TUESDAY).reply == step(of, stand.session, "1", TUESDAY).reply


def test_danger_goes_before_everything_else(county: Book) -> None:
    """STOP, numbers, needs and places in the same text wait."""
    reply = county.say(county.danger.classes["zam"].reply, "ht")
    for text in (
        "stop li gen zam",
        "2 li gen zam",
        "dokte 33127 li gen zam",
        "LI GEN ZAM!!",
        "meni li  gen, zam",
    ):
        assert Chat(county).says("bonjou", text).reply == reply


def test_every_word_of_danger_is_danger(book: Book, county: Book) -> None:
    """Every word in either book's danger file is heard, alone and, unless tied, in a sentence."""
    for one in (book, county):
        for name, group in one.danger.classes.items():
            order = list(one.danger.classes)
            for words in group.words.values():
                for phrase in words:
                    word = spoken(one, phrase)
                    tied = {FIRST, LAST}.intersection(phrase.split())
                    for text in (word, word.upper(), word if tied else f"xx {word} xx"):
                        heard = one.lexicon.read(text).danger
                        assert heard, text
                        assert order.index(heard) <= order.index(name), text


def test_two_dangers_get_the_first_of_the_file(county: Book) -> None:
    """The order of the file is the order of precedence."""
    chat = Chat(county).says("m pa vle viv, li gen zam")
    assert chat.turn.events == ("danger", "zam")


def test_danger_is_answered_in_its_own_language(county: Book) -> None:
    """Who switches language under threat is answered in it, and on from there."""
    chat = Chat(county).says("bonjou", "he has a gun").hears("Call 911")
    chat.says("2").hears("1 A clinic near me")


def test_who_must_erase_in_danger_is_erased_first(county: Book) -> None:
    """Erasing is done where it is the help asked for; where life is at stake danger goes first."""
    chat = Chat(county).says("bonjou", "efase tout mesaj yo m pa vle viv").has_no_session()
    assert chat.turn.events == ("erase",), chat.transcript
    assert Chat(county).says("bonjou", "efase tout mesaj yo li gen zam").turn.events[0] == "danger"
