"""Looks whether the number is set up right at the provider, and says what is kept there."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from twilio.rest import Client

from bot.problems import Finding
from bot.provider.client import ProviderError, asking

OVERRIDES = "ct=1000&rt=4000&rc=2&rp=ct,rt,5xx"
"""Makes the provider try three times within the 15 seconds it takes at most."""
KEPT = Finding(
    "warn",
    "What nobody can delete from here: the provider's own logs and bills (ask it in writing how "
    "long), its list of those who texted STOP, and what the phone companies keep. Message "
    "Redaction, asked for in its console, keeps the words out; only there is it seen.",
)
UNSEEN = Finding(
    "warn",
    "Without TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET nobody looked at the "
    "webhooks, the fallback and the records at the provider.",
)


def signing(*, tokens: bool, shared_keys: bool) -> Finding:
    """Judge the keys that the provider signs with."""
    if tokens:
        return Finding(
            "warn",
            "TWILIO_AUTH_TOKEN opens the whole account to whoever reads our settings: let a "
            "shared key sign, and set TWILIO_SHARED_KEYS alone.",
        )
    if shared_keys:
        return Finding("ok", "Texts are signed with a key that opens nothing else.")
    return Finding("bad", "There is no key to tell the provider by: set TWILIO_SHARED_KEYS.")


def findings(client: Client, public_url: str, now: datetime) -> Iterator[Finding]:
    """Look at the account as its API key sees it; what the key may not see is a finding too."""
    looks: dict[str, Callable[[Client], Iterator[Finding]]] = {
        "its numbers": partial(_numbers, public_url),
        "its messaging services": partial(_services, public_url),
        "its records": partial(_records, now - timedelta(hours=1)),
        "the key": _key,
    }
    for what, look in looks.items():
        try:
            with asking():
                found = [*look(client)]
        except ProviderError as error:
            found = [Finding("bad", f"We could not look at {what}. {error}")]
        yield from found


def _numbers(public_url: str, client: Client) -> Iterator[Finding]:
    numbers = client.incoming_phone_numbers.list(limit=20)
    if len(numbers) != 1:
        yield Finding("warn", f"The account has {len(numbers)} numbers; sweep is for all of them.")
    for one in numbers:
        if one.sms_application_sid or one.voice_application_sid or one.trunk_sid:
            yield Finding("bad", "An application or trunk takes our number's place: remove it.")
        fallback = one.sms_fallback_url, one.sms_fallback_method
        yield from _hook("texts", one.sms_url, one.sms_method, fallback, f"{public_url}/sms")
        fallback = one.voice_fallback_url, one.voice_fallback_method
        yield from _hook("calls", one.voice_url, one.voice_method, fallback, f"{public_url}/voice")
        if one.voice_caller_id_lookup:
            yield Finding("bad", "The provider looks up the names of callers: switch that off.")
        if one.status_callback:
            yield Finding("warn", "The provider tells another address of each call: remove it.")


def _services(public_url: str, client: Client) -> Iterator[Finding]:
    for one in client.messaging.v1.services.list(limit=20):
        if not one.use_inbound_webhook_on_number:
            what, fallback = "texts to its service", (one.fallback_url, one.fallback_method)
            hook = one.inbound_request_url, one.inbound_method
            yield from _hook(what, *hook, fallback, f"{public_url}/sms")
        if one.status_callback:
            yield Finding("warn", "The provider tells another address of each text: remove it.")


def _hook(
    what: str, url: str | None, method: str, fallback: tuple[str | None, str], ours: str
) -> Iterator[Finding]:
    address, _, overrides = (url or "").partition("#")
    elsewhere, way = fallback
    if address != ours:
        yield Finding("bad", f"The number's {what} do not come here: set {ours}#{OVERRIDES}")
    elif method != "POST":
        yield Finding("bad", f"The number's {what} come by GET, which is logged: choose POST.")
    else:
        yield Finding("ok", f"The number's {what} come here.")
    if not set(OVERRIDES.split("&")) <= set(overrides.split("&")):
        yield Finding("warn", f"Failed {what} are not tried again at once: add #{OVERRIDES}")
    if not elsewhere or urlsplit(elsewhere).netloc == urlsplit(ours).netloc:
        yield Finding(
            "warn", f"While we are down {what} get no answer: host a fallback elsewhere."
        )
    elif way != "POST":
        yield Finding("bad", f"The fallback for {what} is asked by GET, which is logged.")


def _records(before: datetime, client: Client) -> Iterator[Finding]:
    texts = client.messages.list(date_sent_before=before, limit=1)
    calls = client.calls.list(start_time_before=before, limit=1)
    for what, found in (("texts", texts), ("calls", calls)):
        if found:
            yield Finding("bad", f"The provider keeps {what} over an hour old: run the sweep.")
        else:
            yield Finding("ok", f"The provider shows no {what} over an hour old.")


def _key(client: Client) -> Iterator[Finding]:
    try:
        with asking():
            client.queues.list(limit=1)
    except ProviderError as error:
        if not error.refused:
            raise
        yield Finding("ok", "Our key at the provider is restricted.")
    else:
        yield Finding("warn", "Our key at the provider may do more than it needs: restrict it.")
