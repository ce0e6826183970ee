import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import porchlight
from bot.storage.keys import Keyring, new

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def run(*words: str, given: bytes = b"", **env: str) -> Result:
    """Run a key command with something on standard input, and check that no key is shown."""
    result = CliRunner().invoke(porchlight, ("key", *words), input=given, env=env)
    assert not re.search("[0-9a-f]{16}", result.output)
    return result


def days(path: Path) -> int:
    """Give the day in a key file."""
    return int(path.read_bytes().split()[1])


@pytest.mark.parametrize("named", [True, False])
def test_a_key_is_made(tmp_path: Path, named: bool) -> None:  # noqa: FBT001 a column of the table
    """The file is the one named, or the one of the setting; nobody else can read it."""
    path = tmp_path / "key"
    done = run("new", *[str(path)] * named, PORCHLIGHT_KEY_FILE="" if named else str(path))
    assert done.exit_code == 0
    assert str(path) in done.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = re.findall("[0-9a-f]{64}", path.read_text())
    assert len(set(keys)) == 2
    assert {len(bytes.fromhex(key)) for key in keys} == {32}


def test_a_key_is_taken_over(tmp_path: Path) -> None:
    """The line of a machine that was off for three days makes the same keys here today."""
    then = datetime.now(UTC) - timedelta(days=3)  # noqa: TID251 the command reads the clock
    new(tmp_path / "theirs", then)
    line = (tmp_path / "theirs").read_bytes()
    for n, given in enumerate((line, line.strip(), line.strip() + b"\r\n")):
        ours = tmp_path / f"ours{n}"
        assert run("import", str(ours), given=given).exit_code == 0
        assert stat.S_IMODE(ours.stat().st_mode) == 0o600
        assert days(ours) == days(tmp_path / "theirs") + 3
        later = then + timedelta(days=4)
        assert Keyring(ours).session_key("a", later).seal == (
            Keyring(tmp_path / "theirs").session_key("a", later).seal
        )
        assert line.split()[2] not in ours.read_bytes()
        (tmp_path / "theirs").write_bytes(line)


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\n",
        b"hello\n",
        b"porchlight-key-2 0020779 " + b"a" * 63 + b" " + b"-" * 64 + b" " + b"b" * 64 + b"\n",
        b"porchlight-key-1 0020779 " + b"a" * 64 + b" " + b"-" * 64 + b"\n",
        b"\xff" * 999,
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, given: bytes) -> None:
    """A line that is not whole is refused, and no file is made."""
    done = run("import", str(tmp_path / "key"), given=given)
    assert done.exit_code == 1
    assert "too short or not ours" in done.output
    assert not list(tmp_path.iterdir())


def test_a_clock_far_behind_is_refused(tmp_path: Path) -> None:
    """A machine that believes in another week would leave the step of the others at once."""
    new(tmp_path / "theirs", datetime(2999, 1, 1, tzinfo=UTC))
    done = run("import", str(tmp_path / "key"), given=(tmp_path / "theirs").read_bytes())
    assert done.exit_code == 1
    assert "clock" in done.output
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("command", ["new", "import"])
def test_nothing_is_replaced(tmp_path: Path, command: str) -> None:
    """A key that is there stays, whatever is asked; so does a link and what it leads to."""
    new(tmp_path / "key", NOW)
    new(tmp_path / "other", NOW)
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    before = (tmp_path / "key").read_bytes()
    for name in ("key", "link"):
        done = run(command, str(tmp_path / name), given=(tmp_path / "other").read_bytes())
        assert done.exit_code == 1
        assert "already" in done.output
    assert (tmp_path / "key").read_bytes() == before
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("command", ["new", "import"])
def test_a_file_must_be_named(command: str) -> None:
    """Without a file and without the setting the operator hears both ways."""
    done = run(command, PORCHLIGHT_KEY_FILE="")
    assert done.exit_code == 2
    assert "PORCHLIGHT_KEY_FILE" in done.output


def test_a_folder_that_is_not_ours_is_told(tmp_path: Path) -> None:
    """Where no file can be made, a sentence says so."""
    done = run("new", str(tmp_path / "no" / "key"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output
