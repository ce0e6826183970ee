from collections.abc import Mapping

import pytest
from flask import Flask, request

from bot.web.site import HEADER, sign, verifier
from tests.web.conftest import SAFE, TOKENS, URL, Edge, form

CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
"""The provider's own example, from its library's tests (twilio-python, MIT)."""


@pytest.mark.parametrize(
    ("host", "signature"),
    [
        ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_the_providers_own_vectors_are_accepted(host: str, signature: str) -> None:
    """Every published signature of the provider holds, with and without a port."""
    with Flask("vectors").test_request_context(
        "/myapp.php?foo=1&bar=2", method="POST", data=CALL, headers={HEADER: signature}
    ):
        assert verifier(host, ["12345"])(request)
        assert not verifier(host, ["12346"])(request)


def test_the_providers_vector_of_repeated_names_is_accepted() -> None:
    """Values of one name are signed once each, sorted."""
    body = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"
    with Flask("vectors").test_request_context(
        "/myapp.php?foo=1&bar=2",
        method="POST",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={HEADER: "IK+Dwps556ElfBT0I3Rgjkr1wJU="},
    ):
        assert verifier("https://mycompany.com", ["12345"])(request)


@pytest.mark.parametrize("token", TOKENS)
def test_every_configured_key_is_accepted(edge: Edge, token: str) -> None:
    """Keys can be exchanged without losing a text."""
    given = form()
    answer = edge.client.post(
        "/sms", data=given, headers={HEADER: sign(URL + "/sms", given, token)}
    )
    assert "Text 1" in answer.text


def _signature(given: Mapping[str, str], url: str = URL + "/sms", token: str = TOKENS[0]) -> str:
    return sign(url, given, token)


GIVEN = form()
BAD_HEADERS: dict[str, dict[str, str]] = {
    "missing": {},
    "empty": {HEADER: ""},
    "garbled": {HEADER: "\xff\xfe=="},
    "wrong key": {HEADER: _signature(GIVEN, token="other")},
    "another text": {HEADER: _signature(GIVEN | {"Body": "x"})},
    "another host": {HEADER: _signature(GIVEN, "https://evil.example/sms")},
    "plain http": {HEADER: _signature(GIVEN, "http://line.example/a/sms")},
    "another path": {HEADER: _signature(GIVEN, URL + "/voice")},
    "upper-case host": {HEADER: _signature(GIVEN, "https://LINE.example/a/sms")},
    "a header that chooses the algorithm": {
        HEADER: _signature(GIVEN, token=""),
        "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_SHA256",
    },
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_bad_signature_changes_nothing(edge: Edge, headers: dict[str, str]) -> None:
    """Without a valid signature there is an empty 403, and the text counts for nothing."""
    answer = edge.client.post("/sms", data=GIVEN, headers=headers)
    assert (answer.status_code, answer.data, edge.refused) == (403, b"", ["signature"])
    assert "Text 1" in edge.say("first")
    assert edge.faults == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:99999"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"X-Forwarded-For": "6.6.6.6", "X-Original-URL": "/voice"},
    ],
)
def test_only_the_configured_url_counts(edge: Edge, headers: dict[str, str]) -> None:
    """A request's own words about its address are ignored both ways."""
    given = form()
    good = {HEADER: _signature(given)} | headers
    assert "Text 1" in edge.client.post("/sms", data=given, headers=good).text
    forged = {HEADER: _signature(given, "https://evil.example/sms")} | headers
    assert edge.client.post("/sms", data=given, headers=forged).status_code == 403


def test_the_raw_query_is_signed(edge: Edge) -> None:
    """A query is taken as it came, still encoded."""
    given, path = form(), "/sms?a=%41&b="
    answer = edge.client.post(path, data=given, headers={HEADER: _signature(given, URL + path)})
    assert "Text 1" in answer.text
    plain = {HEADER: _signature(given, URL + "/sms?a=A&b=")}
    assert edge.client.post(path, data=given, headers=plain).status_code == 403


def test_both_paths_answer_directly(edge: Edge) -> None:
    """A redirect would lose the text, so a slash at the end makes no difference."""
    assert "Text 1" in edge.send(form(), "/sms").text
    assert "Text 2" in edge.send(form(), "/sms/").text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"Body": "hi"}'),
        ("text/plain", b"Body=hi"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded", b"Body=\xff\xfe&From=%ED%A0%80"),
        ("application/x-www-form-urlencoded", b"\x00&&==%%%"),
    ],
)
@pytest.mark.parametrize("path", ["/sms", "/sms?bodySHA256=00", "/voice"])
def test_other_bodies_are_refused(edge: Edge, path: str, kind: str, body: bytes) -> None:
    """What is no form of the provider's gets an empty 403 and breaks nothing."""
    headers = {HEADER: _signature({}, URL + path)}
    answer = edge.client.post(path, data=body, content_type=kind, headers=headers)
    assert (answer.status_code, answer.data, edge.faults) == (403, b"", [])


def test_a_url_the_library_cannot_read_refuses() -> None:
    """An impossible port in the configured URL refuses instead of raising."""
    with Flask("port").test_request_context("/sms", method="POST", data={"Body": SAFE}):
        assert not verifier("https://line.example:99999", TOKENS)(request)
