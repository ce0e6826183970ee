"""Rules about the words people type: none may be the phone company's, none may mean two things."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.flow.book import Book
from bot.flow.check.rule import Finding, at, rule
from bot.flow.model import PromptNode
from bot.reading.model import COMMANDS, RESERVED, by_language
from bot.source import Loc, Words
from bot.source.shape import did_you_mean
from bot.text.normalise import tokens
from bot.text.phrases import pattern

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class _Use:
    """One word in one place: what it means there, for the sentence about a collision."""

    word: str
    meaning: str
    kind: str
    path: str
    loc: Loc

    @cached_property
    def phrase(self) -> Phrase:
        return pattern(self.word)


def _uses(book: Book) -> Iterator[_Use]:
    for name, flow in book.flows.items():
        yield from _listed(flow.triggers, f"flow {name}", name, book.paths[name], ("triggers",))
    for name, need in book.needs.needs.items():
        kind, loc = (book.home(name) or ("",))[0], ("needs", name, "words")
        yield from _listed(need.words, f"need {name}", kind, "needs.yaml", loc)
    for name, group in book.danger.classes.items():
        loc = ("classes", name, "words")
        yield from _listed(group.words, f"danger {name}", "!danger", "danger.yaml", loc)


def _listed(words: Words, meaning: str, kind: str, path: str, loc: Loc) -> Iterator[_Use]:
    for language, word in by_language(words):
        if word[:1] != "!":
            yield _Use(word, meaning, kind, path, (*loc, language))


def _answers(book: Book) -> Iterator[tuple[str, Loc, str]]:
    for spot, node in book.nodes():
        for nth, choice in enumerate(node.choices if isinstance(node, PromptNode) else ()):
            for language, label in choice.label.items():
                yield *at(book, spot, "choices", nth, "label", language), label
            for language, word in by_language(choice.keywords):
                yield *at(book, spot, "choices", nth, "keywords", language), word


@rule
def reserved_word(book: Book) -> Iterator[Finding]:
    """STOP, HELP, YES and the other words carriers keep are never answers."""
    used = [(use.path, use.loc, use.word) for use in _uses(book)]
    for path, loc, word in (*used, *_answers(book)):
        if word.casefold() in RESERVED:
            message = f"Phone companies keep `{word}` for themselves; choose another word."
            yield path, loc, message


@rule
def colliding_word(book: Book) -> Iterator[Finding]:
    """A word means one thing: a need, a flow, a danger or a global word, and no two of them.

    Only a need and the flow that answers it may share a word: alone it opens the flow,
    with a place it searches.
    """
    tables = (book.lexicon.commands, book.lexicon.switches)
    taken = {phrase: found[0][1] for table in tables for phrase, found in table.table.items()}
    first: dict[Phrase, list[_Use]] = {}
    for use in _uses(book):
        if use.phrase in taken:
            message = f"`{use.word}` is the global word for {taken[use.phrase].upper()}."
            yield use.path, use.loc, message
        for other in first.setdefault(use.phrase, []):
            same_kind = use.meaning.split()[0] == other.meaning.split()[0]
            if use.meaning != other.meaning and (use.kind != other.kind or same_kind):
                line = book.documents[other.path].mark(other.loc)[0]
                where = f"{other.path}, line {line}"
                message = f"`{use.word}` already means {other.meaning} ({where})."
                yield use.path, use.loc, message
        first[use.phrase].append(use)


@rule
def keyword_twice(book: Book) -> Iterator[Finding]:
    """Within one menu a label or keyword selects one choice only."""
    owner: dict[tuple[str, Loc, Phrase], int] = {}
    for path, loc, word in _answers(book):
        nth = int(loc[3])
        first = owner.setdefault((path, loc[:2], tokens(word)), nth)
        if first != nth:
            yield path, loc[:4], f"`{word}` also selects choice {first + 1}."


@rule
def unknown_group(book: Book) -> Iterator[Finding]:
    """A `<name>` in a phrase is a group of words.yaml; within a group, one further above."""
    groups = [*book.documents["words.yaml"].data.get("groups", ())]
    for path in {"words.yaml", "needs.yaml", "danger.yaml", *book.paths.values()}:
        for loc, text in _leaves(book.documents[path].data):
            known = groups[: groups.index(loc[1])] if loc[0] == "groups" else groups
            for part in pattern(text.lstrip("=+!")):
                if part.startswith("<") and part[1:-1] not in known:
                    hint = did_you_mean(part[1:-1], known)
                    yield path, loc, f"There is no group `{part}` here.{hint}"


def _leaves(value: object, *loc: str | int) -> Iterator[tuple[Loc, str]]:
    """Give every text that may hold the name of a group, with its place."""
    pairs = enumerate(value) if isinstance(value, list) else ()
    for key, one in value.items() if isinstance(value, dict) else pairs:
        yield from _leaves(one, *loc, key)
    if isinstance(value, str) and "<" in value:
        yield loc, value


@rule
def unheard_word(book: Book) -> Iterator[Finding]:
    """A word has letters, digits or emoji: marks alone are never heard."""
    for use in _uses(book):
        if not use.phrase:
            message = f"`{use.word}` has no letter, digit or emoji, so it is never heard."
            yield use.path, use.loc, message


@rule
def unheard_choice(book: Book) -> Iterator[Finding]:
    """A label or keyword is no global word, language's name or danger: those are heard first."""
    for path, loc, word in _answers(book):
        heard = book.lexicon.read(word)
        scan = book.lexicon.groups.scan(heard.words)
        literal = book.lexicon.commands.exactly(scan) and heard.command
        if meant := heard.danger or heard.switch or literal:
            yield path, loc, f"`{word}` is heard as `{meant}` before any choice."


@rule
def unknown_command(book: Book) -> Iterator[Finding]:
    """words.yaml gives words to the commands there are, and to each of them."""
    given = book.documents["words.yaml"].data.get("commands") or {}
    for name in given:
        if name not in COMMANDS:
            message = f"There is no command `{name}`.{did_you_mean(name, COMMANDS)}"
            yield "words.yaml", ("commands", name), message
    for name in COMMANDS:
        if name not in given:
            yield "words.yaml", ("commands",), f"The command `{name}` has no words."
