"""Workers come and go while people text: nobody is left without an answer."""

import ctypes
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.reliability.line import TOKEN, Crowd, Line, form, running, wait

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
SLOW = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("line")


@pytest.fixture(scope="module")
def server(folder: Path, redis_url: str) -> Iterator[Line]:
    """Give a line that runs as the Procfile starts it."""
    with running(folder, redis_url) as started:
        yield started


def test_new_workers_take_over_without_a_gap(server: Line) -> None:
    """While the workers are replaced every text is answered."""
    with Crowd(server) as crowd:
        crowd.until(50)
        server.hang_up()
        crowd.until(crowd.answered + 50)
    assert crowd.failed == []


def test_slow_senders_hold_nobody_up(server: Line) -> None:
    """Fifty connections that never finish their request are cut off, and texts are answered."""
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(SLOW)
        ]
        for nth, one in enumerate(slow):
            one.sendall(b"POST /sms HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n")
            one.sendall(b"\r\nBody=" if nth % 2 else b"X-A: ")
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


def test_counts_are_those_of_all_workers(folder: Path, redis_url: str) -> None:
    """The metrics are a total over every worker, those that have gone included."""
    with running(folder, redis_url, PORCHLIGHT_METRICS_TOKEN=TOKEN * 4) as server:
        for _ in range(2):
            for _ in range(10):
                server.text(form("dwa"))
            server.hang_up()
        assert server.ask("GET", "/metrics").status == 404
        shown = server.ask("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN * 4}"})
    turns = re.findall(
        r'^porchlight_turn\{outcome="answered",.*\} (\d+)$', shown.body, re.MULTILINE
    )
    assert sum(map(int, turns)) == 20


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


def test_a_new_version_takes_over_the_socket(folder: Path, redis_url: str) -> None:
    """A second master on the same socket, then the end of the first: every text is answered."""
    with running(folder, redis_url) as server:
        deploy(server)


def deploy(server: Line) -> None:
    """Start the line again beside itself, then end the first, while people text."""
    before = server.workers
    with Crowd(server, people=4) as crowd:
        server.process.send_signal(signal.SIGUSR2)
        wait(lambda: len(server.workers - before) == 1)
        (fresh,) = server.workers - before
        try:
            wait(lambda: len(children(fresh)) == len(before))
            crowd.until(crowd.answered + 50)
            server.process.terminate()
            server.process.wait(30)
            crowd.until(crowd.answered + 50)
        finally:
            crowd.stop()
            os.kill(fresh, signal.SIGTERM)
            wait(lambda: not any(Path(f"/proc/{pid}/status").exists() for pid in [fresh]))
    assert crowd.failed == []


def children(pid: int) -> set[int]:
    """Give the processes below one."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for file in found for child in file.read_text().split()}
