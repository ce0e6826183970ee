"""Texts and files of any bytes: read, or refused in sentences; led by coverage in the long runs."""

import importlib.util
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.check import check
from bot.flow.load import load
from tests.reliability.targets import COUNTY, FILES, TOKENS, book, texts, yaml

SECONDS = 120
JOINED = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=5), max_size=9).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(JOINED)
def test_any_bytes_are_read_as_a_text(given: bytes) -> None:
    """Reading never raises."""
    texts(given)


@settings(max_examples=150, deadline=None)
@given(JOINED, st.sampled_from(FILES), st.integers(0, 1500))
def test_any_bytes_are_a_file_or_problems(new: bytes, path: str, at: int) -> None:
    """What is no file of ours is told in problems with a place, never in an exception."""
    old = COUNTY[path][:1500]
    yaml(old[:at] + new + old[at:])


@settings(max_examples=8, deadline=None)
@given(JOINED, st.binary(min_size=5, max_size=5))
def test_any_edit_is_a_book_or_problems(new: bytes, where: bytes) -> None:
    """A book written over in any place loads, or is refused in sentences."""
    book(where + new)


def test_a_service_in_a_language_without_a_name_is_told() -> None:
    """A sentence that a service needs and nobody wrote is a problem, and no other rule stumbles."""
    path = "directory/liy.yaml"
    edited = COUNTY[path].replace(b"languages: [ht, en]", b"languages: [ht, km]")
    made, problems = load({**COUNTY, path: edited})
    assert made, problems
    assert "The sentence `language-km` is missing" in "".join(map(str, check(made)))


@pytest.mark.long
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="needs atheris")
@pytest.mark.parametrize("what", ["texts", "yaml", "book"])
def test_led_by_coverage_nothing_raises_or_hangs(what: str) -> None:
    """Two minutes each of inputs that reach ever more of the code: none raises, none hangs."""
    command = [sys.executable, "-m", "tests.reliability.fuzz", what, str(SECONDS)]
    assert subprocess.run(command, check=False).returncode == 0
