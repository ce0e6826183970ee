"""Fills the lexicon's tables from the book's word files; done once per book."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.directory.parse import Directory
from bot.reading.lexicon import Lexicon, Meaning
from bot.reading.model import RESERVED, DangerFile, NeedsFile, WordsFile, by_language
from bot.reading.spelling import make
from bot.source import Words
from bot.text.normalise import SEPARATORS, fold, tokens
from bot.text.phrases import FIRST, LAST, SPECIAL, Groups, Phrases, pattern
from bot.text.places import Gazetteer

Short = Mapping[str, tuple[str, ...]]
FAR_RARER = 8
"""A word of two languages shows the one in which it is so many times more frequent."""


@dataclass(frozen=True)
class Sources:
    """What a lexicon is made of."""

    words: WordsFile
    needs: NeedsFile
    danger: DangerFile
    triggers: Sequence[tuple[str, str, str]]
    """Language, word, flow."""
    ahead: frozenset[str]
    """Flows that go first."""
    answers: Sequence[str]
    """Labels and keywords of all choices."""
    directory: Directory
    gazetteer: Gazetteer
    everyday: Mapping[str, Sequence[str]]
    """Words by language, the most frequent first."""


def build(given: Sources) -> Lexicon:
    """Fill the tables."""
    words = given.words
    short = {fold(left): tokens(right) for left, right in _pairs(words.short).items()}
    groups = Groups()
    for name, group in words.groups.items():
        groups.add(name, [_said(word, short) for _, word in by_language(group)])
    tables = _tables(given, short)
    names: Phrases[str] = Phrases()
    for phrase, service in given.directory.aliases():
        names.add(phrase, service)
    ours = _ours([*tables.values(), names, *groups.levels], given.gazetteer)
    ours |= {one for answer in given.answers for one in tokens(answer)}
    marks = frozenset(one for one in ours if not one.isalnum()).union(SEPARATORS)
    everyday = (word for listed in given.everyday.values() for word in listed)
    lexicon = Lexicon(
        given.gazetteer,
        make(ours, everyday, short, _pairs(words.sounds)),
        tuple(given.danger.classes),
        groups=groups,
        names=names,
        ahead=given.ahead,
        telling=_telling(given.everyday),
        numbers=given.directory.numbers(),
        marks=marks,
        covers={
            name: frozenset((need.wider, *need.covers)) for name, need in given.needs.needs.items()
        },
        **tables,
    )
    for language, word, flow in given.triggers:
        # A whole text is also matched without its small words: "is it legal". One word left
        # of several is no longer what was written: "how can i help" is not HELP.
        core = lexicon.core(_said(word, short))
        if (
            word[:1] != "!"
            and flow not in given.ahead
            and len(core) > 1
            and SPECIAL.isdisjoint(core)
        ):
            tables["triggers"].add(core, (language, flow))
    return lexicon


def _said(word: str, short: Short) -> tuple[str, ...]:
    """Give a phrase as the speller leaves it, so that staff may write "gonna" themselves."""
    return tuple(
        right for part in pattern(word.lstrip("=+!")) for right in short.get(part, (part,))
    )


def _tables(given: Sources, short: Short) -> dict[str, Phrases[Meaning]]:
    words = given.words
    tables: dict[str, Phrases[Meaning]] = defaultdict(Phrases)
    for name, kind in given.danger.classes.items():
        _fill(tables["danger"], kind.words, name, short)
    for name, command in words.commands.items():
        for language, word in by_language(command):
            table = tables["vetoes" if word[:1] == "!" else "commands"]
            # Who begins or ends with "go away" means it, however short it is.
            mark = word[0] if word[0] in "=+" else "+" * any(one in word for one in (FIRST, LAST))
            table.add(_said(word, short), (language, (table is tables["commands"]) * mark + name))
    for language, word in by_language(words.languages):
        tables["switches"].add(tokens(word), (language, language))
    for name, need in given.needs.needs.items():
        _fill(tables["needs"], need.words, name, short)
    for name, filtered in words.filters.items():
        _fill(tables["filters"], filtered, name, short)
    for language, word, flow in given.triggers:
        table = tables["vetoes" if word[:1] == "!" else "triggers"]
        table.add(_said(word, short), (language, flow))
    _fill(tables["harmless"], given.danger.harmless, "harmless", short)
    _fill(tables["cues"], words.cues, "cue", short)
    _fill(tables["particles"], words.particles, "", short)
    return tables


def _fill(table: Phrases[Meaning], words: Words, name: str, short: Short) -> None:
    for language, word in by_language(words):
        table.add(_said(word, short), (language, name))


def _pairs(maps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {left: right for pairs in maps.values() for left, right in pairs.items()}


def _ours(tables: Iterable[Phrases[Meaning] | Phrases[str]], gazetteer: Gazetteer) -> set[str]:
    phrases = [phrase for table in tables for phrase in table.table]
    phrases += [*gazetteer.lexicon.names, *gazetteer.lexicon.streets, *gazetteer.lexicon.before]
    words = {word for phrase in phrases for word in phrase}
    words |= gazetteer.lexicon.suffixes | gazetteer.lexicon.joins | RESERVED
    return {word for word in words if word not in SPECIAL and not word.startswith("<")}


def _telling(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Say which language an everyday word shows: the only one, or by far the likeliest."""
    ranks: dict[str, list[tuple[int, str]]] = {}
    for language, listed in lists.items():
        for rank, word in enumerate(listed, 20):
            ranks.setdefault(word, []).append((rank, language))
    best = {word: sorted(found) for word, found in ranks.items()}
    return {
        word: found[0][1]
        for word, found in best.items()
        if len(lists) > 1 and (len(found) == 1 or found[1][0] > FAR_RARER * found[0][0])
    }
