"""What a text means: danger, command, need, place, name. Nothing leaves, nothing is kept."""

from bot.reading.lexicon import Lexicon
from bot.reading.model import DangerFile, NeedsFile, WordsFile
from bot.reading.reading import Reading

__all__ = ["DangerFile", "Lexicon", "NeedsFile", "Reading", "WordsFile"]
