"""Counts of searches: gathered in this process, merged into sealed records once a minute.

A count says what was looked for on a day, or where in a week, never both. Written apart from
the turn that caused it, so that the order of writes ties no person to a count.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.conversation import ATTEMPTS, SessionKey, StoreError
from bot.storage.redis import BUCKET, RedisSessions

KEPT_SECONDS = 400 * 86400
"""A period's counts go by themselves after thirteen months."""


@dataclass(frozen=True)
class Counts:
    """Counts by period, such as "2026-11-22" or "2026-W47"; threads may share it."""

    sessions: RedisSessions
    key: Callable[[str], SessionKey]
    """Period -> what names and seals its record; see Keyring.counts_key."""
    waiting: dict[str, Counter[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, period: str, name: str) -> None:
        """Count one; kept in memory until the next flush."""
        with self.lock:
            self.waiting.setdefault(period, Counter())[name] += 1

    def flush(self) -> None:
        """Merge what waits into the store; what cannot be written waits on. Raises StoreError."""
        for period in list(self.waiting):
            with self.lock:
                taken = self.waiting.pop(period, Counter())
            try:
                self._merge(period, taken)
            except BaseException:
                with self.lock:
                    self.waiting.setdefault(period, Counter()).update(taken)
                raise

    def read(self, period: str) -> Counter[str]:
        """Give one period's counts by name. Raises StoreError."""
        return _decode(self.sessions.get(self.key(period))[1])

    def _merge(self, period: str, more: Counter[str]) -> None:
        key = self.key(period)
        for _ in range(ATTEMPTS):
            version, plain = self.sessions.get(key)
            if self.sessions.put(key, version, _encode(_decode(plain) + more), KEPT_SECONDS):
                return
        raise StoreError("Others are writing the same counts.")


def _decode(plain: bytes) -> Counter[str]:
    return Counter(json.loads(plain or b"{}"))


def _encode(counts: Counter[str]) -> bytes:
    """Write the counts; the rarest go when a record of the one length cannot hold them all."""
    for kept in range(len(counts), 0, -1):
        plain = json.dumps(dict(counts.most_common(kept)), separators=(",", ":")).encode()
        if len(plain) <= BUCKET:
            return plain
    return b"{}"
