"""What the operator sets: from the environment only, all faults told at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.source.shape import did_you_mean


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
    """One setting: its name in the environment, its default as written, what it must be."""

    name: str
    default: str
    must: str
    fit: Callable[[str], Any]
    """Turns the text into a value; raises ValueError for one that is not as it must be."""


def _port(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII) or int(text) > 65535:
        raise ValueError
    return int(text)


def _public_url(text: str) -> str:
    url = urlsplit(text)
    here = url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1", "::1"}
    # Reading the port proves that it is one.
    whole = url.hostname and url.port != 0 and re.fullmatch(r"[!-~]+", text)
    if not whole or not (here or url.scheme == "https") or set(text) & set("?#@\\"):
        raise ValueError
    return text.rstrip("/")


def _tokens(text: str) -> tuple[Secret, ...]:
    tokens = re.split(r"\s*,\s*", text) if text else []
    if not all(re.fullmatch(r"[!-~]+", token) for token in tokens):
        raise ValueError
    return tuple(map(Secret, tokens))


def _redis_url(text: str) -> Secret | None:
    # The client would let other options take our timeouts and more out of our hands.
    known = re.fullmatch(r"((rediss?|unix)://[^?#\s]+(\?db=\d{1,4})?)?", text, re.ASCII)
    if not known or urlsplit(text).port == 0:
        raise ValueError
    return Secret(text) if text else None


_SETTINGS = (
    Setting("PORT", "8000", "be a number from 1 to 65535", _port),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:PORT",
        "look like https://host or https://host/prefix, without a password, ? or #; "
        "http:// is for this machine only, because texts travel over it",
        _public_url,
    ),
    Setting(
        "TWILIO_AUTH_TOKEN",
        "",
        "be tokens separated by single commas, without spaces inside",
        _tokens,
    ),
    Setting(
        "REDIS_URL",
        "",
        "begin with redis://, rediss:// or unix://, with no option but ?db=0",
        _redis_url,
    ),
    Setting("PORCHLIGHT_FLOWS", "flows", "be a folder", Path),
    Setting("PORCHLIGHT_KEY_FILE", "", "be a file", lambda text: Path(text) if text else None),
)


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two deployments of one book."""

    port: int
    public_url: str
    """Scheme, host, port and prefix; no slash at the end."""
    tokens: tuple[Secret, ...]
    """The provider's signing tokens, newest first; none keeps the line on this machine."""
    redis_url: Secret | None
    """None: a server of our own."""
    flows: Path
    key_file: Path | None
    """None: a key for this run only."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError with every fault found."""
        known = [setting.name for setting in _SETTINGS]
        faults = [
            f"{name} is not a setting.{did_you_mean(name, known)}"
            for name in sorted(env)
            if name.startswith("PORCHLIGHT_") and name not in known
        ]
        values: list[Any] = []
        for setting in _SETTINGS:
            default = setting.default.replace("PORT", str(*values[:1]))
            try:
                values.append(setting.fit(env.get(setting.name, "").strip() or default))
            except ValueError:
                faults.append(f"{setting.name} must {setting.must}.")
                values.append(setting.default)
        if faults:
            raise SettingsError(faults)
        return cls(*values)

    @classmethod
    def fields(cls) -> tuple[Setting, ...]:
        """Give every setting there is, in the order the README lists them."""
        return _SETTINGS
