import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot.app import live, running
from bot.flow.book import Book
from bot.live import Live
from bot.serve import inbound
from bot.settings import Settings
from tests.chat import ROOT, county


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """Give a copy of the second book."""
    return shutil.copytree(ROOT / "tests" / "county", tmp_path / "flows")


@pytest.fixture
def settings(redis_url: str, flows: Path) -> Iterator[Settings]:
    """Give the settings of a line with that book."""
    env = {"REDIS_URL": redis_url, "PORCHLIGHT_FLOWS": str(flows)}
    with running(Settings.from_env(env)) as complete:
        yield complete


@pytest.fixture
def line(settings: Settings) -> Live:
    """Give a line that follows that copy."""
    return live(settings)


def health(line: Live) -> dict[str, Any]:
    """Give the health page as a web server would get it."""
    return json.loads(line.app.test_client().get("/health").text)  # type: ignore[no-any-return]


def replace(flows: Path, path: str, old: str, new: str) -> None:
    """Edit one file as an editor does that writes in place."""
    text = (flows / path).read_text("utf-8")
    assert old in text
    (flows / path).write_text(text.replace(old, new), "utf-8")


def reply(line: Live, settings: Settings, text: str) -> str:
    """Text the line."""
    form, headers = inbound(settings, text)
    return line.app.test_client().post("/sms", data=form, headers=headers).text


def test_a_good_edit_is_taken_whole(line: Live, flows: Path, settings: Settings) -> None:
    """A changed sentence is said, to texters and callers, and told once as something new."""
    replace(flows, "akey.yaml", "Bonjou. Voye", "Alo. Voye")
    assert "Alo. Voye" not in reply(line, settings, "meni")
    assert [line.tend(), line.tend(), line.tend()] == [False, True, False]
    assert "Alo. Voye" in reply(line, settings, "meni")
    assert health(line) == {"status": "ok", "redis": "up", "book": line.book.mark, "refused": {}}


def test_half_a_file_is_not_read(line: Live, flows: Path) -> None:
    """While a file changes from look to look nothing is read, however good or bad it is."""
    whole = (flows / "akey.yaml").read_bytes()
    before = line.book
    for size in range(0, len(whole), 100):
        (flows / "akey.yaml").write_bytes(whole[:size])
        assert not line.tend()
    assert (line.book, health(line)["refused"]) == (before, {})
    (flows / "akey.yaml").write_bytes(whole)
    assert [line.tend(), line.tend()] == [False, False]
    assert line.book.mark == before.mark


CANARY = "2135550147"


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (("akey.yaml", "flow: akey", f"flow: [{CANARY}"), "syntax"),
        (("akey.yaml", "Hello. Send", "Hello {canary}. Send"), "unknown-placeholder"),
        (("akey.yaml", "goto: dwa", "goto: canary"), "unknown-goto"),
        (("phrases.yaml", "safe:", "canary:"), "missing"),
        (("danger.yaml", "classes:", f"{CANARY}:"), "unknown-name"),
    ],
)
def test_a_broken_edit_never_reaches_a_phone(
    line: Live,
    flows: Path,
    caplog: pytest.LogCaptureFixture,
    edit: tuple[str, str, str],
    rule: str,
) -> None:
    """The last good book serves; the rule is told by /health, its place in the log, no words."""
    caplog.set_level(logging.INFO)
    before = line.book
    path, *_ = edit
    whole = (flows / path).read_text("utf-8")
    replace(flows, *edit)
    assert [line.tend(), line.tend(), line.tend()] == [False, True, False]
    shown = health(line)
    assert line.book is before
    assert (shown["status"], shown["book"]) == ("ok", before.mark)
    assert rule in str(shown["refused"])
    said = [json.loads(message) for message in caplog.messages]
    assert {"event": "book", "outcome": "book-refused"}.items() <= said[0].items()
    assert said[0]["problems"] == sum(shown["refused"].values())
    assert any(one.get("rule") == rule and one["at"].startswith(f"{path}:") for one in said)
    assert "anary" not in f"{said}{shown}"
    assert CANARY not in f"{said}{shown}"
    (flows / path).write_text(whole, "utf-8")
    assert [line.tend(), line.tend()] == [False, True]
    assert health(line)["refused"] == {}


def test_a_file_named_by_a_number_is_not_told(
    line: Live, flows: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a file is called, the log holds plain words only."""
    (flows / f"{CANARY}\n.yaml").write_text("x")
    line.tend()
    line.tend()
    assert any('"at": "other:1"' in message for message in caplog.messages)
    assert CANARY not in caplog.text


def test_a_folder_that_goes_away_changes_nothing(line: Live, flows: Path) -> None:
    """Without any files the line goes on with what it has read, and takes them when they come."""
    flows.rename(flows.with_name("away"))
    assert [line.tend(), line.tend()] == [False, True]
    assert health(line)["refused"] == {"no-folder": 1}
    flows.with_name("away").rename(flows)
    assert [line.tend(), line.tend()] == [False, True]
    assert health(line)["refused"] == {}


def test_whatever_an_edit_breaks_the_last_good_book_serves(flows: Path) -> None:
    """A fault in our own loading is a refused edit, not the end."""
    made: list[object] = []

    def make(_refused: object) -> tuple[Book, Flask]:
        if made:
            raise RuntimeError(CANARY)
        made.append(1)
        app = Flask("first")
        app.extensions["keyring"] = lambda: None
        return county(), app

    line = Live(flows, make)
    (flows / "akey.yaml").touch()
    assert [line.tend(), line.tend(), line.tend()] == [False, True, False]
    assert line.app.name == "first"


def test_the_key_turns_whatever_the_files_do(
    line: Live, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A key file that is gone is told, and stops nobody from looking at the book."""
    assert settings.key_file
    away = settings.key_file.with_name("away")
    settings.key_file.rename(away)
    (settings.flows / "akey.yaml").write_text("flow: [")
    assert [line.tend(), line.tend()] == [False, True]
    assert caplog.text.count("KeyFileError") == 2
    away.rename(settings.key_file)
    assert not line.tend()
    assert caplog.text.count("KeyFileError") == 2
