"""Sends the whole line anything at all: `python -m tests.reliability.soak STEPS MINUTES`.

Prints what was sent, what was wrong and the memory in use; fails when anything was wrong, or
when memory grew by more than a tenth after the first quarter.
"""

import json
import logging
import random
import sys
import time
from pathlib import Path

from bot.app import running
from bot.settings import Settings
from tests.chat import shipped
from tests.reliability.hostile import Crowd

TOLD = 20
"""So many times the memory is printed."""
OWN = {"turn-error", "safe-reply", "fault", "log-refused"}
"""What the line tells of bugs of its own."""


def memory() -> int:
    """Give the resident memory of this process in KB."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


def soak(crowd: Crowd, steps: int, seconds: float) -> list[int]:
    """Take so many steps, or as many as there is time for; give the memory on the way, in KB."""
    held, start, n = [memory()], time.monotonic(), 0
    sys.stdout.write(f"0 steps, {held[0] // 1024} MB\n")
    with crowd.listening():
        while n < steps and time.monotonic() < start + seconds:
            crowd.step()
            n += 1
            done = max(n / steps, (time.monotonic() - start) / seconds)
            if done * TOLD >= len(held):
                held.append(memory())
                wrong = json.dumps(crowd.wrong)
                sys.stdout.write(f"{n} steps, {held[-1] // 1024} MB, wrong: {wrong}\n")
                sys.stdout.flush()
    return held


def main(steps: int, minutes: float) -> int:
    """Run and print; give the exit status."""
    logger = logging.getLogger("porchlight")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    with running(Settings.from_env({"PORCHLIGHT_DAILY_REPLIES": "99999999"})) as settings:
        crowd = Crowd(settings, shipped(), random.Random(steps))
        held = soak(crowd, steps, minutes * 60)
    seen = crowd.troubles.seen
    sys.stdout.write(f"sent: {json.dumps(crowd.sent)}\nthe line's own log: {json.dumps(seen)}\n")
    flat = held[-1] < 1.1 * held[len(held) // 4]
    return 0 if flat and not crowd.wrong and not OWN & seen.keys() else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
