import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner

from bot.cli import porchlight
from bot.conversation import Record, SessionKey
from bot.problems import Finding
from bot.storage import doctor
from bot.storage.doctor import FORGETFUL, findings, machine
from bot.storage.redis import connect, store_from_url
from tests.conftest import as_owner
from tests.reliability.servers import Server, servers, until

QUIET = "The store copies nothing to its disk and notes no command."
LIMITED = "Our user of the store may use our records, no more."
SWAPS = "Filename Type Size Used Priority\n"


def told(found: Iterator[Finding]) -> dict[str, str]:
    """Give the kind of each finding by its words."""
    return {one.words: one.kind for one in found}


def run(client: redis.Redis, words: str) -> None:
    """Do what a finding asks the operator to do."""
    client.execute_command(*(word.strip("'") for word in words.split()))  # type: ignore[no-untyped-call]


def test_our_user_sees_only_records(redis_url: str) -> None:
    """What a good host looks like: settings to ask for, and a user that may do nothing else."""
    found = told(findings(connect(redis_url)))
    (ask,) = set(found) - {LIMITED}
    assert (found[LIMITED], found[ask]) == ("ok", "warn")
    assert all(f"{name} {want}" in ask for name, (want, _) in FORGETFUL.items() if want)


def test_too_strong_a_user_is_told_and_the_remedy_works(
    redis_url: str, redis_client: redis.Redis, key: SessionKey
) -> None:
    """An owner's URL is bad; the line of the finding makes a user with which all works."""
    found = told(findings(as_owner(redis_url)))
    (bad,) = set(found) - {QUIET}
    assert (found[QUIET], found[bad]) == ("ok", "bad")
    for word in ("CONFIG", "KEYS", "BGSAVE", "SLOWLOG", "GET", "MONITOR"):
        assert word in bad.partition(" run ")[0]
    run(redis_client, bad.partition(" run ")[2].partition(" and put ")[0])
    url = redis_url.replace("unix://", "unix://porchlight:PASSWORD@")
    assert told(findings(connect(url)))[LIMITED] == "ok"
    assert store_from_url(url).save(key, Record(), 60)
    assert set(told(findings(connect(url.replace("PASSWORD", "other")))).values()) == {"bad"}


def test_every_server_of_a_cluster_is_looked_at(tmp_path: Path, key: SessionKey) -> None:
    """A cluster's findings are those of all its servers, each said once; the remedy works."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    options = ("--cluster-enabled", "yes", *_quiet())
    one, two = (Server(tmp_path / name, *options) for name in "ab")
    with servers(one, two):
        one.run("CLUSTER", "ADDSLOTSRANGE", 0, 8000)
        two.run("CLUSTER", "ADDSLOTSRANGE", 8001, 16383)
        one.run("CLUSTER", "MEET", "127.0.0.1", two.port)
        until(lambda: "_state:ok" in str(one.run("CLUSTER", "INFO")))
        until(lambda: "_state:ok" in str(two.run("CLUSTER", "INFO")))
        url = f"redis+cluster://{one.host}"
        two.run("CONFIG", "SET", "appendonly", "yes")
        found = told(findings(connect(url)))
        assert sorted(found.values()) == ["bad", "bad", "ok"]
        (remedy,) = [words for words in found if "ACL SETUSER" in words]
        for server in (one, two):
            run(server.owner, remedy.partition(" run ")[2].partition(" and put ")[0])
        url = url.replace("//", "//porchlight:PASSWORD@")
        assert told(findings(connect(url)))[LIMITED] == "ok"
        assert store_from_url(url).save(key, Record(), 60)


def _quiet() -> Iterator[str]:
    for name, (value, _) in FORGETFUL.items():
        yield from (f"--{name}", value)


def test_looking_does_not_keep_anything(redis_url: str, redis_client: redis.Redis) -> None:
    """A look with all rights has the server write nothing, and watches nobody afterwards."""
    assert told(findings(as_owner(redis_url)))
    assert redis_client.info("persistence")["rdb_last_bgsave_time_sec"] == -1
    assert not [one for one in redis_client.client_list() if "O" in str(one["flags"])]


@pytest.mark.parametrize("name", FORGETFUL)
def test_every_setting_is_told_and_the_remedy_works(
    name: str, redis_url: str, redis_client: redis.Redis
) -> None:
    """A server that would remember is bad; the line of the finding makes it forget."""
    want, does = FORGETFUL[name]
    other = {"": "60 1", "no": "yes", "yes": "no", "-1": "0", "0": "1"}[want]
    redis_client.config_set(name, other)
    found = told(findings(as_owner(redis_url)))
    (bad,) = [words for words, kind in found.items() if does in words and kind == "bad"]
    run(redis_client, bad.partition(": run ")[2].removesuffix("."))
    assert told(findings(as_owner(redis_url)))[QUIET] == "ok"


def test_an_absent_store_is_told_without_its_address(tmp_path: Path) -> None:
    """A store that does not answer is one finding, and its URL stays unsaid."""
    ((words, kind),) = told(findings(connect(f"unix://:hush@{tmp_path}/absent"))).items()
    assert kind == "bad"
    assert "hush" not in words
    assert str(tmp_path) not in words


@pytest.mark.parametrize(
    ("mode", "folder", "kind", "says"),
    [
        (0o600, 0o700, "ok", "ours alone"),
        (0o600, 0o755, "ok", "ours alone"),
        (0o600, 0o1777, "ok", "ours alone"),
        (0o600, 0o770, "bad", "folder's mode"),
        (0o600, 0o702, "bad", "folder's mode"),
        (0o640, 0o700, "bad", "mode to 0600"),
    ],
)
def test_the_key_file_is_looked_at(
    key_file: Path, mode: int, folder: int, kind: str, says: str
) -> None:
    """The file must be private, and stand where nobody else can exchange it."""
    key_file.chmod(mode)
    key_file.parent.chmod(folder)
    before = key_file.read_bytes()
    found = doctor.key_file(key_file)
    assert found.kind == kind
    assert says in found.words
    assert key_file.read_bytes() == before


def test_an_absent_key_file_is_told(tmp_path: Path) -> None:
    """Without a file the operator hears how to make one; without the setting, what that means."""
    absent = doctor.key_file(tmp_path / "key")
    assert absent.kind == "bad"
    assert "porchlight key new" in absent.words
    assert doctor.key_file(None).kind == "warn"


@pytest.mark.parametrize(
    ("swaps", "pattern", "limit", "kinds"),
    [
        ("", "core", 0, "ok ok"),
        ("/dev/zram0 partition 1 0 -2\n", "core", 0, "ok ok"),
        ("/dev/sda2 partition 1 0 -2\n", "core", 0, "bad ok"),
        ("/dev/zram0 partition 1 0 5\n/swapfile file 1 0 -2\n", "core", 0, "bad ok"),
        ("", "|/usr/lib/systemd/systemd-coredump", 0, "ok warn"),
        ("", "core", 4096, "ok warn"),
        (None, "core", 0, "warn ok"),
    ],
)
def test_the_machine_is_looked_at(
    tmp_path: Path, swaps: str | None, pattern: str, limit: int, kinds: str
) -> None:
    """Swap and images of crashed processes are the ways of memory to the disk."""
    if swaps is not None:
        (tmp_path / "swaps").write_text(SWAPS + swaps)
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "sys/kernel/core_pattern").write_text(pattern + "\n")
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, before[1]))
    try:
        assert " ".join(one.kind for one in machine(tmp_path)) == kinds
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.parametrize(("store", "code"), [("", 0), ("own", 0), ("owner", 1), ("absent", 1)])
def test_the_command_ends_with_1_if_anything_is_bad(
    redis_url: str, key_file: Path, store: str, code: int
) -> None:
    """`porchlight doctor` prints each finding in a line of its own and sums them up."""
    urls = {
        "own": redis_url,
        "owner": redis_url.replace("unix://", "unix://owner:owner@"),
        "absent": "unix:///absent",
    }
    env = {"PORCHLIGHT_KEY_FILE": str(key_file), "TWILIO_SHARED_KEYS": "made-up"}
    env |= {"PUBLIC_URL": "https://line.example", "REDIS_URL": urls.get(store, "")}
    done = CliRunner().invoke(porchlight, ["doctor"], env=env)
    lines = done.output.splitlines()
    assert [line for line in lines if re.fullmatch(r"(ok  |warn|bad )  [A-Z].+\.", line)] == lines
    assert len(lines) >= 4
    assert [line[:3] for line in lines].count("bad") == done.exit_code == code
