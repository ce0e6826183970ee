"""Stores that fail: real servers on loopback to stop, fill and kill, and one that lies."""

import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

import redis

from bot.storage.embedded import _program


def free_port() -> int:
    """Give a port nobody listens on; also ten thousand above it, for a cluster's own talk."""
    while True:
        with socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            with suppress(OSError, OverflowError):
                bus.bind(("127.0.0.1", port + 10_000))
                return port


RUNNING: list["Server"] = []
"""What `end_all` has to end."""


class Server:
    """A real server of our own on a port of loopback."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.folder, self.options = free_port(), folder, options
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = redis.Redis(port=self.port, socket_timeout=5)
        RUNNING.append(self)
        self.start()

    @property
    def url(self) -> str:
        """Give its URL."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """Give its host and port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on its port, and wait until it answers."""
        command = [_program(), *self.options, "--port", str(self.port)]
        common = ["--bind", "127.0.0.1", "--dir", str(self.folder)]
        if "--sentinel" not in self.options:
            common += ["--save", "", "--repl-diskless-sync-delay", "0"]
        self.process = subprocess.Popen([*command, *common], stdout=subprocess.DEVNULL)
        until(lambda: bool(self.owner.ping()))

    def run(self, *words: object) -> object:
        """Run one command."""
        return self.owner.execute_command(*words)  # type: ignore[no-untyped-call]

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.owner.close()


def end_all() -> None:
    """End every server that was started, whatever became of its test."""
    while RUNNING:
        RUNNING.pop().kill()


@contextmanager
def servers(*made: Server) -> Iterator[None]:
    """End servers however the block ends."""
    try:
        yield
    finally:
        for one in made:
            one.kill()
            RUNNING.remove(one)


def until(true: Callable[[], bool], seconds: float = 60) -> float:
    """Wait until something is so, and give the seconds it took; a failing server is not yet."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        with suppress(redis.RedisError, OSError):
            if true():
                return time.monotonic() - start
        time.sleep(0.02)
    raise TimeoutError


@contextmanager
def liar(*says: tuple[str, bytes], hang: bool = False) -> Iterator[str]:
    """Run a server that greets a client well and answers commands as told; give its URL.

    An empty answer breaks the connection off; `hang` keeps it open and silent after one.
    """
    usual = {"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n", "GET": b"_\r\n", "EVAL": b":1\r\n"}
    answers, ended = usual | dict(says), threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, ValueError):
                while word := _command(cast("IO[bytes]", self.rfile)):
                    said = answers.get(word, b"+OK\r\n")
                    if not said:
                        return
                    self.wfile.write(said)
                    if hang and word in dict(says):
                        ended.wait()

    class Liar(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Liar(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}"
        finally:
            ended.set()
            server.shutdown()


def _command(stream: IO[bytes]) -> str:
    head = stream.readline()
    words = []
    for _ in range(int(head[1:] or 0)):
        size = int(stream.readline()[1:])
        words.append(stream.read(size + 2)[:-2])
    return words[0].decode().upper() if words else ""


class Cluster:
    """A cluster of real nodes without copies, each with a third of the slots."""

    SLOTS = 16384

    def __init__(self, folder: Path, nodes: int = 3) -> None:
        self.nodes = []
        for n in range(nodes):
            home = folder / f"node{n}"
            home.mkdir()
            options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "4000")
            self.nodes.append(Server(home, *options, "--cluster-require-full-coverage", "no"))
        first, *others = self.nodes
        edges = [self.SLOTS * n // nodes for n in range(nodes + 1)]
        for node, start, end in zip(self.nodes, edges, edges[1:], strict=False):
            node.run("CLUSTER", "ADDSLOTSRANGE", start, end - 1)
        for node in others:
            node.run("CLUSTER", "MEET", "127.0.0.1", first.port)
        until(lambda: all(self.sees_all(node) for node in self.nodes))

    @property
    def url(self) -> str:
        """Give the URL that names all nodes."""
        return "redis+cluster://" + ",".join(node.host for node in self.nodes)

    def sees_all(self, node: Server) -> bool:
        """Tell whether a node finds the cluster whole."""
        said = node.run("CLUSTER", "INFO")
        assert isinstance(said, bytes)
        state = dict(line.split(":") for line in said.decode().split())
        known = int(state["cluster_known_nodes"]) == len(self.nodes)
        return known and state["cluster_state"] == "ok"

    def keys(self) -> int:
        """Count what all nodes that live hold."""
        return sum(int(str(node.run("DBSIZE"))) for node in self.nodes)

    def move(self, slots: range, source: Server, target: Server) -> None:
        """Move slots with what is in them from one node to another, as operators do."""
        ids = {one: _id(one) for one in (source, target)}

        def done(node: Server, *words: object) -> None:
            # A machine with much else to do finds nodes down that are only late.
            until(lambda: node.run(*words) is not None)

        for slot in slots:
            done(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
            done(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
            while keys := source.run("CLUSTER", "GETKEYSINSLOT", slot, 50):
                assert isinstance(keys, list)
                done(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
            for node in self.nodes:
                done(node, "CLUSTER", "SETSLOT", slot, "NODE", ids[target])


def _id(node: Server) -> str:
    said = node.run("CLUSTER", "MYID")
    return said.decode() if isinstance(said, bytes) else str(said)


class Watched:
    """A store with a copy of itself, and sentinels that put the copy in its place."""

    def __init__(self, folder: Path, sentinels: int = 3) -> None:
        self.master, self.copy = Server(folder), Server(folder)
        self.copy.run("REPLICAOF", "127.0.0.1", self.master.port)
        self.sentinels = []
        for n in range(sentinels):
            conf = folder / f"sentinel{n}.conf"
            watch = f"sentinel monitor line 127.0.0.1 {self.master.port} {sentinels // 2 + 1}\n"
            soon = (
                "sentinel down-after-milliseconds line 700\nsentinel failover-timeout line 2000\n"
            )
            conf.write_text(watch + soon, "utf-8")
            self.sentinels.append(Server(folder, str(conf), "--sentinel"))
        for one in self.sentinels:
            until(lambda one=one: self._knows(one, sentinels))  # type: ignore[misc]

    @property
    def url(self) -> str:
        """Give the URL that names the sentinels, and before them one that is not there."""
        hosts = [f"127.0.0.1:{free_port()}", *(one.host for one in self.sentinels)]
        return f"redis+sentinel://{','.join(hosts)}/line"

    def offsets(self) -> list[int]:
        """Tell how far each of the two has come."""
        both = [one.owner.info("replication") for one in (self.master, self.copy)]
        return [int(one["master_repl_offset"]) for one in both]

    def _knows(self, sentinel: Server, sentinels: int) -> bool:
        state = sentinel.owner.sentinel_master("line")
        assert isinstance(state, dict)
        others = int(state["num-other-sentinels"]) == sentinels - 1
        return others and int(state["num-slaves"]) == 1
