"""Rules about the words people type: none may be the phone company's, none may mean two things."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.flow.book import Book
from bot.flow.model import PromptNode
from bot.problems import Problem
from bot.reading.model import COMMANDS, RESERVED, by_language
from bot.source import Document, Loc
from bot.source.shape import did_you_mean
from bot.text.normalise import tokens

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class _Use:
    """One word in one place: what it means there, for the sentence about a collision."""

    phrase: Phrase
    word: str
    meaning: str
    kind: str
    document: Document
    loc: Loc


def _uses(book: Book) -> Iterator[_Use]:
    for name, flow in book.flows.items():
        document = book.documents[book.paths[name]]
        for language, word in by_language(flow.triggers):
            yield _Use(tokens(word), word, f"flow {name}", name, document, ("triggers", language))
    needs = book.documents["needs.yaml"]
    for name, need in book.needs.needs.items():
        home = book.home(name)
        flow_name = home[0] if home else ""
        for language, word in by_language(need.words):
            loc: Loc = ("needs", name, "words", language)
            yield _Use(tokens(word), word, f"need {name}", flow_name, needs, loc)
    danger = book.documents["danger.yaml"]
    for name, group in book.danger.classes.items():
        for language, word in by_language(group.words):
            loc = ("classes", name, "words", language)
            yield _Use(tokens(word), word, f"danger {name}", "!danger", danger, loc)


def reserved_word(book: Book) -> Iterator[Problem]:
    """STOP, HELP, YES and the other words carriers keep are never answers."""
    for use in _uses(book):
        if len(use.phrase) == 1 and use.phrase[0] in RESERVED:
            yield _reserved(use.document, use.loc, use.word)
    for document, loc, word in _answers(book):
        if word.casefold() in RESERVED:
            yield _reserved(document, loc, word)


def _answers(book: Book) -> Iterator[tuple[Document, Loc, str]]:
    for spot, node in book.nodes():
        document = book.documents[book.paths[spot[0]]]
        for at, choice in enumerate(node.choices if isinstance(node, PromptNode) else ()):
            loc: Loc = ("nodes", spot[1], "choices", at)
            for language, label in choice.label.items():
                yield document, (*loc, "label", language), label
            for language, word in by_language(choice.keywords):
                yield document, (*loc, "keywords", language), word


def _reserved(document: Document, loc: Loc, word: str) -> Problem:
    message = f"Phone companies keep `{word}` for themselves; choose another word."
    return document.problem(loc, "reserved-word", message)


def colliding_word(book: Book) -> Iterator[Problem]:
    """A word means one thing: a need, a flow, a danger or a global word, and no two of them.

    Only a need and the flow that answers it may share a word: alone it opens the flow,
    with a place it searches.
    """
    globals_ = dict(_global_words(book))
    first: dict[Phrase, list[_Use]] = {}
    for use in _uses(book):
        if use.phrase in globals_:
            message = f"`{use.word}` is the global word for {globals_[use.phrase]}."
            yield use.document.problem(use.loc, "colliding-word", message)
        for other in first.setdefault(use.phrase, []):
            same_kind = use.meaning.split()[0] == other.meaning.split()[0]
            if use.meaning != other.meaning and (use.kind != other.kind or same_kind):
                line = other.document.mark(other.loc)[0]
                message = (
                    f"`{use.word}` already means {other.meaning} "
                    f"({other.document.path}, line {line})."
                )
                yield use.document.problem(use.loc, "colliding-word", message)
        first[use.phrase].append(use)


def _global_words(book: Book) -> Iterator[tuple[Phrase, str]]:
    for phrase, meanings in book.lexicon.commands.items().items():
        yield phrase, next(iter(meanings))[1].upper()
    for phrase, meanings in book.lexicon.switches.items().items():
        yield phrase, f"the language {next(iter(meanings))[1]}"


def keyword_twice(book: Book) -> Iterator[Problem]:
    """Within one menu a label or keyword selects one choice only."""
    for spot, node in book.nodes():
        if not isinstance(node, PromptNode):
            continue
        document = book.documents[book.paths[spot[0]]]
        owner: dict[Phrase, int] = {}
        for at, choice in enumerate(node.choices):
            words = [*choice.label.values(), *(word for _, word in by_language(choice.keywords))]
            for word in words:
                if owner.setdefault(tokens(word), at) != at:
                    message = f"`{word}` also selects choice {owner[tokens(word)] + 1}."
                    loc = ("nodes", spot[1], "choices", at)
                    yield document.problem(loc, "keyword-twice", message)


def unheard_word(book: Book) -> Iterator[Problem]:
    """A word has letters or digits: marks and emoji alone are never heard."""
    for use in _uses(book):
        if not use.phrase:
            message = f"`{use.word}` has no letter or digit, so it is never heard."
            yield use.document.problem(use.loc, "unheard-word", message)


def unheard_choice(book: Book) -> Iterator[Problem]:
    """A label or keyword is no global word, language's name or danger: those are heard first."""
    for document, loc, word in _answers(book):
        heard = book.lexicon.read(word)
        literal = book.lexicon.commands.exactly(heard.words) and heard.command
        if meant := heard.danger or heard.switch or literal:
            message = f"`{word}` is heard as `{meant}` before any choice."
            yield document.problem(loc, "unheard-choice", message)


def unknown_command(book: Book) -> Iterator[Problem]:
    """words.yaml gives words to the commands there are, and to each of them."""
    document = book.documents["words.yaml"]
    given = document.data.get("commands") or {}
    for name in given:
        if name not in COMMANDS:
            hint = did_you_mean(name, COMMANDS)
            message = f"There is no command `{name}`.{hint}"
            yield document.problem(("commands", name), "unknown-command", message)
    for name in COMMANDS:
        if name not in given:
            message = f"The command `{name}` has no words."
            yield document.problem(("commands",), "unknown-command", message)


RULES = (
    reserved_word,
    colliding_word,
    keyword_twice,
    unheard_word,
    unheard_choice,
    unknown_command,
)
