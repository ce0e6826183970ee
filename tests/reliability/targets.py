"""What reads texts and files, as functions of any bytes: a fault is whatever they raise."""

from bot.files import read_folder
from bot.flow import check
from bot.flow.load import load
from bot.flow.schemas import SHAPES
from bot.problems import Problem
from bot.source import fit, read
from tests.chat import ROOT, shipped

COUNTY = read_folder(ROOT / "tests" / "county")
FILES = sorted(COUNTY)
TOKENS = (
    *(
        b"{",
        b"[",
        b"- ",
        b": ",
        b"\n",
        b"'",
        b'"',
        b"#",
        b"&a",
        b"*a",
        b"!!int ",
        b"? ",
        b"|\n",
        b"~",
    ),
    *(
        b"\xff",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xed\xa0\x80",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"{x}",
        b"%",
        b",",
    ),
    *(
        b"9" * 5000,
        b"-1",
        b"1e999",
        b"nan",
        b"0x1f",
        b"2026-02-30",
        b"Mo-Su 25:00",
        b"../",
        b"''",
        b"\t",
    ),
)


def texts(given: bytes) -> None:
    """Read any text, surrogates included."""
    shipped().lexicon.read(given.decode("utf-8", "surrogateescape"))


def yaml(given: bytes) -> None:
    """Read any file and fit it to every shape."""
    document, problems = read("a.yaml", given)
    assert document or problems
    for shape in SHAPES.values():
        problems += fit(shape, document)[1] if document else []
    _sound(problems)


def book(given: bytes) -> None:
    """Load a book in which one place of one file is written over, and hold it to every rule."""
    which, at, cut, new = given[:1], given[1:4], given[4:5], given[5:]
    path = FILES[int.from_bytes(which) % len(FILES)]
    old, start = COUNTY[path], int.from_bytes(at) % (len(COUNTY[path]) + 1)
    end = start + int.from_bytes(cut)
    made, problems = load({**COUNTY, path: old[:start] + new + old[end:]})
    assert made or problems
    _sound([*problems, *(check.check(made) if made else ())])


TARGETS = {one.__name__: one for one in (texts, yaml, book)}


def _sound(problems: list[Problem]) -> None:
    for one in problems:
        assert min(one.line, one.column) >= 1
        assert one.rule
        assert str(one)
