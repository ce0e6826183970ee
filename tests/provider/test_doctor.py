import subprocess
import sys
from typing import Any

import pytest

from bot.provider.doctor import OVERRIDES
from tests.provider.conftest import PUBLIC, Run
from tests.provider.provider import Provider

GOOD: dict[str, Any] = {
    "sms_url": f"{PUBLIC}/sms#{OVERRIDES}",
    "sms_method": "POST",
    "sms_fallback_url": "https://static.example/fallback.xml",
    "sms_fallback_method": "POST",
    "voice_url": f"{PUBLIC}/voice#{OVERRIDES}",
    "voice_method": "POST",
    "voice_fallback_url": "https://static.example/voice.xml",
    "voice_fallback_method": "POST",
    "phone_number": "+12135550100",
    "sid": "PN" + "0" * 32,
    "friendly_name": "canary",
}
SERVICE: dict[str, Any] = {
    "sid": "MG" + "0" * 32,
    "use_inbound_webhook_on_number": False,
    "inbound_request_url": GOOD["sms_url"],
    "inbound_method": "POST",
    "fallback_url": GOOD["sms_fallback_url"],
    "fallback_method": "POST",
}


def ask(run: Run, **env: str) -> dict[str, list[str]]:
    """Ask the doctor: kind -> what it said of that kind about the provider."""
    settings = {
        "PUBLIC_URL": PUBLIC,
        "TWILIO_SHARED_KEYS": "canary-key",
        "REDIS_URL": "unix:///nowhere",
    }
    result = run("doctor", **settings | env)
    said: dict[str, list[str]] = {"ok": [], "warn": [], "bad": []}
    for line in result.stdout.splitlines():
        said[line[:4].strip()].append(line[6:])
    assert result.exit_code == bool(said["bad"])
    return said


def test_a_number_set_up_right_has_nothing_bad(provider: Provider, run: Run) -> None:
    """With all as the README says only good is said, and what nobody can delete."""
    provider.numbers.append(GOOD)
    provider.services.append(SERVICE)
    provider.add("messages", 10)
    provider.add("calls", 10)
    said = ask(run)
    for what in ("Its numbers", "Its messaging services", "Its records", "Our key to it"):
        assert f"{what}: nothing wrong at the provider." in said["ok"]
    about = [line for line in said["bad"] + said["warn"] if "provider" in line]
    assert [line[:39] for line in about] == ["What nobody can delete from here: the p"]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (
            {"sms_url": "https://demo.example/sms"},
            "bad",
            f"texts do not come here: set {PUBLIC}/sms#",
        ),
        ({"sms_url": None}, "bad", "texts do not come here"),
        ({"sms_url": f"{PUBLIC}/sms/x"}, "bad", "texts do not come here"),
        ({"sms_url": "http://line.example/sms"}, "bad", "texts do not come here"),
        ({"voice_url": ""}, "bad", f"calls do not come here: set {PUBLIC}/voice#"),
        ({"sms_method": "GET"}, "bad", "texts come by GET"),
        ({"voice_method": "GET"}, "bad", "calls come by GET"),
        ({"sms_url": f"{PUBLIC}/sms"}, "warn", "Failed texts are not tried again"),
        ({"sms_url": f"{PUBLIC}/sms#rc=2&rp=4xx"}, "warn", "Failed texts are not tried again"),
        ({"sms_fallback_url": ""}, "warn", "down texts get no answer"),
        ({"sms_fallback_url": f"{PUBLIC}/x"}, "warn", "down texts get no answer"),
        ({"voice_fallback_url": None}, "warn", "down calls get no answer"),
        ({"sms_fallback_method": "GET"}, "bad", "The fallback for texts is asked by GET"),
        ({"sms_application_sid": "AP1"}, "bad", "application or trunk"),
        ({"trunk_sid": "TK1"}, "bad", "application or trunk"),
        ({"voice_caller_id_lookup": True}, "bad", "looks up the names"),
        ({"status_callback": "https://x.example"}, "warn", "Another address is told of each call"),
    ],
)
def test_what_is_wrong_with_a_number_is_told(
    provider: Provider, run: Run, change: dict[str, Any], kind: str, words: str
) -> None:
    """Each wrong choice in the console is one finding that says what to choose."""
    provider.numbers.append(GOOD)
    usual = ask(run)
    provider.numbers[:] = [GOOD | change]
    said = ask(run)
    (new,) = set(said[kind]) - set(usual[kind])
    assert words in new


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"inbound_request_url": None}, "bad", "texts to its service do not come here"),
        ({"inbound_method": "GET"}, "bad", "texts to its service come by GET"),
        ({"fallback_url": None}, "warn", "down texts to its service get no answer"),
        ({"status_callback": "https://x.example"}, "warn", "Another address is told of each text"),
    ],
)
def test_what_is_wrong_with_a_service_is_told(
    provider: Provider, run: Run, change: dict[str, Any], kind: str, words: str
) -> None:
    """A messaging service that takes the number's texts is looked at too, unless it leaves them."""
    provider.numbers.append(GOOD)
    provider.services.append(SERVICE | change)
    assert [line for line in ask(run)[kind] if words in line]
    if "status_callback" not in change:
        provider.services[0] |= {"use_inbound_webhook_on_number": True}
        assert not [line for line in ask(run)[kind] if words in line]


@pytest.mark.parametrize("count", [0, 2])
def test_an_account_for_other_things_is_told(provider: Provider, run: Run, count: int) -> None:
    """The sweep is for one line's account; other numbers in it are pointed out."""
    provider.numbers.extend([GOOD] * count)
    assert f"The account has {count} numbers; sweep is for all of them." in ask(run)["warn"]


@pytest.mark.parametrize(("kind", "what"), [("messages", "texts"), ("calls", "calls")])
def test_a_sweep_that_does_not_run_is_told(
    provider: Provider, run: Run, kind: str, what: str
) -> None:
    """Records that nobody deletes are bad."""
    provider.add(kind, 61)
    assert f"The provider keeps {what} over an hour old: run the sweep." in ask(run)["bad"]


def test_a_key_that_may_too_much_is_told(provider: Provider, run: Run) -> None:
    """A key that reads what we never need is not restricted."""
    provider.forbidden.clear()
    said = ask(run)["warn"]
    assert "It may do more than it needs: make a restricted one." in said


@pytest.mark.parametrize(
    ("forbidden", "what"),
    [
        ("incomingphonenumbers", "Its numbers"),
        ("services", "Its messaging services"),
        ("messages", "Its records"),
        ("calls", "Its records"),
    ],
)
def test_what_the_key_may_not_see_is_told(
    provider: Provider, run: Run, forbidden: str, what: str
) -> None:
    """A missing permission keeps one look back, not the others."""
    provider.numbers.append(GOOD)
    provider.forbidden.add(forbidden)
    said = ask(run)
    (missed,) = [line for line in said["bad"] if "we could not look" in line]
    assert missed.startswith(f"{what}: we could not look. The provider refuses our key")
    assert said["ok"]


def test_without_credentials_it_says_what_it_did_not_see(provider: Provider, run: Run) -> None:
    """With no key to the provider's records nothing is asked, and that is said."""
    said = ask(run, TWILIO_ACCOUNT_SID="", TWILIO_API_KEY="", TWILIO_API_SECRET="")
    assert [line for line in said["warn"] if line.startswith("Without TWILIO_ACCOUNT_SID")]
    assert [line for line in said["warn"] if line.startswith("What nobody can delete")]
    assert provider.asked == []


def test_the_accounts_token_is_told(run: Run) -> None:
    """The account's token on a server is a risk, which a shared key is not."""
    words = "opens the whole account"
    assert not [line for line in ask(run)["warn"] if words in line]
    assert [line for line in ask(run, TWILIO_AUTH_TOKEN="t")["warn"] if words in line]


def test_the_process_that_answers_cannot_read_records() -> None:
    """Nothing that the web server loads knows the provider's records or their key."""
    code = (
        "import sys, bot.gunicorn, bot.app; from bot.settings import Settings;"
        "Settings.from_env({'TWILIO_API_SECRET': 'x'});"
        "assert not [m for m in sys.modules if m.startswith(('bot.provider', 'twilio.rest'))];"
        "assert 'secret' not in ' '.join(Settings.__annotations__)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
