import re
from pathlib import Path

import pytest

from bot.cli import porchlight
from bot.settings import CREDENTIALS, SETTINGS

ROOT = Path(__file__).parent.parent
ALL = (*SETTINGS, *CREDENTIALS)
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
def test_every_setting_has_its_line(setting: object) -> None:
    """An operator finds each setting and its default in the README."""
    name, default = getattr(setting, "name"), getattr(setting, "default")  # noqa: B009
    assert f"| `{name}` | {f'`{default}`' if default else 'none'} |" in README


def test_the_readme_lists_no_other_setting() -> None:
    """What the README calls a setting is one."""
    listed = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert listed == [setting.name for setting in ALL]


def test_every_command_has_its_line() -> None:
    """The README's commands are those there are."""
    listed = re.findall(r"^\| `porchlight (\w+)", README, re.MULTILINE)
    assert sorted(listed) == sorted(porchlight.commands)


def test_the_pages_linked_to_exist() -> None:
    """No link in the README leads nowhere."""
    for path in re.findall(r"\]\(([^):#]+)\)", README):
        assert (ROOT / path).exists(), path


def test_ci_runs_the_readmes_test_command() -> None:
    """The machine that checks changes runs what the README tells people to run."""
    first = next(line for line in README.splitlines() if "-m tests" in line)
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && ")
    assert "grep -F -- '-m tests' README.md | head -n 1" in (ROOT / ".ci/run").read_text("utf-8")
