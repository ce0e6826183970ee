import pytest

from bot.directory.model import DirectoryFile
from bot.flow.model import FlowFile
from bot.source import Shape, fit, read

FLOW = """\
flow: food
nodes:
  start:
    prompt: What do you need?
    choices:
      - label: Food
        goto: food
"""

CASES: list[tuple[type[Shape], str, int, int, str, str]] = [
    (FlowFile, FLOW.replace("goto: food", "goot: food"), 7, 15, "unknown-name", "`goto`"),
    (FlowFile, FLOW.replace("        goto: food\n", ""), 6, 9, "missing", "`goto`"),
    (
        FlowFile,
        FLOW.replace("prompt: What do you need?", "promt: What?"),
        3,
        3,
        "node-kind",
        "prompt",
    ),
    (FlowFile, FLOW.replace("What do you need?", "{name}"), 4, 13, "wrong-kind", "quotes"),
    (FlowFile, FLOW.replace("What do you need?", ""), 4, 12, "empty", "nothing here"),
    (FlowFile, FLOW.replace("nodes:", "nods:"), 1, 1, "missing", "`nodes`"),
    (
        DirectoryFile,
        "services: {a: {name: A, organization: B, offer: lsted}}",
        1,
        49,
        "unknown-value",
        "`listed`",
    ),
    (
        DirectoryFile,
        "services: {a: {name: A, organization: B, offer: listed, confidential: maybe}}",
        1,
        71,
        "wrong-kind",
        "yes or no",
    ),
    (
        DirectoryFile,
        "services: {a: {name: A, organization: B, offer: listed, min_age: old}}",
        1,
        66,
        "wrong-kind",
        "whole number",
    ),
    (
        DirectoryFile,
        "services: {a: {name: A, organization: B, offer: listed, assured_date: 2026-13-40}}",
        1,
        71,
        "wrong-kind",
        "2026-11-22",
    ),
    (
        DirectoryFile,
        "services: {a: {name: A, organization: B, offer: listed, confidential: yes, locations: [{address: 1 Main St}]}}",
        1,
        15,
        "value",
        "no address",
    ),
    (DirectoryFile, "services: []", 1, 11, "wrong-kind", "names with values"),
]


@pytest.mark.parametrize(("shape", "source", "line", "column", "rule", "words"), CASES)
def test_misfits(
    shape: type[Shape], source: str, line: int, column: int, rule: str, words: str
) -> None:
    """A misfit says what was found, what is expected, and where."""
    document, _ = read("a.yaml", source)
    assert document is not None

    value, problems = fit(shape, document)

    assert value is None
    assert (line, column, rule) in [(one.line, one.column, one.rule) for one in problems]
    assert any(words in one.message for one in problems if one.rule == rule)


def test_truth_values_staff_type() -> None:
    """yes, no, true and false are all understood where a truth value belongs."""
    for typed, meant in [("yes", True), ("no", False), ("true", True), ("off", False)]:
        source = (
            f"services: {{a: {{name: A, organization: B, offer: listed, confidential: {typed}}}}}"
        )
        document, _ = read("a.yaml", source)
        assert document is not None
        value, problems = fit(DirectoryFile, document)
        assert problems == []
        assert value is not None
        assert value.services["a"].confidential is meant


def test_all_at_once() -> None:
    """Eight faults in one file are eight problems in one run."""
    source = """\
services:
  a: {name: A, organization: B, offer: maybe, confidental: yes}
  b: {name: B, organisation: B, offer: listed}
  c: {name: C, organization: C, offer: listed, min_age: x, phones: [{numbr: 911}]}
"""
    document, _ = read("a.yaml", source)
    assert document is not None

    _, problems = fit(DirectoryFile, document)

    assert len(problems) == 7
    assert {one.line for one in problems} == {2, 3, 4}
