"""What the operator sets: from the environment only, all faults told at once."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from bot.source.shape import did_you_mean

PREFIX = "PORCHLIGHT_"
_STORES = ("redis://", "rediss://", "unix://")


class SettingsError(Exception):
    """Some settings cannot be used; carries a sentence about each, without its value."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Secret:
    """Text that never shows itself: printed, logged or formatted it is `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


Fit = Callable[[str], Any]
"""Turns text into a value, or raises ValueError with the rest of a sentence."""


@dataclass(frozen=True)
class Setting:
    """One setting: its name in the environment, its default as written, what it is for."""

    name: str
    default: str
    about: str
    fit: Fit


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise ValueError("must be a number from 1 to 65535.")
    return int(text)


def _public_url(text: str) -> str:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError("is not a URL; write https://host or https://host/prefix.") from None
    if url.scheme not in {"http", "https"} or not host or not _plain(text):
        raise ValueError("must look like https://host or https://host/prefix.")
    if "@" in url.netloc:
        raise ValueError("must not hold a user name or a password.")
    if "?" in text or "#" in text:
        raise ValueError("must end before any ? or #.")
    if url.scheme == "http" and not _loopback(host):
        raise ValueError("must begin with https://, because texts travel over it.")
    return text.rstrip("/")


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text and "\\" not in text


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tokens(text: str) -> tuple[Secret, ...]:
    if not text:
        return ()
    tokens = [part.strip() for part in text.split(",")]
    if not all(token and _plain(token) for token in tokens):
        raise ValueError("must be tokens separated by single commas, without spaces inside.")
    return tuple(Secret(token) for token in tokens)


def _redis_url(text: str) -> Secret | None:
    if not text:
        return None
    if not text.startswith(_STORES):
        raise ValueError("must begin with redis://, rediss:// or unix://.")
    return Secret(text)


def _key_file(text: str) -> Path | None:
    return Path(text) if text else None


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two deployments of one book."""

    port: Annotated[int, Setting("PORT", "8000", "The port to listen on.", _port)]
    public_url: Annotated[
        str,
        Setting(
            "PUBLIC_URL",
            "http://127.0.0.1:PORT",
            "Where the provider reaches this line, without /sms; signatures are checked over it.",
            _public_url,
        ),
    ]
    """Scheme, host, port and prefix; no slash at the end."""
    tokens: Annotated[
        tuple[Secret, ...],
        Setting(
            "TWILIO_AUTH_TOKEN",
            "",
            "The provider's signing token; several with commas, newest first. "
            "Empty: the line stays on this machine.",
            _tokens,
        ),
    ]
    redis_url: Annotated[
        Secret | None,
        Setting(
            "REDIS_URL",
            "",
            "Where sessions are kept: redis://, rediss:// or unix://. Empty: our own server.",
            _redis_url,
        ),
    ]
    flows: Annotated[Path, Setting("PORCHLIGHT_FLOWS", "flows", "The book's folder.", Path)]
    key_file: Annotated[
        Path | None,
        Setting(
            "PORCHLIGHT_KEY_FILE",
            "",
            "The daily key's file, mode 0600. Empty: a key for this run only.",
            _key_file,
        ),
    ]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError with every fault found."""
        faults = _unknown(env, [setting.name for setting in cls.fields()])
        values: dict[str, Any] = {}
        for field, setting in cls._declared().items():
            default = setting.default.replace("PORT", str(values.get("port", "")))
            try:
                values[field] = setting.fit(env.get(setting.name, "").strip() or default)
            except ValueError as error:
                faults.append(f"{setting.name} {error}")
                values[field] = setting.default
        if faults:
            raise SettingsError(faults)
        return cls(**values)

    @classmethod
    def fields(cls) -> tuple[Setting, ...]:
        """Give every setting there is, in the order the README lists them."""
        return tuple(cls._declared().values())

    @classmethod
    def _declared(cls) -> dict[str, Setting]:
        hints = get_type_hints(cls, include_extras=True)
        return {field: hint.__metadata__[0] for field, hint in hints.items()}


def _unknown(env: Mapping[str, str], known: list[str]) -> list[str]:
    return [
        f"{name} is not a setting.{did_you_mean(name, known)}"
        for name in sorted(env)
        if name.startswith(PREFIX) and name not in known
    ]
