"""Reads the book's folder into memory; everything after works on bytes."""

from contextlib import suppress
from pathlib import Path

from bot.problems import BookError, Problem

_WANTED = ("**/*.yaml", "**/*.csv", "transcripts/**/*.txt", "ordinary/*.txt")
_ONE_OVER = (1 << 20) + 1
"""A file over 1 MB is cut here: long enough for the parser to refuse it."""


def read_folder(path: str | Path) -> dict[str, bytes]:
    """Read the book's files: path with slashes, relative to the folder -> content.

    Takes YAML, CSV, transcripts and everyday words, skips hidden names. Raises BookError for
    an absent folder, an unreadable file, or a link that leads out of the folder.
    """
    root = Path(path)
    if not root.is_dir():
        raise BookError([Problem(str(path), 1, 1, "no-folder", "There is no such folder.")])
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    names = {file.relative_to(root).as_posix() for one in _WANTED for file in root.glob(one)}
    for name in sorted(name for name in names if "/." not in f"/{name}"):
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
