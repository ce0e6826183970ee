"""What a rule is, and what rules look at: every text and word list with its place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from bot.flow.book import Book
from bot.flow.session import Spot
from bot.problems import Problem
from bot.source import Loc, Shape

Finding = tuple[str, Loc, str]
"""The file, where in it something is wrong, and the sentence about it."""
Rule = Callable[[Book], Iterator[Problem]]

RULES: list[Rule] = []
"""Every rule there is; its function's name is its own, its docstring the staff's explanation."""


def rule(find: Callable[[Book], Iterator[Finding]]) -> Rule:
    """Make a rule of a function that gives findings."""
    name = find.__name__.replace("_", "-")

    @wraps(find)
    def found(book: Book) -> Iterator[Problem]:
        for path, loc, message in find(book):
            # Money is wasted, nobody is misled: the only rule that does not stop a book.
            warning = name == "dear-text"
            yield book.documents[path].problem(loc, name, message, warning=warning)

    RULES.append(found)
    return found


def at(book: Book, spot: Spot, *loc: str | int) -> tuple[str, Loc]:
    """Give the place of a node, or of something in it."""
    return book.paths[spot[0]], ("nodes", spot[1], *loc)


def of(book: Book, service: str, *loc: str | int) -> tuple[str, Loc]:
    """Give the place of a service, or of something in it."""
    return book.directory.documents[service].path, ("services", service, *loc)


@dataclass(frozen=True)
class Written:
    """One text or word list: values by language code ("" = every language)."""

    path: str
    loc: Loc
    values: Mapping[str, Any]

    @property
    def is_text(self) -> bool:
        """Say whether this is sent to people; else it is a list of words they type."""
        return all(isinstance(value, str) for value in self.values.values())

    def at(self, language: str) -> tuple[str, Loc]:
        """Give the place of one language's value."""
        return self.path, (*self.loc, language) if language else self.loc


def written(book: Book) -> Iterator[Written]:
    """Give everything in flows, phrases, danger, needs and the directory."""
    for name, flow in book.flows.items():
        yield from _inside(book.paths[name], (), flow)
    yield from _inside("danger.yaml", (), book.danger)
    yield from _inside("needs.yaml", (), book.needs)
    yield from _inside("phrases.yaml", ("phrases",), dict(book.phrases))
    for name, service in book.directory.services.items():
        yield from _inside(*of(book, name), service)


def sent(book: Book) -> Iterator[tuple[Written, str, str]]:
    """Give every text that is sent, language by language."""
    for entry in written(book):
        if entry.is_text:
            for language, text in entry.values.items():
                yield entry, language, text


def _inside(path: str, loc: Loc, value: Any) -> Iterator[Written]:
    inner = dict(value) if isinstance(value, Shape | Mapping) else {}
    if isinstance(value, Mapping) and all(isinstance(one, str | tuple) for one in inner.values()):
        if value:
            yield Written(path, loc, value)
        return
    for key, one in enumerate(value) if isinstance(value, tuple) else inner.items():
        yield from _inside(path, (*loc, key), one)
