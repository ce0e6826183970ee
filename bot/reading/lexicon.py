"""Every word the book knows, in tables made once, and how a text is read against them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.reading.model import CARRIER_HELP, OPT_IN, OPT_OUT
from bot.reading.numbers import dialled
from bot.reading.reading import Reading
from bot.reading.spelling import Speller
from bot.text.normalise import SEPARATORS, number, tokens
from bot.text.phrases import Found, Groups, Phrases, Scan
from bot.text.places import Gazetteer, PlaceReading

Meaning = tuple[str, str]
"""A language code ("" = any) and a name."""
Span = tuple[int, int]

WITHIN = 3
"""A global phrase of so many words counts inside a longer text; a shorter one must be all."""
MOST = 12
"""Mentions of needs that are weighed against each other: nobody has more in one text."""
HALF = 200
"""Tokens read at either end of a text; work stays bounded whatever is sent."""
_CARRIER = {
    **dict.fromkeys(OPT_OUT, "stop"),
    **dict.fromkeys(OPT_IN, "menu"),
    **dict.fromkeys(CARRIER_HELP, "help"),
}
_NOWHERE = PlaceReading("none")
_PLAIN = Groups()
"""Finds no groups, where words alone are looked up."""


@dataclass(frozen=True)
class Lexicon:
    """All tables; built once per book, read by every turn."""

    gazetteer: Gazetteer
    speller: Speller
    danger_order: tuple[str, ...] = ()
    groups: Groups = field(default_factory=Groups)
    danger: Phrases[Meaning] = field(default_factory=Phrases)
    harmless: Phrases[Meaning] = field(default_factory=Phrases)
    commands: Phrases[Meaning] = field(default_factory=Phrases)
    """Names that begin with "=" must be the whole text; "+" counts within one, however short."""
    vetoes: Phrases[Meaning] = field(default_factory=Phrases)
    """What is no command or trigger of that name, and hides those it touches: "he wont stop"."""
    switches: Phrases[Meaning] = field(default_factory=Phrases)
    needs: Phrases[Meaning] = field(default_factory=Phrases)
    covers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Need -> those that are mere circumstance beside it."""
    triggers: Phrases[Meaning] = field(default_factory=Phrases)
    ahead: frozenset[str] = frozenset()
    """Flows whose triggers outdo needs, names and HELP in the same text."""
    names: Phrases[str] = field(default_factory=Phrases)
    cues: Phrases[Meaning] = field(default_factory=Phrases)
    filters: Phrases[Meaning] = field(default_factory=Phrases)
    particles: Phrases[Meaning] = field(default_factory=Phrases)
    telling: Mapping[str, str] = field(default_factory=dict)
    """Everyday word -> the one language it shows."""
    marks: frozenset[str] = frozenset(SEPARATORS)
    """Tokens without letters that mean something: separators and the book's emoji."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Digits as dialled -> service."""

    def read(self, text: str) -> Reading:
        """Read one text; any text at all gives a value."""
        words = tokens(text)
        if len(words) > 2 * HALF:
            # No text of real words is longer; danger stands at its end as often as at its start.
            words = words[:HALF] + words[-HALF:]
        # Most emoji say nothing; those in the book's words are read like any word.
        known = (one for one in words if one.isalnum() or one in self.marks)
        words = self.speller.spell(tuple(known))
        scan, core = self.groups.scan(words), self.core(words)
        wholes = [scan, _PLAIN.scan(core)]
        vetoes, dangers = self.vetoes.overlapping(scan), self._dangers(scan)
        commands, triggers = (
            [hit for hit in table.overlapping(scan) if not _vetoed(hit, vetoes)]
            for table in (self.commands, self.triggers)
        )
        mentioned = self.needs.find(scan)
        filters = self.filters.find(scan)
        place = self.gazetteer.find(words)
        needs = [hit for hit in mentioned if not _inside(hit, place.spans)]
        names = self._names(wholes, needs)
        # "pih norwalk" is a name, not a need or a place that happens to be in it; "no police"
        # is a wish, not a wish for police.
        named = _spans(names)
        needs = [hit for hit in needs if not _inside(hit, [*named, *_spans(filters)])]
        # The "n" of "clinic pioneer n firestone std" joins streets, not wishes.
        apart = tuple(
            "" if _inside(Found(at, at + 1, ()), place.spans) else word
            for at, word in enumerate(words)
        )
        needs = [hit for hit in needs[:MOST] if not self._general(apart, hit, needs[:MOST])]
        if names and all(_within(span, named) for span in place.spans):
            place = _NOWHERE
        place = self._left_over(words, needs, place)
        never, feared = _meant(vetoes), _meant(dangers)
        command, switch = self._command(text, wholes, commands, never)
        moved = self._moved(words)
        if moved.ids and not needs:
            command, place = "place", moved
        bare = _PLAIN.scan(self.core(_without(words, place.spans)))
        trigger, whole = self._trigger((*wholes, bare), triggers, never)
        if trigger in self.ahead:
            # Whoever hunts a person may name a need, too: "what shelter is my wife in".
            needs, names, place = [], [], _NOWHERE
            command = command if command in ("stop", "erase", "hide") else ""
        asked = dialled(text)
        service = (self.numbers[asked],) if asked in self.numbers else ()
        return Reading(
            words=words,
            core=core,
            place=place,
            danger=next((one for one in self.danger_order if one in feared), ""),
            command=command,
            switch=switch,
            language=switch
            or self._language(
                words,
                [*named, *place.spans],
                [dangers, commands, mentioned, triggers, self.particles.find(scan)],
            ),
            needs=_meant(needs),
            trigger=trigger,
            whole_trigger=whole,
            services=service or tuple(dict.fromkeys(n for hit in names for n in hit.meanings)),
            unknown_number=bool(asked) and not service,
            filters=_meant(filters),
            number=number(core[0]) if len(core) == 1 else None,
        )

    def core(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Give the words that carry meaning; all of them when none does."""
        # "no" or "a" alone is still an answer somebody typed.
        return _without(words, _spans(self.particles.find(_PLAIN.scan(words)))) or words

    def _dangers(self, scan: Scan) -> list[Found[Meaning]]:
        """Find dangers that no harmless phrase soothes."""
        hits = self.danger.overlapping(scan)
        safe = _spans(self.harmless.overlapping(scan)) if hits else []
        return [hit for hit in hits if not _soothed(hit, safe)]

    def _command(
        self,
        text: str,
        wholes: Sequence[Scan],
        hits: Sequence[Found[Meaning]],
        never: Container[str],
    ) -> tuple[str, str]:
        words = wholes[0].words
        # Only the bare word: "how do I quit" is a question, not a farewell.
        if len(words) == 1 and words[0] in _CARRIER:
            return _CARRIER[words[0]], ""
        if not words and "?" in text:
            return "repeat", ""
        for whole in wholes:
            for _, name in self.commands.exactly(whole):
                return "" if name in never else name.lstrip("=+"), ""
            for _, language in self.switches.exactly(whole):
                return "", language
        for hit in hits:
            long = hit.end - hit.start >= WITHIN
            for _, name in hit.meanings:
                if name[0] == "+" or (long and name[0] != "="):
                    return name.lstrip("+"), ""
        return "", ""

    def _moved(self, words: tuple[str, ...]) -> PlaceReading:
        """Read "PLACE hollywood": what follows answers the question before it is put."""
        if len(words) > 1 and any(
            name == "place" for _, name in self.commands.exactly(_PLAIN.scan(words[:1]))
        ):
            return self.gazetteer.find(words[1:], alone=True)
        return _NOWHERE

    def _left_over(
        self, words: tuple[str, ...], needs: Sequence[Found[Meaning]], place: PlaceReading
    ) -> PlaceReading:
        """Read "shelter western": beside a need, the little that is left says where."""
        rest = _without(words, _spans(needs))
        if place.kind != "none" or not needs or not 0 < len(self.core(rest)) <= WITHIN:
            return place
        found = self.gazetteer.find(rest, alone=True)
        return PlaceReading(found.kind, found.ids) if found.ids else place

    def _trigger(
        self, wholes: Iterable[Scan], hits: Sequence[Found[Meaning]], never: Container[str]
    ) -> tuple[str, bool]:
        for whole in wholes:
            for _, flow in self.triggers.exactly(whole):
                if flow not in never:
                    return flow, True
        # One word inside a longer text says too little: "my tooth fell out".
        flows = [hit.meanings[0][1] for hit in hits if hit.end - hit.start > 1]
        return next((flow for flow in flows if flow in self.ahead), [*flows, ""][0]), False

    def _general(
        self, words: tuple[str, ...], hit: Found[Meaning], needs: Sequence[Found[Meaning]]
    ) -> bool:
        """Say whether a need found beside it says more: the doctor of "hormones doctor"."""
        joins = self.gazetteer.lexicon.joins.union(SEPARATORS)
        general = {name for _, name in hit.meanings}
        return any(
            any(general <= self.covers.get(name, frozenset()) for _, name in other.meanings)
            # "hormones and a doctor" are two wishes.
            and joins.isdisjoint(words[max(min(hit.end, other.end), start - 2) : start])
            for other in needs
            for start in (max(hit.start, other.start),)
        )

    def _names(self, wholes: Sequence[Scan], needs: Sequence[Found[Meaning]]) -> list[Found[str]]:
        scan = wholes[0]
        whole = self.names.exactly(scan) or self.names.exactly(wholes[1])
        if whole:
            hits = [Found(0, len(scan.words), whole)]
        else:
            # One word of a name is too often an ordinary word, "care" or "rest", unless the
            # text asks about a name: "cast number".
            least = 1 if self.cues.find(scan) else 2
            hits = [hit for hit in self.names.find(scan) if hit.end - hit.start >= least]
        # "legal aid" is what many look for before it is anybody's name.
        return [hit for hit in hits if (hit.start, hit.end) not in _spans(needs)]

    def _language(
        self,
        words: tuple[str, ...],
        spans: Sequence[Span],
        tables: Iterable[Sequence[Found[Meaning]]],
    ) -> str:
        if len(words) == 1 and self.gazetteer.find(words, alone=True).ids:
            return ""
        score: dict[str, int] = {}
        kept = _without(words, spans)
        for hit in (one for hits in tables for one in hits if not _touching(one, spans)):
            languages = {language for language, _ in hit.meanings if language}
            if len(languages) == 1:
                only = languages.pop()
                score[only] = score.get(only, 0) + hit.end - hit.start
        # One everyday word says little: HIDE is sent by whoever remembers it.
        for word in kept if len(kept) > 1 else ():
            if word in self.telling:
                score[self.telling[word]] = score.get(self.telling[word], 0) + 1
        best = sorted(score.items(), key=lambda pair: -pair[1])[:2]
        if not best or (len(best) == 2 and best[0][1] == best[1][1]):
            return ""
        return best[0][0]

    def guess(self, words: Iterable[str]) -> tuple[str, ...]:
        """Give needs that an unknown word may have been meant for, one slip further than usual."""
        found: list[str] = []
        for word in words:
            if word in self.speller.known or len(word) < 5:
                continue
            for near in self.speller.near(word, 3 if len(word) > 6 else 2):
                found += [name for _, name in self.needs.exactly(_PLAIN.scan((near,)))]
        return tuple(dict.fromkeys(found))[:WITHIN]


def _spans(hits: Iterable[Found[Any]]) -> list[Span]:
    return [(hit.start, hit.end) for hit in hits]


def _meant(hits: Iterable[Found[Meaning]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for hit in hits for _, name in hit.meanings))


def _inside(hit: Found[Any], spans: Iterable[Span]) -> bool:
    return _within((hit.start, hit.end), spans)


def _within(span: Span, spans: Iterable[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _touching(hit: Found[Any], spans: Iterable[Span]) -> list[Span]:
    return [(start, end) for start, end in spans if start < hit.end and hit.start < end]


def _vetoed(hit: Found[Meaning], vetoes: Iterable[Found[Meaning]]) -> bool:
    own = {name.lstrip("=+") for _, name in hit.meanings}
    return any(
        _touching(hit, _spans([one])) and own & {n for _, n in one.meanings} for one in vetoes
    )


def _soothed(hit: Found[Any], spans: Iterable[Span]) -> bool:
    """Say whether a harmless phrase reaches over a danger; inside a longer one it has no say."""
    whole = (hit.start, hit.end)
    return any(one == whole or not _within(one, [whole]) for one in _touching(hit, spans))


def _without(words: tuple[str, ...], spans: Iterable[Span]) -> tuple[str, ...]:
    taken = {at for start, end in spans for at in range(start, end)}
    return tuple(word for at, word in enumerate(words) if at not in taken)
