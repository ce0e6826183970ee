"""People who never were, and every form in which a trace of one could lie somewhere.

Their numbers are of an area code that is not in use, their words are in no book. ZIPs of the
book are looked for wherever the book itself is not.
"""

import base64
import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ahocorasick_rs import BytesAhoCorasick, Implementation

FAR = ("99607", "99742", "99829", "99903")
"""ZIPs of Alaska, in neither book; too high for a port."""
BLOCK, OVERLAP, PAGE = 1 << 16, 256, 4096
_WAYS = ("md5", "sha1", "sha256")
_DIGITS = b"0123456789"
_HEX = _DIGITS + b"abcdefABCDEF"
_ESCAPE = re.compile(rb"\\x[0-9a-f]?$")
_RANDOM_RUN = 32
_SHORT = 10
_PRESENT = 1 << 63 | 1 << 62
"""In a page's entry of /proc/PID/pagemap: it is in memory, or swapped out."""


@dataclass(frozen=True)
class Person:
    """Who texts: a number, a word that is theirs alone, a ZIP of the book and one outside."""

    number: str
    word: str
    zip: str
    far: str

    @property
    def traces(self) -> dict[str, list[str]]:
        """Give what would tell of this person, as anyone may write it: kind -> writings."""
        a, b, c = self.number[2:5], self.number[5:8], self.number[8:]
        return {
            "number": [b + c, f"{b}-{c}", f"{b}.{c}", f"{b} {c}"],
            # What holds one of the four above is found by it; a digest of it is not.
            "number's digest": [
                *(self.number, self.number[1:], a + b + c, b + c, f"{b}-{c}"),
                *(f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"+1 {a} {b} {c}"),
            ],
            # Without its first letter, which may be a capital.
            "word": [self.word[1:]],
            "word's digest": [self.word, self.word.upper(), self.word.capitalize()],
            "zip": [self.zip],
            "far": [self.far],
            "far's digest": [self.far],
        }


def people(count: int, zips: Iterable[str], seed: int = 1) -> list[Person]:
    """Make so many people, all different but for their ZIPs."""
    chance, inside = random.Random(seed), [*zips]
    numbers = chance.sample(range(2_000_000, 10_000_000), count)
    return [
        Person(
            f"+1555{number}",
            "zq" + "".join(chance.choices("bdfghjkmpqtvwxz", k=11)),
            inside[nth % len(inside)],
            FAR[nth % len(FAR)],
        )
        for nth, number in enumerate(numbers)
    ]


def written(text: str) -> dict[str, bytes]:
    """Give the forms in which a text may be hidden inside something longer: name -> bytes."""
    plain = text.encode()
    forms = {
        "plain": plain,
        "capitals": plain.upper(),
        "reversed": plain[::-1],
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        # Between the zeros either order of bytes has the same middle.
        "utf-16": b"\0".join(bytes([one]) for one in plain),
        "utf-32": b"\0\0\0".join(bytes([one]) for one in plain),
    }
    for shift in range(3):
        # Without the letters at both ends, which depend on what stands beside the text.
        first, last = -(-8 * shift // 6), 8 * (shift + len(plain)) // 6
        forms[f"base64+{shift}"] = base64.b64encode(bytes(shift) + plain)[first:last]
    return forms


def digested(text: str) -> dict[str, bytes]:
    """Give a text's digests in all forms: name -> bytes."""
    forms = {}
    for way in _WAYS:
        digest = hashlib.new(way, text.encode(), usedforsecurity=False).digest()
        forms[way] = digest
        forms[f"{way} hex"] = digest.hex().encode()
        forms[f"{way} HEX"] = digest.hex().upper().encode()
        forms[f"{way} base64"] = base64.b64encode(digest).rstrip(b"=")[:-1]
    return forms


class Search:
    """Looks for traces of some people in all forms at once."""

    def __init__(self, some: Iterable[Person]) -> None:
        labels: dict[bytes, str] = {}
        for one in some:
            for kind, texts in one.traces.items():
                for text in texts:
                    forms = digested(text) if "digest" in kind else written(text)
                    for form, needle in forms.items():
                        labels.setdefault(needle, f"{kind}: {form}")
        self.labels, self._needles = labels, [*labels]
        self._search = BytesAhoCorasick(self._needles, implementation=Implementation.ContiguousNFA)
        self._seen: dict[bytes, tuple[bytes, ...]] = {}

    def needles(self, blocks: Iterable[bytes]) -> Counter[bytes]:
        """Count what is found in blocks, which should overlap by OVERLAP where they are cut."""
        found: Counter[bytes] = Counter()
        for block in blocks:
            # Processes forked from one another hold mostly the same pages.
            mark = hashlib.blake2b(block).digest()
            if mark not in self._seen:
                self._seen[mark] = tuple(self._in(block))
            found.update(self._seen[mark])
        return found

    def _in(self, block: bytes) -> Iterator[bytes]:
        for nth, start, end in self._search.find_matches_as_indexes(block, overlapping=True):
            if not _by_chance(block, start, end):
                yield self._needles[nth]


def _by_chance(block: bytes, start: int, end: int) -> bool:
    """Tell whether a few digits are part of a longer number, of a random name, or of an escape."""
    needle = block[start:end]
    if len(needle) > _SHORT or not needle.isdigit():
        return False
    before, after = block[max(start - _RANDOM_RUN, 0) : start], block[end : end + _RANDOM_RUN]
    name = len(before) - len(before.rstrip(_HEX)) + len(after) - len(after.lstrip(_HEX))
    if name + len(needle) >= _RANDOM_RUN or _ESCAPE.search(before):
        return True
    digits = (
        before[len(before.rstrip(_DIGITS)) :],
        after[: len(after) - len(after.lstrip(_DIGITS))],
    )
    # Of a whole number the last seven may be all that is alike; reversed they come first.
    whole = (b"", b"555", b"1555", b"5551")
    return digits not in [*((one, b"") for one in whole), *((b"", one) for one in whole)]


def cut(content: bytes) -> Iterator[bytes]:
    """Cut anything into blocks."""
    for start in range(0, len(content), BLOCK):
        yield content[start : start + BLOCK + OVERLAP]


def memory(pid: int) -> Iterator[bytes]:
    """Read all that a process may have written into its memory."""
    with (
        Path(f"/proc/{pid}/mem").open("rb", 0) as mem,
        Path(f"/proc/{pid}/pagemap").open("rb", 0) as pages,
    ):
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_, inode = line.split(maxsplit=5)[:5]
            if line.endswith(("[vvar]", "[vsyscall]")) or not ("w" in rights or inode == "0"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            # A shared page may be there though this process has not touched it yet.
            whole = "s" in rights
            runs = _present(pages, start // PAGE, end // PAGE)
            for first, last in [(start // PAGE, end // PAGE)] if whole else runs:
                for at in range(first * PAGE, last * PAGE, BLOCK):
                    mem.seek(at)
                    try:
                        yield mem.read(min(BLOCK + OVERLAP, last * PAGE - at))
                    except OSError:
                        break


def _present(pages: BinaryIO, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give the runs of pages that are there at all: a stack is mostly a promise."""
    pages.seek(first * 8)
    entries, begun = pages.read((last - first) * 8), first
    for page in range(first, last + 1):
        at = (page - first) * 8
        if page == last or not int.from_bytes(entries[at : at + 8], "little") & _PRESENT:
            if begun < page:
                yield begun, page
            begun = page + 1
