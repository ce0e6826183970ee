"""Looks whether the number is set up right at the provider, and says what is kept there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.problems import Finding
from bot.provider.client import REFUSED, ProviderError, asking, status

OVERRIDES = "ct=1000&rt=4000&rc=2&rp=ct,rt,5xx"
"""Makes the provider try three times within the 15 seconds it takes at most."""
TOKEN = Finding(
    "warn",
    "TWILIO_AUTH_TOKEN opens the whole account to whoever reads our settings: let a shared key "
    "sign, and set TWILIO_SHARED_KEYS alone.",
)
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
_HOOK = ("url", "method", "fallback_url", "fallback_method")
_Checks = Iterator[tuple[object, Literal["warn", "bad"], str]]
"""Whether something is wrong, how wrong, and what to do about it."""


def findings(client: Client, public_url: str, now: datetime) -> Iterator[Finding]:
    """Look at the account as its API key sees it; what the key may not see is a finding too."""
    looks = {
        "Its numbers": _numbers(client, public_url),
        "Its messaging services": _services(client, public_url),
        "Its records": _records(client, now - timedelta(hours=1)),
        "Our key to it": _key(client),
    }
    for what, look in looks.items():
        try:
            with asking():
                found = [Finding(kind, words) for wrong, kind, words in look if wrong]
        except ProviderError as error:
            found = [Finding("bad", f"{what}: we could not look. {error}")]
        yield from found or [Finding("ok", f"{what}: nothing wrong at the provider.")]


def _numbers(client: Client, ours: str) -> _Checks:
    numbers = client.incoming_phone_numbers.list(limit=20)
    words = f"The account has {len(numbers)} numbers; sweep is for all of them."
    yield len(numbers) != 1, "warn", words
    for one in numbers:
        for kind, what in (("sms", "texts"), ("voice", "calls")):
            names = (f"{kind}_{name}" for name in _HOOK)
            yield from _hook(what, f"{ours}/{kind}", *(getattr(one, name) for name in names))
        taken = one.sms_application_sid or one.voice_application_sid or one.trunk_sid
        yield taken, "bad", "An application or trunk takes our number's place: remove it."
        lookup = one.voice_caller_id_lookup
        yield lookup, "bad", "The provider looks up the names of callers: switch that off."
        yield one.status_callback, "warn", "Another address is told of each call: remove it."


def _services(client: Client, ours: str) -> _Checks:
    for one in client.messaging.v1.services.list(limit=20):
        if not one.use_inbound_webhook_on_number:
            fields = one.inbound_request_url, one.inbound_method, one.fallback_url
            yield from _hook("texts to its service", f"{ours}/sms", *fields, one.fallback_method)
        yield one.status_callback, "warn", "Another address is told of each text: remove it."


def _hook(what: str, ours: str, *fields: str | None) -> _Checks:
    url, method, fallback, way = fields
    address, _, overrides = (url or "").partition("#")
    away = urlsplit(fallback or ours).netloc != urlsplit(ours).netloc
    again = set(OVERRIDES.split("&")) <= set(overrides.split("&"))
    yield address != ours, "bad", f"The number's {what} do not come here: set {ours}#{OVERRIDES}"
    yield method != "POST", "bad", f"The number's {what} come by GET, which is logged: take POST."
    yield not again, "warn", f"Failed {what} are not tried again at once: add #{OVERRIDES}"
    yield not away, "warn", f"While we are down {what} get no answer: host a fallback elsewhere."
    yield away and way != "POST", "bad", f"The fallback for {what} is asked by GET, and logged."


def _records(client: Client, before: datetime) -> _Checks:
    texts = client.messages.list(date_sent_before=before, limit=1)
    yield texts, "bad", "The provider keeps texts over an hour old: run the sweep."
    calls = client.calls.list(start_time_before=before, limit=1)
    yield calls, "bad", "The provider keeps calls over an hour old: run the sweep."


def _key(client: Client) -> _Checks:
    try:
        client.queues.list(limit=1)
        yield True, "warn", "It may do more than it needs: make a restricted one."
    except TwilioException as error:
        if status(error) not in REFUSED:
            raise
