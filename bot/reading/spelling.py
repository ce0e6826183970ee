"""Puts right what a thumb, a phone or a missing accent did to a word, and leaves all else alone.

Only words nobody uses otherwise are touched: plain similarity turned 5 of 29 everyday words
into ours (measured), a list of everyday words stops that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LOOKALIKES = str.maketrans("013457", "oleast")
MOST = 50
"""Unknown words put right in one text: work stays bounded whatever is sent."""
_LONGEST = 24
"""Longer runs of letters are not words of ours; splitting them would only cost time."""


def reach(length: int) -> int:
    """Give how many slips a word of this length may have: none to 3 letters, 1 to 6, then 2."""
    return 0 if length <= 3 else 1 if length <= 6 else 2


@dataclass(frozen=True)
class Speller:
    """Our words, everyday words, and the slips that lead from an unknown word to one of ours."""

    ours: frozenset[str]
    known: frozenset[str]
    """Ours and everyday words."""
    short: Mapping[str, tuple[str, ...]]
    """Phone spelling -> words: 2nite -> tonight."""
    sounds: tuple[tuple[str, str], ...]
    """Letters that sound alike, in the order they are replaced."""
    heard: Mapping[str, str]
    shelf: Mapping[str, Sequence[str]]
    """Our words by first letter."""

    def spell(self, words: Sequence[str]) -> tuple[str, ...]:
        """Give the words put right; one may become two."""
        right: dict[str, tuple[str, ...]] = {}
        unknown = 0
        for word in words:
            if word in right:
                continue
            strange = word not in self.known and _wordlike(word)
            unknown += strange
            done = _right(self, word) if strange and unknown <= MOST else (word,)
            right[word] = self.short.get(word, done)
        return tuple(one for word in words for one in right[word])

    def near(self, word: str, slips: int) -> list[str]:
        """Give our words with the same first letter within so many slips, the nearest only."""
        shelf = self.shelf.get(word[:1], ())
        found = process.extract(word, shelf, scorer=OSA.distance, score_cutoff=slips, limit=3)
        best = min((distance for _, distance, _ in found), default=0)
        return [one for one, distance, _ in found if distance == best]


def make(
    ours: Iterable[str],
    everyday: Iterable[str],
    short: Mapping[str, tuple[str, ...]],
    sounds: Mapping[str, str],
) -> Speller:
    """Make a speller; a sound that several of our words share puts nothing right."""
    pairs = tuple(sounds.items())
    words = frozenset(ours)
    heard: dict[str, str] = {}
    for word in sorted(words):
        key = _sound(word, pairs)
        heard[key] = "" if key in heard else word
    shelf: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) > 3 and word.isalpha():
            shelf.setdefault(word[0], []).append(word)
    return Speller(words, words.union(everyday), short, pairs, heard, shelf)


def _right(speller: Speller, word: str) -> tuple[str, ...]:
    """Put one unknown word right, or leave it."""
    for variant in (word.translate(_LOOKALIKES), *_squeezed(word)):
        if variant != word and variant in speller.known:
            return (variant,)
    heard = speller.heard.get(_sound(word, speller.sounds))
    if heard and len(word) > 2:
        return (heard,)
    plain = word.translate(_LOOKALIKES)
    near = speller.near(plain, reach(len(plain)))
    if len(near) == 1:
        return (near[0],)
    return _split(speller, word)


def _split(speller: Speller, word: str) -> tuple[str, ...]:
    """Cut a run of two words apart where at least one is ours: needshelter."""
    if len(word) > _LONGEST:
        return (word,)
    for at in range(3, len(word) - 2):
        left, right = word[:at], word[at:]
        ours = not speller.ours.isdisjoint((left, right)) and max(len(left), len(right)) > 3
        if ours and speller.known.issuperset((left, right)):
            return left, right
    return (word,)


def _wordlike(word: str) -> bool:
    letters = sum(char.isalpha() for char in word)
    return len(word) > 2 and len(word) <= 2 * _LONGEST and letters >= 3 and letters * 2 > len(word)


def _squeezed(word: str) -> tuple[str, str]:
    """Give the word with runs of one letter cut to two, and to one: hellppp."""
    twice: list[str] = []
    once: list[str] = []
    for char in word:
        if twice[-2:] != [char, char]:
            twice.append(char)
        if once[-1:] != [char]:
            once.append(char)
    return "".join(twice), "".join(once)


def _sound(word: str, sounds: tuple[tuple[str, str], ...]) -> str:
    for written, heard in sounds:
        word = word.replace(written, heard)
    return word
