"""Reads the book's folder into memory; everything after works on bytes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.problems import BookError, Problem

_WANTED = ("**/*.yaml", "**/*.csv", "transcripts/**/*.txt", "ordinary/*.txt")
_ONE_OVER = (1 << 20) + 1
"""A file over 1 MB is cut here: long enough for the parser to refuse it."""


def read_folder(path: str | Path) -> dict[str, bytes]:
    """Read the book's files: path with slashes, relative to the folder -> content.

    Raises BookError for an absent folder, an unreadable file, or a link that leads out of it.
    """
    root = Path(path)
    if not root.is_dir():
        raise BookError([Problem(str(path), 1, 1, "no-folder", "There is no such folder.")])
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for name in sorted(set(_names(root))):
        fault = Problem(name, 1, 1, "unreadable", "This file cannot be read.")
        with suppress(OSError):
            # A link out of the folder could show any file of this machine in a text.
            file = (root / name).resolve(strict=True)
            if not file.is_relative_to(root.resolve()):
                fault = Problem(name, 1, 1, "link", "This links to a file outside the book.")
            elif file.is_file():  # a pipe would be waited for without end
                with file.open("rb") as opened:
                    files[name] = opened.read(_ONE_OVER)
                continue
        problems.append(fault)
    if problems:
        raise BookError(problems)
    return files


def stamp(path: str | Path) -> frozenset[tuple[str, int, int, int]]:
    """Give what changes whenever a file of the book does, without reading any; never raises."""
    found = set()
    for name in _names(Path(path)):
        with suppress(OSError):
            file = (Path(path) / name).stat()
            found.add((name, file.st_mtime_ns, file.st_size, file.st_ino))
    return frozenset(found)


def _names(root: Path) -> Iterator[str]:
    for one in _WANTED:
        for file in root.glob(one):
            name = file.relative_to(root).as_posix()
            if "/." not in f"/{name}":
                yield name
