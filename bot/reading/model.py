"""The word files as staff write them: needs, danger, and the small words of each language."""

from collections.abc import Mapping

from pydantic import Field

from bot.source import Shape, Text, Words
from bot.source.shape import Names
from bot.text.places import PlaceWords

OPT_OUT = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
"""Words with which carriers end a conversation (Twilio's long-code defaults; 47 CFR 64.1200)."""
OPT_IN = frozenset({"start", "yes", "unstop"})
"""Words with which carriers allow it again."""
CARRIER_HELP = frozenset({"help", "info"})
"""Words carriers expect an explanation for."""
RESERVED = OPT_OUT | OPT_IN | CARRIER_HELP


class Need(Shape):
    """Something a person looks for."""

    name: Text
    """A neutral label."""
    words: Words
    """Words and phrases people use for it."""
    wider: str = ""
    """The need to fall back to when nothing is found; like those it covers, named beside this
    one it is no wish of its own: the doctor of "hormones doctor"."""
    covers: Names = ()
    """Needs that are mere circumstance when this one is named: "report a brothel"."""
    home: str = ""
    """The search node that answers it, as flow.node; the first one found when empty."""


class NeedsFile(Shape):
    """needs.yaml: the taxonomy."""

    needs: dict[str, Need]


class DangerClass(Shape):
    """One kind of danger: its words, and the reviewed text that answers it, sent as it stands."""

    acute: bool = False
    """yes = never goes on to anything else."""
    words: Words
    reply: Text


class DangerFile(Shape):
    """danger.yaml: answered before anything else, in the order of the file."""

    classes: dict[str, DangerClass]
    harmless: Words = Field(default_factory=dict)
    """Phrases that hold danger words and mean none: overdose class, gun show."""


class WordsFile(Shape):
    """words.yaml: global words, languages' own names, small words."""

    commands: dict[str, Words]
    """menu, back, more, place, erase, hide, skip, repeat, stop and help, by language."""
    languages: Words
    """Words that switch to a language."""
    place_words: PlaceWords = Field(default_factory=PlaceWords)
    ordinals: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Per language: spelled number of a street -> 6th."""
    weekdays: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Per language: day as staff write it -> Mo Tu We Th Fr Sa Su."""
    hour_words: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Per language: words in opening hours -> their OSM form."""
    revealing: Names = ()
    """Words never seen on a lock screen unless the person used them in this very text."""
    groups: dict[str, Words] = Field(default_factory=dict)
    """Sets of words that `<name>` stands for in any phrase."""
    short: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Per language: phone spelling -> words, such as 2nite: tonight."""
    sounds: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Per language: letters -> letters that sound the same, replaced in this order."""
    cues: Words = Field(default_factory=dict)
    """Words that show that a name is asked about: number, is it real."""
    filters: dict[str, Words] = Field(default_factory=dict)
    """What a service should be like: audiences by name, open-now, no-police ..."""
    particles: Words = Field(default_factory=dict)
    """Small words that carry no meaning; they also tell the language."""


COMMANDS = ("menu", "back", "more", "place", "erase", "hide", "skip", "repeat", "stop", "help")


def by_language(words: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Flatten a Words map to (language, word) pairs."""
    return [(language, word) for language, several in words.items() for word in several]
