"""The webhooks on a real Flask client and a real store, with a conversation of a few words."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.conversation import Conversation
from bot.flow.session import Session, Turn
from bot.storage.keys import Keyring, mark, new
from bot.storage.redis import store_from_url
from bot.web.site import HEADER, health, metrics, sign, site, verifier, voice
from bot.web.twilio import Line, sms

URL = "https://line.example/a"
TOKENS = ("newest-token", "older-token")
METRICS_TOKEN = "0123456789abcdef"
SAFE = "Call 911. Or text again."
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = "+12135550147"


def count(session: Session | None, text: str, _now: datetime) -> Turn:
    """Answer with a count of the texts; a few words break the step or end the session."""
    if text == "STOP":
        return Turn(None, "Stopped.")
    if text == "raise":
        raise RuntimeError(text)
    if text.startswith("say:"):
        return Turn(session, text.removeprefix("say:"))
    number = session.misses + 1 if session else 1
    return Turn(Session(misses=number), f"Text {number}")


def form(body: str = "shelter", **changes: str) -> dict[str, str]:
    """Make a form as the provider sends it, with a fresh MessageSid."""
    return {
        "AccountSid": "AC" + "0" * 32,
        "Body": body,
        "From": NUMBER,
        "MessageSid": "SM" + secrets.token_hex(16),
        "NumMedia": "0",
        "To": "+12135550100",
    } | changes


@dataclass
class Edge:
    """A line to send texts to, and what it told about them."""

    app: Flask
    refused: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    @property
    def client(self) -> FlaskClient:
        """Give a fresh client."""
        return self.app.test_client()

    def send(self, given: Mapping[str, str], path: str = "/sms") -> TestResponse:
        """Post a form as the provider does, signed."""
        headers = {HEADER: sign(URL + path, given, TOKENS[0])}
        return self.client.post(path, data=given, headers=headers)

    def say(self, body: str, **changes: str) -> str:
        """Text the line and give its answer."""
        return self.send(form(body, **changes)).text


@pytest.fixture
def make_edge(redis_url: str, tmp_path: Path) -> Callable[..., Edge]:
    """Make a line on a store; every test has a key, and so names, of its own."""
    new(tmp_path / "key", NOON)

    def make(url: str = redis_url, keys: Sequence[str] = TOKENS) -> Edge:
        edge = Edge(Flask("empty"))
        edge.app = site(SAFE, edge.faults.append)
        conversation = Conversation(count, store_from_url(url), SAFE)
        keyring = Keyring(tmp_path / "key")
        line = Line(
            conversation.answer, keyring.session_key, mark, lambda: NOON, edge.refused.append
        )
        verified = verifier(URL, keys)
        sms(edge.app, verified, line)
        voice(edge.app, verified, [("en-US", "Call 988."), ("es", "Hola")])
        health(edge.app, lambda: url == redis_url, "abc", {"syntax": 2})
        metrics(edge.app, METRICS_TOKEN, lambda: "turns 1\n")
        return edge

    return make


@pytest.fixture
def edge(make_edge: Callable[..., Edge]) -> Edge:
    return make_edge()
