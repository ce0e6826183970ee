"""Plays whole conversations that staff wrote down, and says where the line now speaks differently.

A transcript is a text file: `at:` gives the local time, `> ` begins what a person texts,
`~ 31 minutes` lets time pass, and the lines that follow are the reply.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.flow.book import Book
from bot.flow.check.texts import shown
from bot.flow.engine import step
from bot.flow.model import PromptNode
from bot.flow.session import Session, Turn, decode
from bot.problems import Problem

SESSION_MINUTES = 30
DEAREST = 3
"""Replies named in the summary."""
_WAIT = re.compile(r"~ (\d+) minutes")


@dataclass
class Exchange:
    """One text and the reply it should get."""

    line: int
    text: str
    expected: list[str] = field(default_factory=list)
    wait: int = 0
    """Minutes that pass before it."""


@dataclass
class Transcript:
    """One conversation: its exchanges, and when it starts, None if the file does not say."""

    at: datetime | None = None
    exchanges: list[Exchange] = field(default_factory=list)


def parse(source: str, book: Book) -> Transcript:
    """Read one transcript."""
    script, wait = Transcript(), 0
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith(">"):
            text = line[2:].replace("\\n", "\n")
            script.exchanges.append(Exchange(number, text, wait=wait))
            wait = 0
        elif waited := _WAIT.fullmatch(line):
            wait = int(waited[1])
        elif script.exchanges:
            script.exchanges[-1].expected.append(line)
        elif line.startswith("at:"):
            with suppress(ValueError):
                at = datetime.fromisoformat(line[3:].strip())
                script.at = at.replace(tzinfo=book.locale.timezone)
    return script


def play(book: Book, script: Transcript) -> Iterator[tuple[Exchange, Turn]]:
    """Play it; the session is written out and read back between any two texts."""
    session: Session | None = None
    now = script.at
    for exchange in script.exchanges:
        if now is None:
            return
        now += timedelta(minutes=exchange.wait)
        known = session if exchange.wait < SESSION_MINUTES else None
        turn = step(book, known, exchange.text, now)
        yield exchange, turn
        session = decode(turn.session.encode()) if turn.session else None
        now += timedelta(seconds=20)


def failures(book: Book) -> Iterator[Problem]:
    """A transcript is what the line says; where it says something else, one of them is wrong."""
    for path, source in book.transcripts.items():
        script = parse(source, book)
        if script.at is None:
            message = "Say when it happens on a line of its own: `at: 2026-11-24 10:00`."
            yield Problem(path, 1, 1, "transcript", message)
        for exchange, turn in play(book, script):
            expected = "\n".join(exchange.expected).rstrip()
            if expected != turn.reply.rstrip():
                message = f"The line now answers differently: {_difference(expected, turn.reply)}"
                yield Problem(path, exchange.line, 1, "transcript", message)


def _difference(expected: str, reply: str) -> str:
    for written, said in zip(expected.split("\n"), reply.split("\n"), strict=False):
        if written != said:
            return f"`{said}` where the transcript has `{written}`."
    return "it is shorter or longer than the transcript."


def rewritten(book: Book, path: str) -> str:
    """Give the transcript with the replies the line gives now."""
    source = book.transcripts[path]
    script = parse(source, book)
    replies = {exchange.line: turn.reply for exchange, turn in play(book, script)}
    lines: list[str] = []
    in_reply = False
    for number, line in enumerate(source.splitlines(), 1):
        if number in replies:
            lines += [line, *replies[number].rstrip().split("\n"), ""]
            in_reply = True
        elif _WAIT.fullmatch(line):
            lines += [line]
        elif not in_reply:
            lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def coverage(book: Book) -> tuple[dict[str, bool], dict[str, bool]]:
    """Tell of each node, as flow.node, and of each choice whether some transcript goes there."""
    scripts = (parse(source, book) for source in book.transcripts.values())
    turns = [turn for script in scripts for _, turn in play(book, script)]
    seen = {spot for turn in turns for spot in turn.walked}
    taken = {turn.chosen for turn in turns}
    nodes = sorted(dict(book.nodes()).items(), key=lambda pair: pair[0])
    choices = {
        f"{spot[0]}.{spot[1]} choice {at + 1}": (spot, at) in taken
        for spot, node in nodes
        for at in range(len(node.choices) if isinstance(node, PromptNode) else 0)
    }
    return {".".join(spot): spot in seen for spot, _ in nodes}, choices


def summary(book: Book) -> Iterator[str]:
    """Say how hours are read, which replies cost most, and what no transcript walks through."""
    for name, service in book.directory.services.items():
        for hours in (*service.hours, *(one for at in service.locations for one in at.hours)):
            yield f"hours {name}: {hours}"
    for one in sorted(shown(book), key=lambda one: (-one.cost, -len(one.reply)))[:DEAREST]:
        (path, loc), size = one.place, f"{one.cost} segments, {len(one.reply)} characters"
        line = book.documents[path].mark(loc)[0]
        yield f"longest reply: {size} ({one.language}, {path}:{line})"
    for draft in sorted(book.drafts):
        own = [one for one in shown(book) if one.language == draft and not one.reply.isascii()]
        costs = Counter(one.cost for one in own)
        told = ", ".join(f"{costs[cost]} of {cost}" for cost in sorted(costs))
        yield f"draft {draft}: {len(own)} replies cost so many segments: {told}"
    nodes, choices = coverage(book)
    for name, reached in (nodes | choices).items():
        if not reached:
            yield f"no transcript reaches {name}"
    walked = f"{sum(nodes.values())} of {len(nodes)} nodes"
    chosen = f"{sum(choices.values())} of {len(choices)} choices"
    yield f"{len(book.transcripts)} transcripts walk {walked} and {chosen}."
