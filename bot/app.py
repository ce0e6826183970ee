"""Puts the house together. The only module that knows all others, and the only clock."""

import atexit
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask

from bot import logs
from bot.conversation import Conversation, SessionKey, Step, StoreError
from bot.files import read_folder
from bot.flow.book import Book
from bot.flow.check import check
from bot.flow.check.report import summary
from bot.flow.check.transcripts import rewritten
from bot.flow.engine import step
from bot.flow.load import load
from bot.flow.session import Turn
from bot.problems import BookError, Problem
from bot.settings import Secret, Settings, SettingsError
from bot.storage.embedded import embedded, private
from bot.storage.keys import KeyFileError, Keyring, mark, new
from bot.storage.redis import RedisSessions, store_from_url
from bot.text.segments import segments
from bot.web.health import health
from bot.web.signature import Verifier
from bot.web.site import site
from bot.web.twilio import Line, sms
from bot.web.voice import voice

KEY_CHECK_SECONDS = 60
_BUCKETS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_TROUBLES: tuple[logs.Word, ...] = ("safe-reply", "turn-error", "store-error", "duplicate")

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Content:
    """All that the house needs from a book."""

    step: Step
    safe_reply: str
    spoken: tuple[tuple[str, str], ...]
    """What callers hear: (provider's language tag, text)."""
    fingerprint: str
    example: str = ""
    """A text to try the line with."""


def now() -> datetime:
    """Read the clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def open_book(folder: Path) -> tuple[Book, list[Problem]]:
    """Load the book; its warnings come with it. Raises BookError with every problem."""
    book, problems = load(read_folder(folder))
    if book is None:
        raise BookError(problems)
    return book, sorted(problems)


def proven(folder: Path) -> tuple[Book, list[Problem]]:
    """Load the book and run every check; the problems come with it. Raises BookError."""
    book, problems = open_book(folder)
    return book, sorted({*problems, *check(book, now())})


def report(book: Book) -> Iterator[str]:
    """Say what was proven: hours as they are read, the dearest replies, what transcripts walk."""
    return summary(book, now())


def transcripts(folder: Path) -> dict[str, str]:
    """Give every transcript, by path, with the replies the line gives now."""
    book, _ = open_book(folder)
    return {path: rewritten(book, path) for path in book.transcripts}


def content(book: Book) -> Content:
    """Give what the house needs from a book."""
    safe = dict.fromkeys(book.phrase("safe", language) for language in book.languages)
    spoken = tuple(
        (book.about.voices.get(language, language), book.phrase("voice", language))
        for language in book.languages
    )
    return Content(partial(step, book), "\n".join(safe), spoken, book.mark, book.about.example)


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Complete the settings with what is made for this run only, and take it away at the end."""
    with ExitStack() as stack:
        if not settings.tokens:
            settings = replace(settings, tokens=(Secret(secrets.token_hex(16)),))
        if settings.redis_url is None:
            url = stack.enter_context(embedded())
            settings = replace(settings, redis_url=Secret(url))
        if settings.key_file is None:
            settings = replace(settings, key_file=stack.enter_context(private()) / "key")
        yield settings


def create_app(settings: Settings, said: Content, clock: Clock = now) -> Flask:
    """Make the web application from settings completed by `running`. Raises KeyFileError."""
    if settings.key_file is None or settings.redis_url is None:
        raise ValueError("settings must be completed first")
    keyring = _keyring(settings.key_file, clock())
    sessions = store_from_url(settings.redis_url.reveal())
    line = Line(
        answer=_logged(Conversation(said.step, sessions, said.safe_reply)),
        keys=keyring.session_key,
        mark=mark,
        clock=clock,
        refused=lambda reason: logs.event("refused", reason=reason),
    )
    verified = Verifier(settings.public_url, [token.reveal() for token in settings.tokens])
    app = site(said.safe_reply, logs.fault)
    app.register_blueprint(sms(line, verified))
    app.register_blueprint(voice(verified, said.spoken))
    app.register_blueprint(health(partial(_up, sessions), said.fingerprint))
    app.extensions["keyring"] = lambda: keyring.turn(clock())
    return app


def _keyring(path: Path, moment: datetime) -> Keyring:
    with suppress(KeyFileError):
        new(path, moment)
    keyring = Keyring(path)
    keyring.turn(moment)
    return keyring


def _logged(conversation: Conversation) -> Callable[[SessionKey, str, str, datetime], Turn]:
    def answer(key: SessionKey, given: str, text: str, moment: datetime) -> Turn:
        start = time.perf_counter()
        turn = conversation.answer(key, given, text, moment)
        taken = (time.perf_counter() - start) * 1000
        bucket = next((limit for limit in _BUCKETS if taken <= limit), _BUCKETS[-1])
        logs.event(
            "turn", outcome=_outcome(turn), segments=segments(turn.reply), milliseconds=bucket
        )
        return turn

    return answer


def _outcome(turn: Turn) -> logs.Word:
    for trouble in _TROUBLES:
        if trouble in turn.events:
            return trouble
    return "answered" if turn.reply else "silent"


def _up(sessions: RedisSessions) -> bool:
    try:
        with sessions.breaker.guard():
            return bool(sessions.client.ping())
    except StoreError:
        return False


def turn_key(app: Flask) -> None:
    """Ratchet the daily key every minute from now on, text or no text; once in each process."""

    def turn() -> None:
        while True:
            time.sleep(KEY_CHECK_SECONDS)
            try:
                app.extensions["keyring"]()
            except Exception as error:  # noqa: BLE001 the next minute may be better
                logs.fault(error)

    threading.Thread(target=turn, daemon=True).start()


def settings_for_serving(env: Mapping[str, str], *, public: bool) -> Settings:
    """Read the settings of a line that others can reach. Raises SettingsError with all faults."""
    faults: list[str] = []
    if public and not env.get("TWILIO_AUTH_TOKEN", "").strip():
        faults.append("TWILIO_AUTH_TOKEN is missing: only texts signed with it are answered.")
    if env.get("TWILIO_AUTH_TOKEN", "").strip() and not env.get("PUBLIC_URL", "").strip():
        faults.append("PUBLIC_URL is missing: signatures are checked over it.")
    try:
        settings = Settings.from_env(env)
    except SettingsError as error:
        raise SettingsError([*error.faults, *faults]) from None
    if faults:
        raise SettingsError(faults)
    return settings


def create() -> Flask:
    """Make the application for a WSGI server; stops the process with every problem found."""
    stack = ExitStack()
    atexit.register(stack.close)
    try:
        settings = settings_for_serving(os.environ, public=True)
        book, _ = open_book(settings.flows)
        return create_app(stack.enter_context(running(settings)), content(book))
    except SettingsError as error:
        sys.exit("\n".join(error.faults))
    except BookError as error:
        sys.exit("\n".join(map(str, error.problems)))
