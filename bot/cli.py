"""The commands, one small function each."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from bot import app as house
from bot.chat import chat as converse
from bot.flow.schemas import schemas as shapes
from bot.problems import BookError
from bot.serve import curl
from bot.serve import serve as run
from bot.settings import Settings, SettingsError
from bot.storage.embedded import EmbeddedError
from bot.storage.keys import KeyFileError


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            _fail(error.faults, 2)
        except BookError as error:
            _fail(map(str, error.problems), 1)
        except (EmbeddedError, KeyFileError) as error:
            _fail([str(error)], 1)


def _fail(lines: Iterable[str], code: int) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)


@click.group(cls=_Commands)
def porchlight() -> None:
    """Answer texts with the nearest help, and remember nobody."""


@porchlight.command()
def serve() -> None:
    """Answer texts from the provider until stopped."""
    settings = house.settings_for_serving(os.environ, public=False)
    local = not settings.tokens
    book, _ = house.open_book(settings.flows)
    said = house.content(book)
    with house.running(settings) as complete:
        run(
            house.create_app(complete, said),
            "127.0.0.1" if local else "0.0.0.0",  # noqa: S104 signed texts come from outside
            complete.port,
            lambda: _ready(complete, said.example if local else ""),
        )


def _ready(settings: Settings, example: str) -> None:
    click.echo(f"Porchlight answers at {settings.public_url}/sms")
    if example:
        called = sys.argv[0] if sys.argv[0].endswith("porchlight") else "python -m bot"
        click.echo("Only this machine can reach it, because TWILIO_AUTH_TOKEN is not set.")
        click.echo(f"Send it a text:\n\n{curl(settings, example)}\n")
        click.echo(f"Or chat in another terminal: {called} chat\nStop with ctrl-C.")


@porchlight.command()
def chat() -> None:
    """Talk to the line in this terminal."""
    settings = Settings.from_env(os.environ)
    book, _ = house.open_book(settings.flows)
    with house.running(settings) as complete:
        converse(house.create_app(complete, house.content(book)), complete)


@porchlight.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write the replies of all transcripts anew.")
def check(folder: Path | None, *, update: bool) -> None:
    """Prove the whole book: problems, transcripts, coverage, worst lengths."""
    folder = folder or Settings.from_env(os.environ).flows
    if update:
        for path, text in house.transcripts(folder).items():
            (folder / path).write_text(text, encoding="utf-8")
    try:
        book, problems = house.proven(folder)
    except BookError as error:
        book, problems = None, list(error.problems)
    for problem in problems:
        click.echo(str(problem))
    if book:
        click.echo("\n".join(house.report(book)))
    errors = sum(not problem.warning for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings.")
    sys.exit(1 if errors else 0)


@porchlight.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def schemas(folder: Path | None) -> None:
    """Write the schemas with which editors complete names in the book."""
    folder = (folder or Settings.from_env(os.environ).flows) / "schemas"
    folder.mkdir(exist_ok=True)
    for name, text in shapes().items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Run the command that was asked for."""
    porchlight(prog_name="porchlight")
