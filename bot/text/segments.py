"""Counts a text the way the provider bills it, and keeps it cheap and deliverable.

Sizes from 3GPP TS 23.038 and 23.040: a segment carries 140 octets, six fewer when joined.
"""

import re
import unicodedata

MAX_LENGTH = 1600
"""The longest body the provider takes, in UTF-16 units; it drops a longer one whole."""

_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Sent as an escape and a character, which a segment's end may not part."""
_GSM7 = _EXTENDED.union(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_PLAINER = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7\u2043", "-"),
    }
)
# Bidi overrides can make a number read backwards; the rest does not survive XML 1.0.
_UNSENDABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def is_gsm7(text: str) -> bool:
    """Tell whether every character is in the GSM 7-bit alphabet."""
    return _GSM7.issuperset(text)


def not_gsm7(text: str) -> tuple[str, ...]:
    """Give the characters that force the dearer alphabet, each once, in order."""
    return tuple(dict.fromkeys(char for char in text if char not in _GSM7))


def segments(text: str) -> int:
    """Count the billed parts: 160 or 153 septets each, or 70 or 67 UTF-16 units; "" has none."""
    plain = is_gsm7(text)
    widths = [2 if (char in _EXTENDED if plain else char > "\uffff") else 1 for char in text]
    if sum(widths) <= (160 if plain else 70):
        return min(len(widths), 1)
    count, used = 1, 0
    for width in widths:
        used += width
        if used > (153 if plain else 67):
            count, used = count + 1, width
    return count


def economise(text: str) -> str:
    """Give the text in GSM-7 when folding what is missing there saves segments, else as it is."""
    composed = unicodedata.normalize("NFC", text)
    folded = "".join(char if is_gsm7(char) else _plainer(char) for char in composed)
    return folded if is_gsm7(folded) and segments(folded) < segments(text) else text


def _plainer(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char.translate(_PLAINER))
    return "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Cf"))


def sendable(text: str) -> str:
    """Take out what XML or the provider cannot carry, and cut at the longest body allowed."""
    kept = _UNSENDABLE.sub("", text.replace("\t", " "))
    return kept.encode("utf-16-le")[: 2 * MAX_LENGTH].decode("utf-16-le", "ignore")
