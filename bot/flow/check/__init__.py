"""Proves the whole book: every rule over every file, all problems at once.

A rule is a generator function; its name is the rule's name and its docstring is the
paragraph about it in the staff guide.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.flow.book import Book
from bot.flow.check import links, texts, transcripts, words
from bot.problems import Problem

Rule = Callable[[Book], Iterator[Problem]]

RULES: tuple[Rule, ...] = (*links.RULES, *words.RULES, *texts.RULES)


def check(book: Book, now: datetime) -> list[Problem]:
    """Run every rule, then play every transcript; sorted by file and line."""
    found = [problem for rule in RULES for problem in rule(book)]
    found += texts.too_long(book, now)
    found += texts.lock_screen(book, now)
    found += transcripts.failures(book)
    return sorted(set(found))
