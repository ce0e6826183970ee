"""Folds what people type into plain tokens, so that accents, case and marks do not matter."""

import re
import unicodedata

SEPARATORS = "&+/@"
"""Marks that mean something between two street names; each is a token of its own."""
MAX_LENGTH = 1600
"""The longest text the provider hands over, in characters (Twilio's limit)."""
_ASCII = re.compile(rf"[a-z0-9]+|[{SEPARATORS}]")
_APOSTROPHES = {"'", "\u2019", "\u2018", "\u02bc", "`", "\u00b4"}


def tokens(text: str) -> tuple[str, ...]:
    """Split into folded words, separators, emoji: "Cómo 6th&Alvarado?" -> como 6th & alvarado."""
    folded = fold(text[:MAX_LENGTH])
    if folded.isascii():
        return tuple(_ASCII.findall(folded.replace("'", "")))
    found: list[str] = []
    word: list[str] = []
    for char in folded:
        if char.isalnum():
            word.append(char)
        elif char not in _APOSTROPHES:
            if word:
                found.append("".join(word))
                word = []
            if char in SEPARATORS or _emoji(char):
                found.append(char)
    if word:
        found.append("".join(word))
    return tuple(found)


def _emoji(char: str) -> bool:
    # Below arrows stand marks of trade and degrees.
    return char >= "\u2190" and unicodedata.category(char) == "So"


def fold(text: str) -> str:
    """Lower the case, drop accents and invisible characters, unify full-width forms."""
    if text.isascii():  # all of a book's tables and most texts: ten times quicker
        return text.replace("`", "'").lower()
    # NFKC first would turn a lone acute mark into a space inside "don\u00b4t".
    plain = "".join("'" if char in _APOSTROPHES else char for char in text)
    plain = unicodedata.normalize("NFKC", plain).casefold()
    kept = (
        char
        for char in unicodedata.normalize("NFD", plain)
        if unicodedata.category(char) not in ("Mn", "Cf")
    )
    return unicodedata.normalize("NFC", "".join(kept))


def number(token: str) -> int | None:
    """Give the value of a short decimal number in any script, else None.

    `isdigit` accepts a superscript two and then `int` raises; long digits raise too (measured).
    """
    return int(token) if token.isdecimal() and len(token) <= 3 else None
