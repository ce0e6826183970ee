"""What a text is taken to mean, in the second county's words."""

import pytest

from bot.reading import Reading
from tests.chat import county

CASES: list[tuple[str, dict[str, object]]] = [
    ("", {"words": (), "number": None, "language": ""}),
    ("!!! \U0001f642", {"words": (), "command": ""}),
    ("2", {"number": 2}),
    ("\u0662", {"number": 2}),
    ("1000", {"number": None}),
    ("mwen bezwen 2", {"number": 2, "language": "ht"}),
    ("2 3", {"number": None}),
    ("meni", {"command": "menu", "language": "ht"}),
    ("MENU!", {"command": "menu", "language": "en"}),
    ("tanpri meni", {"command": "menu"}),
    ("meni dokte", {"command": "", "needs": ("dokte",)}),
    ("stop", {"command": "stop", "language": ""}),
    ("Stop.", {"command": "stop"}),
    ("the bus stop", {"command": ""}),
    ("pa ekri m ankò", {"command": "stop", "language": "ht"}),
    ("help", {"command": "help", "language": ""}),
    ("yes", {"command": "menu", "language": ""}),
    ("kote 33127", {"command": "place"}),
    ("kote dokte", {"command": "", "needs": ("dokte",)}),
    ("kote dokte 33127", {"command": "", "needs": ("dokte",)}),
    ("kreyol", {"switch": "ht", "language": "ht"}),
    ("English please", {"switch": "en"}),
    ("english doctor", {"switch": "", "needs": ("dokte",)}),
    ("dokte 33127", {"needs": ("dokte",), "language": "ht"}),
    ("a doctor and a lawyer", {"needs": ("dokte", "avoka"), "language": "en"}),
    ("kabann, dokte, kabann", {"needs": ("dodo", "dokte")}),
    ("pale ak yon moun", {"needs": ("koute",)}),
    ("dodo", {"trigger": "dodo", "whole_trigger": True, "needs": ("dodo",)}),
    ("dodo 33127", {"trigger": "dodo", "whole_trigger": True, "needs": ("dodo",)}),
    ("sante ak dwa", {"trigger": ""}),
    ("dwa mwen ak lot bagay", {"trigger": "dwa", "whole_trigger": False}),
    ("my rights", {"trigger": "dwa", "whole_trigger": True, "language": "en"}),
    ("li gen zam", {"danger": "zam", "language": "ht"}),
    ("meni, li gen zam", {"danger": "zam", "command": ""}),
    ("want to die, he has a gun", {"danger": "zam", "language": "en"}),
    ("i want to die", {"danger": "tris"}),
    ("zam", {"danger": ""}),
    ("Klinik Sid", {"services": ("klinik-sid",)}),
    ("where is klinik sid please", {"services": ("klinik-sid",)}),
    ("211 miami", {"services": ("ede",)}),
    ("doctor dokte", {"language": ""}),
    ("doctor clinic dokte", {"language": "en"}),
]
PLACES = [
    ("dokte 33127", "one", ("33127",)),
    ("Lil Ayiti", "one", ("ti-ayiti",)),
    ("flagler", "several", ("flagler-downtown", "flagler-lwes")),
    ("dokte orlando", "outside", ()),
    ("toupre m", "unclear", ()),
    ("bonjou", "none", ()),
]


def read(text: str) -> Reading:
    """Read a text as the second county does."""
    return county().lexicon.read(text)


@pytest.mark.parametrize(("text", "meant"), CASES)
def test_a_text_is_read(text: str, meant: dict[str, object]) -> None:
    """Each text means what it should, whatever else it might."""
    reading = read(text)
    assert {name: getattr(reading, name) for name in meant} == meant


@pytest.mark.parametrize(("text", "kind", "ids"), PLACES)
def test_a_place_is_read(text: str, kind: str, ids: tuple[str, ...]) -> None:
    """Each text tells one place, several, none, or one that is not ours."""
    place = read(text).place
    assert (place.kind, place.ids) == (kind, ids)


def test_spelling_does_not_matter() -> None:
    """Accents, case, full-width letters and marks between words change nothing."""
    for text in ("doktè 33127", "DOKTE, 33127", "\uff44okte 33127", "do\u0301kte\u0300 33127"):
        assert read(text).needs == ("dokte",)
        assert read(text).place.ids == ("33127",)


def test_small_words_alone_are_still_words() -> None:
    """A text of small words only keeps them: somebody did answer something."""
    assert read("mwen").core == ("mwen",)
    assert read("mwen dokte").core == ("dokte",)
