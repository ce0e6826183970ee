import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.provider import client
from tests.provider.conftest import Run
from tests.provider.provider import Provider

ROOT = Path(__file__).parent.parent.parent
WAIT_SECONDS = 15
UNFINISHED = (409, {"code": 20009, "message": "canary"})
POISON = (500, {"code": 20500, "message": "canary"})
GONE = (404, {"code": 20404, "message": "canary"})


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again without waiting, unless the provider says how long."""
    monkeypatch.setattr(client, "RETRIES", client.RETRIES.new(backoff_factor=0))


def test_what_is_old_goes_and_what_is_young_stays(provider: Provider, run: Run) -> None:
    """Texts of both directions and calls are deleted over many pages, but not the last minutes'."""
    provider.add("messages", 10, 450, direction="inbound")
    provider.add("messages", 60 * 24 * 400, 5, direction="outbound-reply")
    provider.add("calls", 6, 3)
    provider.add("messages", 4, 2)
    provider.add("calls", 1, 1)
    result = run("sweep", "--once")
    assert (result.exit_code, provider.left(), len(provider.deleted)) == (0, 3, 458)
    assert "458 deleted, 3 too young" in result.stdout.splitlines()


def test_progress_is_shown_as_counts(provider: Provider, run: Run) -> None:
    """A long sweep tells how far it is."""
    provider.add("messages", 10, 250)
    said = run("sweep", "--once").stdout.splitlines()
    assert said == ["100 deleted", "200 deleted", "250 deleted", "nothing there"]


def test_a_dry_run_deletes_nothing(provider: Provider, run: Run) -> None:
    """What would go is counted, and no deletion is asked for."""
    provider.add("messages", 10, 3)
    provider.add("calls", 1)
    result = run("sweep", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "3 to delete, 1 too young\n")
    assert {method for method, _ in provider.asked} == {"GET"}


@pytest.mark.usefixtures("hasty")
def test_what_cannot_go_yet_does_not_save_the_rest(provider: Provider, run: Run) -> None:
    """Records in use, gone or broken are counted, and all behind them are deleted."""
    provider.add("messages", 10, 5)
    for refusal in (UNFINISHED, UNFINISHED, GONE, POISON):
        provider.add("messages", 9, refusal=refusal)
    result = run("sweep", "--once")
    assert result.exit_code == 0
    assert (
        result.stdout.splitlines()[0]
        == "5 deleted, 1 gone already, 2 not complete yet, 1 not deleted"
    )
    assert len(provider.deleted) == 5


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "faults", [["500"], ["503", "502", "504"], ["drop"], ["drop", "500", "drop"]]
)
@pytest.mark.parametrize("before", [0, 3])
def test_a_fault_is_tried_again(
    provider: Provider, run: Run, faults: list[str], before: int
) -> None:
    """A request that fails is made again, while listing and while deleting."""
    provider.add("messages", 10, 5)
    provider.faults.extend([""] * before + faults)
    result = run("sweep", "--once")
    assert (result.exit_code, provider.left(), len(provider.deleted)) == (0, 0, 5)
    assert result.stderr.count("cannot be reached") == 0


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("faults", [["cut"], ["nonsense"], ["429"] * 9, ["drop"] * 9])
def test_a_lasting_fault_breaks_off_and_the_next_sweep_goes_on(
    provider: Provider, run: Run, faults: list[str]
) -> None:
    """What cannot be had is told in plain words, and nothing is lost for the next time."""
    provider.add("messages", 10, 250)
    provider.faults.extend([""] * 100 + ["", *faults] if len(faults) > 1 else [*faults])
    result = run("sweep", "--once")
    assert (result.exit_code, provider.left() > 0) == (1, True)
    assert "The provider cannot be reached, or answers nonsense." in result.stderr
    assert (run("sweep", "--once").exit_code, provider.left()) == (0, 0)
    assert len(set(provider.deleted)) == 250


def test_when_told_to_wait_it_waits(provider: Provider, run: Run) -> None:
    """No request is made before the moment the provider names."""
    provider.add("messages", 10, 3)
    provider.faults.extend(["", "", "wait"])
    assert run("sweep", "--once").exit_code == 0
    assert provider.impatient == 0
    assert provider.left() == 0


def test_a_key_without_the_right_is_told(provider: Provider, run: Run) -> None:
    """A refused key is told in plain words at once."""
    provider.add("messages", 10, 3)
    provider.forbidden.add("messages")
    result = run("sweep", "--once")
    assert result.exit_code == 1
    assert "The provider refuses our key" in result.stderr
    assert len(provider.asked) == 1
    wrong = run("sweep", "--once", TWILIO_API_SECRET="wrong")
    assert "The provider refuses our key" in wrong.stderr


def test_a_key_that_may_not_delete_is_told(provider: Provider, run: Run) -> None:
    """A key that may list but not delete ends the sweep instead of counting failures."""
    provider.add("messages", 10, 3, refusal=(403, {"code": 70051}))
    result = run("sweep", "--once")
    assert (result.exit_code, provider.left()) == (1, 3)
    assert "The provider refuses our key" in result.stderr


def test_missing_credentials_are_told_together(run: Run) -> None:
    """Without its own key the sweep does not start, and says all it needs."""
    result = run("sweep", TWILIO_ACCOUNT_SID="hush", TWILIO_API_KEY="", TWILIO_API_SECRET="")
    assert result.exit_code == 2
    assert [line.split()[0] for line in result.stderr.splitlines()] == [
        "TWILIO_ACCOUNT_SID",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
    ]
    assert "hush" not in result.stderr


@contextmanager
def sweeping(provider: Provider, said: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the sweep as its own process, with a short pause between passes."""
    code = "from bot.provider import sweep; from bot.cli import main; sweep.PAUSE = .1; main()"
    with said.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "sweep"],
            cwd=ROOT,
            env={**os.environ, **provider.environ},
            stdout=file,
            stderr=file,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(WAIT_SECONDS)


def _until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_it_runs_on_and_survives_being_killed(provider: Provider, tmp_path: Path) -> None:
    """Killed in the middle and started again it ends the work, then waits for more; it says counts."""
    provider.add("messages", 10, 300)
    with sweeping(provider, tmp_path / "said") as process:
        _until(lambda: provider.left() <= 200)
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT_SECONDS)
    assert provider.left()
    with sweeping(provider, tmp_path / "said"):
        _until(lambda: not provider.left())
        provider.faults.extend(["drop", "nonsense", "500"])
        provider.add("calls", 10, 2)
        _until(lambda: "2 deleted" in (tmp_path / "said").read_text())
    assert len(set(provider.deleted)) == len(provider.deleted) == 302
    said = (tmp_path / "said").read_text()
    for secret in ("canary", "+1213", "SM", "CA", "AC", "SK", "api.twilio.com"):
        assert secret not in said
