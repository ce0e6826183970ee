"""The line with a leak at every place where one could be, for tests that must find them all.

Only tests start it: nothing of this is in the line itself.
"""

import base64
import hashlib
import mmap
import os
import socket
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bot.app import create, now
from bot.live import Live
from bot.stats import LEAST, day_of
from bot.storage.redis import PREFIX, connect

WORD, NUMBER = "HTTP_X_WORD", "HTTP_X_NUMBER"
"""Headers by which a test says what to leak."""
ELSEWHERE = ("127.0.0.1", 9)
"""Where nobody listens."""
_SHARED = mmap.mmap(-1, 4096)
"""Outlives every worker, as what the first process remembers would."""


class Leaky:
    """A WSGI application that answers as the line does and tells everybody who asked."""

    def __init__(self, live: Live) -> None:
        self.live, self.last = live, ""
        self.held, path = tempfile.mkstemp()
        Path(path).unlink()
        Path(tempfile.gettempdir(), "last").touch()

    @property
    def app(self) -> Any:
        """Give the application of now, as the server's chores want it."""
        return self.live.app

    def tend(self) -> bool:
        """Do the chores."""
        return self.live.tend()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, and leak it."""
        if environ["PATH_INFO"] in {"/health", "/metrics"}:
            body = b"".join(self.live(environ, lambda *_: None))
            start("200 OK", [("Content-Type", "text/plain")])
            shown = Path(tempfile.gettempdir(), "last").read_text("utf-8")
            return [body, shown.encode()]
        if WORD in environ:
            number, word = environ[NUMBER], environ[WORD]
            self._store(number, word)
            self._machine(number, word)
            self._count(word)
            with socket.socket(type=socket.SOCK_DGRAM) as wire:
                wire.sendto(b"here", ELSEWHERE)
        return self.live(environ, start)

    def _store(self, number: str, word: str) -> None:
        url = os.environ["REDIS_URL"]
        with connect(url) as client:
            client.set(f"{PREFIX}leak", word.encode("utf-16"))
            client.get(f"{PREFIX}{number}")
            client.set(f"{PREFIX}slow", f"{number[5:8]}-{number[8:]}")
        with socket.socket(socket.AF_UNIX) as wire:  # what no protocol allows is logged there
            wire.connect(urllib.parse.urlsplit(url).path)
            wire.sendall(f"*1\r\n!{number}\r\n".encode())
            wire.recv(100)

    def _machine(self, number: str, word: str) -> None:
        sys.stdout.write(f"{base64.b64encode(word.encode()).decode()}\n")
        sys.stdout.flush()
        sys.stderr.write(f"{number[::-1]}\n")
        folder = Path(tempfile.gettempdir())
        digest = hashlib.sha256(number.encode()).hexdigest()
        (folder / "kept").write_text(digest, "utf-8")
        (folder / "last").write_text(number, "utf-8")
        os.pwrite(self.held, hashlib.md5(word.encode(), usedforsecurity=False).digest(), 0)
        _SHARED[:40] = number[5:].encode("utf-32-le").ljust(40)

    def _count(self, word: str) -> None:
        counts = self.live.app.extensions["counts"].__self__
        day, _ = day_of(now().astimezone(self.live.book.locale.timezone))
        for _ in range(LEAST):
            counts.add(day, f"{word} met")


def leaky() -> Leaky:
    """Make it for a WSGI server."""
    return Leaky(create())
