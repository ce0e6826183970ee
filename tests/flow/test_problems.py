"""One small break of the second book per rule: exactly that rule speaks, at the right place."""

import ast
from pathlib import Path

import pytest
import yaml

from bot.files import read_folder
from bot.flow import check as checks
from bot.flow.load import load
from bot.problems import Problem
from tests.chat import ROOT

CASES = sorted((Path(__file__).parent / "problems").glob("*.yaml"))
COUNTY = read_folder(ROOT / "tests" / "county")
SAYING = {"problem", "_problem", "Problem", "say", "_say", "_at", "_Fault"}
"""Functions that make a problem; one of their first arguments is the rule's name."""
ELSEWHERE = {"fault", "link", "no-folder", "unreadable", "too-big", "not-utf8"}
"""Rules about the folder and whole files, tested in test_files, test_live and source."""


def broken(case: dict[str, str], files: dict[str, bytes]) -> dict[str, bytes]:
    """Give the files with one case's change made; transcripts only where they are meant."""
    path = case["file"]
    if not path.startswith("transcripts/"):
        files = {
            name: given for name, given in files.items() if not name.startswith("transcripts/")
        }
    text = files.get(path, b"").decode()
    if "replace" in case:
        assert text.count(case["replace"]) == 1, case["replace"]
        text = text.replace(case["replace"], case["with"])
    if case.get("remove"):
        return {name: content for name, content in files.items() if name != path}
    return {**files, path: (text + case.get("append", "")).encode()}


def problems(files: dict[str, bytes]) -> list[Problem]:
    """Load and, if that made a book, check it."""
    book, found = load(files)
    assert book is None or not [one for one in found if not one.warning]
    return sorted({*found, *(checks.check(book) if book else [])})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_rule_speaks_alone_and_in_place(path: Path) -> None:
    """The change named in the file brings this rule's problem, there, and nothing else."""
    case = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - as plain as can be
    found = problems(broken(case, COUNTY))
    assert [f"{one.path}:{one.line}:{one.column}" for one in found] == case["at"], found
    assert {one.rule for one in found} == {path.stem}
    for words in case["says"]:
        assert words in found[0].message
        assert found[0].warning == ("warning" in case)


def rules() -> set[str]:
    """Give the names of all rules, as the code has them."""
    names = {rule.__name__.replace("_", "-") for rule in checks.RULES} | {"transcript"}
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", ""))
            if isinstance(node, ast.Call) and name in SAYING:
                names |= {one.value for one in node.args if _names_a_rule(one)}  # type: ignore[attr-defined]
    return names | {"wrong-kind", "too-few", "too-many"}


def _names_a_rule(argument: ast.expr) -> bool:
    word = argument.value if isinstance(argument, ast.Constant) else ""
    return isinstance(word, str) and word.replace("-", "").isalnum() and word.islower()


def test_every_rule_has_a_case() -> None:
    """A rule nobody has seen speak may never speak."""
    assert sorted(rules() - {path.stem for path in CASES} - ELSEWHERE) == []


def test_every_case_has_a_rule() -> None:
    """A case for a rule that is gone tests nothing."""
    assert sorted({path.stem for path in CASES} - rules()) == []


def test_several_broken_files_give_all_problems_at_once() -> None:
    """One look shows every mistake of every file, sorted, and there is no book."""
    files = {
        **COUNTY,
        "dwa.yaml": b"flow: [",
        "needs.yaml": b"needs: 5\n",
        "book.yaml": COUNTY["book.yaml"] + b"x: 1\n",
    }
    book, found = load(files)
    assert book is None
    assert {one.path for one in found} == {"dwa.yaml", "needs.yaml", "book.yaml"}


def test_no_files_at_all_name_what_is_missing() -> None:
    """An empty folder says which files a book needs."""
    book, found = load({})
    assert book is None
    assert {one.path for one in found if one.rule == "missing-file"} >= {
        "book.yaml",
        "words.yaml",
        "needs.yaml",
    }


@pytest.mark.parametrize("path", sorted(COUNTY))
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"- a\n", b"a: [\n", b"5", b"? [a]\n: b\n", b"a: &x 1\nb: *x\n"],
)
def test_any_file_may_be_rubbish(path: str, content: bytes) -> None:
    """Whatever a file holds, the others are still judged and nothing is raised."""
    if path.endswith(".yaml"):
        book, found = load({**COUNTY, path: content})
        assert book is None or path.startswith(("directory", "transcripts"))
        assert found or path.startswith("directory")
