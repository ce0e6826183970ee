"""Files of services -> a directory, with every problem found in them."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import phonenumbers

from bot.directory.catalogue import Directory
from bot.directory.hours import Spelling, joined
from bot.directory.model import Closure, Location, Service
from bot.problems import Problem
from bot.source import Document, Loc, Shape, Text, fit
from bot.source.shape import did_you_mean

NAME_LENGTH = 40
"""Longest name that leaves room for the rest of a line in a text message."""

LAST_YEAR = 2200
"""Closures end before it: the day after the last one a calendar has cannot be made."""

# House numbers and positions give a hidden place away; a name after the number makes it a street.
_PLACE = re.compile(r"\b\d{1,5}\s+(?:[NSEW]\.?\s+)?(?:[A-Z]\w+|\d+[a-z]{2}\b)|-?\d{1,3}\.\d{3,}")
_TEXTS = ("name", "about", "eligibility", "cost", "documents", "alert")

Say = Callable[..., Problem]
"""say(where in the service, rule, sentence) -> the problem."""
Timed = TypeVar("Timed", Service, Location)


class _File(Shape):
    services: dict[str, Any]


def parse(
    documents: Sequence[Document], spelling: Spelling, country: str
) -> tuple[Directory, list[Problem]]:
    """Read every file; services that do not fit are left out and said to be wrong."""
    shelf = _Shelf(spelling)
    for document in documents:
        shelf.add(document)
    directory = Directory(shelf.services, shelf.documents, country)
    for service_id, service in directory.services.items():
        say = partial(directory.problem, service_id)
        shelf.problems += _faults(service, directory, shelf.named, say)
        shelf.problems += _misworded(service, say)
    return directory, sorted(shelf.problems)


@dataclass
class _Shelf:
    """The services read so far."""

    spelling: Spelling
    services: dict[str, Service] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    named: dict[str, Document] = field(default_factory=dict)
    """Also services that did not fit: who refers to them is not wrong as well."""
    problems: list[Problem] = field(default_factory=list)

    def add(self, document: Document) -> None:
        file, problems = fit(_File, document)
        self.problems += problems
        for service_id in file.services if file else ():
            at: Loc = ("services", service_id)
            first = self.named.setdefault(service_id, document)
            if first is not document:
                here, there = document.mark(at)[0], first.mark(at)[0]
                told = f"`{service_id}` on line {here} is already in {first.path}"
                message = f"{told}, line {there}; keep one."
                self.problems.append(document.problem(at, "duplicate-service", message))
                continue
            service, problems = fit(Service, document, at)
            self.problems += problems
            if service:
                locations = tuple(
                    self._timed(document, (*at, "locations", nth), place)
                    for nth, place in enumerate(service.locations)
                )
                service = self._timed(document, at, service)
                self.services[service_id] = service.model_copy(update={"locations": locations})
                self.documents[service_id] = document

    def _timed(self, document: Document, at: Loc, timed: Timed) -> Timed:
        try:
            hours = (joined(timed.hours, self.spelling),) if timed.hours else ()
        except ValueError as error:
            self.problems.append(document.problem((*at, "hours"), "bad-hours", str(error)))
            hours = ()
        return timed.model_copy(update={"hours": hours})


def _faults(
    service: Service, directory: Directory, named: Collection[str], say: Say
) -> Iterator[Problem]:
    for nth, other in enumerate(service.instead):
        found = directory.services.get(other)
        if found and found.offer != "listed":
            message = f"`{other}` is not listed itself; give a listed service instead."
            yield say(("instead", nth), "bad-instead", message)
        elif other not in named:
            message = f"There is no service `{other}`.{did_you_mean(other, named)}"
            yield say(("instead", nth), "bad-instead", message)
    for nth, phone in enumerate(service.phones):
        if fault := _phone_fault(phone.number, directory.country):
            message = f"`{phone.number}` is {fault}."
            yield say(("phones", nth, "number"), "bad-phone", message)
    for nth, closure in enumerate(service.closures):
        if fault := _closure_fault(closure):
            yield say(("closures", nth, "end"), "bad-closure", fault)
    for nth, place in enumerate(service.locations):
        yield from _misplaced(place, ("locations", nth), say)


def _misplaced(place: Location, at: Loc, say: Say) -> Iterator[Problem]:
    if place.zip and not re.fullmatch(r"[0-9]{5}", place.zip):
        yield say((*at, "zip"), "bad-zip", f"`{place.zip}` is no ZIP; write five digits.")
    if place.at and not (abs(place.at[0]) <= 90 and abs(place.at[1]) <= 180):
        message = "Latitude comes first, -90 to 90; then longitude, -180 to 180."
        yield say((*at, "at"), "bad-position", message)
    if place.address and not place.at:
        message = "Without `at` nobody is told how near this address is."
        yield say((*at, "address"), "no-position", message, warning=True)


def _misworded(service: Service, say: Say) -> Iterator[Problem]:
    if service.offer == "info" and not service.about:
        yield say(("offer",), "no-about", "`info` needs an `about` to send.")
    for language, name in service.name.items():
        if len(name) > NAME_LENGTH:
            message = f"{len(name)} characters; a name may have {NAME_LENGTH}."
            yield say(("name", language), "long-name", message)
    if not service.confidential:
        return
    texts: dict[Loc, Text] = {(name,): getattr(service, name) for name in _TEXTS}
    texts |= {("phones", nth, "note"): one.note for nth, one in enumerate(service.phones)}
    for at, text in texts.items():
        for language, said in text.items():
            if _betrays(said, service):
                message = "This looks like a street or a position; a confidential place has none."
                yield say((*at, language), "betrays-place", message)


def _betrays(text: str, service: Service) -> bool:
    for phone in service.phones:
        text = text.replace(phone.number, "")
    return bool(_PLACE.search(text))


def _closure_fault(closure: Closure) -> str:
    if closure.end < closure.start:
        return "This closure ends before it starts."
    if closure.end.year >= LAST_YEAR:
        return "This closure has no end in sight; write `status: temporarily closed`."
    return ""


def _phone_fault(written: str, country: str) -> str:
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return "no phone number"
    if phonenumbers.is_valid_short_number_for_region(number, country):
        return ""
    if not phonenumbers.is_valid_number(number):
        return "no number that can be dialled; look it up again"
    # The North American exchange 555 is for films; the library lets it pass as valid.
    toll_free = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE
    if number.country_code == 1 and str(number.national_number)[3:6] == "555" and not toll_free:
        return "a number made up for films; look it up again"
    return ""
