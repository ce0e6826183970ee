"""A phone number somebody asks about, read out of a text, letters on the keypad included."""

import re

_NUMBER = re.compile(
    r"(?<![\w])(?:\+?1[-. ]?)?\(?(\d{3})\)?[-. ]?(\d{3})[-. ]?(\d{4}|[A-Za-z]{4})(?![\w])"
)
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


def dialled(text: str) -> str:
    """Give the ten digits of the first phone number in a text; "" when there is none."""
    found = _NUMBER.search(text)
    return "".join(found.groups()).lower().translate(_KEYPAD) if found else ""
