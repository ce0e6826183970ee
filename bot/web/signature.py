"""Says whether a request truly comes from the provider."""

from collections.abc import Mapping, Sequence

from flask import Request
from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """Sign a form as the provider does, for requests of our own making."""
    return str(RequestValidator(token).compute_signature(url, form))


class Verifier:
    """Checks signatures over the configured public URL with any of several keys."""

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        """Take the URL the provider calls, without a path's `/sms`, and its keys, newest first."""
        self._url = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in tokens]

    def __call__(self, request: Request) -> bool:
        """Tell whether the form was signed with one of our keys; never raises for bad input."""
        # A body that is not UTF-8 reads as no form at all, and nothing is easy to sign.
        if request.mimetype != FORM or not request.form:
            return False
        # Host and X-Forwarded-* are the sender's to choose; only the configured URL is ours.
        query = request.query_string.decode("latin-1")
        url = f"{self._url}{request.path}" + (f"?{query}" if query else "")
        signature = request.headers.get(HEADER, "")
        return any(_valid(one, url, request, signature) for one in self._validators)


def _valid(validator: RequestValidator, url: str, request: Request, signature: str) -> bool:
    try:
        return bool(validator.validate(url, request.form, signature))
    except (TypeError, ValueError):
        # The library raises on lone surrogates and on ports out of range (measured with 9.13.0).
        return False
