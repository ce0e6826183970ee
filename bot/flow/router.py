"""Which choice of the open question a text selects."""

from collections.abc import Callable

from bot.flow.model import PromptNode
from bot.reading import Reading
from bot.text.normalise import tokens

Picked = tuple[int, str]
"""Position of the choice and the language of the word that selected it ("" = none)."""


def pick(node: PromptNode, reading: Reading) -> Picked | None:
    """Find the choice whose number, label or keyword is the whole text."""
    if reading.number is not None:
        return (reading.number - 1, "") if 0 < reading.number <= len(node.choices) else None
    return _only(node, lambda words: words in (reading.words, reading.core))


def pick_within(node: PromptNode, reading: Reading) -> Picked | None:
    """Find the one choice with a keyword somewhere in the text."""
    return _only(node, lambda words: _holds(reading.words, words))


def _only(node: PromptNode, fits: Callable[[tuple[str, ...]], bool]) -> Picked | None:
    hits = [
        (at, language)
        for at, choice in enumerate(node.choices)
        for language, word in choice.heard()
        if (words := tokens(word)) and fits(words)
    ]
    if len({at for at, _ in hits}) != 1:
        return None
    languages = {language for _, language in hits if language}
    return hits[0][0], languages.pop() if len(languages) == 1 else ""


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(words[at : at + size] == part for at in range(len(words) - size + 1))
