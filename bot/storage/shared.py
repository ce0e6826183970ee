"""What the workers of one machine share: memory without a name, gone when the last of them is.

Nothing of it is in Redis or on a disk. It has no lock, because a killed worker would hold it
for ever; of two that write at once one may be forgotten.
"""

import mmap
from datetime import datetime

from bot.conversation import DOUBTS
from bot.storage.keys import day


class Shared:
    """Counts a day's replies (UTC), holds a Conversation's doubts; made before workers fork."""

    def __init__(self, replies: int) -> None:
        self._most = replies
        self._sent = memoryview(mmap.mmap(-1, 16)).cast("q")
        self.doubts = memoryview(mmap.mmap(-1, DOUBTS))

    def spent(self, now: datetime) -> bool:
        """Tell whether today's replies are used up."""
        return self._today(now) >= self._most

    def count(self, now: datetime) -> bool:
        """Count one reply; tell whether it is the last that the day's budget pays."""
        self._sent[1], self._sent[0] = self._today(now) + 1, day(now)
        return self._sent[1] == self._most

    def _today(self, now: datetime) -> int:
        return self._sent[1] if self._sent[0] == day(now) else 0
