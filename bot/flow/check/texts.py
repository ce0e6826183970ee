"""Rules about what is sent: languages, placeholders, numbers, cost, and the lock screen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.directory import listing
from bot.flow import screens
from bot.flow.book import Book
from bot.flow.check.written import Written, written
from bot.flow.model import SearchNode
from bot.flow.moment import Moment
from bot.flow.phrases import PHRASES, PLACEHOLDER, TEXT_PLACEHOLDERS
from bot.flow.session import Session
from bot.problems import Problem
from bot.source import Document, Loc
from bot.text.normalise import tokens
from bot.text.segments import economise, not_gsm7, segments

LABEL_LENGTH = 28
SEGMENTS = 3
"""What a normal reply may cost."""
DANGER_SEGMENTS = 2
LOCK_SCREEN = 40
"""Characters a locked phone shows."""
_FAMILIES = ("audience", "told", "language")
"""Sentences that exist once per value staff may write; more than are needed do no harm."""
_NUMBER = re.compile(r"(?<![\d.$-])(?:\d{3}[-. ]\d{3}[-. ]\d{4}|[2-9]11|988|\d{6})(?![\d.-]\d|\d)")


def _sent(book: Book) -> Iterator[tuple[Written, str, str]]:
    for entry in written(book):
        if entry.is_text:
            for language, text in entry.values.items():
                yield entry, language, text


def unknown_language(book: Book) -> Iterator[Problem]:
    """A text or word list uses the languages of book.yaml."""
    for entry in written(book):
        for language in entry.values:
            if language and language not in book.languages:
                known = " or ".join(f"`{code}`" for code in book.languages)
                message = f"`{language}` is not a language of this book; write {known}."
                yield entry.document.problem(entry.at(language), "unknown-language", message)


def missing_language(book: Book) -> Iterator[Problem]:
    """A text exists in every language, or once for all of them."""
    for entry in written(book):
        if entry.is_text and entry.values and "" not in entry.values:
            for language in book.languages:
                if language not in entry.values:
                    message = f"The text for `{language}` is missing."
                    yield entry.document.problem(entry.loc, "missing-language", message)


def unknown_placeholder(book: Book) -> Iterator[Problem]:
    """Texts hold only the `{names}` from the fixed list."""
    for entry, language, text in _sent(book):
        allowed = TEXT_PLACEHOLDERS
        if entry.loc[0] == "phrases":
            allowed = PHRASES.get(str(entry.loc[1]), frozenset())
        for name in PLACEHOLDER.findall(text):
            if name not in allowed:
                may = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
                message = f"`{{{name}}}` cannot be used here; allowed: {may}."
                yield entry.document.problem(entry.at(language), "unknown-placeholder", message)


def unknown_phrase(book: Book) -> Iterator[Problem]:
    """phrases.yaml has the sentences the line knows, no others."""
    needed = {
        name for service in book.directory.services.values() for name in listing.needed(service)
    }
    for name in sorted(needed - set(book.phrases)):
        message = f"The sentence `{name}` is missing; a service needs it."
        yield book.documents["phrases.yaml"].problem(("phrases",), "unknown-phrase", message)
    for name in book.phrases:
        if name not in PHRASES and name.split("-")[0] not in _FAMILIES:
            message = f"The line never says `{name}`."
            yield book.documents["phrases.yaml"].problem(
                ("phrases", name), "unknown-phrase", message
            )


def text_cut(book: Book) -> Iterator[Problem]:
    """A ` #` in an unquoted text makes the rest a comment, so it would not be sent."""
    for entry, language, _ in _sent(book):
        if entry.at(language) in entry.document.cut:
            message = "The text after # is cut off; put the text in quotes or use a | block."
            yield entry.document.problem(entry.at(language), "text-cut", message)


def unknown_number(book: Book) -> Iterator[Problem]:
    """A phone number in a text belongs to a listed service, so that it is checked in one place."""
    numbers = book.directory.numbers()
    listed = {
        number
        for number, name in numbers.items()
        if book.directory.services[name].offer == "listed"
    }
    for entry, language, text in _sent(book):
        for number in _NUMBER.findall(text):
            if re.sub(r"\D", "", number) not in listed:
                message = f"`{number}` is no number of a listed service."
                yield entry.document.problem(entry.at(language), "unknown-number", message)


def dear_text(book: Book) -> Iterator[Problem]:
    """Texts keep to the plain alphabet: one other character makes a message cost double."""
    for entry, language, text in _sent(book):
        if dear := not_gsm7(text):
            message = f"{' '.join(dear)} makes this cost double; write it plainer."
            where = entry.at(language)
            yield entry.document.problem(where, "dear-text", message, warning=True)


def long_label(book: Book) -> Iterator[Problem]:
    """A choice's label has 28 characters at most."""
    for entry, language, text in _sent(book):
        if entry.loc[-1] == "label" and len(text) > LABEL_LENGTH:
            message = f"{len(text)} characters; a label may have {LABEL_LENGTH}."
            yield entry.document.problem(entry.at(language), "long-label", message)


RULES = (
    unknown_language,
    missing_language,
    unknown_placeholder,
    unknown_phrase,
    text_cut,
    unknown_number,
    dear_text,
    long_label,
)


@dataclass(frozen=True)
class Shown:
    """A reply somebody may get, and the place in the book it comes from."""

    document: Document
    loc: Loc
    language: str
    reply: str
    limit: int = SEGMENTS


def shown(book: Book, now: datetime) -> Iterator[Shown]:
    """Give every reply that can be known ahead: nodes, details, danger, the line's sentences."""
    for language in book.languages:
        moment = Moment(book, Session(language=language), book.lexicon.read(""), now)
        for spot, node in book.nodes():
            place = screens.ANYWHERE if isinstance(node, SearchNode) else ""
            turn = screens.go(moment.at(Session(language=language, place=place)), spot)
            document = book.documents[book.paths[spot[0]]]
            yield Shown(document, ("nodes", spot[1]), language, turn.reply)
        for name, service in book.directory.services.items():
            document, loc = book.directory.documents[name], ("services", name)
            if service.offer != "never":
                yield Shown(document, loc, language, screens.named(moment, name).reply)
        for name, group in book.danger.classes.items():
            document, loc = book.documents["danger.yaml"], ("classes", name)
            reply = moment.say(group.reply)
            yield Shown(document, loc, language, reply, 1 if group.acute else DANGER_SEGMENTS)
        for name in ("help", "stopped", "erased", "lost", "not-understood", "ask-place"):
            reply = moment.phrase(name)
            if name in ("lost", "not-understood"):
                reply = screens.front(moment, reply).reply
            yield Shown(book.documents["phrases.yaml"], ("phrases", name), language, reply)


def too_long(book: Book, now: datetime) -> Iterator[Problem]:
    """A reply costs three segments at most, in danger two, when life is at stake one."""
    for one in shown(book, now):
        cost = segments(economise(one.reply))
        if cost > one.limit:
            message = (
                f"In `{one.language}` this costs {cost} segments ({len(one.reply)} characters); "
                f"{one.limit} is the limit."
            )
            yield one.document.problem(one.loc, "too-long", message)


def lock_screen(book: Book, now: datetime) -> Iterator[Problem]:
    """The first 40 characters carry no revealing word: somebody may read the phone."""
    for one in shown(book, now):
        words = tokens(one.reply[:LOCK_SCREEN])
        for phrase in sorted(book.revealing):
            size = len(phrase)
            if any(words[at : at + size] == phrase for at in range(len(words))):
                message = (
                    f"In `{one.language}` a locked phone shows `{' '.join(phrase)}`; "
                    f"begin with {LOCK_SCREEN} neutral characters."
                )
                yield one.document.problem(one.loc, "lock-screen", message)
