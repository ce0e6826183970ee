"""Makes the book from its files, or says everything that is wrong with them at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.directory.catalogue import Directory
from bot.directory.hours import Spelling
from bot.directory.parse import parse as parse_directory
from bot.directory.schedule import Locale
from bot.flow.book import Book, book_mark
from bot.flow.model import BookFile, FlowFile, PromptNode
from bot.flow.phrases import PHRASES, PhrasesFile
from bot.problems import Problem
from bot.reading import DangerFile, NeedsFile, WordsFile
from bot.reading.build import Sources, build
from bot.reading.model import by_language
from bot.source import Document, Shape, fit, read
from bot.text.normalise import tokens
from bot.text.places import Gazetteer
from bot.text.places import parse as parse_places

Fitted = TypeVar("Fitted", bound=Shape)

SINGLES = ("book.yaml", "danger.yaml", "phrases.yaml", "needs.yaml", "words.yaml", "places.yaml")
ZIPS = "zips.csv"
ORDINARY = "ordinary/"


@dataclass
class _Shelf:
    """Files as they are read, and every problem found on the way."""

    files: Mapping[str, bytes]
    documents: dict[str, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read_all(self) -> None:
        for path, content in sorted(self.files.items()):
            if path.endswith((".yaml", ".yml")):
                document, problems = read(path, content)
                self.problems += problems
                if document:
                    self.documents[path] = document

    def one(self, path: str, shape: type[Fitted]) -> Fitted | None:
        document = self.documents.get(path)
        if document is None:
            if path not in self.files:
                self.problems.append(Problem(path, 1, 1, "missing-file", f"{path} is missing."))
            return None
        value, problems = fit(shape, document)
        self.problems += problems
        return value

    def topics(self) -> Iterator[tuple[str, Document]]:
        for path, document in self.documents.items():
            if "/" not in path and path not in SINGLES:
                yield path, document

    def directory(self) -> list[Document]:
        return [one for path, one in self.documents.items() if path.startswith("directory/")]


def load(files: Mapping[str, bytes]) -> tuple[Book | None, list[Problem]]:
    """Make a book from files by path; None when any problem is more than a warning.

    The references between files are checked by `bot.flow.check`, on the book made here.
    """
    shelf = _Shelf(files)
    shelf.read_all()
    about = shelf.one("book.yaml", BookFile)
    words = shelf.one("words.yaml", WordsFile)
    needs = shelf.one("needs.yaml", NeedsFile)
    danger = shelf.one("danger.yaml", DangerFile)
    phrases = shelf.one("phrases.yaml", PhrasesFile)
    flows, paths = _flows(shelf)
    locale = _locale(shelf, about) if about else None
    gazetteer = _places(shelf, words) if words else None
    if words and locale:
        directory = _directory(shelf, words, locale)
    if not (about and words and needs and danger and phrases and locale and gazetteer):
        return None, shelf.problems
    topics = sum("/" not in path and path.endswith(".yaml") for path in files) - len(SINGLES)
    # A flow that could not be read is said to be wrong already.
    if len(flows) == topics:
        _front_door(shelf, about, flows)
    _phrases(shelf, phrases)
    triggers = [
        (language, word, name)
        for name, flow in flows.items()
        for language, word in by_language(flow.triggers)
    ]
    book = Book(
        about=about,
        flows=flows,
        paths=paths,
        phrases=phrases.phrases,
        danger=danger,
        needs=needs,
        directory=directory,
        gazetteer=gazetteer,
        lexicon=build(
            Sources(
                words,
                needs,
                danger,
                triggers,
                _answers(flows),
                directory,
                gazetteer,
                _everyday(files),
            )
        ),
        locale=locale,
        revealing=frozenset(tokens(word) for word in words.revealing),
        documents=shelf.documents,
        transcripts=_transcripts(files),
        mark=book_mark(files),
    )
    broken = any(not problem.warning for problem in shelf.problems)
    return (None if broken else book), shelf.problems


def _flows(shelf: _Shelf) -> tuple[dict[str, FlowFile], dict[str, str]]:
    flows: dict[str, FlowFile] = {}
    homes: dict[str, str] = {}
    for path, document in shelf.topics():
        flow, problems = fit(FlowFile, document)
        shelf.problems += problems
        if flow is None:
            continue
        if flow.flow in flows:
            message = f"`{flow.flow}` is already the name of {homes[flow.flow]}."
            shelf.problems.append(document.problem(("flow",), "duplicate-flow", message))
        flows[flow.flow] = flow
        homes[flow.flow] = path
    return flows, homes


def _locale(shelf: _Shelf, about: BookFile) -> Locale | None:
    try:
        zone = ZoneInfo(about.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`{about.timezone}` is not a time zone; write one like America/Los_Angeles."
        where = shelf.documents["book.yaml"].problem(("timezone",), "unknown-timezone", message)
        shelf.problems.append(where)
        return None
    return Locale(zone, about.country, about.subdivision, about.units)


def _places(shelf: _Shelf, words: WordsFile) -> Gazetteer | None:
    document = shelf.documents.get("places.yaml")
    if document is None:
        if "places.yaml" not in shelf.files:
            missing = Problem("places.yaml", 1, 1, "missing-file", "places.yaml is missing.")
            shelf.problems.append(missing)
        return None
    zips = (ZIPS, shelf.files.get(ZIPS, b"").decode("utf-8", errors="replace"))
    gazetteer, problems = parse_places(document, zips, words.place_words, words.ordinals)
    shelf.problems += problems
    return gazetteer


def _directory(shelf: _Shelf, words: WordsFile, locale: Locale) -> Directory:
    spelling = Spelling.of(words.weekdays, words.hour_words)
    directory, problems = parse_directory(shelf.directory(), spelling, locale.country)
    shelf.problems += problems
    return directory


def _front_door(shelf: _Shelf, about: BookFile, flows: Mapping[str, FlowFile]) -> None:
    if about.front not in flows or "start" not in flows[about.front].nodes:
        message = f"`{about.front}` is not a flow with a `start` node."
        shelf.problems.append(
            shelf.documents["book.yaml"].problem(("front",), "unknown-goto", message)
        )


def _phrases(shelf: _Shelf, phrases: PhrasesFile) -> None:
    document = shelf.documents["phrases.yaml"]
    missing = ", ".join(sorted(set(PHRASES) - set(phrases.phrases)))
    if missing:
        message = f"These sentences are missing: {missing}."
        shelf.problems.append(document.problem(("phrases",), "missing", message))


def _answers(flows: Mapping[str, FlowFile]) -> list[str]:
    choices = [
        choice
        for flow in flows.values()
        for node in flow.nodes.values()
        if isinstance(node, PromptNode)
        for choice in node.choices
    ]
    words = [word for choice in choices for _, word in by_language(choice.keywords)]
    return words + [label for choice in choices for label in choice.label.values()]


def _everyday(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Read ordinary/<language>.txt: a word a line, the most frequent first, # for notes."""
    return {
        path[len(ORDINARY) : -len(".txt")]: [
            line
            for line in content.decode("utf-8", errors="replace").splitlines()
            if line[:1] not in ("", "#")
        ]
        for path, content in files.items()
        if path.startswith(ORDINARY)
    }


def _transcripts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {
        path: content.decode("utf-8", errors="replace")
        for path, content in sorted(files.items())
        if path.startswith("transcripts/")
    }
