"""Reads the book's folder into memory; everything after works on bytes."""

import os
from pathlib import Path

from bot.problems import BookError, Problem

_ONE_OVER = (1 << 20) + 1
"""A file over 1 MB is cut here: long enough for the parser to refuse it."""


def read_folder(path: str | Path) -> dict[str, bytes]:
    """Read the book's files: path with slashes, relative to the folder -> content.

    Takes *.yaml, *.csv and transcripts/*.txt, skips hidden names. Raises BookError for
    an absent folder, an unreadable file, or a link that leads out of the folder.
    """
    root = Path(path)
    if not root.is_dir():
        raise BookError([Problem(str(path), 1, 1, "no-folder", "There is no such folder.")])
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for name in sorted(_names(root)):
        try:
            # A link out of the folder could show any file of this machine in a text.
            file = (root / name).resolve(strict=True)
            if not file.is_relative_to(root.resolve()):
                problems.append(_problem(name, "link", "This links to a file outside the book."))
            else:
                files[name] = _read(file)
        except OSError:
            problems.append(_problem(name, "unreadable", "This file cannot be read."))
    if problems:
        raise BookError(problems)
    return files


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise OSError
    with path.open("rb") as file:
        return file.read(_ONE_OVER)


def _names(root: Path) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(root)
        found += [(inside / name).as_posix() for name in names if not name.startswith(".")]
    return [name for name in found if _wanted(name)]


def _wanted(name: str) -> bool:
    transcript = name.startswith("transcripts/") and name.endswith(".txt")
    return transcript or name.endswith((".yaml", ".csv"))


def _problem(name: str, rule: str, message: str) -> Problem:
    return Problem(name, 1, 1, rule, message)
