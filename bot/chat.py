"""A conversation in the terminal, over the same signed requests as the provider's."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import click
from flask import Flask

from bot.serve import inbound
from bot.settings import Settings
from bot.text.segments import is_gsm7, segments


def chat(app: Flask, settings: Settings) -> None:
    """Answer line after line until the end of input; an empty line ends it at a terminal."""
    for text in _lines():
        reply = _ask(app, settings, text)
        count = segments(reply)
        alphabet = "GSM-7" if is_gsm7(reply) else "UCS-2"
        parts = "segment" if count == 1 else "segments"
        click.echo(reply or "(no reply)")
        click.secho(f"  {count} {parts}, {alphabet}", dim=True)


def _lines() -> Iterator[str]:
    asking = sys.stdin.isatty()
    while True:
        if asking:
            click.secho("> ", nl=False, bold=True)
        line = sys.stdin.readline()
        text = line.strip().encode(errors="replace").decode()
        if not line or (asking and not text):
            return
        if text:
            yield text


def _ask(app: Flask, settings: Settings, text: str) -> str:
    form, headers = inbound(settings, text)
    answer = app.test_client().post("/sms", data=form, headers=headers)
    # Our own answer, made a moment ago: nothing foreign is parsed here.
    return ET.fromstring(answer.text).findtext("Message") or ""  # noqa: S314
