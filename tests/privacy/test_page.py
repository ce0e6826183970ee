"""The privacy page says nothing about us that no test holds."""

import ast
import re

import pytest

from tests.chat import ROOT

PAGE = (ROOT / "flows" / "PRIVACY.md").read_text("utf-8")
OURS = [part for part in PAGE.split("\n## ") if part.startswith(("What we hold", "What someone"))]
PROMISES = [line for part in OURS for line in part.splitlines() if line.startswith("- ")]
REACHING = ("twilio.rest", "twilio.http", "requests", "http.client", "urllib.request")
PROOF = re.compile(r"<!-- (tests/[\w/]+\.py)::(test_\w+) -->$")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda line: line[2:40])
def test_every_promise_names_a_test_there_is(promise: str) -> None:
    """Each sentence about us names a test by file and name, and that test exists."""
    proof = PROOF.search(promise)
    assert proof, promise
    tree = ast.parse((ROOT / proof[1]).read_text("utf-8"))
    assert proof[2] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_both_parts_about_us_make_promises() -> None:
    """The page still has the two parts that are held by tests."""
    assert len(OURS) == 2
    assert len(PROMISES) >= 12


def test_the_line_has_no_way_to_text_first() -> None:
    """Nothing that answers texts can reach the provider's sending interface."""
    for file in (ROOT / "bot").rglob("*.py"):
        text = file.read_text("utf-8")
        nodes = list(ast.walk(ast.parse(text)))
        named = {one.module for one in nodes if isinstance(one, ast.ImportFrom)}
        named |= {part.name for one in nodes if isinstance(one, ast.Import) for part in one.names}
        reaching = {name for name in named if name and name.startswith(REACHING)}
        assert not reaching or file.parent.name == "provider", file.name
        assert ".create(" not in text or file.parent.name != "provider", file.name
