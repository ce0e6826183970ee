"""A provider of our own, reached by the real client at the real addresses."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import porchlight
from bot.settings import CREDENTIALS, SETTINGS
from tests.provider.provider import Provider, certificate

PUBLIC = "https://line.example"
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the provider's certificate with its key."""
    return certificate(tmp_path_factory.mktemp("provider"))


@pytest.fixture
def provider(pem: Path) -> Iterator[Provider]:
    """Give a provider with nothing in it."""
    made = Provider(pem)
    yield made
    made.close()


@pytest.fixture
def run(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Give a way to run a command that talks to the provider, checked to quote nothing."""
    for holder, name in ((logging, "raiseExceptions"), (sys, "excepthook")):
        monkeypatch.setattr(holder, name, getattr(holder, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    kept = logging.root.handlers[:], logging.root.level

    def go(*words: str, **env: str) -> Result:
        none = dict.fromkeys(setting.name for setting in (*SETTINGS, *CREDENTIALS))
        result = CliRunner().invoke(porchlight, words, env={**none, **provider.environ, **env})
        said = result.output + result.stderr
        for secret in ("canary", "+1213", "SM", "CA", "AC" + "a1", "SK" + "b2", "twilio.com/2010"):
            assert secret not in said
        return result

    yield go
    logging.root.handlers[:], logging.root.level = kept
    logging.captureWarnings(capture=False)
