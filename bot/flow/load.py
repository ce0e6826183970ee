"""Makes the book from its files, or says everything that is wrong with them at once."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.directory.hours import spelling
from bot.directory.parse import Directory
from bot.directory.parse import parse as parse_directory
from bot.directory.schedule import Locale
from bot.flow.book import START, Book
from bot.flow.model import BookFile, FlowFile, PromptNode
from bot.flow.phrases import PHRASES, PhrasesFile
from bot.problems import Problem
from bot.reading import DangerFile, NeedsFile, WordsFile
from bot.reading.build import Sources, build
from bot.reading.model import by_language
from bot.source import Document, Loc, fit, read
from bot.source.shape import Fitted
from bot.text.normalise import tokens
from bot.text.places import Gazetteer
from bot.text.places import parse as parse_places

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
        for path in sorted({*SINGLES, *self.files}):
            if path not in self.files:
                self.problems.append(Problem(path, 1, 1, "missing-file", f"{path} is missing."))
            elif path.endswith(".yaml"):
                document, problems = read(path, self.files[path])
                self.problems += problems
                self.documents |= {path: document} if document else {}

    def one(self, path: str, shape: type[Fitted]) -> Fitted | None:
        if path not in self.documents:
            return None
        value, problems = fit(shape, self.documents[path])
        self.problems += problems
        return value

    def drop(self, languages: set[str]) -> None:
        """Take out all that is written in languages that are off."""
        for path, document in self.documents.items() if languages else ():
            if path != "book.yaml":
                kept = replace(document, data=_without(document.data, languages))
                self.documents[path] = kept

    def say(self, path: str, loc: Loc, rule: str, message: str) -> None:
        self.problems.append(self.documents[path].problem(loc, rule, message))

    def texts(self, folder: str) -> dict[str, str]:
        """Give the files of a folder that are no YAML, by the rest of their paths."""
        return {
            path: content.decode("utf-8", errors="replace")
            for path, content in sorted(self.files.items())
            if path.startswith(folder)
        }


def load(
    files: Mapping[str, bytes], drafts: Collection[str] | None = ()
) -> tuple[Book | None, list[Problem]]:
    """Make a book from files by path; None when any problem is more than a warning.

    Draft languages are off but for `drafts`; None = all of them are on.

    The references between files are checked by `bot.flow.check`, on the book made here.
    """
    shelf = _Shelf(files)
    shelf.read_all()
    about = shelf.one("book.yaml", BookFile)
    known = {code for code, one in about.languages.items() if one.draft} if about else set()
    on = known if drafts is None else known & set(drafts)
    shelf.drop(known - on)
    words = shelf.one("words.yaml", WordsFile)
    needs = shelf.one("needs.yaml", NeedsFile)
    danger = shelf.one("danger.yaml", DangerFile)
    phrases = shelf.one("phrases.yaml", PhrasesFile)
    flows, paths = _flows(shelf, about)
    locale = _locale(shelf, about) if about else None
    gazetteer = _places(shelf, words) if words else None
    directory = _directory(shelf, words, locale) if words and locale else None
    if phrases and (missing := ", ".join(sorted(set(PHRASES) - set(phrases.phrases)))):
        message = f"These sentences are missing: {missing}."
        shelf.say("phrases.yaml", ("phrases",), "missing", message)
    # Each is None only after its problem was said; the names repeat so that the types follow.
    if not (about and words and needs and danger and phrases and locale and gazetteer):
        return None, shelf.problems
    if directory is None or any(not problem.warning for problem in shelf.problems):
        return None, shelf.problems
    triggers, answers = _typed(flows)
    ahead = frozenset(name for name, flow in flows.items() if flow.first)
    everyday = {
        path.removeprefix(ORDINARY).removesuffix(".txt"): [
            line for line in text.splitlines() if line[:1] not in ("", "#")
        ]
        for path, text in shelf.texts(ORDINARY).items()
    }
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
            Sources(words, needs, danger, triggers, ahead, answers, directory, gazetteer, everyday)
        ),
        locale=locale,
        revealing=frozenset(tokens(word) for word in words.revealing),
        documents=shelf.documents,
        drafts=frozenset(on),
        transcripts=shelf.texts("transcripts/"),
        mark=hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12],
    )
    return book, shelf.problems


def _without(data: Any, names: set[str]) -> Any:
    if isinstance(data, list):
        return [_without(one, names) for one in data]
    if not isinstance(data, dict):
        return data
    return {key: _without(value, names) for key, value in data.items() if key not in names}


def _flows(shelf: _Shelf, about: BookFile | None) -> tuple[dict[str, FlowFile], dict[str, str]]:
    flows: dict[str, FlowFile] = {}
    homes: dict[str, str] = {}
    topics = [path for path in shelf.documents if "/" not in path and path not in SINGLES]
    for path in topics:
        flow = shelf.one(path, FlowFile)
        if flow and flow.flow in flows:
            message = f"`{flow.flow}` is already the name of {homes[flow.flow]}."
            shelf.say(path, ("flow",), "duplicate-flow", message)
        if flow:
            flows[flow.flow], homes[flow.flow] = flow, path
    written = sum("/" not in path and path.endswith(".yaml") for path in shelf.files)
    front = flows.get(about.front) if about else None
    # A flow that could not be read is said to be wrong already.
    if about and len(flows) == written - len(SINGLES) and not (front and START in front.nodes):
        message = f"`{about.front}` is not a flow with a `start` node."
        shelf.say("book.yaml", ("front",), "unknown-goto", message)
    return flows, homes


def _locale(shelf: _Shelf, about: BookFile) -> Locale | None:
    try:
        zone = ZoneInfo(about.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`{about.timezone}` is not a time zone; write one like America/Los_Angeles."
        shelf.say("book.yaml", ("timezone",), "unknown-timezone", message)
        return None
    return Locale(zone, about.country, about.subdivision, about.units)


def _places(shelf: _Shelf, words: WordsFile) -> Gazetteer | None:
    if "places.yaml" not in shelf.documents:
        return None
    zips = (ZIPS, shelf.files.get(ZIPS, b"").decode("utf-8", errors="replace"))
    gazetteer, problems = parse_places(
        shelf.documents["places.yaml"], zips, words.place_words, words.ordinals
    )
    shelf.problems += problems
    return gazetteer


def _directory(shelf: _Shelf, words: WordsFile, locale: Locale) -> Directory:
    known = spelling(words.weekdays, words.hour_words)
    files = [one for path, one in shelf.documents.items() if path.startswith("directory/")]
    directory, problems = parse_directory(files, known, locale.country)
    shelf.problems += problems
    return directory


def _typed(flows: Mapping[str, FlowFile]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Give the triggers as (language, word, flow), and every label and keyword."""
    triggers, answers = [], []
    for name, flow in flows.items():
        triggers += [(language, word, name) for language, word in by_language(flow.triggers)]
        prompts = [node for node in flow.nodes.values() if isinstance(node, PromptNode)]
        choices = [choice for node in prompts for choice in node.choices]
        answers += [word for choice in choices for _, word in choice.heard()]
    return triggers, answers
