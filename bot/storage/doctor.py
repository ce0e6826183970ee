"""Looks whether the store, the key's file and this machine really forget, and says it plainly."""

import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import redis

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
"""What our user may do, as ACL SETUSER takes it; a password comes beside it."""
_WIDE = ("CONFIG GET save", "KEYS -", "BGSAVE -", "SLOWLOG LEN", "DEBUG HELP", "GET -", "MONITOR")
"""Harmless forms of what our user must not do; a wrong word keeps BGSAVE from being done."""


def findings(client: redis.Redis) -> Iterator[Finding]:
    """Look at a store as our own user sees it; one that cannot be reached is a finding too."""
    try:
        client.ping()
        yield from kept(client)
        if may := [words.split()[0] for words in _WIDE if _allowed(client, words)]:
            yield Finding(
                "bad",
                f"Our user of the store may also use {', '.join(may)}. As the store's owner run "
                f"ACL SETUSER porchlight {' '.join(RULES)} >PASSWORD and put porchlight:PASSWORD "
                "into REDIS_URL; if a host offers no users of your own, take another.",
            )
        else:
            yield Finding("ok", "Our user of the store may read and write our records, no more.")
    except (redis.RedisError, OSError):
        # Never the client's own words: they may hold the address and the password.
        yield Finding("bad", "The store does not answer: look at REDIS_URL and at its server.")
    finally:
        client.close()  # a connection that watches the others would go on watching


def kept(client: redis.Redis) -> Iterator[Finding]:
    """Look at the settings of a store. Raises RedisError."""
    try:
        found = {_text(key): _text(one) for key, one in client.config_get(*FORGETFUL).items()}
    except redis.ResponseError:
        wanted = ", ".join(f"{name} {want or repr('')}" for name, (want, _) in FORGETFUL.items())
        yield Finding(
            "warn",
            "The store hides its settings from us, as it should. Ask its host, or look as its "
            f"owner: no snapshots, backups or copies, and as far as it knows them {wanted}.",
        )
        return
    wrong = [name for name, one in found.items() if one != FORGETFUL[name][0]]
    for name in wrong:
        want, does = FORGETFUL[name]
        yield Finding("bad", f"The store {does}: run CONFIG SET {name} {want or repr('')}.")
    if not wrong:
        yield Finding("ok", "The store copies nothing to its disk and notes no command.")


def _text(given: object) -> str:
    return given.decode() if isinstance(given, bytes) else str(given)


def _allowed(client: redis.Redis, words: str) -> bool:
    try:
        client.execute_command(*words.split())  # type: ignore[no-untyped-call]
    except redis.ResponseError as error:
        return "syntax" in str(error)
    return True


def key_file(path: Path | None) -> Iterator[Finding]:
    """Look at the key's file and its folder."""
    if path is None:
        yield Finding("warn", "PORCHLIGHT_KEY_FILE is not set: each start makes a key for itself.")
        return
    try:
        Keyring(path).counts_key("")
        mode = path.absolute().parent.stat().st_mode
    except (KeyFileError, OSError) as error:
        yield Finding("bad", f"{error} `porchlight key new` makes one.")
        return
    if mode & 0o022 and not mode & stat.S_ISVTX:
        yield Finding("bad", "Others can replace the key file: set its folder's mode to 0700.")
    else:
        yield Finding("ok", "The key file is ours alone.")


def machine(proc: Path = Path("/proc")) -> Iterator[Finding]:
    """Look whether this machine's memory may reach its disk."""
    try:
        swaps = (proc / "swaps").read_text("utf-8").splitlines()[1:]
        piped = (proc / "sys/kernel/core_pattern").read_text("utf-8").startswith("|")
    except OSError:
        yield Finding("warn", "This system does not tell whether swap is on; switch it off.")
        swaps, piped = [], False
    else:
        if [line for line in swaps if not line.startswith("/dev/zram")]:
            yield Finding("bad", "Swap is on, so memory may reach the disk: run swapoff -a.")
        else:
            yield Finding("ok", "Swap is off.")
    if resource.getrlimit(resource.RLIMIT_CORE)[0]:
        yield Finding("bad", "A crash writes memory to the disk: run ulimit -c 0 before us.")
    elif piped:
        yield Finding("warn", "A crash hands memory to a program: empty kernel.core_pattern.")
    else:
        yield Finding("ok", "A crash leaves no image of memory.")
