"""Runs the line on this machine: as a server, or as a conversation in the terminal."""

import secrets
import shlex
import socket
import sys
import xml.etree.ElementTree as ET

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from bot import gunicorn
from bot.live import Live
from bot.settings import Settings
from bot.text.segments import is_gsm7, segments
from bot.web.site import HEADER, sign


def serve(live: Live, settings: Settings, example: str | None) -> None:
    """Serve until stopped; with an `example` text this machine alone, told how to send it."""
    # Signed texts come from outside.
    host, port = "0.0.0.0" if example is None else "127.0.0.1", settings.port  # noqa: S104
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise click.ClickException(f"Port {port} is taken; set PORT to another.") from None

    def ready(server: object) -> None:
        gunicorn.when_ready(server)
        click.echo(f"Porchlight answers at {settings.public_url}/sms")
        if example is not None:
            called = sys.argv[0] if sys.argv[0].endswith("porchlight") else "python -m bot"
            click.echo("Only this machine can reach it, because no provider's key is set.")
            click.echo(f"Send it a text:\n\n{_curl(settings, example)}\n")
            click.echo(f"Or chat in another terminal: {called} chat\nStop with ctrl-C.")

    options = {**vars(gunicorn), "bind": f"{host}:{port}", "when_ready": ready}

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
        def load_config(self) -> None:
            for name in self.cfg.settings.keys() & options:
                self.cfg.set(name, options[name])

        def load(self) -> Live:
            return live

    Server().run()


def inbound(settings: Settings, text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Make a text as the provider would send it: (form, headers with its signature)."""
    form = {
        "AccountSid": "AC" + "0" * 32,
        "Body": text,
        "From": "+12135550147",  # reserved for fiction: nobody has it
        "MessageSid": "SM" + secrets.token_hex(16),
        "NumMedia": "0",
    }
    token = settings.tokens[0].reveal()
    return form, {HEADER: sign(f"{settings.public_url}/sms", form, token)}


def _curl(settings: Settings, text: str) -> str:
    form, headers = inbound(settings, text)
    words = ["curl", "-s", f"http://127.0.0.1:{settings.port}/sms"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    for name, value in form.items():
        words += ["--data-urlencode", f"{name}={value}"]
    return shlex.join(words)


def chat(app: Flask, settings: Settings) -> None:
    """Answer line after line until the end of input; an empty line ends it at a terminal."""
    asking = sys.stdin.isatty()
    while True:
        if asking:
            click.secho("> ", nl=False, bold=True)
        line = sys.stdin.readline()
        text = line.strip().encode(errors="replace").decode()
        if not line or (asking and not text):
            return
        if not text:
            continue
        form, headers = inbound(settings, text)
        answer = app.test_client().post("/sms", data=form, headers=headers)
        # Our own answer, made a moment ago: nothing foreign is parsed here.
        reply = ET.fromstring(answer.text).findtext("Message") or ""  # noqa: S314
        count, alphabet = segments(reply), "GSM-7" if is_gsm7(reply) else "UCS-2"
        click.echo(reply or "(no reply)")
        click.secho(f"  {count} segment{'s' * (count != 1)}, {alphabet}", dim=True)
