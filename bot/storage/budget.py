"""How many replies went out today from this machine: one number that all its workers share."""

import mmap
import struct
from datetime import datetime

_PAIR = struct.Struct("qq")


class Budget:
    """Counts the replies of each day (UTC); make it before the workers are forked."""

    def __init__(self, replies: int) -> None:
        self._most = replies
        # Memory without a name, shared over forks: nothing of it in Redis or on a disk. And no
        # lock that a killed worker could hold for ever; two at once may count as one.
        self._shared = mmap.mmap(-1, _PAIR.size)

    def spent(self, now: datetime) -> bool:
        """Tell whether today's replies are used up."""
        return self._today(now) >= self._most

    def count(self, now: datetime) -> bool:
        """Count one reply; tell whether it is the last that the day's budget pays."""
        count = self._today(now) + 1
        _PAIR.pack_into(self._shared, 0, _day(now), count)
        return count == self._most

    def _today(self, now: datetime) -> int:
        day, count = _PAIR.unpack_from(self._shared)
        return int(count) if day == _day(now) else 0


def _day(now: datetime) -> int:
    return int(now.timestamp()) // 86400
