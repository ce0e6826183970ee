import re
from pathlib import Path

import pytest

from bot.directory.model import DirectoryFile
from bot.files import read_folder
from bot.flow.check import RULES, check
from bot.flow.check.transcripts import parse, play
from bot.flow.load import load
from bot.flow.model import FlowFile
from bot.flow.schemas import SHAPES, schemas
from bot.reading.model import DangerFile, NeedsFile
from bot.source import Shape, fit, read

ROOT = Path(__file__).parent.parent
FLOWS = ROOT / "flows"
GUIDE = (FLOWS / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
BY_FIRST_NAME: dict[str, type[Shape]] = {
    "flow": FlowFile,
    "services": DirectoryFile,
    "needs": NeedsFile,
    "classes": DangerFile,
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_fits(example: str) -> None:
    """What the guide shows can be typed as it stands."""
    document, problems = read("guide.yaml", example)
    assert document is not None
    shape = BY_FIRST_NAME[next(iter(document.data))]

    value, misfits = fit(shape, document)

    assert value is not None
    assert problems + misfits == []


def test_the_examples_work_in_the_book() -> None:
    """The guide's flow and service stand in the shipped book without a single problem."""
    files = read_folder(FLOWS)
    files["pets.yaml"] = next(one for one in EXAMPLES if "flow:" in one).encode()
    files["directory/guide.yaml"] = next(one for one in EXAMPLES if "services:" in one).encode()
    files = {path: text for path, text in files.items() if not path.startswith("transcripts/")}

    book, problems = load(files)

    assert book is not None
    assert problems + check(book) == []


def test_the_transcript_example_is_one() -> None:
    """The guide's transcript is read as it says."""
    book, _ = load(read_folder(FLOWS))
    assert book is not None
    example = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)[0]

    script = parse(example, book)

    assert script.at
    assert [(one.text, one.wait) for one in script.exchanges] == [("shelter 90057", 0), ("hi", 31)]


def test_the_conversation_in_the_readme_is_true() -> None:
    """The README shows what the line says now."""
    book, _ = load(read_folder(FLOWS))
    assert book is not None
    shown = re.findall(r"```text\n(> .*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[
        0
    ]

    script = parse(f"at: 2026-11-24 10:00\n\n{shown}", book)

    for exchange, turn in play(book, script):
        assert turn.reply == "\n".join(exchange.expected).rstrip()


def test_every_rule_is_explained() -> None:
    """Whatever rule a problem names stands in the guide."""
    rules = {rule.__name__.replace("_", "-") for rule in RULES} | {"too-long", "lock-screen"}
    assert {rule for rule in rules if f"`{rule}`" not in GUIDE} == set()


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_the_schemas_are_fresh(name: str) -> None:
    """Editors complete what the checker accepts; `porchlight schemas` was run after a change."""
    assert (FLOWS / "schemas" / f"{name}.json").read_text("utf-8") == schemas()[f"{name}.json"]
