"""POST /voice: whoever calls the number hears who this is and the lines to call."""

import re
from collections.abc import Sequence

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from bot.text.segments import sendable
from bot.web.signature import Verifier
from bot.web.twiml import respond

TIMES = 2
"""How often everything is said: nobody can take down a number at once."""
_DIGITS = re.compile(r"\d[\d-]+\d")


def voice(verified: Verifier, texts: Sequence[tuple[str, str]]) -> Blueprint:
    """Make the webhook for calls from (provider's language tag, text) pairs."""
    blueprint = Blueprint("voice", __name__)
    answer = VoiceResponse()
    for _ in range(TIMES):
        for tag, text in texts:
            answer.say(spoken(text), language=tag)
            answer.pause(length=1)
    answer.hangup()

    @blueprint.post("/voice", provide_automatic_options=False)
    def speak() -> Response:
        return respond(answer) if verified(request) else Response(status=403)

    return blueprint


def spoken(text: str) -> str:
    """Space out numbers of three digits or more: "213-555-0100" -> "2 1 3, 5 5 5, 0 1 0 0"."""
    return _DIGITS.sub(lambda found: ", ".join(map(" ".join, found[0].split("-"))), sendable(text))
