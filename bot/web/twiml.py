"""Answers in the provider's XML, from any text."""

from flask import Response
from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse

from bot.text.segments import sendable


def respond(twiml: TwiML) -> Response:
    """Make the HTTP response; it is never kept by anything on its way."""
    headers = {"Cache-Control": "no-store"}
    return Response(str(twiml), content_type="text/xml; charset=utf-8", headers=headers)


def message(text: str) -> Response:
    """Answer one text with one message; no message at all for an empty text."""
    answer = MessagingResponse()
    # The library lets through characters that no XML may hold, and then the provider drops
    # the whole answer (measured with 9.13.0).
    ready = sendable(text)
    if ready.strip():
        # Several messages arrive in no guaranteed order, so there is never more than one.
        answer.message(ready)
    return respond(answer)
