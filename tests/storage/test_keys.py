import multiprocessing
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bot.conversation import SessionKey
from bot.storage.keys import KeyFileError, Keyring, mark, new
from tests.storage.conftest import ADDRESS, NOON

MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)
EARLY, LATE = MIDNIGHT + timedelta(minutes=59, seconds=59), MIDNIGHT + timedelta(hours=1)


def _pair(key: SessionKey) -> tuple[str, bytes]:
    return key.name, key.seal


def test_name_and_seal_are_uniform_and_differ_by_person(key_file: Path) -> None:
    """Every address gives 32 hex characters and 32 bytes, the same each time, unlike others'."""
    ring = Keyring(key_file)
    keys = [ring.session_key(f"+1213555{n:04}", NOON) for n in range(200)]
    assert {len(key.name) for key in keys} == {32}
    assert all(set(key.name) <= set("0123456789abcdef") for key in keys)
    assert {len(key.seal) for key in keys} == {32}
    assert len({key.name for key in keys} | {key.seal.hex()[:32] for key in keys}) == 400
    assert _pair(Keyring(key_file).session_key("+12135550000", NOON)) == _pair(keys[0])


@pytest.mark.parametrize(
    ("now", "former"),
    [(NOON, False), (MIDNIGHT, True), (EARLY, True), (LATE, False), (LATE.replace(hour=9), False)],
)
def test_former_key_is_given_in_the_first_hour_only(
    key_file: Path,
    now: datetime,
    former: bool,  # noqa: FBT001 a column of the table
) -> None:
    """Yesterday's key opens sessions until 01:00 UTC, then it is gone from the file too."""
    yesterday = Keyring(key_file).session_key(ADDRESS, NOON)
    key = Keyring(key_file).session_key(ADDRESS, now)
    assert (key.former is not None) == former
    if key.former:
        assert _pair(key.former) == _pair(yesterday) != _pair(key)
    assert ("-" * 64 in key_file.read_text()) != former


def test_former_key_goes_on_a_quiet_night(key_file: Path) -> None:
    """The minute's turn ratchets and erases without any text."""
    first = key_file.read_text().split()[2]
    ring = Keyring(key_file)
    ring.turn(MIDNIGHT)
    assert first in key_file.read_text()
    ring.turn(LATE)
    assert first not in key_file.read_text()


def test_old_key_is_overwritten_on_the_disk(key_file: Path) -> None:
    """The key is replaced where it lies: no other block of the disk ever held it."""
    first = key_file.read_bytes().split()[2]
    with key_file.open("rb") as old:
        Keyring(key_file).turn(MIDNIGHT)
        Keyring(key_file).turn(LATE)
        now = old.read()
    assert now == key_file.read_bytes()
    assert first not in now


def test_a_week_off_is_seven_turns(key_file: Path, tmp_path: Path) -> None:
    """A machine off for a week has the same key as one that turned each day."""
    (tmp_path / "other").write_bytes(key_file.read_bytes())
    (tmp_path / "other").chmod(0o600)
    daily, weekly = Keyring(key_file), Keyring(tmp_path / "other")
    for day in range(1, 8):
        daily.turn(NOON + timedelta(days=day))
    later = NOON + timedelta(days=7)
    assert _pair(daily.session_key(ADDRESS, later)) == _pair(weekly.session_key(ADDRESS, later))


@pytest.mark.parametrize(("hours", "former"), [(0.5, True), (2, False), (26, False)])
def test_a_restart_over_midnight(key_file: Path, hours: float, former: bool) -> None:  # noqa: FBT001 a column of the table
    """A line stopped before midnight goes on with its sessions, or has lost their key."""
    evening = Keyring(key_file).session_key(ADDRESS, MIDNIGHT - timedelta(seconds=1))
    morning = Keyring(key_file).session_key(ADDRESS, MIDNIGHT + timedelta(hours=hours))
    assert (morning.former is not None) == former
    assert not morning.former or _pair(morning.former) == _pair(evening)
    old = evening.seal.hex() + key_file.read_text()
    assert _pair(morning) != _pair(evening)
    assert len(set(re.findall("[0-9a-f]{64}", old))) == (4 if former else 3)


def test_machines_that_share_a_file_stay_in_step(key_file: Path, tmp_path: Path) -> None:
    """Whatever days each was off, started from one file they agree, in the first hour too."""
    days_on = ([1, 2, 3, 4, 5], [5], [2, 5], [1, 3, 5])
    machines = []
    for n, days in enumerate(days_on):
        new(tmp_path / f"{n}", NOON, key_file.read_bytes())
        ring = Keyring(tmp_path / f"{n}")
        for day in days:
            ring.turn(NOON + timedelta(days=day, hours=n))
        machines.append(ring)
    for later in (timedelta(days=5, hours=8), timedelta(days=5, hours=12, minutes=n)):
        keys = [ring.session_key(ADDRESS, NOON + later) for ring in machines]
        assert len({_pair(key) for key in keys}) == 1
        assert len({key.former and _pair(key.former) for key in keys}) == 1
    assert keys[0].former
    assert len({_pair(ring.counts_key("2026-W11")) for ring in machines}) == 1


def test_a_clock_a_day_ahead_is_in_step_again_the_next_day(key_file: Path, tmp_path: Path) -> None:
    """Set right again, the machine has lost today's sessions and meets the others tomorrow."""
    new(tmp_path / "other", NOON, key_file.read_bytes())
    wrong, right = Keyring(key_file), Keyring(tmp_path / "other")
    early = wrong.session_key(ADDRESS, NOON + timedelta(days=1))
    corrected = wrong.session_key(ADDRESS, NOON)
    assert _pair(corrected) == _pair(early) != _pair(right.session_key(ADDRESS, NOON))
    assert corrected.former is None
    met = [_pair(ring.session_key(ADDRESS, LATE)) for ring in (wrong, right)]
    assert met[0] == met[1]


def test_clock_back_over_midnight_keeps_the_newest_key(key_file: Path) -> None:
    """A clock stepping back a moment keeps today's key, and yesterday's beside it."""
    ring = Keyring(key_file)
    turned = ring.session_key(ADDRESS, MIDNIGHT)
    back = ring.session_key(ADDRESS, MIDNIGHT - timedelta(seconds=5))
    assert (_pair(back), back.former) == (_pair(turned), turned.former)
    assert _pair(ring.session_key(ADDRESS, MIDNIGHT + timedelta(seconds=1))) == _pair(turned)


def test_clock_years_ahead_and_back_never_stops_the_turning(key_file: Path) -> None:
    """After a clock was wrong by years, the key still goes forward and turns each day."""
    ring = Keyring(key_file)
    names = [
        ring.session_key(ADDRESS, now).name
        for now in (NOON, NOON.replace(year=2036), NOON, NOON, NOON + timedelta(days=1))
    ]
    assert names[2] == names[3]
    assert len(set(names)) == 4


def _turn_into(path: Path, barrier: Barrier, out: Path) -> None:
    ring = Keyring(path)
    ring.turn(NOON)
    barrier.wait()
    out.write_text(ring.session_key(ADDRESS, MIDNIGHT).name)


def test_processes_at_midnight_turn_it_once(key_file: Path, tmp_path: Path) -> None:
    """Four workers that meet midnight at once all get the same key, turned once."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    outs = [tmp_path / f"out{n}" for n in range(4)]
    workers = [spawn.Process(target=_turn_into, args=(key_file, barrier, out)) for out in outs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert {out.read_text() for out in outs} == {
        Keyring(key_file).session_key(ADDRESS, MIDNIGHT).name
    }


def test_file_is_private_and_alone(key_file: Path) -> None:
    """The file has mode 0600 before and after a turn, and no copy of it stays."""
    Keyring(key_file).turn(MIDNIGHT)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert {one.name for one in key_file.parent.iterdir()} == {"key"}


def test_a_replaced_file_is_read_again(key_file: Path, tmp_path: Path) -> None:
    """A key file the operator puts in place counts from the next text."""
    ring = Keyring(key_file)
    before = ring.session_key(ADDRESS, NOON).name
    new(tmp_path / "other", NOON)
    (tmp_path / "other").rename(key_file)
    assert ring.session_key(ADDRESS, NOON).name != before


@pytest.mark.parametrize("content", [b"", b"porchlight-key-2 20520 abcd -\n", b"\xff" * 200])
def test_short_or_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """What is not a whole key file is refused."""
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyFileError, match="too short or not ours"):
        Keyring(tmp_path / "key").turn(NOON)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_files_open_to_others_are_refused(key_file: Path, mode: int) -> None:
    """A key others can read or write is refused, also when the mode changes later."""
    ring = Keyring(key_file)
    ring.turn(NOON)
    key_file.chmod(mode)
    with pytest.raises(KeyFileError, match="0600"):
        ring.turn(NOON)


def test_links_folders_and_absent_files_are_refused(key_file: Path, tmp_path: Path) -> None:
    """Only a file of our own, by its own name, is a key file."""
    (tmp_path / "link").symlink_to(key_file)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("link", "folder", "absent", "no/where"):
        with pytest.raises(KeyFileError):
            Keyring(tmp_path / name).turn(NOON)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_files_of_another_user_are_refused(key_file: Path) -> None:
    """A key file that belongs to someone else is refused."""
    os.chown(key_file, 65534, -1)
    with pytest.raises(KeyFileError, match="our own user"):
        Keyring(key_file).turn(NOON)


def test_new_never_replaces_a_key(key_file: Path) -> None:
    """Making a key where one is keeps the old one."""
    before = key_file.read_bytes()
    with pytest.raises(KeyFileError, match="already"):
        new(key_file, NOON)
    assert key_file.read_bytes() == before


def test_keys_never_show_themselves(key_file: Path) -> None:
    """Neither the ring nor a session key nor an error shows key bytes or the address."""
    ring = Keyring(key_file)
    key = ring.session_key(ADDRESS, MIDNIGHT)
    shown = repr(ring) + repr(key) + str(key) + repr(ring.turn(MIDNIGHT))
    stored = key_file.read_text().split()[2:]
    for hidden in (ADDRESS, key.name, key.seal.hex(), repr(key.seal), *stored):
        assert hidden not in shown


def test_statistics_stay_readable(key_file: Path) -> None:
    """A period's key is the same after any turn, on every machine, and unlike all others."""
    ring = Keyring(key_file)
    before = [ring.counts_key(period) for period in ("2026-W47", "2026-W48", ADDRESS)]
    for days in (1, 40):
        ring.turn(NOON + timedelta(days=days))
    after = [ring.counts_key(period) for period in ("2026-W47", "2026-W48", ADDRESS)]
    assert [_pair(key) for key in after] == [_pair(key) for key in before]
    assert not any(key.former for key in after)
    names = {key.name for key in (*after, ring.session_key(ADDRESS, NOON))}
    assert len(names) == 4
    assert {len(name) for name in names} == {32}


def test_mark_depends_on_the_message_alone() -> None:
    """A message's mark is the same on both sides of midnight and unlike another's."""
    assert mark("SM" + "a" * 32) == mark("SM" + "a" * 32) != mark("SM" + "b" * 32)
    assert len(mark("SM")) == 16
