"""Rules about what is sent: languages, placeholders, numbers, cost, and the lock screen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.directory import listing
from bot.flow import screens
from bot.flow.book import Book
from bot.flow.check.rule import Finding, at, of, rule, sent, written
from bot.flow.fallback import texted
from bot.flow.model import SearchNode
from bot.flow.moment import Moment
from bot.flow.phrases import PHRASES, PLACEHOLDER, TEXT_PLACEHOLDERS
from bot.flow.session import Session
from bot.source import Loc
from bot.text.normalise import tokens
from bot.text.segments import MAX_LENGTH, economise, not_gsm7, segments

LABEL_LENGTH = 28
DANGER_SEGMENTS = 2
LOCK_SCREEN = 40
"""Characters a locked phone shows."""
_FAMILIES = ("audience", "told", "language")
"""Sentences that exist once per value staff may write; more than are needed do no harm."""
_NUMBER = re.compile(r"(?<![\d.$-])(?:\d{3}[-. ]\d{3}[-. ]\d{4}|[2-9]11|988|\d{6})(?![\d.-]\d|\d)")
_SAID = ("help", "stopped", "erased", "decoy", "ask-place", "lost")


@rule
def unknown_language(book: Book) -> Iterator[Finding]:
    """A text or word list uses the languages of book.yaml."""
    known = " or ".join(f"`{code}`" for code in book.languages)
    for entry in written(book):
        for language in entry.values:
            if language and language not in book.languages:
                message = f"`{language}` is not a language of this book; write {known}."
                yield *entry.at(language), message


@rule
def missing_language(book: Book) -> Iterator[Finding]:
    """A text exists in every language, or once for all of them."""
    for entry in written(book):
        for language in set(book.languages) - book.drafts - set(entry.values):
            if entry.is_text and "" not in entry.values:
                yield entry.path, entry.loc, f"The text for `{language}` is missing."


@rule
def unknown_placeholder(book: Book) -> Iterator[Finding]:
    """Texts hold only the `{names}` from the fixed list."""
    for entry, language, text in sent(book):
        phrase = str(entry.loc[1]) if entry.loc[0] == "phrases" else ""
        allowed = PHRASES.get(phrase, frozenset()) if phrase else TEXT_PLACEHOLDERS
        for name in PLACEHOLDER.findall(text):
            if name not in allowed:
                may = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
                yield *entry.at(language), f"`{{{name}}}` cannot be used here; allowed: {may}."


@rule
def unknown_phrase(book: Book) -> Iterator[Finding]:
    """phrases.yaml has the sentences the line knows, no others."""
    services = book.directory.services.values()
    needed = {name for service in services for name in listing.needed(service)}
    for name in sorted(needed - set(book.phrases)):
        yield (
            "phrases.yaml",
            ("phrases",),
            f"The sentence `{name}` is missing; a service needs it.",
        )
    for name in book.phrases:
        if name not in PHRASES and name.split("-")[0] not in _FAMILIES:
            yield "phrases.yaml", ("phrases", name), f"The line never says `{name}`."


@rule
def text_cut(book: Book) -> Iterator[Finding]:
    """A ` #` in an unquoted text makes the rest a comment, so it would not be sent."""
    for entry, language, _ in sent(book):
        if entry.at(language)[1] in book.documents[entry.path].cut:
            message = "The text after # is cut off; put the text in quotes or use a | block."
            yield *entry.at(language), message


@rule
def unknown_number(book: Book) -> Iterator[Finding]:
    """A phone number in a text belongs to a listed service, so that it is checked in one place."""
    services = book.directory.services
    found = book.directory.numbers().items()
    listed = {number for number, name in found if services[name].offer == "listed"}
    for entry, language, text in sent(book):
        for number in _NUMBER.findall(text):
            if re.sub(r"\D", "", number) not in listed:
                yield *entry.at(language), f"`{number}` is no number of a listed service."


@rule
def dear_text(book: Book) -> Iterator[Finding]:
    """Texts keep to the plain alphabet: one other character makes a message cost double."""
    for entry, language, text in sent(book):
        if (dear := not_gsm7(text)) and language not in book.drafts:
            message = f"{' '.join(dear)} makes this cost double; write it plainer."
            yield *entry.at(language), message


@rule
def long_label(book: Book) -> Iterator[Finding]:
    """A choice's label has 28 characters at most."""
    for entry, language, text in sent(book):
        if entry.loc[-1] == "label" and len(text) > LABEL_LENGTH:
            message = f"{len(text)} characters; a label may have {LABEL_LENGTH}."
            yield *entry.at(language), message


@dataclass(frozen=True)
class Shown:
    """A reply somebody may get, and the place in the book it comes from."""

    place: tuple[str, Loc]
    language: str
    reply: str
    limit: int = listing.LIMIT

    @property
    def cost(self) -> int:
        """Give the billed segments."""
        return segments(economise(self.reply))


def shown(book: Book) -> Iterator[Shown]:
    """Give every reply that can be known ahead: nodes, details, danger, the line's sentences."""
    # Early on a Sunday: what is closed says most about when it opens.
    now = datetime(2026, 3, 1, 3, tzinfo=book.locale.timezone)
    for language in book.languages:
        moment = Moment(book, Session(language=language), book.lexicon.read(""), now)
        for spot, node in book.nodes():
            place = screens.ANYWHERE if isinstance(node, SearchNode) else ""
            turn = screens.go(moment.at(Session(language=language, place=place)), spot)
            yield Shown(at(book, spot), language, turn.reply)
            if turn.session and not turn.session.screen:
                again = screens.again(moment.at(turn.session), moment.phrase("not-understood"))
                yield Shown(at(book, spot), language, again.reply)
        for name, service in book.directory.services.items():
            if service.offer != "never":
                yield Shown(of(book, name), language, screens.named(moment, name).reply)
        for name, group in book.danger.classes.items():
            limit, said = 1 if group.acute else DANGER_SEGMENTS, moment.say(group.reply)
            yield Shown(("danger.yaml", ("classes", name)), language, said, limit)
        for name in _SAID:
            said = moment.phrase(name)
            reply = screens.front(moment, said).reply if name == "lost" else said
            yield Shown(("phrases.yaml", ("phrases", name)), language, reply)


@rule
def too_long(book: Book) -> Iterator[Finding]:
    """A reply costs three segments at most, in danger two, when life is at stake one."""
    for one in shown(book):
        if one.cost > one.limit and one.language not in book.drafts:
            size = f"{one.cost} segments ({len(one.reply)} characters)"
            message = f"In `{one.language}` this costs {size}; {one.limit} is the limit."
            yield *one.place, message


@rule
def fallback_cut(book: Book) -> Iterator[Finding]:
    """The safe reply and the last resort, in every language, fit into one message."""
    size = len(texted(book))
    if size > MAX_LENGTH:
        message = f"With the last resort this has {size} characters; {MAX_LENGTH} can be sent."
        yield "phrases.yaml", ("phrases", "safe"), message


@rule
def lock_screen(book: Book) -> Iterator[Finding]:
    """The first 40 characters carry no revealing word: somebody may read the phone."""
    for one in shown(book):
        words = tokens(one.reply[:LOCK_SCREEN])
        for phrase in sorted(book.revealing):
            if any(words[nth : nth + len(phrase)] == phrase for nth in range(len(words))):
                seen = f"In `{one.language}` a locked phone shows `{' '.join(phrase)}`"
                yield *one.place, f"{seen}; begin with {LOCK_SCREEN} neutral characters."
