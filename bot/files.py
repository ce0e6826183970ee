"""Reads the book's folder into memory; everything after works on bytes."""

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
        try:
            # A link out of the folder could show any file of this machine in a text.
            file = (root / name).resolve(strict=True)
            if not file.is_relative_to(root.resolve()):
                message = "This links to a file outside the book."
                problems.append(Problem(name, 1, 1, "link", message))
                continue
            # A pipe would be waited for without end.
            if not file.is_file():
                raise OSError  # noqa: TRY301 told like any other
            with file.open("rb") as opened:
                files[name] = opened.read(_ONE_OVER)
        except OSError:
            problems.append(Problem(name, 1, 1, "unreadable", "This file cannot be read."))
    if problems:
        raise BookError(problems)
    return files
