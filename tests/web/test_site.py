import xml.etree.ElementTree as ET

import pytest

from bot.web.site import HEADER, sign, spoken
from tests.web.conftest import METRICS_TOKEN, TOKENS, URL, Edge

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/sms", {"POST"}), ("/sms/", {"POST"}), ("/voice", {"POST"}), ("/health", {"GET", "HEAD"})],
)
def test_other_methods_get_a_bare_405(edge: Edge, path: str, allowed: set[str]) -> None:
    """Each page answers its own method only, and an error says nothing."""
    for method in set(METHODS) - allowed:
        answer = edge.client.open(path, method=method)
        assert (answer.status_code, answer.data) == (405, b""), method
        assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path", ["/", "/admin", "/static/x", "//sms", "/sms/x", "/voice/", "/SMS"]
)
@pytest.mark.parametrize("method", METHODS)
def test_other_paths_get_a_bare_404(edge: Edge, path: str, method: str) -> None:
    """There is nothing else on the public port, not even a redirect."""
    answer = edge.client.open(path, method=method)
    assert (answer.status_code, answer.data) == (404, b"")


def test_answers_carry_the_guarding_headers(edge: Edge) -> None:
    """No answer is kept, framed or guessed at, errors included."""
    for answer in (
        edge.client.get("/health"),
        edge.client.get("/nowhere"),
        edge.client.post("/sms"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_health_tells_nothing_about_anybody(edge: Edge) -> None:
    """The health page holds three words, and the rules that a refused edit breaks."""
    assert edge.client.get("/health").json == {
        "status": "ok",
        "redis": "up",
        "book": "abc",
        "refused": {"syntax": 2},
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer " + METRICS_TOKEN}, 200),
        ({}, 404),
        ({"Authorization": METRICS_TOKEN}, 404),
        ({"Authorization": "Bearer "}, 404),
        ({"Authorization": "Bearer " + METRICS_TOKEN + "x"}, 404),
        ({"Authorization": "Bearer \u00e9\u00ff"}, 404),
        ({"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Host": "127.0.0.1"}, 404),
    ],
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.2", "203.0.113.9"])
def test_counts_are_shown_for_the_token_alone(
    edge: Edge, headers: dict[str, str], status: int, peer: str
) -> None:
    """Where a reader comes from, or says it comes from, opens nothing; without the token: 404."""
    answer = edge.client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status
    assert answer.data == (b"turns 1\n" if status == 200 else b"")


def test_a_caller_hears_the_lines_twice(edge: Edge) -> None:
    """A call is answered in every language, repeated, and ended."""
    given = {"CallSid": "CA" + "0" * 32, "From": "+12135550147"}
    headers = {HEADER: sign(URL + "/voice", given, TOKENS[0])}
    answer = edge.client.post("/voice", data=given, headers=headers)
    verbs = [verb for verb in ET.fromstring(answer.text) if verb.tag != "Pause"]
    said = [(verb.tag, verb.get("language"), verb.text) for verb in verbs]
    once = [("Say", "en-US", "Call 9 8 8."), ("Say", "es", "Hola")]
    assert said == [*once, *once, ("Hangup", None, None)]


def test_an_unsigned_call_is_refused(edge: Edge) -> None:
    """Nobody but the provider is spoken to."""
    answer = edge.client.post("/voice", data={"CallSid": "CA"})
    assert (answer.status_code, answer.data) == (403, b"")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Call 911 or 988.", "Call 9 1 1 or 9 8 8."),
        ("1-888-373-7888", "1, 8 8 8, 3 7 3, 7 8 8 8"),
        ("(213) 555-0100", "(2 1 3) 5 5 5, 0 1 0 0"),
        ("Open 24 hours, 7 days.", "Open 24 hours, 7 days."),
        ("Text 233733\x00", "Text 2 3 3 7 3 3"),
    ],
)
def test_numbers_are_spoken_digit_by_digit(text: str, heard: str) -> None:
    """A number is heard as its digits, with a rest at each dash."""
    assert spoken(text) == heard
