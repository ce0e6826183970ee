"""Scores the reading against the corpus: `python -m tests.reading.score [--misses]`.

Rows are split by a fixed hash of their text: the seen half may be looked at while words
are written, the unseen half is only ever scored.
"""

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.flow.book import Book
from bot.reading import Reading
from bot.text.crossings import km
from bot.text.gazetteer import PlaceReading
from bot.text.normalise import tokens
from tests.chat import shipped

CORPUS = Path(__file__).parent / "corpus"
Row = dict[str, str]


def rows() -> Iterator[Row]:
    """Give every labelled text, its line breaks restored."""
    for path in sorted(CORPUS.glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield {**row, "text": row["text"].replace("\\n", "\n"), "file": path.stem}


def unseen(row: Row) -> bool:
    """Say whether a row is only scored, never looked at."""
    return hashlib.sha256(row["text"].encode()).digest()[0] % 2 == 1


@dataclass
class Tally:
    """Right answers among all, and the wrong ones."""

    right: int = 0
    total: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, row: Row, got: object, *, right: bool) -> None:
        """Count one row."""
        self.total += 1
        self.right += right
        if not right:
            self.misses.append(f"{row['text']!r} is {row['kind']}: got {got!r}")

    @property
    def share(self) -> float:
        """Give the share of right answers; 1 when there was none to give."""
        return self.right / self.total if self.total else 1.0


@dataclass(frozen=True)
class Score:
    """All tallies of one half."""

    tallies: dict[str, Tally]

    def of(self, name: str) -> Tally:
        """Give the tally of one measure."""
        return self.tallies.setdefault(name, Tally())


def score(book: Book, chosen: Callable[[Row], bool]) -> Score:
    """Read every chosen row and count."""
    found = Score({})
    for row in rows():
        if chosen(row):
            _row(book, row, book.lexicon.read(row["text"]), found)
    return found


def _row(book: Book, row: Row, reading: Reading, found: Score) -> None:
    kind = row["kind"].split(":")[0]
    danger, stopped = reading.danger, reading.command == "stop"
    if row["danger"] != "-":
        classes = row["danger"].split("|")
        found.of("danger recall").add(row, danger, right=bool(danger))
        found.of("danger class").add(row, danger, right=danger in classes)
        found.of(f"danger {classes[0]}").add(row, danger, right=bool(danger))
    elif kind != "stop":
        found.of("no false danger").add(row, danger, right=not danger)
        if kind == "ordinary":
            found.of("ordinary quiet").add(
                row, danger or stopped, right=not danger and not stopped
            )
    if row["stop"] == "yes":
        found.of("stop recall").add(row, reading.command, right=stopped)
    else:
        found.of("no false stop").add(row, reading.command, right=not stopped)
    if row["language"] in ("en", "es") and kind != "place":
        got = reading.language or book.default
        found.of("language").add(row, got, right=got == row["language"])
    _place_and_need(book, row, reading, found)
    _asking(row, reading, found)


def _place_and_need(book: Book, row: Row, reading: Reading, found: Score) -> None:
    kind = row["kind"]
    if kind == "place":
        alone = book.gazetteer.find(reading.words, alone=True)
        found.of("place alone").add(row, alone, right=same_place(book, row["place"], alone))
    if kind == "need" and row["place"] != "-":
        right = needs_fit(row["needs"], reading.needs)
        placed = same_place(book, row["place"], reading.place)
        read = (reading.needs, reading.place.kind, reading.place.ids, row["needs"], row["place"])
        found.of("need and place").add(row, read, right=right and placed)
        found.of("need").add(row, read, right=right)
        found.of("place in text").add(row, read, right=placed)


def _asking(row: Row, reading: Reading, found: Score) -> None:
    kind = row["kind"].split(":")[0]
    if kind == "name":
        wanted = row["kind"].split(":", 1)[1]
        found.of("name").add(row, reading.services, right=wanted in reading.services)
    if kind in ("buyer", "hunter"):
        found.of("refused").add(row, reading.trigger, right=reading.trigger == "refusal")
    if kind == "holder":
        found.of("holder").add(row, reading.command, right=reading.command == "help")
    if kind == "erase":
        found.of("erase").add(row, reading.command, right=reading.command in ("erase", "hide"))


def needs_fit(labels: str, needs: tuple[str, ...]) -> bool:
    """Say whether the needs are those asked for, in any order; `a|b` allows either."""
    wanted = [set(label.split("|")) for label in labels.split(",") if label != "-"]
    return all(set(needs) & one for one in wanted) and set(needs) <= set().union(*wanted)


def same_place(book: Book, label: str, got: PlaceReading) -> bool:
    """Say whether a place is the labelled one: the same, or less than 1.5 km from it."""
    if label == "-":
        return got.kind == "none"
    if label in ("ask", "outside"):
        kinds = ("several", "unclear", "none") if label == "ask" else ("outside",)
        return got.kind in kinds
    if got.kind != "one":
        return False
    wanted = book.gazetteer.get(label)
    if wanted is None:
        other = book.gazetteer.find(tokens(label.replace("-", " ")), alone=True)
        wanted = book.gazetteer.get(other.ids[0]) if other.ids else None
    place = book.gazetteer.get(got.ids[0])
    return bool(wanted and place and (wanted.id == place.id or km(wanted.at, place.at) < 1.5))


def main() -> None:
    """Print both halves side by side; --misses shows what the seen half gets wrong."""
    book = shipped()
    seen, hidden = score(book, lambda row: not unseen(row)), score(book, unseen)
    sys.stdout.write(f"{'measure':22} {'seen':>16} {'unseen':>16}\n")
    for name in sorted({*seen.tallies, *hidden.tallies}):
        halves = [f"{t.right}/{t.total} {t.share:7.1%}" for t in (seen.of(name), hidden.of(name))]
        sys.stdout.write(f"{name:22} {halves[0]:>16} {halves[1]:>16}\n")
    if "--misses" in sys.argv:
        for name, tally in sorted(seen.tallies.items()):
            for miss in tally.misses:
                sys.stdout.write(f"{name}: {miss}\n")
    sys.stdout.write(f"{dict(Counter(row['kind'].split(':')[0] for row in rows()))}\n")


if __name__ == "__main__":
    main()
