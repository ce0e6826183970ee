"""The public port but for texts: a bare site, signatures, answers in XML, calls and health."""

import re
from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest

from flask import Flask, Request, Response, jsonify, request
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator
from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse
from werkzeug.exceptions import HTTPException

from bot.text.segments import sendable

HEADER = "X-Twilio-Signature"
MAX_BODY = 64 * 1024
"""Bytes; the provider's forms have less than a tenth of it."""
TIMES = 2
"""How often a caller hears everything: nobody can take down a number at once."""
_FORM = "application/x-www-form-urlencoded"
_DIGITS = re.compile(r"\d[\d-]+\d")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
Verified = Callable[[Request], bool]


def site(safe_reply: str, fault: Callable[[BaseException], None]) -> Flask:
    """Make an application without pages; `fault` is told of every exception."""
    app = Flask("porchlight", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        # What breaks after the view comes wrapped as an error 500.
        error = getattr(error, "original_exception", None) or error
        if isinstance(error, HTTPException):
            bare = Response(status=error.code)
            bare.allow.update(getattr(error, "valid_methods", None) or ())
            return bare
        fault(error)
        # A frightened person gets an answer, whatever broke.
        return message(safe_reply) if request.endpoint == "sms" else Response(status=500)

    return app


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """Sign a form as the provider does, for requests of our own making."""
    return str(RequestValidator(token).compute_signature(url, form))


def verifier(public_url: str, tokens: Sequence[str], shared: Sequence[str] = ()) -> Verified:
    """Make a test whether a form was signed over our URL with a token or shared key of ours."""
    # The header that names an algorithm is not signed: obeying it would let the sender pick.
    validators = [(RequestValidator(token), HMAC_SHA1) for token in tokens]
    validators += [(RequestValidator(key), HMAC_SHA256) for key in shared]

    def verified(given: Request) -> bool:
        # A body that is not UTF-8 reads as no form at all, and nothing is easy to sign.
        if given.mimetype != _FORM or not given.form:
            return False
        # Host and X-Forwarded-* are the sender's to choose; only the configured URL is ours.
        query = given.query_string.decode("latin-1")
        url = public_url.rstrip("/") + given.path + (f"?{query}" if query else "")
        signature = given.headers.get(HEADER, "")
        try:
            return any(one.validate(url, given.form, signature, way) for one, way in validators)
        except (TypeError, ValueError):
            # The library raises on lone surrogates and on ports out of range (with 9.13.0).
            return False

    return verified


def message(text: str) -> Response:
    """Answer one text with one message; no message at all for an empty text."""
    answer = MessagingResponse()
    # The library lets through characters that no XML may hold, and then the provider drops
    # the whole answer (measured with 9.13.0).
    ready = sendable(text)
    if ready.strip():
        # Several messages arrive in no guaranteed order, so there is never more than one.
        answer.message(ready)
    return _xml(answer)


def voice(app: Flask, verified: Verified, texts: Sequence[tuple[str, str]]) -> None:
    """Add POST /voice: a caller hears the texts."""

    @app.post("/voice")
    def speak() -> Response:
        return call(texts) if verified(request) else Response(status=403)


def call(texts: Sequence[tuple[str, str]]) -> Response:
    """Answer a call with texts, each given with the provider's tag of its language."""
    answer = VoiceResponse()
    for tag, text in [*texts] * TIMES:
        answer.say(spoken(text), language=tag)
        answer.pause(length=1)
    answer.hangup()
    return _xml(answer)


def spoken(text: str) -> str:
    """Space out numbers of three digits or more: "213-555-0100" -> "2 1 3, 5 5 5, 0 1 0 0"."""
    return _DIGITS.sub(lambda found: ", ".join(map(" ".join, found[0].split("-"))), sendable(text))


def health(
    app: Flask, store_up: Callable[[], bool], fingerprint: str, refused: Mapping[str, int]
) -> None:
    """Add GET /health: 200 even without the store, because texts are answered without it too."""
    # Anybody may see which rules a refused edit breaks: names from our code, not from the book.

    @app.get("/health")
    def show() -> Response:
        status, redis = ("ok", "up") if store_up() else ("degraded", "down")
        return jsonify(status=status, redis=redis, book=fingerprint, refused=dict(refused))


def metrics(app: Flask, token: str, text: Callable[[], str]) -> None:
    """Add GET /metrics for whoever brings the token; to others there is no such page."""
    # An address proves nothing: a proxy on this machine brings everybody in from 127.0.0.1.

    @app.get("/metrics")
    def count() -> Response:
        given = request.headers.get("Authorization", "").encode()
        if not compare_digest(given, f"Bearer {token}".encode()):
            return Response(status=404)
        return Response(text(), content_type="text/plain; version=0.0.4")


def _xml(twiml: TwiML) -> Response:
    return Response(str(twiml), content_type="text/xml; charset=utf-8")
