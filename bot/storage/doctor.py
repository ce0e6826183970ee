"""Looks whether the store, the key's file and this machine really forget, and says it plainly."""

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import MovedError, RedisClusterException

from bot.problems import Finding
from bot.storage.keys import KeyFileError, Keyring
from bot.storage.redis import COMMANDS, PREFIX

FORGETFUL = {
    "save": ("", "copies all it holds to its disk"),
    "appendonly": ("no", "writes every change to its disk"),
    "slowlog-log-slower-than": ("-1", "notes slow commands with what they carried"),
    "commandlog-request-larger-than": ("-1", "notes large commands with what they carried"),
    "commandlog-reply-larger-than": ("-1", "notes commands with large replies"),
    "latency-monitor-threshold": ("0", "notes when commands were slow"),
    "crash-log-enabled": ("no", "writes its memory to its log when it fails"),
    "hide-user-data-from-log": ("yes", "may write what it holds to its log"),
}
"""The server's settings as they must be, and what it does otherwise; old servers lack some."""
RULES = ("reset", "on", f"~{PREFIX}*", *(f"+{command}" for command in COMMANDS))
"""What our user may do, as ACL SETUSER takes it; a password comes after it."""
_WIDE = ("CONFIG GET save", "KEYS -", "BGSAVE -", "SLOWLOG LEN", "DEBUG HELP", "GET -", "MONITOR")
"""Harmless forms of what our user must not do; a wrong word keeps BGSAVE from being done."""


def findings(client: redis.Redis) -> Iterator[Finding]:
    """Look at a store as our own user sees it; one that cannot be reached is a finding too."""
    try:
        many: Any = client if hasattr(client, "get_nodes") else None
        nodes = map(many.get_redis_connection, many.get_nodes()) if many else [client]
        yield from dict.fromkeys(one for node in nodes for one in _seen(node))
    except (redis.RedisError, RedisClusterException, OSError):
        # Never the client's own words: they may hold the address and the password.
        yield Finding("bad", "The store does not answer: look at REDIS_URL and at its server.")


def _seen(client: redis.Redis) -> Iterator[Finding]:
    client.ping()
    yield from kept(client)
    may = ", ".join(words.split()[0] for words in _WIDE if _allowed(client, words))
    client.close()  # a connection that watches the others would go on watching
    bad = Finding(
        "bad",
        f"Our user of the store may also use {may}. As the store's owner run ACL SETUSER "
        f"porchlight {' '.join(RULES)} >PASSWORD and put porchlight:PASSWORD into REDIS_URL; "
        "if a host offers no users of your own, take another.",
    )
    yield bad if may else Finding("ok", "Our user of the store may use our records, no more.")


def kept(client: redis.Redis) -> Iterator[Finding]:
    """Look at the settings of a store. Raises RedisError."""
    wanted = {name: f"{name} {want or repr(want)}" for name, (want, _) in FORGETFUL.items()}
    try:
        found = client.config_get()  # all, because older servers take one name at a time
    except redis.ResponseError:
        ask = "no backups, no copies and, where it knows them, " + ", ".join(wanted.values())
        yield Finding("warn", f"The store hides its settings, as it should. Ask its host: {ask}.")
        return
    wrong = [name for name, (want, _) in FORGETFUL.items() if found.get(name, want) != want]
    for name in wrong:
        yield Finding("bad", f"The store {FORGETFUL[name][1]}: run CONFIG SET {wanted[name]}.")
    if not wrong:
        yield Finding("ok", "The store copies nothing to its disk and notes no command.")


def _allowed(client: redis.Redis, words: str) -> bool:
    try:
        client.execute_command(*words.split())  # type: ignore[no-untyped-call]
    except redis.ResponseError as error:
        return isinstance(error, MovedError) or "syntax" in str(error)
    return True


def key_file(path: Path | None) -> Finding:
    """Look at the key's file and its folder."""
    if path is None:
        return Finding("warn", "PORCHLIGHT_KEY_FILE is not set: each start has a key of its own.")
    try:
        Keyring(path).counts_key("")
    except KeyFileError as error:
        return Finding("bad", f"{error} `porchlight key new` makes one.")
    # In a folder like /tmp, which the sticky bit guards, others cannot replace it.
    if path.absolute().parent.stat().st_mode & 0o1022 in (0o002, 0o020, 0o022):
        return Finding("bad", "Others can replace the key file: set its folder's mode to 0700.")
    return Finding("ok", "The key file is ours alone.")


def machine(proc: Path = Path("/proc")) -> Iterator[Finding]:
    """Look whether this machine's memory may reach its disk."""
    piped = False
    try:
        piped = (proc / "sys/kernel/core_pattern").read_text("utf-8").startswith("|")
        swaps = (proc / "swaps").read_text("utf-8").splitlines()[1:]
        bad = Finding("bad", "Swap is on, so memory may reach the disk: run swapoff -a.")
        on = any(not line.startswith("/dev/zram") for line in swaps)  # zram stays in memory
        yield bad if on else Finding("ok", "Swap is off.")
    except OSError:
        yield Finding("warn", "This system does not tell whether swap is on; switch it off.")
    # The web process has no image made of itself; a store on this machine may not do so.
    if piped:
        yield Finding("warn", "A crash hands memory to a program: empty kernel.core_pattern.")
    elif resource.getrlimit(resource.RLIMIT_CORE)[0]:
        yield Finding("warn", "A Redis here may write its memory in a crash: run ulimit -c 0.")
    else:
        yield Finding("ok", "A crash leaves no image of memory.")
