"""The commands, one small function each."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from bot import app as house
from bot import logs
from bot import serve as terminal
from bot.files import read_folder
from bot.flow.check import check as prove
from bot.flow.check.transcripts import rewritten, summary
from bot.flow.load import load
from bot.flow.schemas import schemas as shapes
from bot.problems import Finding
from bot.settings import CREDENTIALS, Settings, SettingsError, credentials
from bot.storage.keys import new
from bot.web.twilio import NUMBER


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except house.FAULTS as error:
            click.echo(str(error), err=True)
            sys.exit(2 if isinstance(error, SettingsError) else 1)


@click.group(cls=_Commands)
def porchlight() -> None:
    """Answer texts with the nearest help, and remember nobody."""


@porchlight.command()
def serve() -> None:
    """Answer texts from the provider until stopped."""
    settings = Settings.from_env(os.environ)
    with house.running(settings) as complete:
        live = house.live(complete)
        keyed = settings.tokens or settings.shared_keys
        terminal.serve(live, complete, None if keyed else live.book.about.example)


@porchlight.command()
def chat() -> None:
    """Talk to the line in this terminal."""
    settings = Settings.from_env(os.environ)
    book = house.open_book(settings.flows, settings.drafts)
    # The conversation signs its own texts, with a key made for it.
    with house.running(replace(settings, tokens=(), shared_keys=())) as complete:
        terminal.chat(house.create_app(complete, book), complete)


@porchlight.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write the replies of all transcripts anew.")
def check(folder: Path | None, *, update: bool) -> None:
    """Prove the whole book: problems, transcripts, coverage, worst lengths."""
    folder = folder or Settings.from_env(os.environ).flows
    book, problems = load(read_folder(folder), drafts=None)
    if book and update:
        for path in book.transcripts:
            (folder / path).write_text(rewritten(book, path), encoding="utf-8")
        book, problems = load(read_folder(folder), drafts=None)
    if book:
        problems = list({*problems, *prove(book)})
    for problem in sorted(problems):
        click.echo(str(problem))
    if book:
        click.echo("\n".join(summary(book)))
    errors = sum(not problem.warning for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings.")
    sys.exit(1 if errors else 0)


@porchlight.command()
@click.argument("folder", type=click.Path(path_type=Path))
def fallback(folder: Path) -> None:
    """Write what the provider shall say when the line cannot be reached."""
    settings = Settings.from_env(os.environ)
    _write(folder, house.fallback(house.open_book(settings.flows, settings.drafts)))


@porchlight.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def schemas(folder: Path | None) -> None:
    """Write the schemas with which editors complete names in the book."""
    _write((folder or Settings.from_env(os.environ).flows) / "schemas", shapes())


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


@porchlight.command()
def doctor() -> None:
    """Tell what is right and wrong around the line; ends with 1 if anything is bad."""
    settings = Settings.from_env(os.environ)
    for one in (found := [*house.findings(settings), *_at_the_provider(settings)]):
        click.secho(f"{one.kind:4}  {one.words}", bold=one.kind == "bad")
    sys.exit(any(one.kind == "bad" for one in found))


def _at_the_provider(settings: Settings) -> Iterator[Finding]:
    from bot.provider import client, doctor  # noqa: PLC0415 see sweep

    if settings.tokens:
        yield doctor.TOKEN
    if any(os.environ.get(one.name) for one in CREDENTIALS):
        asked = client.connect(*credentials(os.environ))
        yield from doctor.findings(asked, settings.public_url, house.now())
    else:
        yield doctor.UNSEEN
    yield doctor.KEPT


@porchlight.command()
@click.argument("action", type=click.Choice(["new", "import"]))
@click.argument("file", required=False, type=click.Path(path_type=Path))
def key(action: str, file: Path | None) -> None:
    """Make the file of the daily key, anew or from the line of another machine's."""
    file = file or Settings.from_env(os.environ).key_file
    if file is None:
        raise click.UsageError("Name a file, or set PORCHLIGHT_KEY_FILE.")
    if action == "import" and sys.stdin.isatty():  # the screen would keep what is typed
        raise click.UsageError("Pipe it in: ssh OTHER cat KEY | porchlight key import FILE")
    new(file, house.now(), sys.stdin.buffer.readline(1000) if action == "import" else None)
    click.echo(f"The key is in {file}. Let PORCHLIGHT_KEY_FILE name it, and no backup hold it.")
    click.echo(f"Another machine of this line: ssh THIS cat {file} | porchlight key import FILE")


@porchlight.command()
@click.argument("week", required=False)
@click.option("--svg", type=click.Path(path_type=Path), help="Draw the unmet needs to this file.")
def stats(week: str | None, svg: Path | None) -> None:
    """Print the counts of a whole week, such as 2026-W47; the last one when none is named."""
    lines, chart = house.statistics(Settings.from_env(os.environ), week)
    click.echo("\n".join(lines))
    if svg:
        svg.write_text(chart, encoding="utf-8")


@porchlight.command()
@click.option("--dry-run", is_flag=True, help="Count what would be deleted, and delete nothing.")
@click.option("--once", is_flag=True, help="Stop when nothing is left that can be deleted.")
def sweep(*, dry_run: bool, once: bool) -> None:
    """Delete the provider's records of texts and calls, again and again until stopped."""
    # What can read and delete records stays out of the process that answers texts.
    from bot.provider import client, sweep  # noqa: PLC0415 as said

    asked, said = client.connect(*credentials(os.environ)), ""
    logs.install()
    while True:
        count, fault = Counter[str](), False
        try:
            for count in sweep.sweep(asked, house.now() - sweep.AGE, dry_run=dry_run):
                words = [f"{number} {what}" for what, number in sorted(count.items())]
                if said != (said := ", ".join(words) or "nothing there"):
                    click.echo(said)
        except client.ProviderError as error:
            click.echo(str(error), err=True)
            fault = True
        if dry_run or (once and (fault or not count["deleted"])):
            sys.exit(fault)
        if not once:
            time.sleep(sweep.PAUSE)


@porchlight.command()
@click.argument("number")
def subpoena(number: str) -> None:
    """Print everything this system can produce about a telephone number, such as +12135550100."""
    if not NUMBER.fullmatch(number):
        raise click.UsageError("Write the number like +12135550100.")
    told = house.held(Settings.from_env(os.environ), number, house.now())
    click.echo("\n".join(told) or "Nothing is held about this number.")
    said = "Logs and statistics hold no numbers. What others keep: flows/PRIVACY.md."
    click.echo(said, err=True)


def main() -> None:
    """Run the command that was asked for."""
    logs.catch()
    porchlight(prog_name="porchlight")
