"""The ratcheted daily key: numbers become names in the store, and only for a day.

The file holds one line: format, UTC day, key, former key or dashes (32 bytes each, in hex).
Every UTC day its key is replaced by a one-way function of itself, so whoever takes the
machine tomorrow opens nothing of today, and machines started from one file stay in step.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.conversation import SESSION_CAP_SECONDS, SessionKey

DAY_SECONDS = 86400
_LINE = re.compile(rb"porchlight-key-1 (\d{7}) ([0-9a-f]{64}) ([0-9a-f]{64}|-{64})\n")
_LABEL = b"porchlight ratchet 1"
_USES = ("name", "seal")


class KeyFileError(Exception):
    """The key file cannot be used; says why, never what is in it."""


@dataclass(frozen=True)
class _Keys:
    day: int
    key: bytes = field(repr=False)
    former: bytes | None = field(default=None, repr=False)

    def line(self) -> bytes:
        former = self.former.hex() if self.former else "-" * 64
        return f"porchlight-key-1 {self.day:07} {self.key.hex()} {former}\n".encode()


class Keyring:
    """Makes session keys from the key file at `path`; threads and processes may share it."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def session_key(self, address: str, now: datetime) -> SessionKey:
        """Make the key of one address; also yesterday's in the day's first hour (UTC).

        Raises KeyFileError.
        """
        keys = self.turn(now)
        former = _derive(keys.former, address) if keys.former else None
        return replace(_derive(keys.key, address), former=former)

    def turn(self, now: datetime) -> _Keys:
        """Ratchet and erase what is due; cheap when nothing is. Raises KeyFileError.

        Call it every minute: on a quiet night no text comes, yet the old key must go.
        """
        try:
            opened = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW)
            with os.fdopen(opened, "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                stored = _load(opened)
                keys = _turned(stored, now)
                if keys != stored:
                    # In place, because a new file leaves the old key in the disk's free
                    # blocks; one short line of fixed length is written whole or not at all.
                    os.pwrite(opened, keys.line(), 0)
                    os.fsync(opened)
                return keys
        except OSError:
            raise KeyFileError("The key file is absent, a link, or cannot be written.") from None


def new(path: str | Path, now: datetime) -> None:
    """Make a key file, mode 0600. Raises KeyFileError when there is one already."""
    try:
        with tempfile.NamedTemporaryFile(dir=Path(path).parent, buffering=0) as fresh:
            fresh.write(_Keys(_day(now), secrets.token_bytes(32)).line())
            os.fsync(fresh.fileno())
            # Linked when it is whole: no other worker meets half a file, none is replaced.
            os.link(fresh.name, path)
    except FileExistsError:
        raise KeyFileError("There is a key file already; it was left as it is.") from None
    except OSError:
        raise KeyFileError("The key file's folder cannot be written to.") from None


def mark(message_id: str) -> str:
    """Hash a message's id into 16 hex characters, the same on every day.

    Not keyed: marks lie only inside the seal, and must match across the key's turn.
    """
    return hashlib.sha256(b"porchlight mark 1|" + message_id.encode()).hexdigest()[:16]


def _derive(key: bytes, address: str) -> SessionKey:
    name, seal = (hmac.digest(key, f"{use}|{address}".encode(), "sha256") for use in _USES)
    return SessionKey(name[:16].hex(), seal)


def _day(now: datetime) -> int:
    return int(now.timestamp()) // DAY_SECONDS


def _turned(keys: _Keys, now: datetime) -> _Keys:
    ahead = keys.day - _day(now)
    # A clock a day behind the file waits. One further behind was wrong before: the key goes
    # a step forward, never back, and takes the right day so that it turns daily again.
    for _ in range(1 if ahead > 1 else -ahead):
        keys = _Keys(_day(now), hmac.digest(keys.key, _LABEL, "sha256"), keys.key)
    over = now.timestamp() >= keys.day * DAY_SECONDS + SESSION_CAP_SECONDS
    return replace(keys, former=None) if over else keys


def _load(file: int) -> _Keys:
    found = os.fstat(file)
    if found.st_uid != os.geteuid():
        raise KeyFileError("The key file must belong to our own user.")
    if found.st_mode & 0o077:
        raise KeyFileError("Others can read the key file; set its mode to 0600.")
    line = _LINE.fullmatch(os.pread(file, 4096, 0))
    if not line:
        raise KeyFileError("The key file is too short or not ours; make a new one.")
    former = None if line[3].startswith(b"-") else bytes.fromhex(line[3].decode())
    return _Keys(int(line[1]), bytes.fromhex(line[2].decode()), former)
