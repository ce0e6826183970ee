"""JSON Schemas of the book's files, so that editors complete names and mark mistakes."""

import json
from collections.abc import Mapping

from bot.directory.model import DirectoryFile
from bot.flow.model import BookFile, FlowFile
from bot.flow.phrases import PhrasesFile
from bot.reading.model import DangerFile, NeedsFile, WordsFile
from bot.source import Shape
from bot.text.places import PlacesFile

SHAPES: Mapping[str, type[Shape]] = {
    "book": BookFile,
    "danger": DangerFile,
    "directory": DirectoryFile,
    "flow": FlowFile,
    "needs": NeedsFile,
    "phrases": PhrasesFile,
    "places": PlacesFile,
    "words": WordsFile,
}


def schemas() -> dict[str, str]:
    """Give each schema's text by file name."""
    return {
        f"{name}.json": json.dumps(shape.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
        for name, shape in SHAPES.items()
    }
