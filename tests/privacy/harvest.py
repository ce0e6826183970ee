"""Everything that whoever takes a whole machine could read after some people have texted."""

import codecs
import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from bot import app as house
from bot.flow.check.transcripts import parse
from bot.settings import Settings
from bot.stats import day_of
from bot.storage import embedded as server
from bot.storage.counts import Counts
from bot.storage.embedded import embedded
from bot.storage.keys import Keyring
from bot.storage.redis import store_from_url
from tests.conftest import as_owner
from tests.privacy.canaries import Person, cut, memory
from tests.reliability.line import TOKEN, Line, form, running

METRICS = TOKEN * 4
KEPT_BY_DEFAULT = {
    "slowlog-log-slower-than": "0",
    "slowlog-max-len": "1000000",
    "commandlog-request-larger-than": "0",
    "commandlog-reply-larger-than": "0",
    "commandlog-large-request-max-len": "1000000",
    "commandlog-large-reply-max-len": "1000000",
    "rdbcompression": "no",
}
"""A store that notes all it can: who runs one badly must not give anybody away either."""

_TIME = re.compile(rb"(?m)^\+\d+\.\d+ ")
"""What a line of MONITOR begins with; its digits are anybody's."""

_MAY_WRITE = re.compile(r"/key|/tmp\w{8}|/tmp/(\w{8}|tmp\w{8}|wgunicorn-\w{8})|/dev/null")
"""The key, the file it is made in, a trial, the counts of the metrics, a sign of life."""


@dataclass
class Harvest:
    """What was taken, by where it lay; each as blocks to look through."""

    found: dict[str, list[bytes]] = field(default_factory=dict)
    line: Line | None = None
    url: str = ""
    store_pid: int = 0

    def add(self, sink: str, *content: bytes) -> None:
        """Add something found."""
        self.found.setdefault(sink, []).extend(block for one in content for block in cut(one))

    def processes(self) -> Iterator[bytes]:
        """Read the memory of all processes of the line."""
        assert self.line
        for pid in (self.line.process.pid, *self.line.workers):
            yield from memory(pid)


@contextmanager
def machine(folder: Path, target: str, book: Path) -> Iterator[tuple[Harvest, redis.Redis]]:
    """Run a whole machine: a store that notes all it can, and the line beside it."""
    harvest, tmp = Harvest(), folder / "tmp"
    tmp.mkdir()
    shutil.copytree(book, folder / "flows")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        options = f"{server._OPTIONS} --logfile said --loglevel debug"
        patch.setattr(server, "_OPTIONS", options)
        url = stack.enter_context(embedded())
        owner = stack.enter_context(as_owner(url))
        for name, value in KEPT_BY_DEFAULT.items():
            with contextlib.suppress(redis.ResponseError):  # not every server has all
                owner.config_set(name, value)
        stack.enter_context(_watched(harvest, url))
        harvest.url = url
        harvest.store_pid = int(str(owner.info()["process_id"]))
        extra = {"TMPDIR": str(tmp), "PORCHLIGHT_METRICS_TOKEN": METRICS}
        harvest.line = stack.enter_context(
            running(
                folder, url, config="bot.gunicorn", target=target, under=tracer(folder), **extra
            )
        )
        yield harvest, owner


def tracer(folder: Path) -> list[str]:
    """Give a command that notes whom a program calls and what it opens, if there is one here."""
    quietly = ["strace", "-D", "-f", "-qq", "-s", "200", "-o", str(folder / "calls")]
    calls = "connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,rename,link,linkat"
    command = [*quietly, "--seccomp-bpf", "-e", f"trace={calls}"]
    probe = [*quietly, "-e", "trace=connect", "true"]
    usable = shutil.which("strace") and not subprocess.run(probe, check=False).returncode
    return command if usable else []


def called(folder: Path, url: str) -> dict[str, Counter[str]]:
    """Give whom the line called beside its store, and what it wrote beside the files it may."""
    reached, wrote = Counter[str](), Counter[str]()
    if not (notes := folder / "calls").exists():
        return {}
    for line in notes.read_text("utf-8", "replace").splitlines():
        if "sa_family" in line and urllib.parse.urlsplit(url).path not in line:
            reached[line.partition("{")[2].partition("}")[0]] += 1
        elif re.search(r"O_WRONLY|O_RDWR|O_CREAT| (creat|rename|link)", line):
            name = line.partition('"')[2].partition('"')[0]
            if not _MAY_WRITE.fullmatch(name.removeprefix(f"{folder}")):
                wrote[name] += 1
    return {"reached": reached, "wrote": wrote}


@contextmanager
def _watched(harvest: Harvest, url: str) -> Iterator[None]:
    """Record every command that reaches the store, as its MONITOR shows it."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(urllib.parse.urlsplit(url).path)
        wire.sendall(b"AUTH owner owner\r\nMONITOR\r\n")
        stream = bytearray()

        def read() -> None:
            while part := wire.recv(1 << 16):
                stream.extend(part)

        watcher = threading.Thread(target=read)
        watcher.start()
        try:
            yield
        finally:
            wire.shutdown(socket.SHUT_RDWR)
            watcher.join()
            harvest.add("monitor", _unescaped(_TIME.sub(b"", bytes(stream))))


def _unescaped(text: bytes) -> bytes:
    """Undo how the store prints bytes that are no text."""
    return bytes(codecs.escape_decode(text)[0])


def text(line: Line, person: Person, texts: Iterable[str], **headers: str) -> None:
    """Let a person text, whatever the answer."""
    for body in texts:
        line.send(form(body, person.number), **headers)


def text_badly(line: Line, person: Person) -> None:
    """Let requests come that get no turn, each with all there is about a person."""
    everything = f"{person.number} {person.word} {person.far} {person.zip}"
    known = form(everything, person.number) | {"ProfileName": person.word}
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    query = urllib.parse.urlencode(known)
    line.ask("POST", "/sms", query, typed)
    line.ask("GET", f"/sms?{query}")
    line.ask("GET", f"/{person.number}/{person.word}", headers={"User-Agent": everything})
    line.ask("POST", "/sms", query * 600, typed)
    line.ask(
        "POST", "/sms", query, {"Content-Type": f"multipart/form-data; boundary={person.word}"}
    )
    for sender in (f"whatsapp:{person.number}", f"{person.number}00000", person.word):
        with contextlib.suppress(OSError):
            line.send(form(everything, sender), **{"X-Forwarded-For": person.number})
    line.send(known | {"OptOutType": "STOP"})
    for raw in (f"{everything}\r\n\r\n", f"POST /sms HTTP/9\r\nA {everything}\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", line.port)) as wire:
            wire.sendall(raw.encode())
            with contextlib.suppress(OSError):
                wire.recv(1 << 16)


def everybody(line: Line, some: Iterable[Person], texts: Iterable[str]) -> None:
    """Let people text at the same time, and some of them badly."""
    with ThreadPoolExecutor(8) as pool:
        sent = []
        for nth, one in enumerate(some):
            said = [words.format(**vars(one)) for words in texts]
            sent.append(pool.submit(text, line, one, said + ["erase"] * (nth % 5 == 0)))
            if nth % 20 == 0:
                sent.append(pool.submit(text_badly, line, one))
        for each in sent:
            each.result()


def rehearse(line: Line) -> None:
    """Play all transcripts of the line's book, each from a phone of its own."""
    book = house.open_book(line.flows)
    for source in book.transcripts.values():
        number = form("")["From"]
        for one in parse(source, book).exchanges:
            line.send(form(one.text, number))


def take(harvest: Harvest, owner: redis.Redis, folder: Path) -> None:
    """Take all that lies anywhere while sessions are open; memory last, from new workers."""
    line = harvest.line
    assert line
    # Before it answers questions of ours, which bring numbers of their own.
    harvest.found["store's memory"] = [*memory(harvest.store_pid)]
    owner.save()
    for name in [*owner.scan_iter("*")]:
        kept = owner.get(name), owner.dump(name)
        harvest.add("keyspace", bytes(name), *(one for one in kept if isinstance(one, bytes)))
    for kind in ("slow", "large-request", "large-reply"):
        words = ("COMMANDLOG", "GET", "-1", kind)
        harvest.add("slowlog", *_flat(owner.execute_command(*words)))  # type: ignore[no-untyped-call]
    bearer = {"Authorization": f"Bearer {METRICS}"}
    for path in ("health", "metrics"):
        harvest.add(path, line.ask("GET", f"/{path}", headers=bearer).body.encode())
    harvest.add("files", *_open_files(line))
    line.hang_up()
    home = Path(str(owner.config_get("dir")["dir"]))
    harvest.add("image", (home / "dump.rdb").read_bytes())
    harvest.add("store's log", (home / "said").read_bytes())
    harvest.add("output", line.said.read_bytes())
    theirs = (line.said, folder / "calls")
    for file in folder.rglob("*"):
        if file.is_file() and line.flows not in file.parents and file not in theirs:
            harvest.add("files", str(file).encode(), file.read_bytes())
    _statistics(harvest, line)
    harvest.found["processes"] = [*harvest.processes()]


def _flat(value: object) -> Iterator[bytes]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif isinstance(value, bytes):
        yield value


def _open_files(line: Line) -> Iterator[bytes]:
    """Read what processes hold open, the files without a name too."""
    for pid in (line.process.pid, *line.workers):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            if file.is_file() and not file.samefile(line.said):
                yield file.read_bytes()


def _statistics(harvest: Harvest, line: Line) -> None:
    """Read the week's report on the week after, and the counts beneath it."""
    env = {
        "REDIS_URL": harvest.url,
        "PORCHLIGHT_KEY_FILE": str(line.key_file),
        "PORCHLIGHT_FLOWS": str(line.flows),
    }
    settings, today = Settings.from_env(env), house.now()
    zone = house.open_book(settings.flows).locale.timezone
    day, week = day_of(today.astimezone(zone))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house, "now", lambda: today + timedelta(days=8))
        lines, chart = house.statistics(settings, week)
    counts = Counts(store_from_url(harvest.url), Keyring(line.key_file).counts_key)
    beneath = [json.dumps(dict(counts.read(period))) for period in (day, week)]
    harvest.add("statistics", "\n".join([*lines, chart, *beneath]).encode())
