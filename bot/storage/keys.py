"""The ratcheted daily key: numbers become names in the store, and only for a day.

The file holds one line: format, UTC day, key, former key or dashes, key of the statistics
(32 bytes each, in hex). Every UTC day the key is replaced by a one-way function of itself, so
whoever takes the machine tomorrow opens nothing of today, and machines started from one file
stay in step. The key of the statistics stays: they count days and weeks, and hold no person.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.conversation import SESSION_CAP_SECONDS, SessionKey

DAY_SECONDS = 86400
_LINE = re.compile(rb"porchlight-key-2 (\d{7}) ([\da-f]{64}) ([\da-f]{64}|-{64}) ([\da-f]{64})\n")
_LABEL = b"porchlight ratchet 1"


def day(now: datetime) -> int:
    """Count the days (UTC) since the epoch."""
    return int(now.timestamp()) // DAY_SECONDS


class KeyFileError(Exception):
    """The key file cannot be used; says why, never what is in it."""


@dataclass(frozen=True, repr=False)
class _Keys:
    day: int
    key: bytes
    former: bytes
    counts: bytes

    def line(self) -> bytes:
        keys = f"{self.key.hex()} {self.former.hex():-<64} {self.counts.hex()}"
        return f"porchlight-key-2 {self.day:07} {keys}\n".encode()


@dataclass(frozen=True)
class Keyring:
    """Makes keys from a key file, which threads and processes may share. Raises KeyFileError."""

    path: Path

    def session_key(self, address: str, now: datetime) -> SessionKey:
        """Make the key of one address; also yesterday's in the day's first hour (UTC)."""
        keys = self.turn(now)
        former = _derive(keys.former, address) if keys.former else None
        return replace(_derive(keys.key, address), former=former)

    def counts_key(self, period: str) -> SessionKey:
        """Make the key of one period's statistics, such as "2026-W47"; the same on every day."""
        with self._locked() as file:
            return _derive(_load(file).counts, period)

    def turn(self, now: datetime) -> _Keys:
        """Ratchet and erase what is due. Call it often: on a quiet night too the key must go."""
        with self._locked() as file:
            stored = _load(file)
            keys = _turned(stored, now)
            if keys != stored:
                # In place, because a new file leaves the old key in the disk's free
                # blocks; one short line of fixed length is written whole or not at all.
                os.pwrite(file, keys.line(), 0)
                os.fsync(file)
            return keys

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            # Goes with its object whatever breaks: a lock left behind would hang every text.
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_NOFOLLOW), "r+b", 0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file.fileno()
        except OSError:
            raise KeyFileError("The key file is absent, a link, or cannot be written.") from None


def new(path: Path, now: datetime, line: bytes | None = None) -> None:
    """Make a key file, mode 0600, of another machine's line if given. Raises KeyFileError."""
    if line is None:
        keys = _Keys(day(now), secrets.token_bytes(32), b"", secrets.token_bytes(32))
    else:
        keys = _turned(given := _parse(line.strip() + b"\n"), now)
        if given.day > keys.day:
            raise KeyFileError("This machine's clock is days behind the other's; set it first.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, buffering=0) as fresh:
            fresh.write(keys.line())
            os.fsync(fresh.fileno())
            # Linked when it is whole: no other worker meets half a file, none is replaced.
            os.link(fresh.name, path)
    except FileExistsError:
        raise KeyFileError("There is a key file already; it was left as it is.") from None
    except OSError:
        raise KeyFileError("The key file's folder cannot be written to.") from None


def mark(message_id: str) -> str:
    """Hash a message's id into 16 hex characters, the same on both sides of the key's turn."""
    # Not keyed: marks lie only inside the seal.
    return hashlib.sha256(b"porchlight mark 1|" + message_id.encode()).hexdigest()[:16]


def _derive(key: bytes, address: str) -> SessionKey:
    uses = (f"name|{address}", f"seal|{address}")
    name, seal = (hmac.digest(key, use.encode(), "sha256") for use in uses)
    return SessionKey(name[:16].hex(), seal)


def _turned(keys: _Keys, now: datetime) -> _Keys:
    ahead = keys.day - day(now)
    # A clock a day behind the file waits. One further behind was wrong before: the key goes
    # a step forward, never back, and takes the right day so that it turns daily again.
    for _ in range(1 if ahead > 1 else -ahead):
        key = hmac.digest(keys.key, _LABEL, "sha256")
        keys = _Keys(day(now), key, keys.key, keys.counts)
    over = now.timestamp() >= keys.day * DAY_SECONDS + SESSION_CAP_SECONDS
    return replace(keys, former=b"") if over else keys


def _load(file: int) -> _Keys:
    found = os.fstat(file)
    if found.st_uid != os.geteuid():
        raise KeyFileError("The key file must belong to our own user.")
    if found.st_mode & 0o077:
        raise KeyFileError("Others can read the key file; set its mode to 0600.")
    return _parse(os.pread(file, 4096, 0))


def _parse(line: bytes) -> _Keys:
    found = _LINE.fullmatch(line)
    if not found:
        raise KeyFileError("The key is too short or not ours; make a new one.")
    number, *keys = found.groups()
    return _Keys(int(number), *(bytes.fromhex(one.strip(b"-").decode()) for one in keys))
