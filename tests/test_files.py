import os
from pathlib import Path

import pytest

from bot.files import read_folder
from bot.problems import BookError


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def _rules(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(BookError) as caught:
        read_folder(root)
    return [(problem.path, problem.rule) for problem in caught.value.problems]


def test_the_books_files_are_read(tmp_path: Path) -> None:
    """YAML, CSV and transcripts are read by their path in the folder; the rest is left."""
    wanted = ["book.yaml", "directory/a.yaml", "transcripts/en/one.txt", "zips.csv"]
    _write(tmp_path, *wanted)
    _write(tmp_path, "README.md", "notes.txt", ".book.yaml", ".git/a.yaml", "directory/.a.yaml")
    assert read_folder(tmp_path) == {name: name.encode() for name in wanted}


def test_links_inside_are_read_and_outside_refused(tmp_path: Path) -> None:
    """A link may stay in the folder; one that leads out, and a broken one, are problems."""
    _write(tmp_path, "flows/a.yaml", "secret.yaml")
    root = tmp_path / "flows"
    (root / "b.yaml").symlink_to("a.yaml")
    assert set(read_folder(root)) == {"a.yaml", "b.yaml"}
    (root / "c.yaml").symlink_to("../secret.yaml")
    (root / "d.yaml").symlink_to("nowhere.yaml")
    assert _rules(root) == [("c.yaml", "link"), ("d.yaml", "unreadable")]


def test_a_large_file_is_cut_just_over_the_limit(tmp_path: Path) -> None:
    """A file over 1 MB comes long enough to be refused by the parser, and no longer."""
    (tmp_path / "a.yaml").write_bytes(b"#" * (3 << 20))
    assert len(read_folder(tmp_path)["a.yaml"]) == (1 << 20) + 1


def test_an_absent_folder_is_a_problem(tmp_path: Path) -> None:
    """No folder, or a file in its place, is one problem with a plain sentence."""
    _write(tmp_path, "file")
    for name in ("absent", "file"):
        assert _rules(tmp_path / name) == [(str(tmp_path / name), "no-folder")]


def test_what_is_not_a_file_is_never_waited_for(tmp_path: Path) -> None:
    """A pipe with a book's name is a problem, not a wait without end."""
    os.mkfifo(tmp_path / "a.yaml")
    assert _rules(tmp_path) == [("a.yaml", "unreadable")]
