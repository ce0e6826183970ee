"""Known phrases in a text: the longest wins, none overlap unless asked."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.normalise import tokens
from bot.text.phrases import Groups, Phrases, Scan, pattern

TABLE = {"a": "A", "a b": "AB", "a b c": "ABC", "b c": "BC", "c": "C", "d e": "DE"}
WORDS = st.lists(st.sampled_from("abcdex"), max_size=12).map(tuple)


def scanned(words: Iterable[str]) -> Scan:
    """Scan words for which there are no groups."""
    return Groups().scan(tuple(words))


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
    words = scanned(text.split())
    assert [hit.meanings[0] for hit in phrases().find(words)] == found
    assert [hit.meanings[0] for hit in phrases().overlapping(words)] == overlapping


def test_one_phrase_may_mean_several_things_once_each() -> None:
    """Meanings gather in the order they were added; an empty phrase means nothing."""
    table: Phrases[str] = Phrases()
    for meaning in ("one", "two", "one"):
        table.add(("a",), meaning)
    table.add((), "nothing")
    assert table.exactly(scanned("a")) == ("one", "two")
    assert table.exactly(scanned("")) == ()
    assert len(table.table) == 1


GROUPS = {"he": ["he", "my man"], "gun": ["gun", "big knife"], "armed": ["<he> ... <gun>"]}


def grouped() -> tuple[Groups, Phrases[str]]:
    """Fill a table with phrases of groups, gaps and borders."""
    groups, table = Groups(), Phrases[str]()
    for name, words in GROUPS.items():
        groups.add(name, map(pattern, words))
    for phrase in ("<armed> here", "<gun> ~ scared", "^ now $", "stay ... <he> home"):
        table.add(pattern(phrase), phrase)
    return groups, table


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("he has a gun here", ["<armed> here"]),
        ("my man got one big knife here", ["<armed> here"]),
        ("he went out and got a gun here", []),
        ("he gun", []),
        ("gun scared", ["<gun> ~ scared"]),
        ("scared of his big knife", ["<gun> ~ scared"]),
        ("a big knife he showed and i am scared", ["<gun> ~ scared"]),
        ("scared a b c d e gun", ["<gun> ~ scared"]),
        ("scared a b c d e f gun", []),
        ("stay with my man home", ["stay ... <he> home"]),
        ("now", ["^ now $"]),
        ("now then", []),
        ("", []),
    ],
)
def test_groups_gaps_and_borders_are_found(text: str, found: list[str]) -> None:
    """`...` and `~` pass over a few words, `~` in either order; `^` and `$` are the borders."""
    groups, table = grouped()
    hits = table.find(groups.scan(tuple(text.split())))
    assert [hit.meanings[0] for hit in hits] == found


@given(WORDS)
def test_hits_never_overlap_and_say_what_stands_there(words: tuple[str, ...]) -> None:
    """Spans come in order, apart from each other, and hold exactly the phrase found."""
    hits = phrases().find(scanned(words))
    assert all(one.end <= other.start for one, other in pairwise(hits))
    for hit in hits:
        assert TABLE[" ".join(words[hit.start : hit.end])] == hit.meanings[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\U0001f198", ("\U0001f198",)),
        ("\U0001f3e0\ufe0f shelter", ("\U0001f3e0", "shelter")),
        ("\U0001f44b\U0001f3fd hi", ("\U0001f44b", "hi")),
        ("90\u00b0 bar\u2122", ("90", "bartm")),
        ("a\u2014b \u2022 c", ("a", "b", "c")),
    ],
)
def test_emoji_are_words_of_their_own(text: str, words: tuple[str, ...]) -> None:
    """An emoji is one token, whatever its skin; other marks are none."""
    assert tokens(text) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_folded_as_any_text_is(text: str) -> None:
    """The short way for ASCII gives the tokens that the long way gives beside one accent."""
    assert (*tokens(text), "e") == tokens(f"{text} \u00e9")
