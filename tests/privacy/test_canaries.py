"""People text a real line, and then everything is searched for them; a leaky line is found out."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import redis

from tests.chat import ROOT
from tests.privacy.canaries import Person, Search, digested, memory, people, written
from tests.privacy.harvest import Harvest, called, everybody, machine, rehearse, take
from tests.privacy.harvest import text as texts_it
from tests.reliability.line import COUNTY

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="root alone reads others' memory, on Linux",
)
TEXTS = (
    "doctor {zip} my name is {word}",
    *("1", "shelter near {far}", "{zip}", "more {word}", "call me at {number}", "hi"),
)
SINKS = (
    *("keyspace", "image", "monitor", "slowlog", "store's log", "store's memory"),
    *("output", "files", "health", "metrics", "statistics", "processes", "reached", "wrote"),
)
MEMORY = ("processes", "store's memory")
CALLS = ("reached", "wrote")
"""What the processes asked of the system: whom they called, and which files they wrote."""
Found = dict[str, Counter[str]]


def searched(folder: Path, target: str, book: Path, some: list[Person], *, leak: bool) -> Found:
    """Let people text a line and give what is found of them: sink -> kind and form -> how often."""
    search = Search(some)
    with machine(folder, target, book) as (harvest, owner):
        assert harvest.line
        # A few digits may stand anywhere by chance: what was there before is nobody's trace.
        before = {
            "processes": {*search.needles(harvest.processes())},
            "store's memory": {*search.needles(memory(harvest.store_pid))},
        }
        everybody(harvest.line, some, TEXTS)
        rehearse(harvest.line)
        if leak:
            with suppress(redis.ResponseError):  # a server that knows no such setting says all
                owner.config_set("hide-user-data-from-log", "no")
            named = {"X-Word": some[0].word, "X-Number": some[0].number}
            texts_it(harvest.line, some[0], ["hi"], **named)
        assert len({*owner.scan_iter("*")}) >= len(some) // 2, "nobody was ever here"
        take(harvest, owner, folder)
    found = {
        sink: labelled(search, harvest, sink, before.get(sink, set())) for sink in harvest.found
    }
    return found | called(folder, harvest.url)


def labelled(search: Search, harvest: Harvest, sink: str, before: set[bytes]) -> Counter[str]:
    """Count what is in a sink by kind and form."""
    assert harvest.found[sink], sink
    found: Counter[str] = Counter()
    for needle, count in search.needles(harvest.found[sink]).items():
        if needle not in before:
            found[search.labels[needle]] += count
    return found


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Give what is found of 50 people who texted the line."""
    some = people(50, ["33127", "33138", "33130"])
    return searched(
        tmp_path_factory.mktemp("honest"), "bot.app:create()", COUNTY, some, leak=False
    )


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Give what is found of one person who texted a line that leaks everywhere."""
    target = "tests.privacy.leaky:leaky()"
    some = people(2, ["33127"], seed=2)
    return searched(tmp_path_factory.mktemp("leaky"), target, COUNTY, some, leak=True)


@pytest.mark.parametrize("sink", SINKS)
def test_nobody_is_found_anywhere(honest: Found, sink: str) -> None:
    """After people have texted, no number, word or ZIP of theirs is in any place, in any form."""
    assert not found_in(honest, sink)


def found_in(found: Found, sink: str) -> Counter[str]:
    """Give what is found in one place."""
    if sink not in found and sink in CALLS:
        pytest.skip("there is no strace here, or it may not look")
    return found[sink]


@pytest.mark.long
def test_nobody_of_a_thousand_is_found(tmp_path: Path) -> None:
    """A thousand people text the shipped line: none of them is found anywhere either."""
    inside = ["90057", "90003", "91352", "90813", "90731", "93550"]
    found = searched(
        tmp_path, "bot.app:create()", ROOT / "flows", people(1000, inside), leak=False
    )
    assert not [(sink, some) for sink, some in found.items() if some]
    assert {*SINKS} - {*CALLS} <= found.keys()


PLANTED = {
    "keyspace": "word: utf-16",
    "image": "number: plain",
    "monitor": "number: plain",
    "slowlog": "number: plain",
    "store's log": "number: plain",
    "store's memory": "word: utf-16",
    "output": "number: reversed",
    "files": "number's digest: sha256 hex",
    "health": "number: plain",
    "metrics": "number: plain",
    "statistics": "word: plain",
    "processes": "number: utf-32",
    "reached": "htons(9)",
    "wrote": "/kept",
}


@pytest.mark.parametrize("sink", SINKS)
def test_a_leak_is_found_where_it_is(leaky: Found, sink: str) -> None:
    """With one leak planted at each place the same search finds every one."""
    assert any(PLANTED[sink] in one for one in found_in(leaky, sink))


def test_open_and_hidden_leaks_are_found_too(leaky: Found) -> None:
    """Base64 on standard output, and a digest in a file that has no name any more."""
    assert any(label.startswith("word: base64") for label in leaky["output"])
    assert "word's digest: md5" in leaky["files"]


def forms() -> Iterator[tuple[str, bytes]]:
    """Give each form of each trace of somebody."""
    one = people(3, ["33127"], seed=3)[0]
    for kind, texts in one.traces.items():
        for nth, text in enumerate(texts):
            for form, needle in (digested if "digest" in kind else written)(text).items():
                yield f"{kind} {nth} {form}", needle


@cache
def three() -> Search:
    """Make a search for three people."""
    return Search(people(3, ["33127"], seed=3))


@pytest.mark.parametrize("needle", dict(forms()).values(), ids=dict(forms()))
def test_every_form_is_found_in_noise(needle: bytes) -> None:
    """Between random bytes each form of a number, a word and a ZIP is found."""
    assert not three().needles([os.urandom(4000)])
    assert needle in three().needles(
        [os.urandom(2000) + b"\0" + needle + b"\0" + os.urandom(2000)]
    )
