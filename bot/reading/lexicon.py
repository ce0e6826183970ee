"""Every word the book knows, in tables made once, and how a text is read against them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

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
from bot.text.phrases import Phrases
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
        place = self.gazetteer.find(words)
        core = self.core(words)
        bare = self.core(_without(words, place.spans))
        command, switch = self._command(words, core, bare, place)
        trigger, whole = self._trigger(core, bare)
        needs = self._needs(words, place)
        return Reading(
            words=words,
            core=core,
            place=place,
            danger=self._danger(words),
            command=command,
            switch=switch,
            language=switch or self._language(words),
            needs=needs,
            trigger=trigger,
            whole_trigger=whole,
            services=self._services(words, core),
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
        bare: tuple[str, ...],
        place: PlaceReading,
    ) -> tuple[str, str]:
        for whole in (words, core):
            if len(whole) == 1 and whole[0] in _CARRIER:
                return _CARRIER[whole[0]], ""
            for _, name in self.commands.exactly(whole):
                return name, ""
            for _, language in self.switches.exactly(whole):
                return "", language
        if place.ids and ("", "place") in {("", name) for _, name in self.commands.exactly(bare)}:
            return "place", ""
        return "", ""

    def _trigger(self, core: tuple[str, ...], bare: tuple[str, ...]) -> tuple[str, bool]:
        for whole in (core, bare):
            for _, flow in self.triggers.exactly(whole):
                return flow, True
        for hit in self.triggers.find(core):
            return hit.meanings[0][1], False
        return "", False

    def _needs(self, words: tuple[str, ...], place: PlaceReading) -> tuple[str, ...]:
        taken = {at for start, end in place.spans for at in range(start, end)}
        hits = [hit for hit in self.needs.find(words) if hit.start not in taken]
        return tuple(dict.fromkeys(name for hit in hits for _, name in hit.meanings))

    def _services(self, words: tuple[str, ...], core: tuple[str, ...]) -> tuple[str, ...]:
        whole = self.names.exactly(words) or self.names.exactly(core)
        if whole:
            return whole
        # One word of a name is too often an ordinary word: "care", "rest", "sola".
        hits = [hit for hit in self.names.find(words) if hit.end - hit.start > 1]
        return tuple(dict.fromkeys(name for hit in hits for name in hit.meanings))

    def _language(self, words: tuple[str, ...]) -> str:
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
        # A text is matched without its small words, so the trigger is too: "is it legal".
        lexicon.triggers.add(lexicon.core(tokens(word)), (language, flow))
    for phrase, service in directory.aliases():
        lexicon.names.add(phrase, service)
    return lexicon


def _fill(table: Phrases[Meaning], pairs: Iterable[tuple[str, str]], name: str) -> None:
    for language, word in pairs:
        table.add(tokens(word), (language, name))
