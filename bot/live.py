"""Follows the book's files: a good edit is taken while texts are answered, a bad one is told."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from bot import logs
from bot.files import stamp
from bot.flow.book import Book
from bot.problems import BookError, Problem

TOLD = 20
"""So many problems of a book are logged; `check` shows all."""


class Live:
    """The line as a WSGI application, made anew whenever the book in a folder has changed.

    `make` is given how often a refused edit breaks each rule, empty when there is none.
    """

    def __init__(
        self, folder: Path, make: Callable[[Mapping[str, int]], tuple[Book, Flask]]
    ) -> None:
        self._folder, self._make, self._refused = folder, make, Counter[str]()
        self._seen = self._tried = stamp(folder)
        self.book, self.app = make(self._refused)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request with the book as it is now."""
        return self.app(environ, start_response)

    def tend(self) -> bool:
        """Turn the key, look at the files, tell if there is news to show; call it every second."""
        try:
            self.app.extensions["keyring"]()
        except Exception as error:  # noqa: BLE001 the next second may be better
            logs.fault(error)
        # Files that stood still from one call to the next are read: none is half saved.
        before, self._seen = self._seen, stamp(self._folder)
        if self._seen == self._tried or self._seen != before:
            return False
        self._tried, shown = self._seen, (self.book.mark, dict(self._refused))
        try:
            self.book, self.app = self._make(self._refused)
            self._tell()
        except BookError as error:
            self._tell([problem for problem in error.problems if not problem.warning])
        except Exception as error:  # noqa: BLE001 whatever an edit breaks, the last good book serves
            logs.fault(error)
            self._tell([Problem("-", 1, 1, "fault", "")])
        return shown != (self.book.mark, dict(self._refused))

    def _tell(self, problems: Collection[Problem] = ()) -> None:
        self._refused.clear()
        self._refused.update(problem.rule for problem in problems)
        outcome: logs.Edit = "book-refused" if problems else "book-taken"
        logs.event("book", outcome=outcome, problems=len(problems))
        for problem in [*problems][:TOLD]:
            logs.problem(problem.rule, problem.path, problem.line)
