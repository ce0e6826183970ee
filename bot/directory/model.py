"""The directory as staff write it, in the words of Open Referral HSDS 3.0."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.source import Shape, Text
from bot.source.shape import Names

Offer = Literal["listed", "info", "by-name", "never"]
"""How a service may be given out: in results; as a fact when asked for by name;
only to say that it could not be confirmed; or not at all."""


class Phone(Shape):
    """A number people can use, checked against the numbering plan and fictional exchanges."""

    number: str
    """As people dial it: 213-555-0100 style, or a short number like 911 or 988."""
    type: Literal["voice", "text", "tty"] = "voice"
    """voice = call; text = send a text to it; tty = for deaf callers."""
    send: str = ""
    """For a text line that wants a first word: that word, such as HELP."""
    languages: Names = ()
    """Language codes spoken on this number, when they differ from the service's."""
    note: Text = Field(default_factory=dict)
    """A few words behind the number, such as `24 hours`."""


class Location(Shape):
    """A place where the service is given."""

    name: Text = Field(default_factory=dict)
    """What people call the place, when it has a name of its own."""
    address: str = ""
    """Street and number, then the city if it helps; empty when it may not be told."""
    zip: str = ""
    """Five digits."""
    at: Annotated[tuple[float, float] | None, BeforeValidator(lambda v: v or None)] = None
    """Latitude and longitude in degrees (WGS84); [34.0593, -118.2745]."""
    hours: Names = ()
    """Hours at this place, when they differ from the service's."""
    accessibility: Text = Field(default_factory=dict)
    """Ramps, lifts, sign language."""
    transport: Text = Field(default_factory=dict)
    """Nearest station or bus."""


class Closure(Shape):
    """A stretch of days on which the service is closed, both ends included."""

    start: date
    end: date
    reason: Text = Field(default_factory=dict)


class Source(Shape):
    """Where a fact was seen, and when."""

    where: str
    seen: date


class Service(Shape):
    """One service: what a person can get, who it is for, how to reach it."""

    name: Text
    """Short name for a text message, 40 characters at most."""
    organization: str
    """The body that runs it, in full."""
    about: Text = Field(default_factory=dict)
    """One or two plain sentences. For `offer: info` this is the whole answer."""
    aliases: Names = ()
    """Other names people use: old names, initials, nicknames."""
    needs: Names = ()
    """What it helps with: names from needs.yaml, most typical first."""
    offer: Offer
    instead: Names = ()
    """Services to give in its place when it cannot be given."""
    confidential: bool = False
    """yes = its place is never told; then no address, ZIP or position may be written at all."""
    phones: tuple[Phone, ...] = ()
    website: str = ""
    """Shown only in the details: a link leaves a trail in the phone's browser."""
    locations: tuple[Location, ...] = ()
    serves: Names = ()
    """Names of areas it is limited to (from places.yaml); empty = the whole county."""
    reach: Literal["local", "county", "state", "national"] = "county"
    """How far people are helped from here: decides its turn among those without a place."""
    hours: Names = ()
    """Opening hours, one span or a list: `Mon-Fri 9am-5pm`, `24/7`, or OSM opening_hours."""
    closures: tuple[Closure, ...] = ()
    languages: Names = ()
    """Language codes spoken."""
    audience: Names = ()
    """Only for: women, men, trans, lgbtq, youth, children, survivors, adults, asian-pacific ..."""
    min_age: int | None = None
    max_age: int | None = None
    eligibility: Text = Field(default_factory=dict)
    """Who can use it, when `audience` and the ages do not say it."""
    cost: Text = Field(default_factory=dict)
    documents: Text = Field(default_factory=dict)
    """Papers needed, or that none are."""
    told: Names = ()
    """Who may be told: police-linked, government, reports-abuse-of-minors."""
    alert: Text = Field(default_factory=dict)
    """A warning people must see: full, waiting list, moved."""
    status: Literal["active", "temporarily closed", "defunct", "inactive"] = "active"
    assured_date: date | None = None
    """The day staff rang and confirmed it. Empty = nobody has: replies say to call first."""
    sources: tuple[Source, ...] = ()
    note: str = ""
    """For staff only; never sent."""

    @model_validator(mode="after")
    def _keeps_secrets(self) -> "Service":
        if self.confidential and self.locations:
            raise ValueError(
                "A confidential service may have no locations: no address, no ZIP, no position."
            )
        return self


class DirectoryFile(Shape):
    """One file of the directory: services by name; the name is also what other files use."""

    services: dict[str, Service]
