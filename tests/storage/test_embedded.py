import fcntl
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.storage.doctor import FORGETFUL
from bot.storage.embedded import EmbeddedError, embedded, private

Parent = tuple["subprocess.Popen[bytes]", Path]

PARENT = """
import os, signal, sys, time
from bot.storage.embedded import embedded
# A shell that starts a suite in the background has it ignore Ctrl-C, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
with embedded() as url:
    if "fork" in sys.argv and os.fork() == 0:
        sys.exit(0)
    if "fork" in sys.argv:
        os.wait()
    print(url, flush=True)
    time.sleep(30)
"""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty folder for temporary files with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="pl") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def parent(temporary: Path, request: pytest.FixtureRequest) -> Iterator[Parent]:
    """Start a process that owns a server; give it and the server's folder."""
    words = [sys.executable, "-c", PARENT, getattr(request, "param", "")]
    env = {**os.environ, "TMPDIR": str(temporary)}
    if "untied" in words:
        env["PATH"] = str(temporary)
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        url = process.stdout.readline().decode().strip()
        yield process, Path(url.removeprefix("unix://")).parent
        process.kill()


def _alive(folder: Path) -> bool:
    try:
        with redis.Redis(
            unix_socket_path=str(folder / "redis.sock"), retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _ends(folder: Path) -> bool:
    end = time.monotonic() + 5
    while _alive(folder) and time.monotonic() < end:
        time.sleep(0.01)
    return not _alive(folder)


def test_server_keeps_and_logs_nothing(redis_client: redis.Redis, redis_url: str) -> None:
    """No snapshot, no log of any command, no network port; only we can reach it."""
    expected = {
        **{name: value for name, (value, _) in FORGETFUL.items()},
        "port": "0",
        "maxmemory-policy": "noeviction",
        "maxmemory": str(64 << 20),
    }
    asked = redis_client.config_get(*expected)
    assert {_text(name): _text(value) for name, value in asked.items()} == expected
    limits = Path(f"/proc/{redis_client.info('server')['process_id']}/limits").read_text()
    assert re.search(r"^Max core file size +0 ", limits, re.MULTILINE)
    folder = Path(redis_url.removeprefix("unix://")).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "redis.sock").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "words",
    [
        *("MONITOR", "KEYS *", "SCAN 0", "CONFIG GET save", "CONFIG SET save 1", "DEBUG JMAP"),
        *("SAVE", "BGSAVE", "BGREWRITEAOF", "SHUTDOWN SAVE", "SLOWLOG GET", "INFO", "ACL LIST"),
        *("CLIENT LIST", "GET other", "SET other 1", "DUMP porchlight:x", "MULTI", "FLUSHALL"),
        *("REPLICAOF 127.0.0.1 1", "SYNC", "PUBLISH a b", "SUBSCRIBE a", "RANDOMKEY"),
    ],
)
def test_the_line_can_only_do_what_it_needs(redis_url: str, words: str) -> None:
    """Whoever breaks into the line cannot look around in the server or have it write a file."""
    with redis.Redis.from_url(redis_url) as client, pytest.raises(redis.ResponseError):
        client.execute_command(*words.split())


def test_a_server_that_would_keep_something_is_not_used(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it cannot be told to forget, it ends, and nothing runs on it."""
    monkeypatch.setattr("bot.storage.embedded.FORGETFUL", {})
    with pytest.raises(EmbeddedError, match="would keep"), embedded():
        pass
    assert not list(temporary.iterdir())


def _text(given: object) -> str:
    return given.decode() if isinstance(given, bytes) else str(given)


def test_server_and_folder_go_with_the_block() -> None:
    """Leaving the block ends the server and removes its folder."""
    with embedded() as url:
        folder = Path(url.removeprefix("unix://")).parent
        assert _alive(folder)
    assert not folder.exists()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_server_and_folder_go_with_a_signal(parent: Parent, signum: int) -> None:
    """SIGTERM or Ctrl-C to the owner ends the server and removes its folder."""
    process, folder = parent
    assert _alive(folder)
    process.send_signal(signum)
    process.wait(5)
    assert not _alive(folder)
    assert not folder.exists()


@pytest.mark.skipif(not shutil.which("setpriv"), reason="the kernel is not asked here")
def test_a_kill_ends_the_server(parent: Parent) -> None:
    """SIGKILL of the owner ends the server where the system can tie them."""
    process, folder = parent
    assert _alive(folder)
    process.kill()
    process.wait(5)
    assert _ends(folder)


@pytest.mark.parametrize("parent", ["", "untied"], indirect=True)
def test_the_next_start_ends_and_removes_what_a_kill_left(parent: Parent) -> None:
    """After SIGKILL of the owner the next start ends its server and removes its folder."""
    process, folder = parent
    with embedded() as url:
        assert _alive(folder), "a running owner's server was ended"
        beside = Path(url.removeprefix("unix://")).parent
    process.kill()
    process.wait(5)
    (folder.parent / "porchlight-foreign").mkdir(mode=0o700)
    with embedded():
        assert _ends(folder)
        assert not folder.exists()
        assert not beside.exists()
        assert (folder.parent / "porchlight-foreign").exists()


def test_a_killed_runs_private_folder_is_removed(temporary: Path) -> None:
    """What a killed run kept in a private folder goes at the next start of any kind."""
    code = """if True:
        import os
        from bot.storage.embedded import private
        with private() as folder:
            (folder / "key").touch()
            os.kill(os.getpid(), 9)
    """
    env = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", code], env=env, check=False)
    (left,) = temporary.iterdir()
    assert (left / "key").exists()
    with private() as folder:
        assert list(temporary.iterdir()) == [folder]
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folders_of_another_user_are_left_alone(temporary: Path) -> None:
    """A folder with our kind of name that belongs to someone else is not touched."""
    with private() as folder:
        name = folder.name
    (temporary / f"{name}x").mkdir(mode=0o700)
    os.chown(temporary / f"{name}x", 65534, -1)
    (temporary / f"{name}y").symlink_to(temporary / f"{name}x")
    with private():
        assert (temporary / f"{name}x").exists()
        assert (temporary / f"{name}y").is_symlink()


@pytest.mark.parametrize("parent", ["fork"], indirect=True)
def test_a_forked_worker_leaves_the_server_alone(
    parent: Parent,
) -> None:
    """A worker forked inside the block that exits does not end its owner's server."""
    assert _alive(parent[1])


def test_a_long_temporary_folder_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket's path is kept short enough wherever temporary files go."""
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with embedded() as url:
        assert _alive(Path(url.removeprefix("unix://")).parent)


def test_no_server_anywhere_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a wheel and without a server on the PATH the error tells what to set."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match="set REDIS_URL"), embedded():
        pass


def test_a_program_that_fails_is_told(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server from the PATH that ends at once is an error, and leaves no folder behind."""
    (tmp_path / "redis-server").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "redis-server").chmod(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match="did not start"), embedded():
        pass
    assert not list(temporary.iterdir())


def test_a_folder_is_locked_while_its_owner_lives(redis_url: str) -> None:
    """Nobody else can take the folder of a running server."""
    folder = os.open(Path(redis_url.removeprefix("unix://")).parent, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)
