"""A language that nobody has reviewed yet: off unless named, and nothing but texts and words."""

import re
from pathlib import Path

import pytest

from bot.files import read_folder
from bot.flow.book import Book
from bot.flow.check import check
from bot.flow.check.transcripts import summary
from bot.flow.load import load
from bot.text.phrases import Phrases
from tests.chat import Chat

FLOWS = Path(__file__).parents[2] / "flows"
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
ALARMS = {
    "진짜 죽고싶어요": "suicide",
    "남편이 칼을 들고 있어요": "weapon",
    "친구가 숨을 안 쉬어요 도와주세요": "overdose",
    "방에 갇혀 있어요": "held",
    "어떤 남자가 저를 따라와요": "stalker",
    "살려주세요": "emergency",
    "어젯밤에 성폭행 당했어요": "assault",
    "저 15살이에요": "minor",
    "우리 딸이 없어졌어요": "missing-child",
    "포주가 여권을 뺏었어요": "controlled",
    "남편이 저를 때려요": "violence",
}
ORDINARY = (
    "배고파 죽겠어요",
    "시간을 죽이고 있어요",
    "감사했어요",
    "방을 구해주세요",
    "총 세 명이에요",
    "약을 다 먹었어요",
    "제 여권을 갱신하고 싶어요",
    "쉬고 싶어요",
)


@pytest.fixture(scope="module")
def drafted() -> Book:
    """Give the book that ships with its Korean on."""
    made, problems = load(read_folder(FLOWS), drafts={"ko"})
    assert made, "\n".join(map(str, problems))
    return made


def test_a_draft_is_off_by_default(book: Book) -> None:
    """The book that ships has no draft on, and no table holds a word of it."""
    assert book.languages == ("en", "es")
    assert not book.drafts
    tables = [one.table for one in vars(book.lexicon).values() if isinstance(one, Phrases)]
    words = {word for table in tables for phrase in table for word in phrase}
    assert words
    assert not [one for one in words | book.lexicon.speller.ours if HANGUL.search(one)]


@pytest.mark.parametrize("text", ["안녕하세요", "한국어", "쉼터", "죽고 싶어요", "그만", "메뉴"])
def test_no_word_of_a_draft_is_heard(book: Book, text: str) -> None:
    """While it is off, its greeting, its name, its needs and its dangers say nothing."""
    reading = book.lexicon.read(text)
    heard = (reading.danger, reading.command, reading.switch, reading.language, reading.trigger)
    assert not any(heard)
    assert not reading.needs
    chat = Chat(book).says(text).at("main.start").hears("Talk to a person now")
    assert not HANGUL.search(chat.reply)


@pytest.mark.parametrize("text", ["안녕하세요", "한국어", "korean", "도와주세요"])
def test_the_front_door_opens_in_korean(drafted: Book, text: str) -> None:
    """A greeting, or the language's name, brings the menu in it; numbers and words go on."""
    chat = Chat(drafted).says(text).at("main.start").hears("\n2 머물 곳", "911")
    chat.hears_not("A place to stay").says("머물 곳").at("shelter.start").hears("오늘 밤 잘 곳")
    chat.says("1").hears_phrase("ask-place", "ko").says("한인타운").sees("list")


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("쉼터 90005", "shelter.tonight"),
        ("90005 근처 병원", "health.doctor"),
        ("코리아타운 성병 검사", "health.clinic"),
        ("변호사가 필요해요 90005", "legal.lawyers"),
    ],
)
def test_one_text_is_enough(drafted: Book, text: str, spot: str) -> None:
    """A need and a place in one Korean text bring the list, its hours and its foot in Korean."""
    chat = Chat(drafted).says(text).at(spot, "list").hears("Koreatown 근처에서")
    chat.hears("'더보기'").hears_not("Call before").says("1").hears_phrase("call-first", "ko")
    chat.says("뒤로").sees("list").says("메뉴").at("main.start")


@pytest.mark.parametrize(("text", "name"), ALARMS.items())
def test_danger_is_answered_in_korean(drafted: Book, text: str, name: str) -> None:
    """Whatever language the talk was in, danger in Korean gets the Korean answer first."""
    reply = drafted.danger.classes[name].reply["ko"]
    chat = Chat(drafted).says("hi", text)
    assert chat.turn.events == ("danger", name)
    assert chat.reply == reply


def test_every_korean_word_of_danger_is_heard(drafted: Book) -> None:
    """Each one alone and inside a sentence, as its own class or one before it."""
    order = list(drafted.danger.classes)
    for name, group in drafted.danger.classes.items():
        for word in group.words["ko"]:
            for text in (word, f"음 {word} 음"):
                heard = drafted.lexicon.read(text).danger
                assert heard, text
                assert order.index(heard) <= order.index(name), text


@pytest.mark.parametrize("text", ORDINARY)
def test_everyday_korean_is_no_danger(drafted: Book, text: str) -> None:
    """Words that look like those of danger, and figures of speech, raise no alarm."""
    assert not drafted.lexicon.read(text).danger


def test_the_language_sticks_until_it_is_switched(drafted: Book) -> None:
    """Numbers and ZIPs keep Korean; ENGLISH shows the same screen in English, and back."""
    chat = Chat(drafted).says("안녕하세요", "5", "3", "90005").hears_phrase("list-more", "ko")
    chat.says("english").sees("list").hears_phrase("list-more", "en").says("2").hears(
        "Call before"
    )
    chat.says("한국어").hears_phrase("list-more", "ko")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("그만", "stopped"),
        ("문자 보내지 마세요", "stopped"),
        ("지워 주세요", "erased"),
        ("도움말", "help"),
    ],
)
def test_the_global_words_are_heard(drafted: Book, text: str, phrase: str) -> None:
    """Stop, erase and help work in Korean wherever one stands."""
    Chat(drafted).says("안녕하세요", "2", text).hears_phrase(phrase, "ko")


def test_what_is_not_written_yet_is_said_in_the_default_language(drafted: Book) -> None:
    """A node without Korean answers in English, and the talk goes on in Korean."""
    chat = Chat(drafted).says("안녕하세요", "4").at("leaving.start")
    assert not HANGUL.search(chat.reply)
    assert chat.reply == Chat(drafted).says("hi", "4").reply
    chat.says("메뉴").hears("머물 곳")


def test_check_proves_the_drafts_too(drafted: Book) -> None:
    """With the draft on no rule is broken, and the summary tells what it costs."""
    assert [str(problem) for problem in check(drafted)] == []
    costs = [line for line in summary(drafted) if line.startswith("draft ko: ")]
    assert len(costs) == 1
    assert re.search(r"\d+ replies cost so many segments: .*\d+ of 2", costs[0])
