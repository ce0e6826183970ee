"""What a proof of the book found that is no problem: hours, costs, coverage."""

from collections.abc import Iterator
from datetime import datetime

from bot.flow.book import Book
from bot.flow.check.texts import shown
from bot.flow.check.transcripts import coverage
from bot.text.segments import economise, segments

DEAREST = 3
"""Replies named in the report."""


def summary(book: Book, now: datetime) -> Iterator[str]:
    """Say how hours are read, which replies cost most, and what no transcript walks through."""
    for name, service in book.directory.services.items():
        for hours in (
            *service.hours,
            *(one for place in service.locations for one in place.hours),
        ):
            yield f"hours {name}: {hours}"
    replies = sorted(
        shown(book, now), key=lambda one: (segments(economise(one.reply)), len(one.reply))
    )
    for one in reversed(replies[-DEAREST:]):
        cost = f"{segments(economise(one.reply))} segments, {len(one.reply)} characters"
        where = f"{one.document.path}:{one.document.mark(one.loc)[0]}"
        yield f"longest reply: {cost} ({one.language}, {where})"
    covered = coverage(book)
    yield from (f"no transcript reaches {missed}" for missed in covered.missed)
    yield (
        f"{len(book.transcripts)} transcripts walk {covered.nodes_seen} of {covered.nodes} nodes "
        f"and {covered.choices_seen} of {covered.choices} choices."
    )
