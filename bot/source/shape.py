"""Fits what staff wrote to a declared shape, and says every misfit in plain words at its place."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from bot.problems import Problem
from bot.source.yaml import Document, Loc

ANY_LANGUAGE = ""
"""The key of a text written once, for every language."""


class Shape(BaseModel):
    """Base of everything staff write: frozen, no unknown names, fields explained to editors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True
    )


def _by_language(value: Any) -> Any:
    return {ANY_LANGUAGE: value} if isinstance(value, str | list) else value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_SCALAR = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
_SCALARS = [*_SCALAR, {"type": "array", "items": {"anyOf": _SCALAR}}]


def _schema(choices: list[dict[str, Any]]) -> WithJsonSchema:
    # Editors read YAML 1.2, where `1` is a number and `true` a truth value; we read both as text.
    whole = [*choices, {"type": "object", "additionalProperties": {"anyOf": choices}}]
    return WithJsonSchema({"anyOf": whole})


Text = Annotated[Mapping[str, str], BeforeValidator(_by_language), _schema(_SCALAR)]
"""One text, or a map from language code to text."""
Names = Annotated[
    tuple[str, ...], BeforeValidator(_one_or_more), WithJsonSchema({"anyOf": _SCALARS})
]
"""One name or a list of names."""
Words = Annotated[Mapping[str, Names], BeforeValidator(_by_language), _schema(_SCALARS)]
"""Words people type: one, a list, or a map from language code to one or a list."""


def say(text: Mapping[str, str], language: str, default: str) -> str:
    """Give a text in `language`, else as written for every language, else in `default`."""
    for code in (language, ANY_LANGUAGE, default):
        if code in text:
            return text[code]
    return next(iter(text.values()), "")


Fitted = TypeVar("Fitted", bound=Shape)


def fit(
    shape: type[Fitted], document: Document, at: Loc = ()
) -> tuple[Fitted | None, list[Problem]]:
    """Fit the value at `at` to `shape`; every misfit comes back as a problem."""
    data = reduce(getitem, at, document.data)
    if data is None:
        return None, [document.problem(at, "empty", "There is nothing here yet.")]
    try:
        return shape.model_validate(data), []
    except ValidationError as error:
        faults = (_problem(document, at, one) for one in error.errors(include_url=False))
        return None, list(dict.fromkeys(faults))


_SENTENCES = {
    "string": "Expected text here.",
    "int": "Expected a whole number, not `{input}`.",
    "float": "Expected a number, not `{input}`.",
    "bool": "Expected yes or no, not `{input}`.",
    "tuple": "Expected a list here.",
    "date": "Expected a date like 2026-11-22, not `{input}`.",
    **dict.fromkeys(("mapping", "dict", "model"), "Expected names with values here."),
}
"""By the first word of the library's name for a misfit: int_type and int_parsing are one."""
_SIZES = {
    "too_short": ("too-few", "At least {min_length} needed here."),
    "too_long": ("too-many", "At most {max_length} allowed here."),
}


def _problem(document: Document, at: Loc, fault: Any) -> Problem:
    loc = at + _known(document, at, fault["loc"])
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(fault["loc"][-1])
        hint = did_you_mean(name, _names(Shape))
        return document.problem(loc, "unknown-name", f"`{name}` is not known here.{hint}")
    if kind == "missing":
        return document.problem(loc, "missing", f"`{fault['loc'][-1]}` is missing here.")
    if kind == "union_tag_not_found":
        message = "A node needs one of `prompt`, `search`, `say` or `goto`."
        return document.problem(loc, "node-kind", message)
    if kind == "literal_error":
        given, expected = str(fault["input"]), context["expected"].replace("'", "`")
        hint = did_you_mean(given, re.findall("'(.*?)'", context["expected"]))
        return document.problem(loc, "unknown-value", f"`{given}` must be {expected}.{hint}")
    if kind == "value_error":
        return document.problem(loc, "value", str(context["error"]))
    if fault["input"] is None and _braces(document, loc):
        message = "Text that begins with { needs quotes."
        return document.problem(loc[:-1], "wrong-kind", message)
    if fault["input"] is None:
        return document.problem(loc, "empty", "There is nothing here; write a value or delete it.")
    if kind == "string_type" and isinstance(fault["input"], dict):
        message = "Expected text here; text that begins with { needs quotes."
        return document.problem(loc, "wrong-kind", message)
    sentence = _SENTENCES.get(kind.split("_")[0])
    known = ("wrong-kind", sentence) if sentence else ("value", fault["msg"])
    rule, sentence = _SIZES.get(kind, known)
    return document.problem(loc, rule, sentence.format(input=fault["input"], **context))


def _braces(document: Document, loc: Loc) -> bool:
    """Say whether `{name}` was written without quotes, which YAML takes for a map."""
    holder = reduce(getitem, loc[:-1], document.data)
    return isinstance(holder, dict) and all(value is None for value in holder.values())


def _known(document: Document, at: Loc, loc: Iterable[str | int]) -> Loc:
    # The library names union branches and missing fields in its path; keep what is in the file.
    kept: Loc = ()
    for part in loc:
        if (*at, *kept, part) in document.marks:
            kept = (*kept, part)
    return kept


def did_you_mean(given: str, options: Iterable[str]) -> str:
    """Give ` Did you mean ...?` when one of the options is close, else nothing."""
    close = difflib.get_close_matches(given, list(options), n=1, cutoff=0.6)
    return f" Did you mean `{close[0]}`?" if close else ""


def _names(shape: type[Shape]) -> Iterator[str]:
    for one in shape.__subclasses__():
        yield from one.model_fields
        yield from _names(one)
