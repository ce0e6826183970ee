"""What the operator sets: from the environment only, all faults told at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.source.shape import did_you_mean

_PORT = r"([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])"
_HOST = r"([\w.-]+|\[[0-9a-fA-F:.]+\])"
_HOSTS = rf"{_HOST}(:{_PORT})?(,{_HOST}(:{_PORT})?)*"
_LOGIN = r"([^?#\s@/]*@)?"
_SIGNING = ("TWILIO_AUTH_TOKEN", "TWILIO_SHARED_KEYS")
_WHY = "only texts signed with our key, over our address, are answered"
_HERE = r"(localhost|127\.0\.0\.1|\[::1\])"


class SettingsError(Exception):
    """Some settings cannot be used; carries a sentence about each, without its value."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Secret(SecretStr):
    """Text that never shows itself: printed, logged or formatted it is stars."""

    reveal = SecretStr.get_secret_value


@dataclass(frozen=True)
class Setting:
    """One setting: its name in the environment, what it must be, its default as written."""

    name: str
    must: str
    pattern: str
    make: Callable[[str], Any]
    """Turns text of the pattern into the value."""
    default: str = ""


def _given(make: Callable[[str], object]) -> Callable[[str], Any]:
    return lambda text: make(text) if text else None


SETTINGS = (
    Setting("PORT", "be a number from 1 to 65535", _PORT, int, "8000"),
    Setting(
        "PUBLIC_URL",
        "look like https://host or https://host/prefix, without a password, ? or #; "
        "http:// is for this machine only, because texts travel over it",
        rf"(https://{_HOST}|http://{_HERE})(:{_PORT})?(/[!$->A-\[\]-~]*)?",
        lambda text: text.rstrip("/"),
        "http://127.0.0.1:PORT",
    ),
    *(
        Setting(
            name,
            "be keys separated by single commas, without spaces inside",
            r"([!-+\--~]+(\s*,\s*[!-+\--~]+)*)?",
            lambda text: tuple(map(Secret, re.findall(r"[^\s,]+", text))),
        )
        for name in _SIGNING
    ),
    Setting(
        "REDIS_URL",
        "begin with redis://, rediss:// or unix://, with no option but ?db=0, or look like "
        "redis+sentinel://host,host/name or redis+cluster://host,host",
        # The client would let other options take our timeouts and more out of our hands.
        rf"((rediss?://{_LOGIN}{_HOST}(:{_PORT})?(/\d*)?|unix://[^?#\s]+)(\?db=\d{{1,4}})?"
        rf"|rediss?\+(sentinel://{_LOGIN}{_HOSTS}/[\w.-]+|cluster://{_LOGIN}{_HOSTS}))?",
        _given(Secret),
    ),
    Setting("PORCHLIGHT_FLOWS", "be a folder", r".+", Path, "flows"),
    Setting("PORCHLIGHT_KEY_FILE", "be a file", r".*", _given(Path)),
    Setting(
        "PORCHLIGHT_DRAFTS",
        "be language codes separated by commas",
        r"([a-z]{2,3}(,[a-z]{2,3})*)?",
        lambda text: tuple(text.split(",")) if text else (),
    ),
    Setting(
        "PORCHLIGHT_METRICS_TOKEN",
        "be 16 characters or more, without spaces",
        r"([!-~]{16,})?",
        _given(Secret),
    ),
    Setting("PORCHLIGHT_DAILY_REPLIES", "be a number", r"[1-9]\d{0,8}", int, "10000"),
)
"""What the line is told, in the order the README lists it."""
CREDENTIALS = (
    *(
        Setting(name, f"be {start} and 32 letters a-f and digits", start + "[0-9a-f]{32}", str)
        for name, start in (("TWILIO_ACCOUNT_SID", "AC"), ("TWILIO_API_KEY", "SK"))
    ),
    Setting("TWILIO_API_SECRET", "be the secret of TWILIO_API_KEY", "[!-~]+", str),
)
"""What opens the provider's records; never read by the process that answers texts."""


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two deployments of one book."""

    port: int
    public_url: str
    """Scheme, host, port and prefix; no slash at the end."""
    tokens: tuple[Secret, ...]
    """The account's tokens, with which the provider signs by default; newest first."""
    shared_keys: tuple[Secret, ...]
    """Keys that the provider signs with and that open nothing else; newest first."""
    redis_url: Secret | None
    """None: a server of our own."""
    flows: Path
    key_file: Path | None
    """None: a key for this run only."""
    drafts: tuple[str, ...] = ()
    """Draft languages of the book that are on."""
    metrics_token: Secret | None = None
    """What a reader of /metrics must bring; None: there is no such page."""
    daily_replies: int = 10_000
    """Replies of a day (UTC) on this machine before only the safe reply is sent."""

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, public: bool = False) -> "Settings":
        """Read the settings; a `public` line needs a key. Raises SettingsError, all told."""
        known = [setting.name for setting in SETTINGS]
        faults = [
            f"{name} is not a setting.{did_you_mean(name, known)}"
            for name in sorted(env)
            if name.startswith("PORCHLIGHT_") and name not in known
        ]
        keys = any(env.get(name, "").strip() for name in _SIGNING)
        if public and not keys:
            faults.append(f"{' or '.join(_SIGNING)} is missing: {_WHY}.")
        if (public or keys) and not env.get("PUBLIC_URL", "").strip():
            faults.append(f"PUBLIC_URL is missing: {_WHY}.")
        return cls(*_values(SETTINGS, env, faults))


def credentials(env: Mapping[str, str]) -> list[str]:
    """Read the credentials: account, key, secret. Raises SettingsError with every fault."""
    return _values(CREDENTIALS, env, [])


def _values(settings: Iterable[Setting], env: Mapping[str, str], faults: list[str]) -> list[Any]:
    values = []
    for one in settings:
        given = env.get(one.name, "").strip()
        text = given or one.default.replace("PORT", env.get("PORT", "").strip() or "8000")
        if re.fullmatch(one.pattern, text, re.ASCII):
            values.append(one.make(text))
        elif given or not one.default:
            faults.append(f"{one.name} must {one.must}.")
    if faults:
        raise SettingsError(faults)
    return values
