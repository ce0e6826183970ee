"""What a text costs, and what of it can be sent at all."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.segments import MAX_LENGTH, economise, is_gsm7, not_gsm7, segments, sendable

GRIN = "\U0001f600"
anything = st.text(st.characters(exclude_categories=()))
spanish = st.text("aeiouáéíóúüñÑÁÉÍÓÚ¿¡ .,-\u2014\u201c\u201d\u2026\u00a0[]{}", max_size=400)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 152 + "[" + "a" * 152, 3),
        ("a" * 151 + "[" + "a" * 153, 2),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("é" * 160, 1),
        ("ñ" * 160, 1),
        ("a" * 66 + GRIN + "a" * 66, 3),
        (GRIN * 35, 1),
        (GRIN * 36, 2),
        ("a" * 1600, 11),
        ("á" * 1600, 24),
        ("a" * 76 + "\u2019", 2),
    ],
)
def test_segments_are_counted_as_the_provider_bills_them(text: str, count: int) -> None:
    """Counts agree with the provider's own calculator."""
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("clínica", "clínica"),
        ("á" * 71, "a" * 71),
        ("Dónde está? " * 8, "Donde esta? " * 8),
        ("niño, ¿qué? Ü" * 10 + "ó", "niño, ¿qué? Ü" * 10 + "o"),
        ("a" * 76 + "\u2019", "a" * 76 + "'"),
        ("x\u2014y\u2026\u00a0\u2022z" * 20, "x-y... -z" * 20),
        ("ó" * 71 + GRIN, "ó" * 71 + GRIN),
        ("e\u0301" * 71, "é" * 71),
    ],
)
def test_a_text_is_folded_only_when_that_saves_a_segment(text: str, folded: str) -> None:
    """Letters outside GSM-7 give way where that is cheaper, and only there."""
    assert economise(text) == folded


@pytest.mark.parametrize(
    ("text", "dear"),
    [
        ("plain [x] €", ()),
        ("más información, más", ("á", "ó")),
        ("ok \u2019" + GRIN, ("\u2019", GRIN)),
    ],
)
def test_dear_characters_are_named_once(text: str, dear: tuple[str, ...]) -> None:
    """Each character that forces the dearer alphabet is named once, in order."""
    assert not_gsm7(text) == dear
    assert is_gsm7(text) is not bool(dear)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\x00b\x0bc\x1bd", "abcd"),
        ("two\r\nlines", "two\nlines"),
        ("a\tb", "a b"),
        ("a\ud800b\udfffc", "abc"),
        ("a\ufffeb\uffffc", "abc"),
        ("call \u202e119\u202c now\u2066", "call 119 now"),
        ("<b>&", "<b>&"),
        ("a" * 1700, "a" * 1600),
        ("a" * 1599 + GRIN, "a" * 1599),
    ],
)
def test_what_cannot_be_carried_is_taken_out(text: str, sent: str) -> None:
    """Control characters, halves of pairs and bidi overrides go; the rest stays, to 1,600."""
    assert sendable(text) == sent


@given(anything)
def test_whatever_is_sendable_survives_xml(text: str) -> None:
    """Any text at all becomes a body that XML carries unchanged and the provider takes."""
    body = sendable(text)
    element = ET.Element("Message")
    element.text = body
    read = ET.fromstring(ET.tostring(element, "utf-8")).text or ""
    assert read == body
    assert len(body.encode("utf-16-le")) // 2 <= MAX_LENGTH
    assert sendable(body) == body


@given(st.one_of(anything, spanish))
def test_economy_never_costs_more(text: str) -> None:
    """Folding never adds a segment, and never changes a text that is cheap already."""
    folded = economise(text)
    assert segments(folded) <= segments(text)
    assert economise(folded) == folded
    if is_gsm7(text):
        assert folded == text


@given(spanish, spanish)
def test_more_text_never_costs_less_in_one_alphabet(one: str, other: str) -> None:
    """A longer text in the same alphabet needs at least as many segments, and few more."""
    if is_gsm7(one) == is_gsm7(one + other):
        assert segments(one) <= segments(one + other) <= segments(one) + len(other) + 1
