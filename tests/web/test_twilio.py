import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bot.web.site import HEADER, sign
from tests.web.conftest import NUMBER, SAFE, TOKENS, URL, Edge, form

NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


def messages(xml: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(xml).findall("Message")]


def test_a_text_gets_one_message(edge: Edge) -> None:
    """A signed text gets one message as XML that nobody may keep."""
    answer = edge.send(form("shelter"))
    assert (answer.status_code, messages(answer.text)) == (200, ["Text 1"])
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_one_person_is_not_another(edge: Edge) -> None:
    """Each number has a session of its own."""
    assert messages(edge.say("a")) == ["Text 1"]
    assert messages(edge.say("a")) == ["Text 2"]
    assert messages(edge.say("a", From="+12135550148")) == ["Text 1"]


def test_a_duplicate_gets_the_same_bytes(edge: Edge) -> None:
    """A text delivered twice is answered once and repeated."""
    twice = form("shelter")
    assert edge.send(twice).data == edge.send(twice).data
    assert messages(edge.say("next")) == ["Text 2"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \t\n ",
        "x" * 1600,
        "\U0001f600\U0001f44d\U0001f3fd",
        "a\x00b\x07c\x1b[31m",
        "\u202e\u200b\ufeff",
        "\u00b2\u0661\u0967",
        "&lt;Message&gt;]]>",
        "Body=x&From=+19995550100",
    ],
)
def test_any_text_is_answered(edge: Edge, body: str) -> None:
    """However odd the text, the person gets an answer."""
    assert messages(edge.say(body)) == ["Text 1"]


def test_pictures_alone_are_an_empty_text(edge: Edge) -> None:
    """A picture without words is answered and never fetched."""
    media = {
        "NumMedia": "1",
        "MediaUrl0": "http://127.0.0.1:1/x",
        "MediaContentType0": "image/png",
    }
    assert messages(edge.say("", **media)) == ["Text 1"]


@pytest.mark.parametrize(
    "sender",
    ["22395", "262966", "PIZZA", "Bank 24", "whatsapp:+12135550147", "rcs:agent_1", "12135550147"],
)
def test_who_is_not_a_number_gets_silence(edge: Edge, sender: str) -> None:
    """Short codes, names and other channels get an empty answer and no turn."""
    answer = edge.send(form("hi", From=sender))
    assert (answer.status_code, answer.text, edge.refused) == (200, NO_REPLY, ["sender"])


@pytest.mark.parametrize(
    "sender",
    [
        "+12135550147", "+18765550147", "+525512345678", "+50370123456", "+50250123456",
        "+50933123456", "+639171234567", "+821012345678", "+8613812345678", "+447400123456",
    ],
)  # fmt: skip
def test_a_phone_of_any_country_is_answered(edge: Edge, sender: str) -> None:
    """Whoever was brought here may have only a phone from home."""
    assert messages(edge.say("a", From=sender)) == ["Text 1"]


@pytest.mark.parametrize(
    "sender",
    [
        "+881612345678", "+8821234567890", "+883510012345678", "+870773111632", "+979123456789",
        "+80012345678", "+99912345678", "+15550100", "+121355501470", "+266696687", "+52551234567",
    ],
)  # fmt: skip
def test_numbers_no_person_texts_with_get_silence(edge: Edge, sender: str) -> None:
    """Satellites, numbers of no country, and lengths that no phone there has cost us no reply."""
    answer = edge.send(form("hi", From=sender))
    assert (answer.status_code, answer.text, edge.refused) == (200, NO_REPLY, ["sender"])


BAD_SHAPES: dict[str, dict[str, str | list[str] | None]] = {
    "no body": {"Body": None},
    "no sender": {"From": None},
    "no message id": {"MessageSid": None},
    "no account": {"AccountSid": None},
    "only the old name of the id": {"MessageSid": None, "SmsSid": "SM" + "0" * 32},
    "short id": {"MessageSid": "SM00"},
    "id with a line break": {"MessageSid": "SM" + "0" * 32 + "\n"},
    "id of a call": {"MessageSid": "CA" + "0" * 32},
    "upper-case id": {"MessageSid": "SM" + "A" * 32},
    "odd account": {"AccountSid": "AC1"},
    "number too long": {"From": "+1234567890123456"},
    "number too short": {"From": "+12345"},
    "number from zero": {"From": "+01234567890"},
    "other digits": {"From": "+1213555\u0660147"},
    "number with a line break": {"From": NUMBER + "\n"},
    "empty sender": {"From": ""},
    "sender twice": {"From": [NUMBER, "+12135550148"]},
    "same sender twice": {"From": [NUMBER, NUMBER]},
    "body twice": {"Body": ["a", "b"]},
    "any name twice": {"Extra": ["a", "b"]},
}


@pytest.mark.parametrize("changes", BAD_SHAPES.values(), ids=BAD_SHAPES.keys())
def test_a_signed_form_of_another_shape_is_refused(
    edge: Edge, changes: dict[str, str | list[str] | None]
) -> None:
    """A signature alone does not make a text: the fields must be the provider's."""
    fields: dict[str, str | list[str] | None] = {**form(), **changes}
    kept = MultiDict({name: value for name, value in fields.items() if value is not None})
    headers = {HEADER: sign(URL + "/sms", kept, TOKENS[0])}
    answer = edge.client.post("/sms", data=kept, headers=headers)
    assert (answer.status_code, answer.data, edge.refused) == (403, b"", ["shape"])


def test_borders_cannot_be_shifted(edge: Edge) -> None:
    """A signature that also fits a form with shifted borders does not help whoever replays it."""
    honest = form("a")
    headers = {HEADER: sign(URL + "/sms", honest, TOKENS[0])}
    shifted = dict(honest)
    shifted["Body"] += "From" + shifted.pop("From")
    assert sign(URL + "/sms", shifted, TOKENS[0]) == headers[HEADER]
    assert edge.client.post("/sms", data=shifted, headers=headers).status_code == 403


def test_a_body_over_the_limit_is_refused(edge: Edge) -> None:
    """Nothing over 64 KB is read."""
    answer = edge.send(form("x" * 65 * 1024))
    assert (answer.status_code, answer.data) == (413, b"")


def test_stop_is_silent_where_the_provider_answers(edge: Edge) -> None:
    """When the provider has confirmed a stop, we say nothing more but still forget."""
    assert messages(edge.say("a")) == ["Text 1"]
    assert messages(edge.say("Please no more", OptOutType="STOP")) == []
    assert messages(edge.say("a")) == ["Text 1"]


def test_a_broken_turn_gives_the_safe_reply(edge: Edge) -> None:
    """A bug in a turn is answered with the safe reply."""
    assert messages(edge.say("raise")) == [SAFE]


def test_a_broken_edge_gives_the_safe_reply(edge: Edge, tmp_path: Path) -> None:
    """Even with the key file gone the person is answered, and the fault is told."""
    (tmp_path / "key").unlink()
    answer = edge.send(form())
    assert (answer.status_code, messages(answer.text)) == (200, [SAFE])
    assert [type(fault).__name__ for fault in edge.faults] == ["KeyFileError"]


def test_without_the_store_texts_are_answered(make_edge: Callable[..., Edge]) -> None:
    """With Redis gone every text is answered as if it were the first."""
    edge = make_edge("unix:///nowhere/redis.sock")
    assert [messages(edge.say("a")) for _ in range(7)] == [["Text 1"]] * 7
    assert edge.client.get("/health").json == {
        "status": "degraded",
        "redis": "down",
        "book": "abc",
        "refused": {"syntax": 2},
    }


def test_an_empty_reply_is_silence(edge: Edge) -> None:
    """A turn that says nothing sends no message."""
    assert edge.say("say:") == NO_REPLY


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(codec="utf-8"), max_size=1700))
def test_any_reply_is_good_xml(edge: Edge, reply: str) -> None:
    """Whatever a reply holds, the answer parses and is not longer than a text may be."""
    found = messages(edge.say("say:" + reply))
    assert len(found) <= 1
    assert all(len(one) <= 1600 for one in found)
