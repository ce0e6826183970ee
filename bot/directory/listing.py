"""Services as texts: a line, a page of results, everything about one; always within limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.directory.model import Service
from bot.directory.search import nearest, standing
from bot.directory.wording import WORDS, Wording
from bot.text.places import Place
from bot.text.segments import economise, segments

PAGE = 3
"""The most services on one page."""
LIMIT = 3
"""The most segments of one reply."""

_GIVEN = {
    "": "list-more list-end details-foot call-first assured hours-unknown noon midnight",
    "day": "nth-1 nth-2 nth-3 nth-4 nth-5 nth--1",
    "hour clock": "time-am time-pm",
    "time": "open-until opens-at",
    "day time": "open-until-day opens-day",
    "month day": "date",
    "date": "opens-date closed-until",
    "number": "distance-miles distance-km text-line tty-line",
    "send number": "text-line-send",
    "who": "only-for told",
    "languages": "speaks",
    "from to": "ages",
    "from": "ages-from",
    "to": "ages-to",
}
PHRASES = dict.fromkeys(WORDS.values(), "") | {
    name: given for given, names in _GIVEN.items() for name in names.split()
}
"""Every phrase used for services whatever they are -> the placeholders it is given."""


@dataclass(frozen=True)
class Page:
    """One screenful of results."""

    text: str
    number: int
    """Counts from 0; a number past the last page comes round to the first again."""


def needed(service: Service) -> frozenset[str]:
    """Give the names of the phrases this service needs: for its audience, tellings, languages."""
    families = {"audience": service.audience, "told": service.told, "language": service.languages}
    return frozenset(f"{kind}-{name}" for kind, names in families.items() for name in names)


def line(service: Service, wording: Wording) -> str:
    """Give a service where no place matters: its name and how to reach it."""
    return _joined(wording.say(service.name), wording.main_phone(service), mark=": ")


def item(service: Service, place: Place | None, wording: Wording, short: int = 0) -> str:
    """Give one line of a list; `short` 1 leaves out the city, 2 also how it stands now."""
    location, metres = nearest(service, place)
    address = location.address if location else ""
    facts = _joined(
        wording.distance(metres),
        address.split(",")[0] if short else address,
        wording.main_phone(service),
        "" if short == 2 else _state(service, place, wording),
    )
    return _joined(wording.say(service.name), facts, mark=": ")


def _state(service: Service, place: Place | None, wording: Wording) -> str:
    if service.status != "active":
        return wording.phrase("closed")
    now = standing(service, place, wording.now, wording.locale)
    # A line without hours is rung and answers or not; at a door it matters before one sets out.
    if now.kind == "unknown" and not any(one.address for one in service.locations):
        return ""
    return wording.standing(now)


def page(
    services: Sequence[Service], number: int, head: str, place: Place | None, wording: Wording
) -> Page:
    """Give page `number` of a list, numbered through, within LIMIT segments."""
    more, end = wording.phrase("list-more"), wording.phrase("list-end")
    shortest = [f"{at} {item(one, place, wording, 2)}" for at, one in enumerate(services, 1)]
    # Only what the clock cannot change decides where pages end, else MORE could skip a service.
    split = pages(shortest, head, max(more, end, key=len))
    if not split:
        return Page(head, 0)
    number %= len(split)
    foot = more if number + 1 < len(split) else end
    for short in (0, 1, 2):
        lines = [f"{at + 1} {item(services[at], place, wording, short)}" for at in split[number]]
        text = "\n".join([head, *lines, foot])
        if _fits(text):
            break
    return Page(text, number)


def pages(items: Sequence[str], head: str, foot: str) -> tuple[tuple[int, ...], ...]:
    """Share items out to pages of at most PAGE that fit; a page holds one in any case."""
    split: list[tuple[int, ...]] = []
    for at in range(len(items)):
        more = (*split[-1], at) if split else ()
        lines = [head, *(items[one] for one in more), foot]
        if 0 < len(more) <= PAGE and _fits("\n".join(lines)):
            split[-1] = more
        else:
            split.append((at,))
    return tuple(split)


def details(
    service: Service, place: Place | None, wording: Wording, foot: str = "details-foot"
) -> str:
    """Give everything of use about one service, the least needed left out until it fits."""
    parts = enumerate([*_parts(service, place, wording), (2, wording.phrase(foot))])
    kept: list[tuple[int, str]] = []
    for _, at, text in sorted((weight, at, text) for at, (weight, text) in parts if text):
        trial = sorted([*kept, (at, text)])
        if not kept or _fits("\n".join(said for _, said in trial)):
            kept = trial
    return "\n".join(said for _, said in kept)


def _parts(service: Service, place: Place | None, wording: Wording) -> Iterator[tuple[int, str]]:
    """Give lines in the order they are read, each with its weight: 0 goes last of all."""
    location, metres = nearest(service, place)
    # A name can betray on a locked screen, so neutral words come before it.
    yield 0, wording.phrase("assured" if service.assured_date else "call-first")
    yield 0, wording.say(service.name)
    yield 3, wording.say(service.alert)
    phones = [f"{wording.phone(one)} {wording.say(one.note)}".strip() for one in service.phones]
    yield 1, _joined(*phones)
    if location:
        where = (wording.say(location.name), location.address, location.zip)
        yield 4, _joined(*where, wording.distance(metres))
    hours = (location.hours if location else ()) or service.hours
    state = _state(service, place, wording)
    said = wording.hours(hours[0]) if hours else ""
    yield 7, _joined(said, "" if state == said else state)
    yield 6, wording.say(service.about)
    yield 8, wording.say(service.eligibility) or _who(service, wording)
    yield 9, wording.say(service.cost)
    yield 10, wording.say(service.documents)
    spoken = _joined(*(wording.phrase(f"language-{code}") for code in service.languages))
    yield 11, wording.phrase("speaks", languages=spoken) if spoken else ""
    told = _joined(*(wording.phrase(f"told-{name}") for name in service.told))
    yield 5, wording.phrase("told", who=told) if told else ""
    if location:
        yield 12, _joined(wording.say(location.transport), wording.say(location.accessibility))
    yield 13, service.website


def _who(service: Service, wording: Wording) -> str:
    names = [wording.phrase(f"audience-{name}") for name in service.audience]
    ages = {"from": service.min_age, "to": service.max_age}
    given = {name: str(age) for name, age in ages.items() if age is not None}
    if given:
        names.append(wording.phrase("ages" if len(given) == 2 else f"ages-{min(given)}", **given))
    return wording.phrase("only-for", who=_joined(*names)) if names else ""


def _joined(*parts: str, mark: str = ", ") -> str:
    return mark.join(filter(None, parts))


def _fits(text: str) -> bool:
    return segments(economise(text)) <= LIMIT
