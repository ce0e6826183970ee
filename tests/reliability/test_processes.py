"""Workers come and go while people text: nobody is left without an answer."""

import ctypes
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.reliability.line import Crowd, Line, form, running, wait

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
SLOW = 75
METRICS = "a-token-of-our-own"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("line")


@pytest.fixture(scope="module")
def server(folder: Path, redis_url: str) -> Iterator[Line]:
    """Give a line that runs as the Procfile starts it."""
    with running(folder, redis_url, PORCHLIGHT_METRICS_TOKEN=METRICS) as started:
        yield started


MANY = pytest.param(1800, marks=pytest.mark.long)
"""Texts between two changes; three changes make more than five thousand."""


@pytest.mark.parametrize("texts", [30, MANY])
def test_new_workers_take_over_without_a_gap(server: Line, texts: int) -> None:
    """While the workers are replaced, three times in the long run, every text is answered."""
    with Crowd(server) as crowd:
        for _ in range(3 if texts > 30 else 1):
            crowd.until(crowd.answered + texts)
            server.hang_up()
        crowd.until(crowd.answered + 30)
    told("replaced", crowd)
    assert crowd.failed == []


@pytest.mark.long
@pytest.mark.parametrize("kind", [["sync"], ["gthread", "--threads", "4"]])
def test_other_workers_do_as_well(folder: Path, redis_url: str, kind: list[str]) -> None:
    """Processes alone, and the server's own threads, answer and go without losing a text."""
    with running(folder, redis_url, "--worker-class", *kind) as server, Crowd(server) as crowd:
        crowd.until(300)
        server.hang_up()
        crowd.until(crowd.answered + 300)
    told(kind[0], crowd)
    assert crowd.failed == []


def told(change: str, crowd: Crowd) -> None:
    """Print what a long run has shown."""
    figures = {"answered": crowd.answered, "failed": len(crowd.failed), "slowest": crowd.slowest}
    sys.stdout.write(f"{change}: {figures}\n")


UNENDED = (
    b"POST /sms HTTP/1.1\r\nHost: a\r\nX-A: ",
    b"POST /sms HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nBody=",
    b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
)


def test_slow_senders_hold_nobody_up(server: Line) -> None:
    """Connections that never end their request, or stay after the answer, cost nobody a text."""
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(SLOW)
        ]
        for nth, one in enumerate(slow):
            one.sendall(UNENDED[nth % len(UNENDED)])
        with Crowd(server, people=2) as crowd:
            for one in slow:
                one.sendall(b"a")
            crowd.until(50)
            for one in slow:
                one.settimeout(15)
                assert not one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert crowd.failed == []


def test_every_worker_takes_a_new_book(server: Line) -> None:
    """A good edit is said by all workers in seconds, a bad one by none, while people text."""
    path = server.flows / "dwa.yaml"
    whole = path.read_text("utf-8")

    def said() -> list[str]:
        return [server.text(form("rights")).split("\n")[0] for _ in range(8)]

    with Crowd(server, people=2) as crowd:
        path.write_text(whole.replace("know about the law?", "know of the law?"), "utf-8")
        wait(lambda: set(said()) == {"What would you like to know of the law?"})
        path.write_text("flow: [", "utf-8")
        wait(lambda: all('"syntax":1' in server.ask("GET", "/health").body for _ in range(8)))
        assert set(said()) == {"What would you like to know of the law?"}
        path.write_text(whole, "utf-8")
        wait(lambda: all('"refused":{}' in server.ask("GET", "/health").body for _ in range(8)))
    assert crowd.failed == []


GARBAGE = (
    b"CANARY\r\n\r\n",
    b"GET /canary?canary HTTP/1.1\r\nHost: canary\r\nX-Canary: canary\r\n\r\n",
    b"GET /\x1b[31mcanary HTTP/9.9\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nCanary canary\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
    b"POST /sms HTTP/1.1\r\nHost: a\r\nContent-Length: canary\r\n\r\n",
    b"POST /sms HTTP/1.1\r\nHost: a\r\nExpect: canary\r\nContent-Length: 9\r\n\r\ncanary",
    b"GET /" + b"canary" * 2000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X-Canary: canary\r\n" * 200 + b"\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"canary" * 3000 + b"\r\n\r\n",
    b"PROXY TCP4 canary canary 1 1\r\nGET / HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ncanary",
    b"GET /health HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: canary\r\nSCRIPT_NAME: canary\r\n\r\n",
)


def test_the_log_is_events_whatever_is_sent(server: Line) -> None:
    """Requests that no server should take leave lines of our own, without a word of theirs."""
    for one in GARBAGE:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(one)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(10)
            with suppress(OSError):
                while connection.recv(1 << 16):
                    pass
    assert server.text(form("canary"))
    said = server.said.read_text("utf-8")
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["event"] for line in lines} <= {
        "ready",
        "turn",
        "refused",
        "log",
        "book",
        "problem",
    }
    assert any(line["event"] == "log" for line in lines)
    assert "canary" not in said.lower()
    assert "127.0.0.1" not in said


def counted(server: Line) -> int:
    """Give how many texts the metrics page says were answered."""
    page = server.ask("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS}"})
    turns = re.findall(
        r'^porchlight_turn\{outcome="answered",.*\} (\d+)$', page.body, re.MULTILINE
    )
    return sum(map(int, turns))


def test_counts_are_those_of_all_workers(server: Line) -> None:
    """The metrics are a total over every worker, those that have gone included."""
    before = counted(server)
    for _ in range(2):
        for _ in range(10):
            server.text(form("dwa"))
        server.hang_up()
    assert counted(server) == before + 20
    assert server.ask("GET", "/metrics").status == 404


def test_nothing_can_be_dumped(server: Line) -> None:
    """No process of the line leaves a core file or lets its own user read its memory."""
    for pid in {server.process.pid, *server.workers}:
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (cores,) = [line.split()[4:6] for line in limits if line.startswith("Max core file")]
        assert cores == ["0", "0"]
        # The files of a process that may not be dumped belong to root alone.
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
    assert not readable_by_own_user(server)


def readable_by_own_user(server: Line) -> bool:
    """Try to read a worker's memory as a process of the same user without root's powers."""
    pid = min(server.workers)
    libc = ctypes.CDLL(None)
    child = os.fork()
    if not child:
        # Without CAP_SYS_PTRACE and the like even root is only a user.
        libc.prctl(38, 1, 0, 0, 0)
        os.setresuid(65534, 65534, 65534)
        try:
            Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def test_old_workers_go_and_take_what_they_remember(folder: Path, redis_url: str) -> None:
    """Workers are replaced when they are old, and nobody notices."""
    with running(folder, redis_url, YOUNG="yes") as server:
        first = server.workers
        with Crowd(server, people=4) as crowd:
            wait(lambda: not first & server.workers)
        assert crowd.failed == []
        assert crowd.answered


@pytest.mark.parametrize("texts", [30, MANY])
def test_a_new_version_takes_over_the_socket(folder: Path, redis_url: str, texts: int) -> None:
    """A second master on the same socket, then the end of the first: every text is answered."""
    with running(folder, redis_url) as server:
        deploy(server, texts)


def deploy(server: Line, texts: int) -> None:
    """Start the line again beside itself, then end the first, while people text."""
    before = server.workers
    with Crowd(server, people=4) as crowd:
        crowd.until(texts)
        server.process.send_signal(signal.SIGUSR2)
        wait(lambda: len(server.workers - before) == 1)
        (fresh,) = server.workers - before
        try:
            wait(lambda: len(children(fresh)) == len(before))
            crowd.until(crowd.answered + texts)
            server.process.terminate()
            server.process.wait(30)
            crowd.until(crowd.answered + texts)
        finally:
            crowd.stop()
            os.kill(fresh, signal.SIGTERM)
            wait(lambda: not Path(f"/proc/{fresh}/status").exists())
    told("deployed", crowd)
    assert crowd.failed == []


def children(pid: int) -> set[int]:
    """Give the processes below one."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for file in found for child in file.read_text().split()}
