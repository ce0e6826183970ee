"""Runs the line on this machine until it is told to stop."""

import secrets
import shlex
import socket
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from bot import gunicorn
from bot.settings import Settings
from bot.web.signature import HEADER, sign

EXAMPLE_NUMBER = "+12135550147"
"""Reserved for fiction: nobody has it."""


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    def __init__(self, app: Flask, bind: str, ready: Callable[[], None]) -> None:
        self._app = app
        self._settings = {**vars(gunicorn), "bind": bind, "when_ready": lambda _: ready()}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def serve(app: Flask, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until stopped, then raise SystemExit(0); call `ready` when the port answers."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise click.ClickException(f"Port {port} is taken; set PORT to another.") from None
    _Server(app, f"{host}:{port}", ready).run()


def inbound(settings: Settings, text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Make a text as the provider would send it: (form, headers with its signature)."""
    form: dict[str, Any] = {
        "AccountSid": "AC" + "0" * 32,
        "Body": text,
        "From": EXAMPLE_NUMBER,
        "MessageSid": "SM" + secrets.token_hex(16),
        "NumMedia": "0",
    }
    url = f"{settings.public_url}/sms"
    return form, {HEADER: sign(url, form, settings.tokens[0].reveal())}


def curl(settings: Settings, text: str) -> str:
    """Give a command line that sends a text to the line on this machine."""
    form, headers = inbound(settings, text)
    words = ["curl", "-s", f"http://127.0.0.1:{settings.port}/sms"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    for name, value in form.items():
        words += ["--data-urlencode", f"{name}={value}"]
    return shlex.join(words)
