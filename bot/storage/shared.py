"""What the workers of one machine share: memory without a name, gone when the last of them is.

Nothing of it is in Redis or on a disk. It has no lock, because a killed worker would hold it
for ever; of two that write at once one may be forgotten.
"""

import mmap
import struct
from datetime import datetime
from typing import cast

from bot.conversation import DOUBTS

_PAIR = struct.Struct("qq")


class Shared:
    """Counts the replies of a day (UTC), and holds the doubts of a Conversation.

    Make it before the workers are forked.
    """

    def __init__(self, replies: int) -> None:
        self._most = replies
        self._count = mmap.mmap(-1, _PAIR.size)
        self.doubts = cast("bytearray", mmap.mmap(-1, DOUBTS))

    def spent(self, now: datetime) -> bool:
        """Tell whether today's replies are used up."""
        return self._today(now) >= self._most

    def count(self, now: datetime) -> bool:
        """Count one reply; tell whether it is the last that the day's budget pays."""
        count = self._today(now) + 1
        _PAIR.pack_into(self._count, 0, _day(now), count)
        return count == self._most

    def _today(self, now: datetime) -> int:
        day, count = _PAIR.unpack_from(self._count)
        return int(count) if day == _day(now) else 0


def _day(now: datetime) -> int:
    return int(now.timestamp()) // 86400
