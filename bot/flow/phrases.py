"""The sentences the line itself says, declared once: name and the placeholders each may hold."""

import re
from collections.abc import Mapping

from bot.directory import listing
from bot.source import Shape, Text

PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")
"""Fixed names only: no expressions, attributes or formats, which leak or explode (measured)."""

TEXT_PLACEHOLDERS = frozenset({"line"})
"""What the texts of flows and danger may hold."""

_GIVEN = {
    "": "erased decoy safe not-understood lost end ask-place ask-place-again which-place"
    " did-you-mean outside county nothing facts unconfirmed refused",
    "line": "help stopped voice",
    "place": "place-kept wide-place near wider",
}
_OWN = {name: given for given, names in _GIVEN.items() for name in names.split()}
PHRASES = {name: frozenset(given.split()) for name, given in (_OWN | listing.PHRASES).items()}
"""Every sentence of the line -> the placeholders it is given."""


class PhrasesFile(Shape):
    """phrases.yaml: every sentence by name."""

    phrases: dict[str, Text]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of `{name}`; an unknown name stays as written."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
