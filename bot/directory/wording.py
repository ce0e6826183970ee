"""Times, days, hours, distances and phones in a texter's language, by the book's own phrases."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.directory.hours import DAYS, MONTHS
from bot.directory.model import Phone, Service
from bot.directory.schedule import Locale, State
from bot.source import Text
from bot.source.shape import say

_METRES = {"miles": 1609.344, "km": 1000.0}
WORDS = {
    **{day: f"day-{day.lower()}" for day in DAYS},
    **{month: f"month-{month.lower()}" for month in MONTHS},
    "24/7": "open-always",
    "PH": "holidays",
    "off": "closed",
    "closed": "closed",
}
_FORM = re.compile(
    rf"(?P<word>{'|'.join(WORDS)})(\[(?P<nth>[-\d,]+)\])?|(?P<hour>\d\d):(?P<minute>\d\d)"
)


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
        month = self.phrase(WORDS[MONTHS[moment.month - 1]])
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
        days = (day.date() - here.date()).days
        if days == 0 or (opened and at - here < timedelta(hours=18)):
            return self.phrase("open-until" if opened else "opens-at", time=time)
        if days > 6 and opened:
            return self.phrase("open-always")
        if days > 6:
            return self.phrase("opens-date", date=self.date(at))
        name = self.phrase(WORDS[DAYS[day.weekday()]])
        return self.phrase("open-until-day" if opened else "opens-day", day=name, time=time)

    def hours(self, form: str) -> str:
        """Say OSM opening_hours in words: Mon-Fri 9am-5pm."""

        def said(hit: re.Match[str]) -> str:
            if hit["hour"]:
                return self.clock(int(hit["hour"]), int(hit["minute"]))
            word = self.phrase(WORDS[hit["word"]])
            nths = re.findall(r"-?\d", hit["nth"] or "")
            return ", ".join(self.phrase(f"nth-{nth}", day=word) for nth in nths) or word

        return _FORM.sub(said, form)

    def distance(self, metres: float | None) -> str:
        """Say how far, never finer than a tenth: finer would tell where the texter stands."""
        if metres is None:
            return ""
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
        here = self.language
        own = [one for one in service.phones if here in (one.languages or [here])]
        phones = sorted(own or service.phones, key=lambda one: one.type != "voice")
        return self.phone(phones[0]) if phones else ""
