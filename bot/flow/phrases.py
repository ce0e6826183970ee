"""The sentences the line itself says, declared once: name and the placeholders each may hold."""

import re
from collections.abc import Mapping

from bot.directory import listing
from bot.source import Shape, Text
from bot.source.shape import say

PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")
"""Fixed names only: no expressions, attributes or formats, which leak or explode (measured)."""

TEXT_PLACEHOLDERS = frozenset({"line"})
"""What the texts of flows and danger may hold."""

PHRASES: Mapping[str, frozenset[str]] = {
    name: frozenset(holders.split())
    for name, holders in {
        "help": "line",
        "stopped": "line",
        "erased": "",
        "decoy": "",
        "safe": "",
        "voice": "line",
        "not-understood": "",
        "lost": "",
        "end": "",
        "ask-place": "",
        "ask-place-again": "",
        "which-place": "",
        "did-you-mean": "",
        "outside": "",
        "place-kept": "place",
        "wide-place": "place",
        "near": "place",
        "county": "",
        "wider": "place",
        "nothing": "",
        "facts": "",
        "unconfirmed": "",
        "refused": "",
        **listing.PHRASES,
    }.items()
}


class PhrasesFile(Shape):
    """phrases.yaml: every sentence by name."""

    phrases: dict[str, Text]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of `{name}`; an unknown name stays as written."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def phrase(
    phrases: Mapping[str, Text], name: str, language: str, default: str, **values: str
) -> str:
    """Give a phrase in a language with its placeholders filled; nothing where there is none.

    A book without a sentence it needs is refused by a rule, which other rules must not hide.
    """
    return fill(say(phrases.get(name, {}), language, default), values)
