"""Which choice of the open question a text selects."""

from bot.flow.model import PromptNode
from bot.reading import Reading
from bot.text.normalise import tokens

Picked = tuple[int, str]
"""Position of the choice and the language of the word that selected it ("" = none)."""


def pick(node: PromptNode, reading: Reading) -> Picked | None:
    """Find the choice whose number, label or keyword is the whole text."""
    if reading.number is not None:
        at = reading.number - 1
        return (at, "") if 0 <= at < len(node.choices) else None
    hits = [
        (at, language)
        for at, language, words in _answers(node)
        if words in (reading.words, reading.core)
    ]
    return _only(hits)


def pick_within(node: PromptNode, reading: Reading) -> Picked | None:
    """Find the one choice with a keyword somewhere in the text."""
    hits = [
        (at, language) for at, language, words in _answers(node) if _holds(reading.words, words)
    ]
    return _only(hits)


def _answers(node: PromptNode) -> list[tuple[int, str, tuple[str, ...]]]:
    found = []
    for at, choice in enumerate(node.choices):
        found += [(at, language, tokens(label)) for language, label in choice.label.items()]
        for language, keywords in choice.keywords.items():
            found += [(at, language, tokens(word)) for word in keywords]
    return [answer for answer in found if answer[2]]


def _only(hits: list[Picked]) -> Picked | None:
    if len({at for at, _ in hits}) != 1:
        return None
    languages = {language for _, language in hits if language}
    return hits[0][0], languages.pop() if len(languages) == 1 else ""


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(words[at : at + size] == part for at in range(len(words) - size + 1))
