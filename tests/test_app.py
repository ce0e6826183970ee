import json
import logging
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import create, create_app, open_book, running
from bot.flow.book import Book
from bot.flow.session import Session, Turn
from bot.serve import inbound
from bot.settings import Settings, SettingsError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CANARY = "+12135550147 canary words 90057"


def hear(_book: Book, _session: Session | None, text: str, _now: datetime) -> Turn:
    """Answer anything, but break on the canary."""
    if text == CANARY:
        raise RuntimeError(text)
    return Turn(Session(), "Heard.", ("heard",))


BOOK = open_book(Path(__file__).parent / "county")


@pytest.fixture
def complete(redis_url: str) -> Iterator[Settings]:
    """Settings of a line with a real store and the rest made for this run."""
    with running(Settings.from_env({"REDIS_URL": redis_url})) as settings:
        yield settings


def test_a_text_goes_all_the_way(complete: Settings) -> None:
    """The whole house answers a signed text, and its health is good."""
    client = create_app(complete, BOOK, lambda: NOON, hear).test_client()
    form, headers = inbound(complete, "hello")
    answer = client.post("/sms", data=form, headers=headers)
    assert ET.fromstring(answer.text).findtext("Message") == "Heard."
    assert client.get("/health").json == {
        "status": "ok",
        "redis": "up",
        "book": BOOK.mark,
        "refused": {},
    }
    assert client.post("/voice").status_code == 403


@pytest.mark.parametrize("text", ["hello", CANARY])
def test_one_log_line_a_turn_and_nothing_typed(
    complete: Settings, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """A turn leaves one line: outcome, segments and a bucket of milliseconds."""
    caplog.set_level(logging.DEBUG)
    client = create_app(complete, BOOK, lambda: NOON, hear).test_client()
    form, headers = inbound(complete, text)
    reply = client.post("/sms", data=form, headers=headers).text
    turns = [json.loads(line) for line in caplog.messages if '"turn"' in line]
    outcome = "safe-reply" if text == CANARY else "answered"
    assert [(turn["outcome"], turn["segments"]) for turn in turns] == [(outcome, 1)]
    assert turns[0]["milliseconds"] in {5, 10, 20, 50, 100, 200, 500}
    assert ("911" in reply) == (text == CANARY)
    assert not [line for line in caplog.messages if "canary" in line or "5550147" in line]


def test_refusals_are_logged_as_one_word(
    complete: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator sees why texts are refused, and nothing of the texts."""
    caplog.set_level(logging.DEBUG)
    client = create_app(complete, BOOK, lambda: NOON, hear).test_client()
    client.post("/sms?canary", data={"Body": CANARY}, headers={"X-Twilio-Signature": CANARY})
    said = [json.loads(line) for line in caplog.messages if "refused" in line]
    assert said == [{"event": "refused", "reason": "signature"}]


def test_what_is_made_for_a_run_goes_with_it(complete: Settings) -> None:
    """The temporary key is there while the line runs and gone after."""
    with running(complete_without_key(complete)) as again:
        create_app(again, BOOK, lambda: NOON, hear)
        key_file = again.key_file
        assert key_file is not None
        assert key_file.exists()
    assert not key_file.parent.exists()


def complete_without_key(settings: Settings) -> Settings:
    """Give the settings as they are without a key file."""
    assert settings.redis_url is not None
    return Settings.from_env({"REDIS_URL": settings.redis_url.reveal()})


def test_a_key_file_is_made_once(complete: Settings, tmp_path: Path) -> None:
    """A first start makes the key file, a second one uses it."""
    assert complete.redis_url is not None
    env = {
        "REDIS_URL": complete.redis_url.reveal(),
        "PORCHLIGHT_KEY_FILE": str(tmp_path / "key"),
    }
    for _ in range(2):
        with running(Settings.from_env(env)) as settings:
            create_app(settings, BOOK, lambda: NOON, hear)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, ["PUBLIC_URL", "TWILIO_AUTH_TOKEN"]),
        ({"TWILIO_AUTH_TOKEN": "t"}, ["PUBLIC_URL"]),
        ({"TWILIO_SHARED_KEYS": "t"}, ["PUBLIC_URL"]),
        (
            {"PORT": "x", "REDIS_URL": "http://x", "PUBLIC_URL": "https://h"},
            ["PORT", "REDIS_URL", "TWILIO_AUTH_TOKEN"],
        ),
    ],
)
def test_missing_settings_are_told_together(env: Mapping[str, str], named: list[str]) -> None:
    """Everything wrong in the settings is told at once."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env, public=True)
    assert sorted(fault.split()[0] for fault in caught.value.faults) == named


def test_a_server_without_a_token_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a public port the line never runs on a made-up token."""
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    with pytest.raises(SystemExit, match="TWILIO_AUTH_TOKEN or TWILIO_SHARED_KEYS is missing"):
        create()
