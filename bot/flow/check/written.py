"""Finds every text and every word list in the book, with the place where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.flow.book import Book
from bot.source import Document, Loc, Shape


@dataclass(frozen=True)
class Written:
    """One text or word list: values by language code ("" = every language)."""

    document: Document
    loc: Loc
    values: Mapping[str, Any]

    @property
    def is_text(self) -> bool:
        """Say whether this is sent to people; else it is a list of words they type."""
        return all(isinstance(value, str) for value in self.values.values())

    def at(self, language: str) -> Loc:
        """Give the way to one language's value."""
        return (*self.loc, language) if language else self.loc


def written(book: Book) -> Iterator[Written]:
    """Give everything in flows, phrases, danger, needs and the directory."""
    for name, flow in book.flows.items():
        yield from _inside(book.documents[book.paths[name]], (), flow)
    yield from _inside(book.documents["danger.yaml"], (), book.danger)
    yield from _inside(book.documents["needs.yaml"], (), book.needs)
    phrases = book.documents["phrases.yaml"]
    for name, values in book.phrases.items():
        yield Written(phrases, ("phrases", name), values)
    for name, service in book.directory.services.items():
        yield from _inside(book.directory.documents[name], ("services", name), service)


def _inside(document: Document, loc: Loc, value: Any) -> Iterator[Written]:
    if isinstance(value, Shape):
        for name in type(value).model_fields:
            yield from _inside(document, (*loc, name), getattr(value, name))
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            yield from _inside(document, (*loc, at), one)
    elif isinstance(value, Mapping):
        if value and all(isinstance(one, str | tuple) for one in value.values()):
            yield Written(document, loc, value)
        else:
            for name, one in value.items():
                yield from _inside(document, (*loc, name), one)
