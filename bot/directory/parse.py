"""Files of services -> the directory as one frozen value, with every problem found in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import phonenumbers

from bot.directory.hours import joined
from bot.directory.model import Service
from bot.problems import Problem
from bot.source import Document, Loc, Shape, Text, fit
from bot.source.shape import did_you_mean
from bot.text.normalise import tokens

NAME_LENGTH = 40
"""Longest name that leaves room for the rest of a line in a text message."""
LAST_YEAR = 2200
"""Closures end before it: the day after the last one a calendar has cannot be made."""

# House numbers and positions give a hidden place away; a name after the number makes it a street.
_PLACE = re.compile(r"\b\d{1,5}\s+(?:[NSEW]\.?\s+)?(?:[A-Z]\w+|\d+[a-z]{2}\b)|-?\d{1,3}\.\d{3,}")
_TEXTS = ("name", "about", "eligibility", "cost", "documents", "alert")


class _Fault(NamedTuple):
    at: Loc
    """Where in the service."""
    rule: str
    message: str


@dataclass(frozen=True)
class Directory:
    """Every service by id, its hours in OSM form."""

    services: Mapping[str, Service]
    documents: Mapping[str, Document] = field(repr=False)
    """The file each service was read from."""
    country: str

    def aliases(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Give every name a service is known by, as tokens, with its id; names may repeat."""
        for service_id, service in self.services.items():
            names = (*service.name.values(), service.organization, *service.aliases)
            for phrase in dict.fromkeys(tokens(name) for name in names):
                if phrase:
                    yield phrase, service_id

    def numbers(self) -> Mapping[str, str]:
        """Give the digits of every phone, as dialled inside the country, with a service's id."""
        return {
            str(number.national_number): service_id
            for service_id, service in reversed(list(self.services.items()))
            for phone in service.phones
            if (number := _number(phone.number, self.country))
        }


class _File(Shape):
    services: dict[str, Any]


def parse(
    documents: Sequence[Document], spelling: Mapping[str, str], country: str
) -> tuple[Directory, list[Problem]]:
    """Read every file; services that do not fit are left out and said to be wrong."""
    services: dict[str, Service] = {}
    # Also those that did not fit: who refers to them is not wrong as well.
    named: dict[str, Document] = {}
    problems: list[Problem] = []
    for document in documents:
        file, misfits = fit(_File, document)
        problems += misfits
        for key in file.services if file else ():
            at: Loc = ("services", key)
            first = named.setdefault(key, document)
            if first is not document:
                here, there = document.mark(at)[0], first.mark(at)[0]
                twice = f"`{key}` on line {here} is already in {first.path}, line {there}"
                problems.append(document.problem(at, "duplicate-service", f"{twice}; keep one."))
                continue
            service, misfits = fit(Service, document, at)
            problems += misfits
            if service:
                services[key] = service
    directory = Directory(services, named, country)
    for key, service in services.items():
        services[key], faults = _timed(service, spelling)
        faults += [*_faults(service, directory), *_misplaced(service), *_misworded(service)]
        for at, rule, message in faults:
            loc, warning = ("services", key, *at), rule == "no-position"
            problems.append(named[key].problem(loc, rule, message, warning=warning))
    return directory, sorted(problems)


def _timed(service: Service, spelling: Mapping[str, str]) -> tuple[Service, list[_Fault]]:
    """Give the service with its hours in OSM form; what cannot be read is no hours."""
    faults: list[_Fault] = []

    def form(at: Loc, hours: Sequence[str]) -> tuple[str, ...]:
        try:
            return (joined(hours, spelling),) if hours else ()
        except ValueError as error:
            faults.append(_Fault((*at, "hours"), "bad-hours", str(error)))
            return ()

    places = tuple(
        one.model_copy(update={"hours": form(("locations", nth), one.hours)})
        for nth, one in enumerate(service.locations)
    )
    timed = {"hours": form((), service.hours), "locations": places}
    return service.model_copy(update=timed), faults


def _faults(service: Service, directory: Directory) -> Iterator[_Fault]:
    for nth, other in enumerate(service.instead):
        found = directory.services.get(other)
        if found and found.offer != "listed":
            message = f"`{other}` is not listed itself; give a listed service instead."
            yield _Fault(("instead", nth), "bad-instead", message)
        elif other not in directory.documents:
            hint = did_you_mean(other, directory.documents)
            yield _Fault(("instead", nth), "bad-instead", f"There is no service `{other}`.{hint}")
    for nth, phone in enumerate(service.phones):
        if fault := _phone_fault(phone.number, directory.country):
            yield _Fault(("phones", nth, "number"), "bad-phone", f"`{phone.number}` is {fault}.")
    for nth, closure in enumerate(service.closures):
        if closure.end < closure.start:
            yield _Fault(
                ("closures", nth, "end"), "bad-closure", "This closure ends before it starts."
            )
        elif closure.end.year >= LAST_YEAR:
            message = "This closure has no end in sight; write `status: temporarily closed`."
            yield _Fault(("closures", nth, "end"), "bad-closure", message)


def _misplaced(service: Service) -> Iterator[_Fault]:
    for nth, place in enumerate(service.locations):
        at = ("locations", nth)
        if place.zip and not re.fullmatch(r"[0-9]{5}", place.zip):
            yield _Fault((*at, "zip"), "bad-zip", f"`{place.zip}` is no ZIP; write five digits.")
        if place.at and not (abs(place.at[0]) <= 90 and abs(place.at[1]) <= 180):
            message = "Latitude comes first, -90 to 90; then longitude, -180 to 180."
            yield _Fault((*at, "at"), "bad-position", message)
        if place.address and not place.at:
            message = "Without `at` nobody is told how near this address is."
            yield _Fault((*at, "address"), "no-position", message)


def _misworded(service: Service) -> Iterator[_Fault]:
    if service.offer == "info" and not service.about:
        yield _Fault(("offer",), "no-about", "`info` needs an `about` to send.")
    for language, name in service.name.items():
        if len(name) > NAME_LENGTH:
            message = f"{len(name)} characters; a name may have {NAME_LENGTH}."
            yield _Fault(("name", language), "long-name", message)
    texts: dict[Loc, Text] = {(name,): getattr(service, name) for name in _TEXTS}
    texts |= {("phones", nth, "note"): one.note for nth, one in enumerate(service.phones)}
    numbers = "|".join(re.escape(phone.number) for phone in service.phones)
    for at, text in texts.items() if service.confidential else ():
        for language, said in text.items():
            if _PLACE.search(re.sub(numbers, "", said)):
                message = "This looks like a street or a position; a confidential place has none."
                yield _Fault((*at, language), "betrays-place", message)


def _number(written: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None


def _phone_fault(written: str, country: str) -> str:
    number = _number(written, country)
    if not number:
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
