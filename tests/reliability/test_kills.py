"""Workers die at any line of a turn: a retry finds everything as if nobody had died."""

import http.client
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.conversation import Record
from bot.storage.keys import Keyring
from bot.storage.redis import RedisSessions, store_from_url
from tests.reliability.killed import LINES, NOON
from tests.reliability.line import Line, form, running

TEXTS = (
    *("bonjou", "2", "1", "33127", "1", "tounen", "plis", "dwa", "2", "flagler", "1", "english"),
    *("hello", "1", "blarg", "blarg", "menu", "erase", "doktè 33030", "stop"),
)


@pytest.fixture(scope="module")
def line(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Give a line whose workers can be told when to die."""
    folder = tmp_path_factory.mktemp("killed")
    with running(folder, redis_url, target="tests.reliability.killed:Doomed()") as started:
        yield started


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kills", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_a_killed_worker_loses_nothing_that_a_retry_does_not_restore(
    line: Line, redis_url: str, kills: int
) -> None:
    """After each death the text comes again: reply and record equal the undisturbed ones."""
    chance, store = random.Random(kills), store_from_url(redis_url)
    seen = Counter[str]()
    while seen["kills"] < kills:
        quiet, doomed = form("")["From"], form("")["From"]
        for text in TEXTS:
            calm = form(text, quiet)
            answer = line.send(calm)
            lines = int(answer.headers[LINES])
            seen["longest"] = max(seen["longest"], lines)
            last = str(chance.randint(1, lines + lines // 50))
            with pytest.raises((OSError, http.client.HTTPException)):
                line.send({**calm, "From": doomed}, **{"X-Kill-After": last})
            seen["committed"] += record(line, store, doomed) == record(line, store, quiet)
            assert line.text({**calm, "From": doomed}) == answer.reply, (text, last)
            assert record(line, store, doomed) == record(line, store, quiet), (text, last)
            seen["kills"] += 1
    assert 0 < seen["committed"] < seen["kills"]
    sys.stdout.write(f"{json.dumps(seen)}\n")


def record(line: Line, store: RedisSessions, number: str) -> Record:
    """Open what the line holds of a phone, with the line's own key."""
    key = Keyring(line.key_file).session_key(number, NOON)
    return replace(store.load(key), version=b"")
