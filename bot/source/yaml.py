"""Reads YAML so that every scalar stays the text that was typed and remembers where it stood.

PyYAML's safe loader turns `no` into False, `22:00` into 1320, `01234` into 668 and keeps
the last of two equal keys without a word (measured with PyYAML 6.0.3). A menu that loses
an option that way sends a person to the wrong place, so nothing here is converted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.problems import Problem

Loc = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and list positions."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_NULLS = {"", "~", "null", "Null", "NULL"}
_PLAIN_TAGS = {None, "!"}


@dataclass(frozen=True)
class Document:
    """One file: its values (dict, list, str or None) and the line and column of each."""

    path: str
    data: Any
    marks: Mapping[Loc, tuple[int, int]] = field(repr=False)
    cut: frozenset[Loc] = frozenset()
    """Plain texts followed by ` #`: YAML drops the rest of the line as a comment."""

    def mark(self, loc: Loc) -> tuple[int, int]:
        """Give the position of the value at `loc`, or of its nearest holder."""
        while loc and loc not in self.marks:
            loc = loc[:-1]
        return self.marks.get(loc, (1, 1))

    def problem(self, loc: Loc, rule: str, message: str, *, warning: bool = False) -> Problem:
        """Make a problem that points at the value at `loc`."""
        line, column = self.mark(loc)
        return Problem(self.path, line, column, rule, message, warning)


def read(path: str, source: str | bytes) -> tuple[Document | None, list[Problem]]:
    """Read one file; a file that cannot be read gives None and says why."""
    if len(source) > MAX_BYTES:
        return None, [Problem(path, 1, 1, "too-big", "This file is over 1 MB; split it.")]
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            text = "This file is not UTF-8; save it as UTF-8 text."
            return None, [Problem(path, line, 1, "not-utf8", text)]
    builder = _Builder(path, source.splitlines())
    try:
        builder.build(_events(source))
    except yaml.MarkedYAMLError as error:
        return None, [*builder.problems, _syntax(path, error)]
    except yaml.reader.ReaderError as error:
        line = source[: error.position].count("\n") + 1
        text = "There is an invisible control character here; delete it."
        return None, [*builder.problems, Problem(path, line, 1, "syntax", text)]
    if any(problem.rule == "too-deep" for problem in builder.problems):
        return None, builder.problems
    return Document(path, builder.data, builder.marks, frozenset(builder.cut)), builder.problems


def _events(source: str) -> Iterator[Any]:
    # libyaml accepts a few texts the pure parser explains better; ask it only when libyaml fails.
    try:
        yield from list(yaml.parse(source, Loader=yaml.CBaseLoader))
    except yaml.YAMLError:
        yield from yaml.parse(source, Loader=yaml.BaseLoader)


_SYNTAX_HINTS = {
    "cannot start any token": "Something here needs quotes, or a tab is used where spaces belong.",
    "mapping values are not allowed": (
        "There is a second ': ' on this line; put the text in quotes or use a | block."
    ),
    "undefined alias": "Text that starts with * needs quotes.",
    "expected <block end>": "The indentation does not line up, or a quote ends too early.",
    "while scanning a quoted": "A quote is opened here and never closed.",
    "could not find expected ':'": "A ':' is missing after a name.",
}


def _syntax(path: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = f"{error.context or ''} {error.problem or ''}".strip()
    hint = next((text for key, text in _SYNTAX_HINTS.items() if key in said), "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    message = f"{hint} (YAML says: {said})" if hint else f"This is not valid YAML: {said}."
    return Problem(path, line, column, "syntax", message)


class _Builder:
    """Turns parser events into values without recursion, so that depth cannot hurt."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.data: Any = None
        self.marks: dict[Loc, tuple[int, int]] = {}
        self.cut: set[Loc] = set()
        self.problems: list[Problem] = []
        self._open: list[tuple[Any, Loc]] = []
        self._keys: list[str | None] = []
        """The key waiting for its value, per open map."""

    def build(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents == 2:
                return self._say(event, "one-document", "Only one document (---) per file.")
            self._markup(event)
            if isinstance(event, yaml.AliasEvent):
                self._say(event, "no-alias", "Write the text out again; *names are not used here.")
                self._place(event, None)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(self._open) == MAX_DEPTH:
                    many = f"More than {MAX_DEPTH} levels; flatten this part."
                    self._say(event, "too-deep", many)
                holder: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._open.append((holder, self._place(event, holder)))
                self._keys.append(None)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._open.pop()
                self._keys.pop()
        return None

    def _say(self, event: Any, rule: str, message: str) -> None:
        self.problems.append(Problem(self.path, *_mark(event), rule, message))

    def _markup(self, event: Any) -> None:
        if getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent):
            self._say(event, "no-alias", "Remove the &name; names for reuse are not used here.")
        if getattr(event, "tag", None) not in _PLAIN_TAGS:
            self._say(event, "no-tag", "Remove the !tag; write plain text.")

    def _scalar(self, event: Any) -> None:
        holder, loc = self._open[-1] if self._open else (None, ())
        if isinstance(holder, dict) and self._keys[-1] is None:
            self._keys[-1] = event.value
            where = (*loc, event.value)
            if event.value in holder:
                again = f"`{event.value}` is already on line {self.marks[where][0]}; keep one."
                self._say(event, "duplicate-key", again)
            self.marks.setdefault(where, _mark(event))
            return
        plain = not event.style
        where = self._place(event, None if plain and event.value in _NULLS else event.value)
        end = event.end_mark
        rest = self.lines[end.line][end.column :] if end.line < len(self.lines) else ""
        if plain and event.value and rest.startswith(" ") and rest.lstrip().startswith("#"):
            self.cut.add(where)

    def _place(self, event: Any, value: Any) -> Loc:
        if not self._open:
            self.data = value
            self.marks.setdefault((), _mark(event))
            return ()
        holder, loc = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
            self.marks[(*loc, len(holder) - 1)] = _mark(event)
            return (*loc, len(holder) - 1)
        key, self._keys[-1] = self._keys[-1], None
        if key is None:
            self._say(event, "plain-key", "A name here must be plain text.")
            key = self._keys[-1] = "?"
        holder[key] = value
        # A value on its own lines is pointed at by its name, where the eye goes first.
        if self.marks.setdefault((*loc, key), _mark(event))[0] == _mark(event)[0]:
            self.marks[(*loc, key)] = _mark(event)
        return (*loc, key)


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
