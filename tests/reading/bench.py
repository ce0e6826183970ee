"""Prints what reading costs: `python -m tests.reading.bench`. Nothing is asserted."""

import statistics
import sys
import time
from collections.abc import Callable

from tests.chat import shipped
from tests.reading.score import rows

HOSTILE = (
    "a " * 800,
    "6th and " * 200,
    "6th&alvarado " * 120,
    "shelte " * 228,
    "he has " * 228,
    "needshelter" * 145,
    "x" * 1600,
    "1" * 1600,
    " ".join(f"zq{n}wv" for n in range(230)),
    "\u00e1\u0301" * 800,
)
"""Texts of 1,600 characters made to be slow."""


def main() -> None:
    """Read every text of the corpus once, then each hostile one five times."""
    read = shipped().lexicon.read
    texts = [row["text"] for row in rows()]
    costs = sorted(_cost(read, text) for text in texts)
    worst = max(min(_cost(read, text) for _ in range(5)) for text in HOSTILE)
    median, late = statistics.median(costs), costs[int(0.95 * len(costs))]
    sys.stdout.write(f"{len(texts)} texts: median {median:.0f} us, 95 % under {late:.0f} us\n")
    sys.stdout.write(f"worst of {len(HOSTILE)} hostile texts: {worst / 1000:.1f} ms\n")
    sys.stdout.write(f"worst is {worst / median:.0f} times the median\n")


def _cost(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return (time.process_time() - start) * 1e6


if __name__ == "__main__":
    main()
