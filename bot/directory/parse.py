"""Files of services -> a directory, with every problem found in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import phonenumbers

from bot.directory.catalogue import Directory
from bot.directory.hours import Spelling, joined
from bot.directory.model import DirectoryFile, Phone, Service
from bot.problems import Problem
from bot.source import Document, Loc, fit
from bot.source.shape import did_you_mean
from bot.text.segments import not_gsm7

NAME_LENGTH = 40
"""Longest name that leaves room for the rest of a line in a text message."""

LAST_YEAR = 2200
"""Closures end before it: the day after the last one a calendar has cannot be made."""

# House numbers and positions give a hidden place away; a name after the number makes it a street.
_STREET = re.compile(r"\b\d{1,5}\s+(?:[NSEW]\.?\s+)?(?:[A-Z]\w+|\d+[a-z]{2}\b)")
_POSITION = re.compile(r"-?\d{1,3}\.\d{3,}")
_TEXTS = ("name", "about", "eligibility", "cost", "documents", "alert")


def parse(
    documents: Sequence[Document], spelling: Spelling, country: str
) -> tuple[Directory, list[Problem]]:
    """Read every file; services that do not fit are left out and said to be wrong."""
    gathering = _Gathering(spelling, country)
    for document in documents:
        gathering.add(document)
    directory = Directory(gathering.services, gathering.documents, country)
    for service_id, service in directory.services.items():
        gathering.problems += _Check(directory, service_id, service, gathering.named).problems()
    return directory, sorted(gathering.problems)


@dataclass
class _Gathering:
    """The services read so far."""

    spelling: Spelling
    country: str
    services: dict[str, Service] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    named: dict[str, Document] = field(default_factory=dict)
    """Also services that did not fit: who refers to them is not wrong as well."""
    problems: list[Problem] = field(default_factory=list)

    def add(self, document: Document) -> None:
        _, problems = fit(DirectoryFile, document)
        self.problems += problems
        given = document.data.get("services") if isinstance(document.data, dict) else None
        for service_id in given if isinstance(given, dict) else ():
            at: Loc = ("services", service_id)
            if self._is_new(document, service_id, at):
                service, _ = fit(Service, document, at)
                if service:
                    self.services[service_id] = self._timed(document, at, service)
                    self.documents[service_id] = document

    def _is_new(self, document: Document, service_id: str, at: Loc) -> bool:
        first = self.named.setdefault(service_id, document)
        if first is document:
            return True
        here, there = document.mark(at)[0], first.mark(at)[0]
        message = (
            f"`{service_id}` on line {here} is already in {first.path}, line {there}; keep one."
        )
        self.problems.append(document.problem(at, "duplicate-service", message))
        return False

    def _timed(self, document: Document, at: Loc, service: Service) -> Service:
        locations = tuple(
            place.model_copy(
                update={"hours": self._hours(document, (*at, "locations", nth), place.hours)}
            )
            for nth, place in enumerate(service.locations)
        )
        hours = self._hours(document, at, service.hours)
        return service.model_copy(update={"hours": hours, "locations": locations})

    def _hours(self, document: Document, at: Loc, hours: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return (joined(hours, self.spelling),) if hours else ()
        except ValueError as error:
            self.problems.append(document.problem((*at, "hours"), "bad-hours", str(error)))
            return ()


@dataclass(frozen=True)
class _Check:
    """What is wrong in one service that fits its shape."""

    directory: Directory
    service_id: str
    service: Service
    named: Mapping[str, Document]

    def problems(self) -> list[Problem]:
        found = [
            *self._instead(),
            *self._phones(),
            *self._places(),
            *self._texts(),
            *self._closures(),
        ]
        if self.service.offer == "info" and not self.service.about:
            found.append(self._problem(("offer",), "no-about", "`info` needs an `about` to send."))
        return found

    def _problem(self, at: Loc, rule: str, message: str, *, warning: bool = False) -> Problem:
        return self.directory.problem(self.service_id, at, rule, message, warning=warning)

    def _instead(self) -> Iterator[Problem]:
        for nth, other in enumerate(self.service.instead):
            found = self.directory.services.get(other)
            if found and found.offer != "listed":
                message = f"`{other}` is not listed itself; give a listed service instead."
                yield self._problem(("instead", nth), "bad-instead", message)
            elif other not in self.named:
                hint = did_you_mean(other, self.named)
                message = f"There is no service `{other}`.{hint}"
                yield self._problem(("instead", nth), "bad-instead", message)

    def _phones(self) -> Iterator[Problem]:
        for nth, phone in enumerate(self.service.phones):
            fault = _phone_fault(phone, self.directory.country)
            if fault:
                yield self._problem(("phones", nth, "number"), "bad-phone", fault)

    def _places(self) -> Iterator[Problem]:
        for nth, place in enumerate(self.service.locations):
            at: Loc = ("locations", nth)
            if place.zip and not re.fullmatch(r"[0-9]{5}", place.zip):
                message = f"`{place.zip}` is no ZIP; write five digits."
                yield self._problem((*at, "zip"), "bad-zip", message)
            if place.at and not (abs(place.at[0]) <= 90 and abs(place.at[1]) <= 180):
                message = "Latitude comes first, -90 to 90; then longitude, -180 to 180."
                yield self._problem((*at, "at"), "bad-position", message)
            if place.address and not place.at:
                message = "Without `at` nobody is told how near this address is."
                yield self._problem((*at, "address"), "no-position", message, warning=True)

    def _closures(self) -> Iterator[Problem]:
        for nth, closure in enumerate(self.service.closures):
            if closure.end < closure.start:
                message = "This closure ends before it starts."
                yield self._problem(("closures", nth, "end"), "bad-closure", message)
            elif closure.end.year >= LAST_YEAR:
                message = "This closure has no end in sight; write `status: temporarily closed`."
                yield self._problem(("closures", nth, "end"), "bad-closure", message)

    def _texts(self) -> Iterator[Problem]:
        for at, text in _texts(self.service):
            if at[0] == "name" and len(text) > NAME_LENGTH:
                message = f"{len(text)} characters; a name may have {NAME_LENGTH}."
                yield self._problem(at, "long-name", message)
            if self.service.confidential and self._betrays(text):
                message = "This looks like a street or a position; a confidential place has none."
                yield self._problem(at, "betrays-place", message)
            if dear := not_gsm7(text):
                message = (
                    f"{' '.join(dear)} makes every text with it cost twice; write it plainer."
                )
                yield self._problem(at, "not-gsm7", message, warning=True)

    def _betrays(self, text: str) -> bool:
        for phone in self.service.phones:
            text = text.replace(phone.number, "")
        return bool(_STREET.search(text) or _POSITION.search(text))


def _phone_fault(phone: Phone, country: str) -> str:
    try:
        number = phonenumbers.parse(phone.number, country)
    except phonenumbers.NumberParseException:
        return f"`{phone.number}` is no phone number."
    if phonenumbers.is_valid_short_number_for_region(number, country):
        return ""
    if not phonenumbers.is_valid_number(number):
        return f"`{phone.number}` is no number that can be dialled; look it up again."
    # The North American exchange 555 is for films; the library lets it pass as valid.
    toll_free = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE
    if number.country_code == 1 and str(number.national_number)[3:6] == "555" and not toll_free:
        return f"`{phone.number}` is a number made up for films; look it up again."
    return ""


def _texts(service: Service) -> Iterator[tuple[Loc, str]]:
    for name in _TEXTS:
        for language, text in getattr(service, name).items():
            yield (name, language), text
    for nth, phone in enumerate(service.phones):
        for language, text in phone.note.items():
            yield ("phones", nth, "note", language), text
    for nth, place in enumerate(service.locations):
        yield ("locations", nth, "address"), place.address
        for name in ("name", "accessibility", "transport"):
            for language, text in getattr(place, name).items():
                yield ("locations", nth, name, language), text
