"""Times, days, hours, distances and phones in a texter's language, by the book's own phrases."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.directory.model import Phone, Service
from bot.directory.schedule import Locale, State
from bot.source import Text
from bot.source.shape import say

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_METRES = {"miles": 1609.344, "km": 1000.0}
_WORDS = {"24/7": "open-always", "PH": "holidays", "off": "closed", "closed": "closed"}
_FORM = re.compile(
    rf"(?P<day>{'|'.join(_DAYS)})(?:\[(?P<nth>[-\d,]+)\])?|(?P<month>{'|'.join(_MONTHS)})"
    rf"|(?P<hour>\d\d):(?P<minute>\d\d)|{'|'.join(_WORDS)}",
    re.IGNORECASE,
)

PHRASES: Mapping[str, str] = {
    **{f"day-{name}": "" for name in _DAYS},
    **{f"month-{name}": "" for name in _MONTHS},
    **dict.fromkeys(("nth-1", "nth-2", "nth-3", "nth-4", "nth-5", "nth--1"), "day"),
    **dict.fromkeys(("time-am", "time-pm"), "hour clock"),
    **dict.fromkeys(
        ("noon", "midnight", "holidays", "closed", "open-always", "hours-unknown"), ""
    ),
    **dict.fromkeys(("open-until", "opens-at"), "time"),
    **dict.fromkeys(("open-until-day", "opens-day"), "day time"),
    **dict.fromkeys(("opens-date", "closed-until"), "date"),
    "date": "month day",
    **{f"distance-{units}": "number" for units in _METRES},
    "text-line": "number",
    "text-line-send": "send number",
    "tty-line": "number",
}
"""Phrases used here: name -> the placeholders each is given, separated by blanks."""


@dataclass(frozen=True)
class Wording:
    """How to speak at one moment: language, place on earth, time, and the book's phrases."""

    language: str
    default: str
    locale: Locale
    now: datetime
    phrase: Callable[..., str]
    """phrase(name, **values) -> the phrase in `language`."""

    def say(self, text: Text) -> str:
        """Give a text in the language; "" when there is none."""
        return say(text, self.language, self.default)

    def clock(self, hour: int, minute: int) -> str:
        """Say a time of day: 5pm, 9:30am, noon; 24:00 is midnight."""
        if minute == 0 and hour % 12 == 0:
            return self.phrase("noon" if hour == 12 else "midnight")
        twelve = f"{(hour - 1) % 12 + 1}" + (f":{minute:02}" if minute else "")
        name = "time-am" if hour % 24 < 12 else "time-pm"
        return self.phrase(name, hour=twelve, clock=f"{hour % 24:02}:{minute:02}")

    def date(self, moment: datetime) -> str:
        """Say a date without its year."""
        month = self.phrase(f"month-{_MONTHS[moment.month - 1]}")
        return self.phrase("date", month=month, day=str(moment.day))

    def standing(self, state: State) -> str:
        """Say how a service stands: open until 5pm, opens Thu 10am, hours unknown."""
        at, opened = state.at, state.kind == "open"
        if at is None:
            named = {"always": "open-always", "unknown": "hours-unknown"}
            return self.phrase(named.get(state.kind, "closed"))
        if state.kind == "closed-until":
            return self.phrase("closed-until", date=self.date(at))
        here, time = self.now.astimezone(self.locale.timezone), self.clock(at.hour, at.minute)
        # The midnight that ends a Friday is Friday's to whoever reads "open until Fri midnight".
        day = at - timedelta(minutes=1) if opened else at
        if day.date() == here.date() or (opened and at - here < timedelta(hours=18)):
            return self.phrase("open-until" if opened else "opens-at", time=time)
        if day.date() - here.date() > timedelta(days=6):
            return (
                self.phrase("open-always")
                if opened
                else self.phrase("opens-date", date=self.date(at))
            )
        name = self.phrase(f"day-{_DAYS[day.weekday()]}")
        return self.phrase("open-until-day" if opened else "opens-day", day=name, time=time)

    def hours(self, form: str) -> str:
        """Say OSM opening_hours in words: Mon-Fri 9am-5pm."""
        return _FORM.sub(self._word, form)

    def _word(self, hit: re.Match[str]) -> str:
        if hit["hour"]:
            return self.clock(int(hit["hour"]), int(hit["minute"]))
        if hit["month"]:
            return self.phrase(f"month-{hit['month'].lower()}")
        if hit["day"]:
            day = self.phrase(f"day-{hit['day'].lower()}")
            nths = re.findall(r"-?\d", hit["nth"] or "")
            return ", ".join(self.phrase(f"nth-{nth}", day=day) for nth in nths) or day
        return self.phrase(_WORDS[hit[0]])

    def distance(self, metres: float) -> str:
        """Say how far, never finer than a tenth: finer would tell where the texter stands."""
        number = max(0.1, metres / _METRES[self.locale.units])
        shown = f"{number:.0f}" if number >= 10 else f"{number:.1f}"
        return self.phrase(f"distance-{self.locale.units}", number=shown)

    def phone(self, phone: Phone) -> str:
        """Say a phone: its number, or what to text to it."""
        if phone.type == "text" and phone.send:
            return self.phrase("text-line-send", send=phone.send, number=phone.number)
        if phone.type == "voice":
            return phone.number
        return self.phrase(f"{phone.type}-line", number=phone.number)

    def main_phone(self, service: Service) -> str:
        """Say the first phone that answers in the language, a voice before a text line."""
        own = [
            one for one in service.phones if self.language in (one.languages or [self.language])
        ]
        phones = sorted(own or service.phones, key=lambda one: one.type != "voice")
        return self.phone(phones[0]) if phones else ""
