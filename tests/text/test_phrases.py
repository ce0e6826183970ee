"""Known phrases in a text: the longest wins, none overlap unless asked."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.phrases import Phrases

TABLE = {"a": "A", "a b": "AB", "a b c": "ABC", "b c": "BC", "c": "C", "d e": "DE"}
WORDS = st.lists(st.sampled_from("abcdex"), max_size=12).map(tuple)


def phrases() -> Phrases[str]:
    """Fill a table with phrases that lie inside one another."""
    table: Phrases[str] = Phrases()
    for phrase, meaning in TABLE.items():
        table.add(tuple(phrase.split()), meaning)
    return table


@pytest.mark.parametrize(
    ("text", "found", "overlapping"),
    [
        ("", [], []),
        ("x x", [], []),
        ("a", ["A"], ["A"]),
        ("a b", ["AB"], ["AB"]),
        ("a b c", ["ABC"], ["ABC", "BC", "C"]),
        ("a b x c", ["AB", "C"], ["AB", "C"]),
        ("a a b", ["A", "AB"], ["A", "AB"]),
        ("b c c", ["BC", "C"], ["BC", "C", "C"]),
        ("d", [], []),
        ("d e d", ["DE"], ["DE"]),
        ("a b c d e", ["ABC", "DE"], ["ABC", "BC", "C", "DE"]),
    ],
)
def test_phrases_are_found(text: str, found: list[str], overlapping: list[str]) -> None:
    """The longest phrase at each place counts, left to right."""
    words = tuple(text.split())
    assert [hit.meanings[0] for hit in phrases().find(words)] == found
    assert [hit.meanings[0] for hit in phrases().overlapping(words)] == overlapping


def test_one_phrase_may_mean_several_things_once_each() -> None:
    """Meanings gather in the order they were added; an empty phrase means nothing."""
    table: Phrases[str] = Phrases()
    for meaning in ("one", "two", "one"):
        table.add(("a",), meaning)
    table.add((), "nothing")
    assert table.exactly(("a",)) == ("one", "two")
    assert table.exactly(()) == ()
    assert len(table.items()) == 1


@given(WORDS)
def test_hits_never_overlap_and_say_what_stands_there(words: tuple[str, ...]) -> None:
    """Spans come in order, apart from each other, and hold exactly the phrase found."""
    hits = phrases().find(words)
    assert all(one.end <= other.start for one, other in pairwise(hits))
    for hit in hits:
        assert TABLE[" ".join(words[hit.start : hit.end])] == hit.meanings[0]
