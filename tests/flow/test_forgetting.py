"""Nothing shows that anybody was here: after ERASE, after half an hour, to a stranger."""

from bot.flow.book import Book
from bot.flow.session import Session
from tests.chat import Chat, Stand
from tests.flow.test_global_words import words

CANARY = "zqvanessa 4471 kwyjibo"


def greeting(book: Book) -> str:
    """Give a word that opens the front door."""
    return next(iter(book.flows[book.about.front].triggers[book.default]))


def test_erase_leaves_a_strangers_line(of: Book, stand: Stand) -> None:
    """After ERASE at every node, "hi" is answered byte for byte as if never seen."""
    never = Chat(of).says(greeting(of)).reply
    chat = Chat(of, stand.session).says(words(of, "erase", stand.language)[0]).has_no_session()
    assert chat.reply == of.phrase("erased", stand.language)
    assert chat.says(greeting(of)).reply == never


def test_hide_leaves_a_decoy_and_a_strangers_line(of: Book, stand: Stand) -> None:
    """HIDE at every node erases too, and leaves only the decoy that staff wrote."""
    never = Chat(of).says(greeting(of)).reply
    chat = Chat(of, stand.session).says(words(of, "hide", stand.language)[0]).has_no_session()
    assert chat.reply == of.phrase("decoy", stand.language)
    assert chat.says(greeting(of)).reply == never


def test_half_an_hour_later_nothing_is_known(of: Book, stand: Stand) -> None:
    """After half an hour the same texts bring the same bytes as from a new phone."""
    for texts in ([greeting(of)], ["1"], ["blarg"], ["stop"]):
        late = Chat(of, stand.session).waits(minutes=31)
        assert late.says(*texts).reply == Chat(of).says(*texts).reply


def test_erase_sounds_the_same_to_a_stranger(county: Book) -> None:
    """ERASE from a phone never seen gets what everybody gets: it tells nothing."""
    known = Chat(county).says("bonjou", "dokte 33127", "efase").reply
    assert known == Chat(county).says("efase").has_no_session().reply


def test_nothing_typed_comes_back(of: Book, stand: Stand) -> None:
    """What a person typed is never in a reply nor in what is kept, at any node."""
    for text in (CANARY, f"mwen rele {CANARY}", f"33127 {CANARY}", f"my name is {CANARY}"):
        chat = Chat(of, stand.session).says(text, text)
        for part in CANARY.split():
            assert part not in "\n".join(chat.lines[1:2] + chat.lines[4:5]), chat.transcript
            assert part.encode() not in chat.kept


def test_nothing_typed_is_kept_with_a_place(county: Book) -> None:
    """Of "doctor, I am NAME, 33127" only names from the book are kept."""
    chat = Chat(county).says("dokte zqvanessa nan 33127 800-222-4471").sees("list")
    assert b"zqvanessa" not in chat.kept
    assert b"4471" not in chat.kept
    assert b"33127" in chat.kept


def test_help_stop_and_erase_leave_a_stranger_a_stranger(county: Book) -> None:
    """HELP, STOP and ERASE from a new phone leave nothing behind."""
    for text in ("help", "stop", "efase"):
        Chat(county).says(text).has_no_session()


def test_danger_from_a_new_phone_keeps_the_language_at_most(county: Book) -> None:
    """After words of danger nothing is kept but the language they were in."""
    chat = Chat(county).says("has a gun")
    assert chat.session == Session(language="en")
