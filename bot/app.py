"""Puts the house together. The only module that knows all others, and the only clock."""

import atexit
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from flask import Flask
from pydantic import TypeAdapter

from bot import logs, stats
from bot.conversation import Conversation, Record, SessionKey, StoreError
from bot.files import read_folder
from bot.flow.book import Book
from bot.flow.check import RULES
from bot.flow.engine import step
from bot.flow.fallback import heard, safe_reply, texted
from bot.flow.load import load
from bot.flow.session import Search, Session, Turn
from bot.live import Live
from bot.problems import BookError, Finding
from bot.settings import Secret, Settings, SettingsError
from bot.storage import doctor
from bot.storage.counts import Counts
from bot.storage.embedded import EmbeddedError, embedded, private
from bot.storage.keys import KeyFileError, Keyring, mark, new
from bot.storage.redis import RedisSessions, connect, store_from_url
from bot.storage.shared import Shared
from bot.text.segments import segments
from bot.web.site import call, health, message, metrics, site, verifier, voice
from bot.web.twilio import Line, sms

FAULTS = (SettingsError, BookError, EmbeddedError, KeyFileError, StoreError)
"""Why the line cannot start, in sentences for the operator."""
_BUCKETS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_TROUBLES: tuple[logs.Trouble, ...] = get_args(logs.Trouble)


def now() -> datetime:
    """Read the clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def open_book(folder: Path, drafts: Collection[str] = ()) -> Book:
    """Load the book and hold it to every rule. Raises BookError with every problem."""
    book, problems = load(read_folder(folder), drafts)
    if book:
        problems += [problem for rule in RULES for problem in rule(book)]
    if book is None or not all(problem.warning for problem in problems):
        raise BookError(problems)
    return book


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Complete the settings with what is made for this run only, and take it away at the end."""
    with ExitStack() as stack:
        if not (settings.tokens or settings.shared_keys):
            settings = replace(settings, tokens=(Secret(secrets.token_hex(16)),))
        if settings.redis_url is None:
            settings = replace(settings, redis_url=Secret(stack.enter_context(embedded())))
        if settings.key_file is None:
            settings = replace(settings, key_file=stack.enter_context(private()) / "key")
        yield settings


def create_app(
    settings: Settings,
    book: Book,
    clock: Callable[[], datetime] = now,
    answer: Callable[[Book, Session | None, str, datetime], Turn] = step,
    refused: Mapping[str, int] = MappingProxyType({}),
    shared: Shared | None = None,
) -> Flask:
    """Make the web application from settings completed by `running`. Raises KeyFileError.

    `refused` = how often an edit not used breaks each rule; `shared` = what outlives this one.
    """
    keyring, sessions = _kept(settings)
    with suppress(KeyFileError):
        new(keyring.path, clock())
    keyring.turn(clock())
    safe = safe_reply(book)
    counts = Counts(sessions, keyring.counts_key)
    shared = shared or Shared(settings.daily_replies)
    step = partial(answer, book)
    conversation = Conversation(step, sessions, safe, shared.spent, shared.doubts)

    def answered(key: SessionKey, given: str, text: str, moment: datetime) -> Turn:
        start = time.perf_counter()
        turn = conversation.answer(key, given, text, moment)
        if turn.reply and shared.count(moment):
            logs.event("alert", reason="budget")
        if turn.search:
            _count(counts, turn.search, moment.astimezone(book.locale.timezone))
        _log(turn, (time.perf_counter() - start) * 1000)
        return turn

    line = Line(
        answer=answered,
        keys=keyring.session_key,
        mark=mark,
        clock=clock,
        refused=lambda reason: logs.event("refused", reason=reason),
    )
    keys = ([key.reveal() for key in some] for some in (settings.tokens, settings.shared_keys))
    verified = verifier(settings.public_url, *keys)
    app = site(safe, logs.fault)
    sms(app, verified, line)
    voice(app, verified, heard(book, numbers=False))
    health(app, sessions.up, book.mark, refused)
    if settings.metrics_token:
        metrics(app, settings.metrics_token.reveal(), logs.metrics)
    app.extensions["keyring"] = lambda: keyring.turn(clock())
    app.extensions["counts"] = counts.flush
    return app


def _kept(settings: Settings) -> tuple[Keyring, RedisSessions]:
    if settings.key_file is None or settings.redis_url is None:
        raise SettingsError(["Nothing outlives a run without REDIS_URL and PORCHLIGHT_KEY_FILE."])
    return Keyring(settings.key_file), store_from_url(settings.redis_url.reveal())


def _count(counts: Counts, found: Search, local: datetime) -> None:
    day, week = stats.day_of(local)
    counts.add(day, f"{found.need} {found.outcome}")
    if found.area:
        counts.add(week, found.area)


def _log(turn: Turn, taken: float) -> None:
    bucket = next((limit for limit in _BUCKETS if taken <= limit), _BUCKETS[-1])
    usual: logs.Word = "answered" if turn.reply else "silent"
    outcome = next((trouble for trouble in _TROUBLES if trouble in turn.events), usual)
    logs.event("turn", outcome=outcome, segments=segments(turn.reply), milliseconds=bucket)


def statistics(settings: Settings, week: str | None) -> tuple[list[str], str]:
    """Give the tables and chart of a week that is over, the last by default. Raises FAULTS."""
    keyring, sessions = _kept(settings)
    book = open_book(settings.flows, settings.drafts)
    today = now().astimezone(book.locale.timezone)
    last = stats.day_of(today - timedelta(days=7))[1]
    days = stats.days(week or last)
    # Half a week, taken from the whole one later, would leave the few who came in between.
    if not days or days[-1] >= today.date():
        raise SettingsError([f"Name a week that is over, such as {last}."])
    counts = Counts(sessions, keyring.counts_key)
    counted = {day.isoformat(): counts.read(day.isoformat()) for day in days}
    texts = {name: need.name for name, need in book.needs.needs.items()}
    names = {name: book.say(text, "") for name, text in (texts | {**book.gazetteer.areas}).items()}
    week = f"{days[0]:%G-W%V}"
    return stats.report(week, counted | {week: counts.read(week)}, names)


def held(settings: Settings, number: str, moment: datetime) -> list[str]:
    """Give all that the whole system can tell about a number, line by line. Raises FAULTS."""
    keyring, sessions = _kept(settings)
    record = sessions.load(keyring.session_key(number, moment))
    told = TypeAdapter(Record).dump_python(record, exclude={"version"}, exclude_defaults=True)
    return [f"{name}: {json.dumps(value)}" for name, value in told.items()]


def findings(settings: Settings) -> Iterator[Finding]:
    """Look at this machine, the key file and the store."""
    yield from doctor.machine()
    yield doctor.key_file(settings.key_file)
    if settings.redis_url:
        yield from doctor.findings(connect(settings.redis_url.reveal()))
    else:
        with embedded():  # does not start unless it keeps nothing
            yield Finding("ok", "A Redis server of our own runs here, and it keeps nothing.")


def fallback(book: Book) -> dict[str, str]:
    """Give the files, by name, that answer texts and calls when we cannot be reached."""
    sms, voice = message(texted(book)), call(heard(book, numbers=True))
    return {"sms.xml": sms.get_data(as_text=True), "voice.xml": voice.get_data(as_text=True)}


def live(settings: Settings) -> Live:
    """Make the line that follows its book, from settings as `create_app` takes them."""
    shared = Shared(settings.daily_replies)

    def make(refused: Mapping[str, int]) -> tuple[Book, Flask]:
        book = open_book(settings.flows, settings.drafts)
        return book, create_app(settings, book, refused=refused, shared=shared)

    return Live(settings.flows, make)


def create() -> Live:
    """Make the application for a WSGI server; stops the process with every problem found."""
    stack = ExitStack()
    atexit.register(stack.close)
    try:
        settings = Settings.from_env(os.environ, public=True)
        return live(stack.enter_context(running(settings)))
    except FAULTS as error:
        sys.exit(str(error))
