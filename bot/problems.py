"""What is wrong in the book or around the line: the values every check returns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in the book, in words a staff member can act on.

    Lines and columns count from 1; `warning` problems cost money or clarity
    but do not stop the book from being used.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message} [{self.rule}]"


@dataclass(frozen=True)
class Finding:
    """What the operator should know about where the line runs, and what to do about it."""

    kind: Literal["ok", "warn", "bad"]
    words: str


class BookError(Exception):
    """The book cannot be used; carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
