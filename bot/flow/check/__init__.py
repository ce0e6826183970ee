"""Proves the whole book: every rule over every file, all problems at once."""

from bot.flow.book import Book
from bot.flow.check import links, texts, transcripts, words
from bot.flow.check.rule import RULES
from bot.problems import Problem

__all__ = ["RULES", "check", "links", "texts", "words"]


def check(book: Book) -> list[Problem]:
    """Run every rule, then play every transcript; sorted by file and line."""
    found = [problem for rule in RULES for problem in rule(book)]
    return sorted({*found, *transcripts.failures(book)})
