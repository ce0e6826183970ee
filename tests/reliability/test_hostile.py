"""Anything at all is sent to the whole line: always an answer, never an error of ours."""

import random
import subprocess
import sys
import unicodedata
import urllib.parse
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as sized
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from werkzeug.wrappers import Request

from bot.settings import Settings
from bot.text.segments import sendable
from bot.web.site import message, sign
from tests.chat import county, shipped
from tests.reliability.anything import METHODS, PATHS, anything
from tests.reliability.conftest import NUMBER, sid
from tests.reliability.hostile import (
    FORM,
    LATER,
    REFUSED,
    Answer,
    Crowd,
    ask,
    judged,
)
from tests.reliability.soak import OWN, soak

QUICK = partial(sized, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANY = st.text(st.characters(exclude_categories=()), max_size=1700)
"""Any code points, lone surrogates too."""
LATIN = st.text(st.characters(max_codepoint=255), max_size=30)


@pytest.fixture
def crowd(settings: Settings, caplog: pytest.LogCaptureFixture) -> Crowd:
    """Give a crowd before the shipped line."""
    caplog.set_level("INFO", "porchlight")
    return Crowd(settings, shipped(), random.Random(20261122))


class Storm(RuleBasedStateMachine):
    """Two phones that say anything, twice, late, and want to be forgotten."""

    crowd: Crowd

    @initialize()
    def begins(self) -> None:
        """Start with two phones never seen."""
        self.phones = self.crowd.stranger(), self.crowd.stranger()
        self.crowd.wrong.clear()
        self.crowd.troubles.seen.clear()

    @rule(which=st.integers(0, 1), text=st.text(max_size=300))
    def says_noise(self, which: int, text: str) -> None:
        """Send any characters that a text may hold."""
        self.crowd.text(text, self.phones[which])

    @rule(which=st.integers(0, 1), dice=st.randoms(use_true_random=False))
    def says_something(self, which: int, dice: random.Random) -> None:
        """Send numbers, the book's words whole or broken, commands, or length."""
        self.crowd.text(anything(dice, self.crowd.words, self.crowd.commands), self.phones[which])

    @rule(which=st.integers(0, 1))
    def comes_twice(self, which: int) -> None:
        """Deliver the newest text again."""
        self.crowd.repeat(self.phones[which])

    @rule(seconds=st.sampled_from([1, 119, 601, 1801, 86_400]))
    def waits(self, seconds: int) -> None:
        """Let time pass."""
        self.crowd.later(seconds)

    @rule(which=st.integers(0, 1), text=st.text(max_size=40), way=st.sampled_from([*LATER]))
    def is_forgotten(self, which: int, text: str, way: str) -> None:
        """Ask to be forgotten, or stay away; then be a stranger."""
        self.crowd.forget(self.phones[which], text, way)

    @invariant()
    def all_is_well(self) -> None:
        """Nothing was ever wrong, and nothing broke inside."""
        assert not self.crowd.wrong
        assert not OWN & self.crowd.troubles.seen.keys()


def test_whatever_two_phones_do_the_line_answers(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message at most, sendable, the same for a copy, a stranger's for one forgotten."""
    monkeypatch.setattr(Storm, "crowd", crowd, raising=False)
    with crowd.listening():
        run_state_machine_as_test(Storm, settings=QUICK(max_examples=12, stateful_step_count=15))


def test_a_crowd_is_answered(crowd: Crowd) -> None:
    """Forty phones, copies, strangers and knocks: nothing is wrong; the long run is `soak`."""
    soak(crowd, 150, 60)
    assert not crowd.wrong
    assert not OWN & crowd.troubles.seen.keys()
    assert min(crowd.sent[one] for one in ("text", "repeat", "knock")) > 0


GOOD = '<?xml version="1.0" encoding="UTF-8"?><Response><Message>a</Message></Response>'


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, GOOD, ""),
        (200, "<Response />", ""),
        (500, GOOD, "status 500"),
        (200, GOOD.replace("a<", "\x01<"), "unparsable"),
        (200, GOOD.replace("a<", "&#xFFFE;<"), "unparsable"),
        (200, GOOD.replace("</R", "<Message/></R"), "other than one message"),
        (200, GOOD.replace("Message", "Redirect"), "other than one message"),
        (200, GOOD.replace("a<", "\u202e<"), "unsendable"),
        (200, GOOD.replace("a<", "a" * 1601 + "<"), "over 1,600 characters"),
        (200, GOOD.replace("a<", "\U0001f600" * 801 + "<"), "over 1,600 characters"),
    ],
)
def test_the_judge_sees_each_fault(status: int, body: str, fault: str) -> None:
    """What the crowd counts is what a provider would trip over."""
    assert judged(Answer(status, body.encode()))[0] == fault


@QUICK(max_examples=200)
@given(reply=ANY)
@example("\x00\ud800\ufffe\uffff\u202e\u2066\u200b\ufeff\r\x85\u2028]]>&#0;<!--")
@example("\U0001f600" * 801)
@example("a" + "\U0001f600" * 800)
@example("\ud83d" * 1600)
def test_any_code_points_come_out_as_they_were_sent(reply: str) -> None:
    """Whatever is said, lone surrogates too, the XML holds what a text can carry of it."""
    fault, heard = judged(Answer(200, message(reply).get_data()))
    assert (fault, heard) == ("", sendable(reply) if sendable(reply).strip() else "")


def test_digits_of_every_script_are_numbers() -> None:
    """Each decimal digit that Unicode knows picks what its value picks, in any keyboard."""
    digits = [one for one in map(chr, range(0x110000)) if one.isdecimal()]
    assert len(digits) > 600
    for one in digits:
        assert county().lexicon.read(one).number == unicodedata.decimal(one), hex(ord(one))


TWOS = (
    *("\u0662", "\u0968", "\uff12", "\U0001d7d0", "\u00b2", "\u2461", "2\ufe0f\u20e3", "2."),
    *("\u200b2", "2\u200d", "\u202e2", "\u20672\u2069", "\ufeff2", "(2)", " 2\n", "2\x00"),
)


def test_a_two_is_a_two(crowd: Crowd) -> None:
    """In a menu a number in another script, a circle, or among invisible marks is the number."""
    replies = {}
    for typed in ("2", *TWOS):
        phone = crowd.stranger()
        crowd.text("hi", phone)
        replies[typed] = crowd.text(typed, phone)
    assert [one for one in TWOS if replies[one] != replies["2"]] == []
    assert not crowd.wrong


@QUICK(max_examples=150)
@given(
    method=st.sampled_from(METHODS) | st.text(st.characters(max_codepoint=255), max_size=9),
    path=st.sampled_from(PATHS) | LATIN | LATIN.map("/sms/{}".format),
    query=LATIN,
    body=st.binary(max_size=200),
    kind=st.sampled_from(["", FORM, "application/json", "multipart/form-data; boundary=x"])
    | LATIN,
    size=st.none()
    | st.sampled_from(["", "-1", "x", "1e3", "9" * 5000, "\u0663".encode().decode("latin-1")]),
    signature=LATIN,
)
def test_any_request_that_is_not_the_providers_is_refused(crowd: Crowd, **asked: Any) -> None:
    """Any method, page, form, header or length gets 403, 404, 405 or 413, and never a 5xx."""
    headers = {"CONTENT_TYPE": asked["kind"], "HTTP_X_TWILIO_SIGNATURE": asked["signature"]}
    headers |= {} if asked["size"] is None else {"CONTENT_LENGTH": asked["size"]}
    given = (asked["method"], asked["path"], asked["body"], asked["query"])
    answer = ask(crowd.app, *given, **headers)
    health = asked["path"] == "/health" and asked["method"] in ("GET", "HEAD")
    assert answer.status in ({200} if health else REFUSED)
    assert health or not answer.body


def test_a_megabyte_is_refused(crowd: Crowd) -> None:
    """A body of 1 MB gets 413; one that hides its length is cut, and no signature fits it."""
    megabyte = b"Body=" + b"x" * 2**20
    hidden = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    for path in ("/sms", "/sms/", "/voice"):
        for kind in (FORM, f"{FORM}; charset=x"):
            told = ask(crowd.app, "POST", path, megabyte, CONTENT_TYPE=kind)
            untold = ask(crowd.app, "POST", path, megabyte, CONTENT_TYPE=kind, **hidden)
            assert (told.status, untold.status) == (413, 403)
            assert told.body + untold.body == b""


@QUICK(max_examples=60)
@given(
    fields=st.fixed_dictionaries(
        {
            "Body": st.binary(max_size=60),
            "From": st.sampled_from([NUMBER.encode()]) | st.binary(max_size=20),
        },
        optional={"OptOutType": st.binary(max_size=9), "MediaUrl0": st.binary(max_size=9)},
    )
)
def test_bytes_of_any_kind_in_a_signed_form(crowd: Crowd, fields: dict[str, bytes]) -> None:
    """However its bytes are broken, a form that the provider signed is answered or refused."""
    form = {"AccountSid": b"AC" + b"0" * 32, "MessageSid": sid().encode(), **fields}
    body = urllib.parse.urlencode(form).encode()
    read = Request.from_values(
        input_stream=BytesIO(body), content_length=len(body), content_type=FORM, method="POST"
    ).form
    signature = sign(f"{crowd.settings.public_url}/sms", read, crowd.settings.tokens[0].reveal())
    answer = ask(
        crowd.app, "POST", "/sms", body, CONTENT_TYPE=FORM, HTTP_X_TWILIO_SIGNATURE=signature
    )
    assert answer.status == 403 or not judged(answer)[0]


@pytest.mark.long
def test_a_long_storm() -> None:
    """A million things that anybody may send, or half an hour of them: nothing is wrong."""
    command = [sys.executable, "-m", "tests.reliability.soak", "1000000", "31"]
    assert subprocess.run(command, check=False).returncode == 0
