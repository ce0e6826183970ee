import pytest

from bot.source import read

AS_TYPED = [
    ("no", "no"),
    ("on", "on"),
    ("YES", "YES"),
    ("22:00", "22:00"),
    ("10:00", "10:00"),
    ("09:00", "09:00"),
    ("9:30", "9:30"),
    ("01234", "01234"),
    ("011", "011"),
    ("02134", "02134"),
    ("0x1f", "0x1f"),
    ("1_000", "1_000"),
    ("1.10", "1.10"),
    ("+12135554357", "+12135554357"),
    ("2135554357", "2135554357"),
    ("2026-03-08", "2026-03-08"),
    ("=", "="),
    ("'null'", "null"),
    ("'~'", "~"),
    ("", None),
    ("~", None),
    ("null", None),
]


@pytest.mark.parametrize(("typed", "kept"), AS_TYPED)
def test_scalars(typed: str, kept: str | None) -> None:
    """Every scalar stays the text that staff typed."""
    document, problems = read("a.yaml", f"key: {typed}\n")

    assert problems == []
    assert document is not None
    assert document.data == {"key": kept}


def test_keys_stay_text() -> None:
    """A key that YAML takes for a truth value or a number stays a word."""
    document, _ = read("a.yaml", "no: 1\non: 2\n911: 3\n")

    assert document is not None
    assert document.data == {"no": "1", "on": "2", "911": "3"}


FAULTS = [
    ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1, "line 1"),
    ("a: &x 1\n", "no-alias", 1, 4, "&name"),
    ("a: *x\n", "no-alias", 1, 4, "*names"),
    ("a: !!int 3\n", "no-tag", 1, 4, "!tag"),
    ("a: !!python/object:os.system x\n", "no-tag", 1, 4, "!tag"),
    ("{{a: 1}: 2}\n", "plain-key", 1, 2, "plain text"),
    ("a: 1\n---\nb: 2\n", "one-document", 2, 1, "one document"),
    ("a: b: c\n", "syntax", 1, 5, "quotes"),
    ("a: @home\n", "syntax", 1, 4, "quotes"),
    ("a:\n\tb: 1\n", "syntax", 2, 1, "tab"),
    ("a: 'open\n", "syntax", 2, 1, "never closed"),
    ("a: [1, 2\n", "syntax", 2, 1, "YAML"),
    ("a: \x07\n", "syntax", 1, 1, "control character"),
    ("- " * 25 + "a\n", "too-deep", 1, 41, "20 levels"),
]


@pytest.mark.parametrize(("source", "rule", "line", "column", "words"), FAULTS)
def test_faults(source: str, rule: str, line: int, column: int, words: str) -> None:
    """Each trap is refused at its line and column, in words that help."""
    _, problems = read("a.yaml", source)

    assert (rule, line, column) in [(one.rule, one.line, one.column) for one in problems]
    assert any(words in one.message for one in problems)


def test_not_utf8() -> None:
    """A file in another encoding is refused with the line of its first bad byte."""
    document, problems = read("a.yaml", b"a: 1\nb: \xff\n")

    assert document is None
    assert [(one.rule, one.line) for one in problems] == [("not-utf8", 2)]


def test_byte_order_mark() -> None:
    """A file saved with a byte order mark reads like any other."""
    document, problems = read("a.yaml", b"\xef\xbb\xbfa: 1\n")

    assert problems == []
    assert document is not None
    assert document.data == {"a": "1"}


def test_too_big() -> None:
    """A file over 1 MB is refused before it is parsed."""
    document, problems = read("a.yaml", b"a: " + b"x" * 1_000_001)

    assert document is None
    assert [one.rule for one in problems] == ["too-big"]


def test_alias_bomb() -> None:
    """Nested aliases are refused and never expanded."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    _, problems = read("a.yaml", bomb)

    assert {one.rule for one in problems} == {"no-alias"}


def test_depth_bomb() -> None:
    """Two thousand levels are a problem, not a crash."""
    document, problems = read("a.yaml", "[" * 2000 + "]" * 2000)

    assert document is None
    assert "too-deep" in {one.rule for one in problems}


def test_cut_text() -> None:
    """A plain text that loses its end to a comment is remembered."""
    document, _ = read("a.yaml", "a: call 911 #1\nb: 'call #1'\nc: call#1\n")

    assert document is not None
    assert document.cut == {("a",)}


def test_several_faults_at_once() -> None:
    """One reading gives every duplicate key, not the first only."""
    _, problems = read("a.yaml", "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")

    assert [one.line for one in problems] == [2, 5]
