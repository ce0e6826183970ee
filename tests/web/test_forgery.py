import base64
import hashlib
import hmac
import json
import logging
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask, Request
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from bot.app import create_app, open_book, running
from bot.settings import Settings
from bot.web.site import HEADER, verifier
from tests.web.conftest import NUMBER, Edge, form

ROUNDS = 10_000
BOOK = open_book(Path(__file__).parent.parent / "county")
LINE = "https://line.example"
TOKEN, SHARED = "token", "shared-key"
SHA1, SHA256 = "HMAC_SHA1", "HMAC_SHA256"
PORTS = {"https": "443", "http": "80"}
Fields = list[tuple[str, str]]


def signed(url: str, fields: Fields, key: str = TOKEN, way: str = SHA1) -> str:
    """Sign as the provider's documentation says, without its library."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.digest(key.encode(), text.encode(), {SHA1: "sha1", SHA256: "sha256"}[way])
    return base64.b64encode(digest).decode()


def some_text(dice: random.Random, most: int = 12) -> str:
    """Make any text that UTF-8 can carry, rich in what forms and URLs treat apart."""
    marks = "aB9 +&=%;/?#\x00\n\r\t\u00e9\u4e2d\u202e\U0001f600\ufeff\u00a0"
    return "".join(dice.choices(marks, k=dice.randrange(most)))


def changed(dice: random.Random, fields: Fields) -> Fields:
    """Drop, add, change, repeat or shift the border of one field."""
    at = dice.randrange(len(fields))
    name, value = fields[at]
    return dice.choice(
        (
            [*fields[:at], *fields[at + 1 :]],
            [*fields, (name, some_text(dice))],
            [*fields[:at], (name, value + " "), *fields[at + 1 :]],
            [*fields, (name, value)],
            [*fields[:at], (name + value[:1], value[1:]), *fields[at + 1 :]],
            fields[::-1],
        )
    )


def test_random_requests_agree_with_the_library_both_ways() -> None:
    """Ours, the provider's library and its documentation accept and refuse the same requests."""
    dice, verdicts = random.Random(20261123), [0, 0]
    for _ in range(ROUNDS):
        scheme, host = dice.choice((*PORTS,)), dice.choice(("a.example", "127.0.0.1", "x"))
        port = dice.choice(("", "443", "80", "8443"))
        public = f"{scheme}://{host}{port and ':' + port}{dice.choice(('', '/p', '/p/q'))}"
        path = dice.choice(("/sms", "/sms/", "/voice"))
        query = dice.choice(("", "a=%41&b=", "x", "q=1?2/3+4"))
        url = public + path + (query and f"?{query}")
        fields = [("Body", "x")]
        fields += [(some_text(dice, 4) or "N", some_text(dice)) for _ in range(dice.randrange(4))]
        way = dice.choice((SHA1, SHA256))
        kept, key = fields, dice.choice((TOKEN, SHARED))
        if dice.random() < 0.5:
            kept = changed(dice, fields) or fields
        signature = signed(url, kept, key, way)
        if dice.random() < 0.1:
            signature = dice.choice(
                (signature[1:], signature + "=", "", "\xff", signature.swapcase())
            )
        bare = url.replace(f":{port}", "", 1) if port else url
        full = url if port else url.replace(host, f"{host}:{PORTS[scheme]}", 1)
        pinned, mine = {SHA1: TOKEN, SHA256: SHARED}[way], MultiDict(fields)
        documented = signature in {signed(one, fields, pinned, way) for one in (bare, full)}
        assert RequestValidator(pinned).validate(url, mine, signature, way) == documented
        given = EnvironBuilder(path, method="POST", query_string=query, data=mine)
        given.headers[HEADER] = signature
        assert verifier(public, [TOKEN], [SHARED])(Request(given.get_environ())) == documented
        verdicts[documented] += 1
    assert min(verdicts) > ROUNDS / 5


@pytest.mark.parametrize(
    ("key", "way", "accepted"),
    [(TOKEN, SHA1, 200), (SHARED, SHA256, 200), (TOKEN, SHA256, 403), (SHARED, SHA1, 403)],
)
@pytest.mark.parametrize("said", ["", SHA1, SHA256, "MD5", "none"])
def test_the_key_fixes_the_algorithm(
    house: Flask, key: str, way: str, accepted: int, said: str
) -> None:
    """Whatever algorithm a header names, each key is good for its own only."""
    given = form()
    headers = {
        HEADER: signed(f"{LINE}/sms", [*given.items()], key, way),
        "X-Twilio-Webhooks-Signature-Settings": f"key=webhooks_sharedkey_1,algorithm={said}",
    }
    assert house.test_client().post("/sms", data=given, headers=headers).status_code == accepted


@pytest.fixture
def house(redis_url: str) -> Iterator[Flask]:
    """Give the whole line with a token, a shared key and a real store."""
    env = {
        "PUBLIC_URL": LINE,
        "REDIS_URL": redis_url,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_SHARED_KEYS": SHARED,
    }
    with running(Settings.from_env(env)) as settings:
        yield create_app(settings, BOOK)


GIVEN = form("canary")
SHIFTED = {name: text for name, text in GIVEN.items() if name != "From"}
SHIFTED["Body"] += "From" + NUMBER
JSON = json.dumps(GIVEN).encode()
HASHED = f"/sms?bodySHA256={hashlib.sha256(JSON).hexdigest()}"
FORM = "application/x-www-form-urlencoded"


def _by(path: str = "/sms", given: dict[str, str] = GIVEN, url: str = LINE, **more: str) -> str:
    return signed(url + path, [*given.items()], **more)


SHAPE = '{"event": "refused", "reason": "shape"}'
Refused = tuple[str, object, dict[str, str]]
REFUSED: dict[str, Refused] = {
    "no signature": ("/sms", GIVEN, {}),
    "an empty signature": ("/sms", GIVEN, {HEADER: ""}),
    "a garbled signature": ("/sms", GIVEN, {HEADER: "\xff\xfe canary"}),
    "a long signature": ("/sms", GIVEN, {HEADER: "A" * 60_000}),
    "two signatures in one": ("/sms", GIVEN, {HEADER: f"{_by()}, {_by()}"}),
    "a signature in hex": ("/sms", GIVEN, {HEADER: base64.b64decode(_by()).hex()}),
    "another key": ("/sms", GIVEN, {HEADER: _by(key="canary")}),
    "an empty key": ("/sms", GIVEN, {HEADER: _by(key="")}),
    "another path": ("/sms", GIVEN, {HEADER: _by("/voice")}),
    "a slash more": ("/sms/", GIVEN, {HEADER: _by("/sms")}),
    "an encoded path": ("/s%6ds", GIVEN, {HEADER: _by("/s%6ds")}),
    "a fragment": ("/sms", GIVEN, {HEADER: _by("/sms#rc=3")}),
    "a query more": ("/sms?canary=1", GIVEN, {HEADER: _by()}),
    "a query less": ("/sms", GIVEN, {HEADER: _by("/sms?canary=1")}),
    "another host": ("/sms", GIVEN, {HEADER: _by(url="https://canary"), "Host": "canary"}),
    "another port": ("/sms", GIVEN, {HEADER: _by(url=f"{LINE}:8443"), "Host": f"{LINE}:8443"}),
    "no TLS": (
        "/sms",
        GIVEN,
        {HEADER: _by(url="http://line.example"), "X-Forwarded-Proto": "http"},
    ),
    "a forwarded host": (
        "/sms",
        GIVEN,
        {
            HEADER: _by(url="https://canary"),
            "X-Forwarded-Host": "canary",
            "Forwarded": "host=canary;proto=https",
            "X-Original-URL": "https://canary/sms",
        },
    ),
    "shifted borders": ("/sms", SHIFTED, {HEADER: _by()}),
    "a field twice": ("/sms", MultiDict([*GIVEN.items(), ("Body", "canary")]), {HEADER: _by()}),
    "JSON": ("/sms", JSON, {HEADER: _by(given={}), "Content-Type": "application/json"}),
    "JSON with its hash": (
        HASHED,
        JSON,
        {HEADER: _by(HASHED, {}), "Content-Type": "application/json"},
    ),
    "JSON called a form": (HASHED, JSON, {HEADER: _by(HASHED, {}), "Content-Type": FORM}),
    "a lone surrogate": ("/sms", b"Body=%ED%A0%80canary", {HEADER: _by(), "Content-Type": FORM}),
    "no UTF-8": ("/sms", b"Body=\xff%ffcanary", {HEADER: _by(), "Content-Type": FORM}),
    "UTF-16": (
        "/sms",
        "Body=canary".encode("utf-16"),
        {HEADER: _by(), "Content-Type": f"{FORM}; charset=utf-16"},
    ),
    "a form in parts": (
        "/sms",
        GIVEN,
        {HEADER: _by(), "Content-Type": "multipart/form-data; boundary=canary"},
    ),
    "nothing": ("/sms", b"", {HEADER: _by(given={}), "Content-Type": FORM}),
}


@pytest.mark.parametrize(("path", "body", "headers"), REFUSED.values(), ids=REFUSED.keys())
def test_a_forgery_reaches_neither_the_store_nor_the_log(
    house: Flask,
    redis_client: redis.Redis,
    caplog: pytest.LogCaptureFixture,
    path: str,
    body: object,
    headers: dict[str, str],
) -> None:
    """A forged request gets an empty 403, no Redis command, and one log line of fixed words."""
    caplog.set_level(logging.DEBUG)
    before = redis_client.info("stats")["total_commands_processed"]
    answer = house.test_client().post(path, data=body, headers=headers)
    after = redis_client.info("stats")["total_commands_processed"]
    assert (answer.status_code, answer.data) == (403, b"")
    assert after - before == 1  # counting is a command
    (line,) = caplog.messages
    assert line in ('{"event": "refused", "reason": "signature"}', SHAPE)


@pytest.mark.parametrize("size", [65 * 1024, 1 << 20, 5 << 20])
@pytest.mark.parametrize("path", ["/sms", "/voice"])
def test_a_flood_of_a_body_is_refused_unread(
    house: Flask, redis_client: redis.Redis, caplog: pytest.LogCaptureFixture, path: str, size: int
) -> None:
    """A body over the limit gets an empty 413 even when signed, and nothing is stored or told."""
    caplog.set_level(logging.DEBUG)
    given = form("x" * size)
    headers = {HEADER: _by(path, given)}
    before = redis_client.info("stats")["total_commands_processed"]
    answer = house.test_client().post(path, data=given, headers=headers)
    assert redis_client.info("stats")["total_commands_processed"] - before == 1
    assert (answer.status_code, answer.data, caplog.messages) == (413, b"", [])


def test_the_whole_line_has_three_pages(house: Flask) -> None:
    """POST /sms, POST /voice and GET /health are all that the public port can be asked."""
    rules = [(one.rule, *sorted(one.methods or ())) for one in house.url_map.iter_rules()]
    assert sorted(rules) == [
        ("/health", "GET", "HEAD"),
        ("/sms", "POST"),
        ("/sms/", "POST"),
        ("/voice", "POST"),
    ]


def test_exchanging_the_key_under_load_loses_no_text(
    make_edge: Callable[..., Edge],
) -> None:
    """While texts stream in, the key is exchanged in three steps and every text is answered."""
    url = "https://line.example/a/sms"
    apps = [make_edge(keys=keys).app for keys in (("old",), ("new", "old"), ("new",))]
    serving, signing = [apps[0]], ["old"]
    sent, lost = [0] * 4, [0] * 4
    done = threading.Event()

    def text(me: int) -> None:
        while not done.is_set():
            given = form()
            key = signing[0]
            headers = {HEADER: signed(url, [*given.items()], key)}
            served = serving[0].test_client().post("/sms", data=given, headers=headers)
            lost[me] += served.status_code != 200
            sent[me] += 1

    threads = [threading.Thread(target=text, args=(me,)) for me in range(4)]

    def settle() -> None:
        goal = [count + 20 for count in sent]
        while any(map(int.__lt__, sent, goal)) and all(one.is_alive() for one in threads):
            done.wait(0.001)

    for thread in threads:
        thread.start()
    settle()
    serving[0] = apps[1]
    settle()
    signing[0] = "new"
    settle()
    serving[0] = apps[2]
    settle()
    done.set()
    for thread in threads:
        thread.join()
    assert lost == [0] * 4
    assert min(sent) >= 80
