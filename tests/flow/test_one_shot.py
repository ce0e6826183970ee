"""A need and a place in one text, in any order, in both languages; names; places alone."""

import pytest

from bot.flow.book import Book
from tests.chat import Chat
from tests.flow.test_danger import spoken

WYNWOOD = [
    "dokte 33127", "doktè, 33127", "33127 dokte", "mwen bezwen yon doktè nan 33127",
    "KLINIK 33127-1234", "klinik 3 3 1 2 7", "malad nan 33I27".replace("I", "1"),
]  # fmt: skip
HAITI = ["doctor little haiti", "I need a doctor in Little Haiti please", "little haiti clinic"]
CROSSING = [
    "dokte ri 54 ak avni 2",
    "doctor 54th st & 2nd ave",
    "clinic second ave and 54th street",
]


@pytest.mark.parametrize("text", WYNWOOD)
def test_need_and_zip_in_one_text(county: Book, text: str) -> None:
    """One text with a need and a ZIP, in Creole, gets a list near that ZIP."""
    chat = Chat(county).says(text).at("sante.klinik", "list")
    chat.hears_phrase("near", "ht", place="Wynwood").hears("\n1 Klinik Solèy: 1.9 km")


@pytest.mark.parametrize("text", HAITI)
def test_need_and_neighborhood_in_one_text(county: Book, text: str) -> None:
    """The same in English, with a neighborhood."""
    chat = Chat(county).says(text).at("sante.klinik", "list")
    chat.hears_phrase("near", "en", place="Little Haiti").hears("1 Soley Clinic")


@pytest.mark.parametrize("text", CROSSING)
def test_need_and_crossing_in_one_text(county: Book, text: str) -> None:
    """Two streets say where, in either language's order of words."""
    chat = Chat(county).says(text).at("sante.klinik", "list")
    chat.hears("NE 54th St", "NE 2nd Ave")


def test_every_need_of_the_book_works_in_one_text(book: Book, county: Book) -> None:
    """Every word of every need, with a ZIP before or behind it, brings its own list."""
    for one in (book, county):
        code = min(one.gazetteer.lexicon.zips)
        for name, need in one.needs.needs.items():
            for word in (spoken(one, word) for words in need.words.values() for word in words):
                if one.lexicon.read(f"{word} {code}").danger:
                    continue  # danger is answered first, whatever is looked for
                chat = Chat(one).says(f"{word} {code}")
                assert chat.session, chat.transcript
                assert chat.session.place == code, chat.transcript
                if one.lexicon.read(word).needs[:1] == (name,):
                    assert one.home(name) in chat.turn.walked, chat.transcript


def test_a_flow_and_a_place(county: Book) -> None:
    """A flow's word with a place opens the flow and remembers the place for its searches."""
    Chat(county).says("sante 33127").at("sante.start").says("1").at("sante.klinik", "list")


def test_a_place_first_and_the_need_later(county: Book) -> None:
    """A ZIP alone is kept; what is asked for next is found there."""
    chat = Chat(county).says("33127").at("akey.start")
    chat.hears_phrase("place-kept", "ht", place="Wynwood")
    chat.says("2", "1").at("sante.klinik", "list").hears("Wynwood")


def test_asked_where_a_need_still_counts(county: Book) -> None:
    """Asked where, a person may name something else to look for instead."""
    Chat(county).says("bonjou", "1").sees("ask").says("dokte 33127").at("sante.klinik", "list")


def test_a_name_of_two_places_asks_which(county: Book) -> None:
    """An ambiguous name is asked back; a number, a name or a ZIP answers."""
    for answer in ("1", "33130", "Ti Ayiti"):
        chat = Chat(county).says("dokte flagler").sees("which")
        chat.hears_phrase("which-place").hears("\n1 Flagler (anba lavil)\n2 Flagler (lwès)")
        chat.says(answer).at("sante.klinik", "list")
    Chat(county).says("dokte flagler", "7").sees("ask").hears_phrase("ask-place-again")


def test_outside_gets_lines_that_help_anywhere(county: Book) -> None:
    """A place we do not serve, by name or ZIP, gets lines, and may be corrected."""
    for place in ("orlando", "10001"):
        chat = (
            Chat(county)
            .says(f"dokte {place}")
            .hears_phrase("outside")
            .hears("988")
            .hears_not("211")
        )
        chat.says("33127").at("sante.klinik", "list")


def test_not_knowing_where_twice_gets_what_serves_everybody(county: Book) -> None:
    """Two answers that name no place lead to the whole county's list, not a third question."""
    chat = Chat(county).says("dokte", "m pa konnen").sees("ask").hears_phrase("ask-place-again")
    chat.says("m pa konnen").sees("list").hears_phrase("county")


def test_a_wide_place_asks_for_a_nearer_one(county: Book) -> None:
    """The whole county as a place lists without distances."""
    chat = Chat(county).says("dokte miami").sees("list").hears_not(" km")
    chat.hears_phrase("wide-place", "ht", place="Miami-Dade")


def test_nothing_near_widens_and_says_so(county: Book) -> None:
    """Outside a service's area its need gives the wider one, and says that it does."""
    chat = Chat(county).says("avoka homestead").sees("list").hears("1 211 Miami", "988")
    chat.hears_phrase("wider", "ht", place="Homestead").hears_not("Avoka Ansanm")


def test_changing_the_place_searches_again(county: Book) -> None:
    """PLACE and a ZIP, or a new ZIP alone, search again for the same need."""
    chat = Chat(county).says("dokte 33127", "kote 33030").sees("list").hears("1 Klinik Sid")
    chat.says("33161").sees("list").hears("1 Klinik Nò")


@pytest.mark.parametrize(
    ("text", "heard", "unheard"),
    [
        ("Klinik Sid", ["800-555-0111", "20 Krome Ave"], []),
        ("sant zetwal", ["Nou pa t ka konfime", "211"], ["Zetwal"]),
        ("klib palmis", ["Nou pa ka ede w ak sa", "211"], ["Palmis"]),
        ("lwa 2020", ["se pa konsèy avoka", "poko pase", "211"], []),
        ("kay fanm", ["800-555-0114", "Pou fanm"], []),
    ],
)
def test_a_service_by_name(county: Book, text: str, heard: list[str], unheard: list[str]) -> None:
    """A service asked for by name is given as far as it may be, else what may be given."""
    Chat(county).says("kreyol", text).hears(*heard).hears_not(*unheard)


def test_an_unlisted_service_is_never_in_a_list(county: Book, book: Book) -> None:
    """Only listed services come up in searches, whatever the need."""
    for one in (county, book):
        for need in one.needs.needs.values():
            word = next(word for words in need.words.values() for word in words)
            chat = Chat(one).says(f"{word} {min(one.gazetteer.lexicon.zips)}")
            options = chat.session.options if chat.session else ()
            assert all(one.directory.services[each].offer == "listed" for each in options)
