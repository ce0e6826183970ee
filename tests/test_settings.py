from pathlib import Path

import pytest

from bot.settings import SETTINGS, Secret, Settings, SettingsError


def _faults(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


def test_defaults_need_no_environment() -> None:
    """With nothing set the line runs on this machine with a store and a key of its own."""
    settings = Settings.from_env({"HOME": "/", "PORT": " ", "TWILIO_AUTH_TOKEN": ""})
    assert settings == Settings(8000, "http://127.0.0.1:8000", (), (), None, Path("flows"), None)
    assert Settings.from_env({"PORT": "9000"}).public_url == "http://127.0.0.1:9000"


def test_everything_can_be_set() -> None:
    """Each setting is read from its own name, tokens newest first."""
    env = {
        "PORT": "80",
        "PUBLIC_URL": "https://line.example/pl/",
        "TWILIO_AUTH_TOKEN": "new, old",
        "TWILIO_SHARED_KEYS": "sha",
        "REDIS_URL": "rediss://:hush@store.example/0",
        "PORCHLIGHT_FLOWS": "book",
        "PORCHLIGHT_KEY_FILE": "/keys/day",
        "PORCHLIGHT_DRAFTS": "ko,hy",
        "PORCHLIGHT_METRICS_TOKEN": "hush" * 4,
        "PORCHLIGHT_DAILY_REPLIES": "500",
    }
    settings = Settings.from_env(env)
    assert settings.public_url == "https://line.example/pl"
    assert [token.reveal() for token in settings.tokens] == ["new", "old"]
    assert settings.shared_keys == (Secret("sha"),)
    assert settings.redis_url == Secret("rediss://:hush@store.example/0")
    assert (settings.flows, settings.key_file) == (Path("book"), Path("/keys/day"))
    assert settings.drafts == ("ko", "hy")
    assert settings.metrics_token == Secret("hush" * 4)
    assert settings.daily_replies == 500
    assert set(env) == {setting.name for setting in SETTINGS}


def test_secrets_never_show_themselves() -> None:
    """Tokens and the store's URL are masked however the settings are printed."""
    settings = Settings.from_env(
        {
            "PUBLIC_URL": "https://h",
            "TWILIO_AUTH_TOKEN": "hush1,hush2",
            "TWILIO_SHARED_KEYS": "hush3",
            "REDIS_URL": "redis://:hush@h",
        }
    )
    shown = (
        f"{settings} {settings!r} {settings.tokens[0]} {settings.redis_url} {[*settings.tokens]}"
    )
    assert "hush" not in shown
    assert "***" in shown
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("PORT", "0", "PORT must be a number from 1 to 65535."),
        ("PORT", "65536", "PORT must be a number from 1 to 65535."),
        ("PORT", "-1", "PORT must be a number from 1 to 65535."),
        ("PORT", "\u0661", "PORT must be a number from 1 to 65535."),
        ("PORT", "9" * 5000, "PORT must be a number from 1 to 65535."),
        ("PUBLIC_URL", "line.example", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "ftp://line.example", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://line .example", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://l\u00edne.example", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://h:99999", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://[::1", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://user:hush@h", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://h/x?a=1", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://h/x?", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "https://h/#x", "PUBLIC_URL must look like https://host"),
        ("PUBLIC_URL", "http://line.example", "PUBLIC_URL must look like https://host"),
        ("TWILIO_AUTH_TOKEN", "hush,,hush2", "TWILIO_AUTH_TOKEN must be keys"),
        ("TWILIO_AUTH_TOKEN", "hush hush", "TWILIO_AUTH_TOKEN must be keys"),
        ("TWILIO_SHARED_KEYS", "hush hush", "TWILIO_SHARED_KEYS must be keys"),
        ("REDIS_URL", "localhost:6379/hush", "REDIS_URL must begin with redis://"),
        ("REDIS_URL", "redis://", "REDIS_URL must begin with redis://"),
        ("REDIS_URL", "redis://:hush", "REDIS_URL must begin with redis://"),
        ("REDIS_URL", "redis://h/0?socket_timeout=60", "with no option but ?db=0"),
        ("REDIS_URL", "unix:///s?db=0&retry_on_timeout=1", "with no option but ?db=0"),
        ("REDIS_URL", "redis+sentinel://hush,b", "REDIS_URL must begin with redis://"),
        ("REDIS_URL", "redis+sentinel://hush,/m", "redis+sentinel://host,host/name or"),
        ("REDIS_URL", "redis+sentinel://hush/m?db=1", "redis+sentinel://host,host/name or"),
        ("REDIS_URL", "redis+cluster://hush,b/1", "redis+cluster://host,host."),
        ("REDIS_URL", "redis+cluster://hush:99999", "redis+cluster://host,host."),
        ("REDIS_URL", "unix+cluster://hush", "REDIS_URL must begin with redis://"),
        ("PORCHLIGHT_METRICS_TOKEN", "hush", "PORCHLIGHT_METRICS_TOKEN must be 16 characters"),
        ("PORCHLIGHT_METRICS_TOKEN", "hush " * 4, "PORCHLIGHT_METRICS_TOKEN must be 16 char"),
        ("PORCHLIGHT_DAILY_REPLIES", "0", "PORCHLIGHT_DAILY_REPLIES must be a number."),
        ("PORCHLIGHT_DAILY_REPLIES", "many", "PORCHLIGHT_DAILY_REPLIES must be a number."),
        ("PORCHLIGHT_FLOW", "x", "not a setting. Did you mean `PORCHLIGHT_FLOWS`?"),
        ("PORCHLIGHT_ZZZZ", "x", "PORCHLIGHT_ZZZZ is not a setting."),
    ],
)
def test_a_bad_value_is_one_plain_sentence(name: str, value: str, fault: str) -> None:
    """Each bad value is told by its name and what to write, without the value."""
    (said,) = _faults({"PUBLIC_URL": "https://h", name: value})
    assert fault in said
    assert said.endswith((".", "?"))
    assert "hush" not in said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost/x", "http://[::1]:80", "https://h:8443/a/b"]
)
def test_good_public_urls(url: str) -> None:
    """Https anywhere, and http on this machine, are taken as they are written."""
    assert Settings.from_env({"PUBLIC_URL": url}).public_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:6379/1",
        "rediss://u:p@h",
        "unix:///run/s?db=2",
        "redis+sentinel://a:26379,b,[::1]:1/main",
        "rediss+sentinel://u:p%40@a/main-1.x",
        "redis+cluster://a",
        "rediss+cluster://:p@a:7000,b:7001,c",
    ],
)
def test_good_store_urls(url: str) -> None:
    """The kinds of URL are taken, with a database's number where it has its place."""
    assert Settings.from_env({"REDIS_URL": url}).redis_url == Secret(url)


def test_all_faults_are_told_at_once() -> None:
    """Every bad setting is in one error."""
    env = {
        "PORT": "x",
        "PUBLIC_URL": "x",
        "REDIS_URL": "x",
        "PORCHLIGHT_X": "",
        "PORCHLIGHT_Y": "",
    }
    assert len(_faults(env)) == 5
