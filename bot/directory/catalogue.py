"""The directory as one frozen value, with the way back to the line each fact stands on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import phonenumbers

from bot.directory.model import Service
from bot.problems import Problem
from bot.source import Document, Loc
from bot.text.normalise import tokens


@dataclass(frozen=True)
class Directory:
    """Every service by id, its hours in OSM form."""

    services: Mapping[str, Service]
    documents: Mapping[str, Document] = field(repr=False)
    """The file each service was read from."""
    country: str

    def problem(
        self, service_id: str, at: Loc, rule: str, message: str, *, warning: bool = False
    ) -> Problem:
        """Make a problem that points at a field of a service, such as ("phones", 0)."""
        document = self.documents[service_id]
        return document.problem(("services", service_id, *at), rule, message, warning=warning)

    def aliases(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Give every name a service is known by, as tokens, with its id; names may repeat."""
        for service_id, service in self.services.items():
            names = (*service.name.values(), service.organization, *service.aliases)
            for phrase in dict.fromkeys(tokens(name) for name in names):
                if phrase:
                    yield phrase, service_id

    def numbers(self) -> Mapping[str, str]:
        """Give the digits of every phone, as dialled inside the country, with a service's id."""
        found: dict[str, str] = {}
        for service_id, service in self.services.items():
            for phone in service.phones:
                number = phonenumbers.parse(phone.number, self.country)
                found.setdefault(str(number.national_number), service_id)
        return found
