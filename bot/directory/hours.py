"""Opening hours as staff write them -> OSM opening_hours, the one form everything else reads."""

import re
from collections.abc import Iterable, Mapping

import opening_hours

from bot.text.normalise import fold

HELP = "write Mon-Fri 9am-5pm, Tue 17:00-19:00 or 24/7"
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OWN = {word.casefold(): word for word in (*DAYS, *MONTHS, "PH", "SH")}
_WEEKDAY = rf"(?:{'|'.join(DAYS)})"
_DAY = rf"(?:{'|'.join(DAYS)}|PH|SH)"
_TIDY = (
    (r"\s*-\s*(?=\S)", "-"),
    (r"(?<=[^\d\s]):\s*|\s+:\s+|\s+", " "),
    (r"\s*[,&][\s,&]*", ","),
    (r"\],?\s*\[", ","),
    (rf"(\[[-\d,]+\]) ?({_WEEKDAY})\b", r"\2\1"),
    (rf"(?<=\d\d:\d\d),(?={_DAY})", ", "),
    (r", ?((?:PH|SH)[^,;]*(?:off|closed))", r"; \1"),
    # Midnight has a name of its own at either end.
    (r"(?<=[\w\]] )24/7", "00:00-24:00"),
    (r"(?<!\d)24:00(?=-\d)", "00:00"),
    (r"(?<=\d-)00:00(?!\d)", "24:00"),
)
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2})(?:[:.](\d\d))?\s*([ap])m\b")
_ALL_NIGHT = re.compile(r"(?<![\d:])(\d{1,2}):\d\d\s*-\s*(\d):\d\d\b")
_TIMES_FIRST = re.compile(rf"^([\d:,\- ]+\d) ({_DAY}[\w,\-\[\] ]*)$")
_TAKES_AWAY = ("off", "closed")
_NUMBERS_THAT_ARE_NO_HOURS = re.compile(
    rf"24/7|\d\d:\d\d|\[[-\d,]+\]|\d{{4}}|week ?\d+(-\d+)?|\b({'|'.join(MONTHS)}) \d+(-\d+)?"
)
_SAYS_WHEN = re.compile(r"\d\d:\d\d|24/7|\b(?:off|closed|unknown|sun\w+|dawn|dusk)\b")


def spelling(*tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Join tables by language, as in words.yaml: folded word or phrase -> its OSM form.

    Beside days and times a word may stand for `[1]` (first), `-` (to), `,` (and) or nothing.
    """
    listed = [words for table in tables for words in table.values()]
    return _OWN | {fold(word): form for words in listed for word, form in words.items()}


def canonical(text: str, known: Mapping[str, str]) -> str:
    """Give the OSM form of words as `spelling` knows; raises ValueError with a sentence."""
    if '"' in text:
        # The library calls `"by appointment"` open day and night (opening-hours-py 2.1.4).
        raise ValueError("Remarks do not belong in opening hours; write them in about or alert.")
    said = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", fold(re.sub("[\u2010-\u2015]", "-", text)))
    either = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    said = re.sub(rf"(?<![a-z0-9])({either})\b\.?", lambda hit: known[hit[1]], said)
    said = _clock(said)
    for loose, tidy in _TIDY:
        said = re.sub(loose, tidy, said.strip())
    rules = (_TIMES_FIRST.sub(r"\2 \1", part.strip(" ,")) for part in said.split(";"))
    whole = "; ".join(rule for rule in rules if rule)
    # "9-5" read as 09:00-05:00 would send people to a closed door at night.
    if re.search(r"\d", _NUMBERS_THAT_ARE_NO_HOURS.sub("", whole)):
        raise ValueError(f"`{text}` leaves the hour open; write 9am-5pm or 09:00-17:00.")
    if not whole or not opening_hours.validate(whole):
        raise ValueError(f"`{text}` is not understood as opening hours; {HELP}.")
    if not all(_SAYS_WHEN.search(rule) for rule in re.split(rf"; |, (?={_DAY})", whole)):
        raise ValueError(f"`{text}` names a day without hours; {HELP}.")
    return whole


def joined(texts: Iterable[str], known: Mapping[str, str]) -> str:
    """Give the OSM form of a list of spans; each adds to those before, closed days take away."""
    forms = [canonical(text, known) for text in texts]
    whole = ""
    for form in sorted(forms, key=lambda form: form.endswith(_TAKES_AWAY)):
        # After `;` a day's second span would replace its first; after `, ` it adds.
        adds = form.startswith(DAYS) and not form.endswith(_TAKES_AWAY)
        whole += (", " if adds else "; ") + form if whole else form
    return whole


def _clock(text: str) -> str:
    """9:30am -> 09:30."""
    for night in _ALL_NIGHT.finditer(_CLOCK.sub("", text)):
        if int(night[2]) <= int(night[1]) <= 12:
            message = f"`{night[0]}` would be open all night; write 9am-5pm or 09:00-17:00."
            raise ValueError(message)

    def clock(hit: re.Match[str]) -> str:
        hour, minute = int(hit[1]), int(hit[2] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            raise ValueError(f"`{hit[0]}` is no time of day; write 9am-5pm or 09:00-17:00.")
        return f"{hour % 12 + (12 if hit[3] == 'p' else 0):02}:{minute:02}"

    return re.sub(r"(?<![\d:])(\d:\d\d)\b", r"0\1", _CLOCK.sub(clock, text))
