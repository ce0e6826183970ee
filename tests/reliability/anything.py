"""Texts and requests of any kind, made of dice."""

import random
import unicodedata
from collections.abc import Sequence

from tests.reading.bench import HOSTILE

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "BREW",
    "",
)
PATHS = ("/sms", "/sms/", "/voice", "/health", "/metrics", "//sms", "/sms/..", "/", "", "*", "sms")
PARTS = (
    "/",
    "sms",
    "voice",
    "%00",
    "\x00",
    "..",
    ";",
    "\xff",
    "\xed\xa0\x80",
    "static",
    "\n",
    " ",
)


def request(dice: random.Random) -> tuple[str, str, bytes, str]:
    """Make a request of any method to any page, with any bytes, that nobody signed."""
    path = dice.choice(PATHS) if dice.random() < 0.6 else "/" + "".join(dice.choices(PARTS, k=3))
    body = dice.randbytes(dice.choice((0, 9, 300)))
    return dice.choice(METHODS), path, body, "".join(dice.choices(PARTS, k=dice.randrange(3)))


def noise(dice: random.Random) -> str:
    """Make characters of any kind and plane that UTF-8 can carry."""
    tops = (0x80, 0x300, 0x2100, 0xD800, 0x110000)
    codes = (dice.randrange(dice.choice(tops)) for _ in range(dice.randrange(60)))
    return "".join(chr(one) for one in codes if not 0xD800 <= one < 0xE000)


MARKS = "\u200b\u202e\u2067\ufeff\u00ad\x00\u0301\ufe0f\ufffe\U000e0041 \n\t&<>]'\"@/+-.,"
DIGITS = [chr(code) for code in range(0x20000) if unicodedata.category(chr(code))[0] == "N"]


def mangled(dice: random.Random, text: str) -> str:
    """Drop, double, replace or put in a few characters, visible or not."""
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(text) + 1)
        new = dice.choice(("", text[at : at + 1] * 2, dice.choice(MARKS), noise(dice)[:1]))
        text = text[:at] + new + text[at + dice.randrange(2) :]
    return text


def anything(dice: random.Random, words: Sequence[str], commands: Sequence[str]) -> str:
    """Make a text: numbers, the book's own words whole and broken, commands, noise, length."""
    said = dice.choice((" ", " ", ", ", "\n", " & ")).join(
        dice.choices(words, k=dice.randrange(1, 5))
    )
    makers = {
        30: lambda: str(dice.randrange(dice.choice((5, 10, 100_000)))),
        25: lambda: said,
        15: lambda: mangled(dice, said),
        12: lambda: dice.choice(commands),
        8: lambda: noise(dice),
        5: lambda: dice.choice(DIGITS) + dice.choice(("", "", ".", "\ufe0f\u20e3", " " + said)),
        3: lambda: mangled(dice, dice.choice(HOSTILE)),
        2: lambda: (said + dice.choice(MARKS)) * dice.randrange(1, 400),
    }
    return dice.choices([*makers.values()], [*makers])[0]()[:1700]
