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


class Server:
    """A real server of our own on a port of loopback."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.folder, self.options = free_port(), folder, options
        self.process: subprocess.Popen[bytes] | None = None
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
        common = ["--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([*command, *common], stdout=subprocess.DEVNULL)
        until(lambda: bool(self.owner().ping()))

    def owner(self) -> redis.Redis:
        """Give a client that may do anything."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def run(self, *words: object) -> object:
        """Run one command."""
        with self.owner() as client:
            return client.execute_command(*words)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        assert self.process
        self.process.kill()
        self.process.wait()


@contextmanager
def servers(*made: Server) -> Iterator[None]:
    """End servers however the block ends."""
    try:
        yield
    finally:
        for one in made:
            one.kill()


def until(true: Callable[[], bool], seconds: float = 20) -> float:
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
