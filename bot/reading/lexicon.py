"""Every word the book knows, in tables made once, and how a text is read against them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.directory.catalogue import Directory
from bot.reading.model import (
    CARRIER_HELP,
    OPT_IN,
    OPT_OUT,
    DangerFile,
    NeedsFile,
    WordsFile,
    by_language,
)
from bot.reading.reading import Reading
from bot.text.normalise import number, tokens
from bot.text.phrases import Found, Phrases
from bot.text.places import Gazetteer, PlaceReading

Meaning = tuple[str, str]
"""A language code ("" = any) and a name."""

_CARRIER = {
    **dict.fromkeys(OPT_OUT, "stop"),
    **dict.fromkeys(OPT_IN, "menu"),
    **dict.fromkeys(CARRIER_HELP, "help"),
}


@dataclass(frozen=True)
class Lexicon:
    """All tables; built once per book, read by every turn."""

    gazetteer: Gazetteer
    danger: Phrases[Meaning] = field(default_factory=Phrases)
    danger_order: tuple[str, ...] = ()
    commands: Phrases[Meaning] = field(default_factory=Phrases)
    switches: Phrases[Meaning] = field(default_factory=Phrases)
    needs: Phrases[Meaning] = field(default_factory=Phrases)
    triggers: Phrases[Meaning] = field(default_factory=Phrases)
    names: Phrases[str] = field(default_factory=Phrases)
    particles: Phrases[Meaning] = field(default_factory=Phrases)

    def read(self, text: str) -> Reading:
        """Read one text; any text at all gives a value."""
        words = tokens(text)
        core = self.core(words)
        place = self.gazetteer.find(words)
        needs = [hit for hit in self.needs.find(words) if not _inside(hit, place.spans)]
        names = self._names(words, core, needs)
        # "pih norwalk" is a name, not a need or a place that happens to be in it.
        spans = [(hit.start, hit.end) for hit in names]
        needs = [hit for hit in needs if not _inside(hit, spans)]
        if names and all(_within(span, spans) for span in place.spans):
            place = PlaceReading("none")
        bare = self.core(_without(words, place.spans))
        command, switch = self._command(words, core)
        moved = self._moved(words)
        if moved.ids and not needs:
            command, place = "place", moved
        trigger, whole = self._trigger(words, core, bare)
        return Reading(
            words=words,
            core=core,
            place=place,
            danger=self._danger(words),
            command=command,
            switch=switch,
            language=switch or self._language(_without(words, spans)),
            needs=tuple(dict.fromkeys(name for hit in needs for _, name in hit.meanings)),
            trigger=trigger,
            whole_trigger=whole,
            services=tuple(dict.fromkeys(name for hit in names for name in hit.meanings)),
            number=number(core[0]) if len(core) == 1 else None,
        )

    def core(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Give the words that carry meaning; all of them when none does."""
        spans = tuple((hit.start, hit.end) for hit in self.particles.find(words))
        # "no" or "a" alone is still an answer somebody typed.
        return _without(words, spans) or words

    def _danger(self, words: tuple[str, ...]) -> str:
        found = {name for hit in self.danger.overlapping(words) for _, name in hit.meanings}
        return next((name for name in self.danger_order if name in found), "")

    def _command(
        self,
        words: tuple[str, ...],
        core: tuple[str, ...],
    ) -> tuple[str, str]:
        # Only the bare word: "how do I quit" is a question, not a farewell.
        if len(words) == 1 and words[0] in _CARRIER:
            return _CARRIER[words[0]], ""
        for whole in (words, core):
            for _, name in self.commands.exactly(whole):
                return name, ""
            for _, language in self.switches.exactly(whole):
                return "", language
        return "", ""

    def _moved(self, words: tuple[str, ...]) -> PlaceReading:
        """Read "PLACE hollywood": what follows answers the question before it is put."""
        if len(words) > 1 and any(name == "place" for _, name in self.commands.exactly(words[:1])):
            return self.gazetteer.find(words[1:], alone=True)
        return PlaceReading("none")

    def _trigger(
        self, words: tuple[str, ...], core: tuple[str, ...], bare: tuple[str, ...]
    ) -> tuple[str, bool]:
        for whole in (words, core, bare):
            for _, flow in self.triggers.exactly(whole):
                return flow, True
        for hit in self.triggers.find(words):
            # One word inside a longer text says too little: "my tooth fell out".
            if hit.end - hit.start > 1:
                return hit.meanings[0][1], False
        return "", False

    def _names(
        self, words: tuple[str, ...], core: tuple[str, ...], needs: Sequence[Found[Meaning]]
    ) -> list[Found[str]]:
        whole = self.names.exactly(words) or self.names.exactly(core)
        # One word of a name is too often an ordinary word: "care", "rest", "sola".
        hits = [hit for hit in self.names.find(words) if hit.end - hit.start > 1]
        if whole:
            hits = [Found(0, len(words), whole)]
        # "legal aid" is what many look for before it is anybody's name.
        return [hit for hit in hits if not any(_inside(hit, [(n.start, n.end)]) for n in needs)]

    def _language(self, words: tuple[str, ...]) -> str:
        # Phone companies' words are the same in every language, so they show none.
        if len(words) == 1 and words[0] in _CARRIER:
            return ""
        score: dict[str, int] = {}
        tables = (self.danger, self.commands, self.needs, self.triggers, self.particles)
        for table in tables:
            for hit in table.find(words):
                languages = {language for language, _ in hit.meanings if language}
                if len(languages) == 1:
                    only = languages.pop()
                    score[only] = score.get(only, 0) + hit.end - hit.start
        best = sorted(score.items(), key=lambda pair: -pair[1])[:2]
        if not best or (len(best) == 2 and best[0][1] == best[1][1]):
            return ""
        return best[0][0]


def _inside(hit: Found[Any], spans: Iterable[tuple[int, int]]) -> bool:
    return _within((hit.start, hit.end), spans)


def _within(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _without(words: tuple[str, ...], spans: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    taken = {at for start, end in spans for at in range(start, end)}
    return tuple(word for at, word in enumerate(words) if at not in taken)


def build(
    words: WordsFile,
    needs: NeedsFile,
    danger: DangerFile,
    triggers: Iterable[tuple[str, str, str]],
    directory: Directory,
    gazetteer: Gazetteer,
) -> Lexicon:
    """Fill the tables; `triggers` are (language, word, flow)."""
    lexicon = Lexicon(gazetteer, danger_order=tuple(danger.classes))
    for name, group in danger.classes.items():
        _fill(lexicon.danger, by_language(group.words), name)
    for name, command in words.commands.items():
        _fill(lexicon.commands, by_language(command), name)
    for language, word in by_language(words.languages):
        lexicon.switches.add(tokens(word), (language, language))
    for name, need in needs.needs.items():
        _fill(lexicon.needs, by_language(need.words), name)
    _fill(lexicon.particles, by_language(words.particles), "")
    for language, word, flow in triggers:
        lexicon.triggers.add(tokens(word), (language, flow))
        # A whole text is also matched without its small words: "is it legal". One word left
        # of several is no longer what was written: "how can i help" is not HELP.
        core = lexicon.core(tokens(word))
        if len(core) > 1:
            lexicon.triggers.add(core, (language, flow))
    for phrase, service in directory.aliases():
        lexicon.names.add(phrase, service)
    return lexicon


def _fill(table: Phrases[Meaning], pairs: Iterable[tuple[str, str]], name: str) -> None:
    for language, word in pairs:
        table.add(tokens(word), (language, name))
