"""A real gunicorn as the Procfile starts it, on this machine, and people who text it."""

import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Self

from bot.settings import SETTINGS
from bot.web.site import HEADER, sign

ROOT = Path(__file__).parents[2]
COUNTY = ROOT / "tests" / "county"
URL = "https://line.example"
TOKEN = "token"
WORKERS = 2
WAIT_SECONDS = 30
PATIENCE_SECONDS = 15
"""The provider waits as long for an answer."""


def form(body: str, sender: str = "", sid: str = "") -> dict[str, str]:
    """Make a form as the provider sends it, from a phone never seen unless one is given."""
    return {
        "AccountSid": "AC" + "0" * 32,
        "Body": body,
        "From": sender or f"+1{secrets.randbelow(10**9) + 3 * 10**9}",
        "MessageSid": sid or "SM" + secrets.token_hex(16),
    }


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: str
    headers: Message

    @property
    def reply(self) -> str:
        """Give the one message in it."""
        return ET.fromstring(self.body).findtext("Message") or ""


@dataclass
class Line:
    """A running line."""

    process: "subprocess.Popen[bytes]"
    port: int
    flows: Path
    said: Path
    key_file: Path

    def text(self, given: Mapping[str, str]) -> str:
        """Send a form, signed; give the reply. Raises OSError or HTTPException without one."""
        return self.send(given).reply

    def send(self, given: Mapping[str, str], **headers: str) -> "Answer":
        """Send a form, signed, with more headers. Raises as `text`, also for an error."""
        headers[HEADER] = sign(URL + "/sms", given, TOKEN)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.ask("POST", "/sms", urllib.parse.urlencode(given), headers)
        if answer.status != 200:
            raise OSError(answer.status)
        return answer

    def ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> "Answer":
        """Send any request."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            line.request(method, path, body, dict(headers or {}))
            given = line.getresponse()
            return Answer(given.status, given.read().decode(), given.headers)
        finally:
            line.close()

    @property
    def workers(self) -> set[int]:
        """Give the processes that answer."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return {int(pid) for file in children for pid in file.read_text().split()}

    def hang_up(self) -> None:
        """Ask for new workers and wait until the old ones are gone."""
        wait(lambda: len(self.workers) == WORKERS)
        old = self.workers
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: not old & self.workers and len(self.workers) >= WORKERS)


def wait(true: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextmanager
def running(
    folder: Path,
    redis_url: str,
    *options: str,
    config: str = "tests.reliability.quick",
    target: str = "bot.app:create()",
    under: Sequence[str] = (),
    **env: str,
) -> Iterator[Line]:
    """Run the line with files of its own in an empty folder, until the block ends.

    `under` = a command that runs it, such as a tracer, and leaves it its process id.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flows = folder / "flows"
    if not flows.exists():
        shutil.copytree(COUNTY, flows)
    ours = {setting.name for setting in SETTINGS}
    settings = {
        "PUBLIC_URL": URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "REDIS_URL": redis_url,
        "PORCHLIGHT_KEY_FILE": str(folder / "key"),
        "PORCHLIGHT_FLOWS": str(flows),
    }
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    # As the Procfile has it: a second master is started by the name of the first.
    words = [
        *under,
        str(Path(sys.executable).with_name("gunicorn")),
        "--config",
        f"python:{config}",
        *options,
    ]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [*words, "--bind", f"127.0.0.1:{port}", target],
            cwd=ROOT,
            env=clean | settings | env,
            stdout=said,
            stderr=said,
        )
        server = Line(process, port, flows, folder / "said", folder / "key")
        try:
            wait(lambda: up(server) or process.poll() is not None)
            wait(lambda: len(server.workers) >= WORKERS)
            yield server
        finally:
            process.terminate()
            process.wait(WAIT_SECONDS)


def up(server: Line) -> bool:
    """Tell whether the line answers."""
    try:
        return server.ask("GET", "/health").status == 200
    except OSError:
        return False


@dataclass
class Crowd:
    """People who text all the time from many phones; every text is answered or counted."""

    server: Line
    people: int = 8
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __enter__(self) -> Self:
        self._going, self._lock = True, threading.Lock()
        self._threads = [threading.Thread(target=self._texts) for _ in range(self.people)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let everybody have their last answer."""
        self._going = False
        for thread in self._threads:
            thread.join()

    def _texts(self) -> None:
        while self._going:
            begun = time.monotonic()
            try:
                failure = "" if self.server.text(form("doktè 33127")) else "silence"
            except (OSError, http.client.HTTPException) as error:
                failure = re.sub(r"\W+", " ", repr(error))
            with self._lock:
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.answered += not failure
                self.failed += [failure] if failure else []

    def until(self, count: int) -> None:
        """Wait for so many texts."""
        wait(lambda: self.answered + len(self.failed) >= count, 600)
