"""Staff's YAML as values with positions: text in, values and problems out."""

from bot.source.shape import Shape, Text, Words, fit
from bot.source.yaml import Document, Loc, read

__all__ = ["Document", "Loc", "Shape", "Text", "Words", "fit", "read"]
