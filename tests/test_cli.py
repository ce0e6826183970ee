import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import porchlight
from bot.settings import SETTINGS

ROOT = Path(__file__).parent.parent
WAIT_SECONDS = 60
PHONE = re.compile(r"\d{3}-\d{3}-\d{4}")
OURS = {setting.name for setting in SETTINGS}


def clean(**env: str) -> dict[str, str]:
    """Give this process's environment with only the settings given."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | env


def free_port() -> int:
    """Give a port that nobody uses now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    words: list[str], env: Mapping[str, str], said: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command that speaks into a file; whatever the test does, it ends with the block."""
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=env, stdout=file, stderr=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(WAIT_SECONDS)


def wait_for(ask: Callable[[], str]) -> str:
    """Ask until there is an answer."""
    limit = time.monotonic() + WAIT_SECONDS
    while not (answer := ask()) and time.monotonic() < limit:
        time.sleep(0.05)
    return answer


def page(url: str) -> str:
    """Give a page, or nothing while nobody answers."""
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310
            return str(answer.read().decode())
    except OSError:
        return ""


def paste(command: str) -> str:
    """Do what the printed curl line does."""
    words = shlex.split(command)
    url, pairs = words[2], list(zip(words[3::2], words[4::2], strict=True))
    headers = dict(value.split(": ", 1) for flag, value in pairs if flag == "-H")
    form = dict(value.split("=", 1) for flag, value in pairs if flag == "--data-urlencode")
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:  # noqa: S310
        return ET.fromstring(answer.read()).findtext("Message") or ""


def descendants(pid: int) -> set[int]:
    """Give every process below one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, fresh = set[int](), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_its_own_example_and_leaves_nothing(
    tmp_path: Path, stop: signal.Signals
) -> None:
    """The first command of the README answers what it prints, and ends with all it started."""
    port, said, folder = free_port(), tmp_path / "said", tmp_path / "folder"
    folder.mkdir()
    env = clean(PORT=str(port), TMPDIR=str(folder))
    with started(["-m", "bot", "serve"], env, said) as process:
        assert wait_for(lambda: "".join(re.findall("ctrl-C", said.read_text())))
        example = next(line for line in said.read_text().splitlines() if line.startswith("curl"))
        assert f"127.0.0.1:{port}/sms" in example
        assert PHONE.search(paste(example))
        assert paste(example) == paste(example)
        below = descendants(process.pid)
        assert len(below) >= 2  # a worker and a store
        process.send_signal(stop)
        assert process.wait(WAIT_SECONDS) == 0
    assert page(f"http://127.0.0.1:{port}/health") == ""
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
    assert list(folder.iterdir()) == []


def test_the_procfile_serves(redis_url: str, tmp_path: Path) -> None:
    """What the Procfile starts answers, with the operator's own token and address."""
    port = free_port()
    env = clean(
        PORT=str(port),
        PUBLIC_URL="https://line.example",
        TWILIO_AUTH_TOKEN="token",
        REDIS_URL=redis_url,
        PORCHLIGHT_KEY_FILE=str(tmp_path / "key"),
    )
    web = re.search(r"^web: gunicorn (.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    assert web
    with started(["-m", "gunicorn", *shlex.split(web[1])], env, tmp_path / "said") as process:
        assert '"ok"' in wait_for(lambda: page(f"http://127.0.0.1:{port}/health"))
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0


def test_chat_answers_line_by_line() -> None:
    """Lines piped in are answered in order, each with its price."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        cwd=ROOT,
        env=clean(),
        input=b"shelter 90057\n\nmenu\n\xff\xfe\n",
        capture_output=True,
        check=True,
    )
    said = done.stdout.decode()
    assert PHONE.search(said)
    assert len(re.findall(r"^  \d segments?, GSM-7$", said, re.MULTILINE)) == 3
    assert done.stderr == b""


def run(*words: str, **env: str) -> tuple[int, str, str]:
    """Run a command in this process: (exit code, what it said, what it complained of)."""
    result = CliRunner().invoke(porchlight, words, env=dict.fromkeys(OURS) | env)
    return result.exit_code, result.stdout, result.stderr


def test_the_shipped_book_passes_check() -> None:
    """The book we ship has no errors."""
    code, said, _ = run("check", str(ROOT / "flows"))
    assert code == 0
    assert "0 errors" in said


@pytest.mark.parametrize("book", ["flows", "tests/county"])
def test_the_fallback_is_two_files_for_another_host(tmp_path: Path, book: str) -> None:
    """Each is one answer the provider takes: one message it can send, and a call that ends."""
    folder = tmp_path / "new" / "folder"
    assert run("fallback", str(folder), PORCHLIGHT_FLOWS=str(ROOT / book)) == (0, "", "")
    text = ET.fromstring((folder / "sms.xml").read_bytes())
    assert [one.tag for one in text] == ["Message"]
    assert 0 < len(text[0].text or "") <= 1600
    call = ET.fromstring((folder / "voice.xml").read_bytes())
    assert {one.get("language") for one in call.iter("Say")} in (
        {"en-US", "es-MX"},
        {"fr-FR", "en-US"},
    )
    assert call[-1].tag == "Hangup"
    assert len((folder / "voice.xml").read_bytes()) < 64 * 1024


def test_check_shows_every_problem(tmp_path: Path) -> None:
    """A broken book is told whole: sorted, one problem a line, then the sum; exit code 1."""
    (tmp_path / "a.yaml").write_text("flow: [\n")
    (tmp_path / "b.yaml").write_text("flow: b\nflow: c\nnodes: {}\n")
    code, said, _ = run("check", str(tmp_path))
    lines = said.splitlines()
    assert code == 1
    assert {line.split(":")[0] for line in lines[:-1]} > {"a.yaml", "b.yaml"}
    assert re.fullmatch(r"\d+ errors?, \d+ warnings?\.", lines[-1])


@pytest.mark.parametrize("command", ["serve", "chat", "check"])
def test_an_absent_book_is_told(command: str, tmp_path: Path) -> None:
    """Without a book nothing starts, and the folder is named."""
    code, said, complained = run(command, PORCHLIGHT_FLOWS=str(tmp_path / "none"))
    assert code == 1
    assert "There is no such folder" in said + complained


@pytest.mark.parametrize("command", ["serve", "chat", "check"])
def test_bad_settings_are_told_together(command: str) -> None:
    """All wrong settings are told at once; exit code 2."""
    code, _, complained = run(command, PORT="0", REDIS_URL="x", PORCHLIGHT_FLOW="x")
    assert code == 2
    assert len(complained.splitlines()) == 3
    assert "Did you mean `PORCHLIGHT_FLOWS`?" in complained


def test_serve_needs_its_address_with_a_token() -> None:
    """With a token the public address must be told, because signatures cover it."""
    code, _, complained = run("serve", TWILIO_AUTH_TOKEN="t")
    assert code == 2
    assert "PUBLIC_URL is missing" in complained


def test_a_taken_port_is_told(redis_url: str) -> None:
    """A port in use gets a sentence, not a trace."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, complained = run("serve", PORT=port, REDIS_URL=redis_url)
    assert code == 1
    assert f"Port {port} is taken" in complained
