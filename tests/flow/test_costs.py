"""What a reply may cost and carry: segments, the plain alphabet, length, XML."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bot.flow.book import Book
from bot.flow.engine import step
from bot.text.segments import is_gsm7, segments
from bot.web.site import message
from tests import chat
from tests.chat import TUESDAY, Chat, Stand

LANGUAGES = {
    "en": ("1", "more", "again", "place", "blarg"),
    "es": ("1", "mas", "repetir", "lugar"),
    "ht": ("1", "plis", "kote"),
}


def test_replies_are_three_plain_segments_at_most(of: Book, stand: Stand) -> None:
    """At every node and one text further every reply is GSM-7 and at most three segments."""
    for text in LANGUAGES[stand.language]:
        reply = Chat(of, stand.session).says(text).reply
        assert is_gsm7(reply), reply
        assert segments(reply) <= 3, f"{text}: {len(reply)} {reply}"


@given(st.text(), st.booleans())
def test_any_text_gets_an_answer_that_travels(text: str, known: bool) -> None:  # noqa: FBT001
    """Any characters at all bring a reply of 1,600 characters at most, whole in XML."""
    book = chat.county()
    session = Chat(book).says("dokte 33127").session if known else None
    reply = step(book, session, text, TUESDAY).reply
    assert reply
    assert len(reply) <= 1600
    parsed = ET.fromstring(message(reply).get_data())
    assert parsed.findtext("Message") == reply
