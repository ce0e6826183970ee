"""The ratcheted daily key: numbers become names in the store, and only for a day.

The file holds one line: format, UTC day, key, former key or "-" (32 bytes each, in hex).
Every UTC day its key is replaced by a one-way function of itself, so whoever takes the
machine tomorrow opens nothing of today, and machines started from one file stay in step.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.conversation import SESSION_CAP_SECONDS, SessionKey

DAY_SECONDS = 86400
_FORMAT = "porchlight-key-1"
_LINE = re.compile(rf"{_FORMAT} (\d{{1,7}}) ([0-9a-f]{{64}}) ([0-9a-f]{{64}}|-)\n")
_LABEL = b"porchlight ratchet 1"
_LONGEST = 4096


class KeyFileError(Exception):
    """The key file cannot be used; says why, never what is in it."""


@dataclass(frozen=True)
class _Keys:
    day: int
    key: bytes = field(repr=False)
    former: bytes | None = field(default=None, repr=False)


class Keyring:
    """Makes session keys from the key file at `path`; threads and processes may share it."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._keys: _Keys | None = None

    def session_key(self, address: str, now: datetime) -> SessionKey:
        """Make the key of one address; also yesterday's in the day's first hour (UTC).

        Raises KeyFileError.
        """
        keys = self._current(now)
        former = _derive(keys.former, address, None) if keys.former else None
        return _derive(keys.key, address, former)

    def turn(self, now: datetime) -> None:
        """Ratchet and erase what is due; cheap when nothing is. Raises KeyFileError.

        Call it every minute: on a quiet night no text comes, yet the old key must go.
        """
        self._current(now)

    def _current(self, now: datetime) -> _Keys:
        with self._lock:
            keys = self._read()
            if _turned(keys, now) == keys:
                return keys
            with _locked(self._path):
                # Another process may have turned it while we waited for the lock.
                stored = _load(self._path)
                keys = _turned(stored, now)
                if keys != stored:
                    _write(self._path, keys)
            self._keys = None
            return keys

    def _read(self) -> _Keys:
        try:
            found = self._path.stat()
        except OSError:
            raise KeyFileError("The key file cannot be read.") from None
        seen = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode, found.st_uid)
        if self._keys is None or seen != self._seen:
            with _locked(self._path):
                self._keys = _load(self._path)
            self._seen = seen
        return self._keys


def new(path: str | Path, now: datetime) -> None:
    """Make a key file, mode 0600. Raises KeyFileError when there is one already."""
    target = Path(path)
    with _locked(target):
        if target.exists() or target.is_symlink():
            raise KeyFileError("There is a key file already; it was left as it is.")
        _write(target, _Keys(_day(now), secrets.token_bytes(32)))


def mark(message_id: str) -> str:
    """Hash a message's id into 16 hex characters, the same on every day.

    Not keyed: marks lie only inside the seal, and must match across the key's turn.
    """
    return hashlib.sha256(b"porchlight mark 1|" + message_id.encode()).hexdigest()[:16]


def _derive(key: bytes, address: str, former: SessionKey | None) -> SessionKey:
    name = _hmac(key, b"name|" + address.encode())[:16].hex()
    return SessionKey(name, _hmac(key, b"seal|" + address.encode()), former)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _day(now: datetime) -> int:
    return int(now.timestamp()) // DAY_SECONDS


def _turned(keys: _Keys, now: datetime) -> _Keys:
    today = _day(now)
    # A clock a day back waits until it catches up. One that is further back was wrong before:
    # the key still goes forward, never back, and takes the right day so that it turns daily.
    steps = 1 if keys.day > today + 1 else max(0, today - keys.day)
    for _ in range(steps):
        keys = _Keys(keys.day, _hmac(keys.key, _LABEL), keys.key)
    keys = replace(keys, day=today) if steps else keys
    over = now.timestamp() >= keys.day * DAY_SECONDS + SESSION_CAP_SECONDS
    return replace(keys, former=None) if over else keys


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError:
        raise KeyFileError("The key file's folder cannot be written to.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _load(path: Path) -> _Keys:
    try:
        given = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise KeyFileError("The key file cannot be read, or is a link.") from None
    try:
        found = os.fstat(given)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise KeyFileError("The key file must be a file that belongs to our own user.")
        if found.st_mode & 0o077:
            raise KeyFileError("Others can read the key file; set its mode to 0600.")
        line = _LINE.fullmatch(os.read(given, _LONGEST).decode("ascii", "replace"))
    finally:
        os.close(given)
    if not line:
        raise KeyFileError("The key file is too short or not ours; make a new one.")
    former = None if line[3] == "-" else bytes.fromhex(line[3])
    return _Keys(int(line[1]), bytes.fromhex(line[2]), former)


def _write(path: Path, keys: _Keys) -> None:
    fresh = Path(f"{path}.new")
    former = keys.former.hex() if keys.former else "-"
    try:
        fresh.unlink(missing_ok=True)
        made = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(made, "wb") as file:
            file.write(f"{_FORMAT} {keys.day} {keys.key.hex()} {former}\n".encode())
            file.flush()
            os.fsync(made)
        _replace(fresh, path)
    except OSError:
        raise KeyFileError("The key file cannot be written.") from None


def _replace(fresh: Path, path: Path) -> None:
    old = os.open(path, os.O_WRONLY | os.O_NOFOLLOW) if path.exists() else None
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    if old is not None:
        # Renaming alone leaves the old key in the disk's free blocks for whoever seizes it.
        os.pwrite(old, bytes(os.fstat(old).st_size), 0)
        os.fsync(old)
        os.close(old)
