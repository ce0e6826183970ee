"""What one text was taken to mean, as a value."""

from dataclasses import dataclass

from bot.text.places import PlaceReading


@dataclass(frozen=True)
class Reading:
    """The meanings found in one text; several may hold; the engine orders them."""

    words: tuple[str, ...]
    """The folded tokens."""
    core: tuple[str, ...]
    """The tokens without small words."""
    place: PlaceReading
    danger: str = ""
    """Name of the danger class."""
    command: str = ""
    """A global word, when it is the whole text (or stands before a place)."""
    switch: str = ""
    """The language asked for by its own name."""
    language: str = ""
    """The language the words are in; empty when they do not show one."""
    needs: tuple[str, ...] = ()
    trigger: str = ""
    """The flow opened by a word of this text."""
    whole_trigger: bool = False
    """The trigger is all there is, apart from small words and a place."""
    services: tuple[str, ...] = ()
    """Services named."""
    filters: tuple[str, ...] = ()
    """What the service should be like: audiences, open-now, no-police ..."""
    unknown_number: bool = False
    """A phone number is asked about that is nobody's we know."""
    number: int | None = None
    """The text is just this number."""
