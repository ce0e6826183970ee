import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.spelling import make, reach
from bot.text.normalise import tokens

SPELLER = make(
    ours=["shelter", "clinic", "needles", "bed", "food", "overdose", "volver", "zapato", "needs"],
    everyday=["skelter", "good", "the", "clinch", "foot"],
    short={"2nite": ("to", "night"), "b4": ("before",)},
    sounds={"v": "b", "z": "s", "ll": "y"},
)

CASES = [
    ("shelter", "shelter", "a word of ours stays"),
    ("shelte", "shelter", "a letter left out"),
    ("sheltre", "shelter", "two letters swapped"),
    ("shhelterr", "shelter", "two slips in a long word"),
    ("shelterrrrr", "shelter", "a letter held down"),
    ("needels", "needles", "swapped, though `needs` is two slips away"),
    ("clinik", "clinic", "a slip in six letters"),
    ("bolber", "volver", "letters that sound alike"),
    ("sapato", "zapato", "letters that sound alike, first letter too"),
    ("0verd0se", "overdose", "digits that look like letters"),
    ("she1ter", "shelter", "one for the letter l"),
    ("needfood", "needfood", "a run of words neither of which is `need`"),
    ("foodclinic", "food clinic", "two words run together"),
    ("2nite", "to night", "phone spelling"),
    ("b4", "before", "phone spelling of two characters"),
    ("skelter", "skelter", "an everyday word is never ours"),
    ("clinch", "clinch", "an everyday word one slip away"),
    ("foot", "foot", "an everyday word one slip away"),
    ("bad", "bad", "three letters are never put right"),
    ("chelter", "chelter", "another first letter is another word"),
    ("90057", "90057", "digits stay digits"),
    ("6th", "6th", "a numbered street stays"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize(("typed", "meant", "why"), CASES, ids=[case[2] for case in CASES])
def test_a_slip_is_put_right(typed: str, meant: str, why: str) -> None:
    """Slips lead to our words, and everyday words are left alone."""
    assert " ".join(SPELLER.spell(tokens(typed))) == meant, why


def test_reach_grows_with_length() -> None:
    """No slip up to three letters, one up to six, two beyond."""
    assert [reach(length) for length in (1, 3, 4, 6, 7, 20)] == [0, 0, 1, 1, 2, 2]


def test_two_equally_near_words_are_neither() -> None:
    """When two of our words are as near as each other, nothing is guessed."""
    speller = make(["lunch", "lurch"], [], {}, {})
    assert speller.spell(("luch",)) == ("luch",)


def test_only_so_many_strange_words_are_put_right() -> None:
    """A text of nothing but unknown words costs no more than fifty of them."""
    words = [f"shelt{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    spelled = SPELLER.spell((*words, "shelte"))
    assert spelled[-1] == "shelte"


@given(st.text(max_size=200))
def test_any_text_gives_words(text: str) -> None:
    """Whatever is typed, the words come back as plain words, and once right they stay right."""
    right = SPELLER.spell(tokens(text))
    assert all(isinstance(word, str) for word in right)
    assert SPELLER.spell(("shelter",)) == ("shelter",)
