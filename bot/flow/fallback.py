"""What is said when nothing else can be: by us in a fault, by the provider when we are gone."""

from datetime import datetime

from bot.directory import listing
from bot.flow.book import Book
from bot.flow.moment import Moment
from bot.flow.session import Session
from bot.text.segments import MAX_LENGTH, economise


def safe_reply(book: Book) -> str:
    """Give the reply of last resort, in every language."""
    return "\n".join(dict.fromkeys(book.phrase("safe", one) for one in book.languages))


def texted(book: Book) -> str:
    """Give one message with the safe reply and the numbers that always answer.

    The book's last resort is in it whole; then, as far as it fits, who can be rung at any
    hour and tells nobody, because there is no room to warn. Over MAX_LENGTH only if the
    last resort alone is.
    """
    names, least = _always(book), len(book.about.last_resort)
    while True:
        lines = (line for one in book.languages for line in _lines(book, one, names))
        text = economise("\n".join(dict.fromkeys([safe_reply(book), *lines])))
        if len(text.encode("utf-16-le")) <= 2 * MAX_LENGTH or len(names) <= least:
            return text
        names.pop()


def heard(book: Book, *, numbers: bool) -> list[tuple[str, str]]:
    """Give what a caller hears, by the voice's tag; with all numbers when we are gone."""
    names, voices = _always(book) if numbers else [], book.about.voices
    return [
        (voices.get(one, one), ". ".join([book.phrase("voice", one), *_lines(book, one, names)]))
        for one in book.languages
    ]


def _always(book: Book) -> list[str]:
    services = book.directory.services
    first = [name for name in book.about.last_resort if name in services]
    for name, one in services.items():
        ready = (one.offer, one.status, one.hours) == ("listed", "active", ("24/7",))
        if ready and one.phones and not (one.locations or one.told or name in first):
            first.append(name)
    return first


def _lines(book: Book, language: str, names: list[str]) -> list[str]:
    # No line says how a service stands, so any moment will do.
    moment = datetime(2026, 1, 1, tzinfo=book.locale.timezone)
    said = Moment(book, Session(language), book.lexicon.read(""), moment)
    return [listing.line(book.directory.services[name], said.wording) for name in names]
