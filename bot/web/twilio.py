"""POST /sms: a signed form becomes a turn. The only module that ever sees a phone number."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import phonenumbers
from flask import Flask, Response, request

from bot.conversation import SessionKey
from bot.flow.session import Turn
from bot.web.site import Verified, message

NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""A telephone number as the provider writes it (ITU-T E.164)."""
# Short codes, names of senders, and addresses of other channels: nobody there needs an answer,
# and two robots that answer each other would never stop.
_NOBODY = r"[a-z]{2,20}:.{1,100}|[0-9A-Za-z][\w &.+-]{0,10}"
# Signed text has no marks between names and values, so a replayed signature also fits a form
# whose borders were shifted; the fixed shapes keep one number from becoming another.
_SHAPES = {
    "Body": re.compile(r".*", re.DOTALL),
    "From": re.compile(rf"{NUMBER.pattern}|{_NOBODY}", re.ASCII),
    "MessageSid": re.compile(r"(SM|MM)[0-9a-f]{32}"),
    "AccountSid": re.compile(r"AC[0-9a-f]{32}"),
}


@dataclass(frozen=True)
class Line:
    """What the webhook needs from the rest of the house."""

    answer: Callable[[SessionKey, str, str, datetime], Turn]
    """Conversation.answer or the like: (key, mark, text, now) -> turn."""
    keys: Callable[[str, datetime], SessionKey]
    """Number and moment -> what stands for the person in the store."""
    mark: Callable[[str], str]
    """Provider's message id -> hash that tells duplicates."""
    clock: Callable[[], datetime]
    refused: Callable[[Literal["signature", "shape", "sender"]], None]
    """Told why a request got no turn."""


def sms(app: Flask, verified: Verified, line: Line) -> None:
    """Add the webhook for texts; an unsigned or misshapen request gets an empty 403."""

    # Both paths answer directly: a redirect would lose the form.
    @app.post("/sms", endpoint="sms")
    @app.post("/sms/", endpoint="sms")
    def receive() -> Response:
        form = request.form.to_dict()
        if not verified(request):
            line.refused("signature")
        elif not _shaped(form):
            line.refused("shape")
        elif not _somebody(form["From"]):
            line.refused("sender")
            return message("")
        else:
            return message(_reply(line, form))
        return Response(status=403)


def _somebody(sender: str) -> bool:
    """Tell a phone of any country, because some have only one from home, from what has none.

    Replies to satellites and shared-cost lines cost most, and pay whoever makes us send them.
    """
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(sender if NUMBER.fullmatch(sender) else "")
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
        possible = phonenumbers.is_possible_number_with_reason(number)
        return region != "001" and possible == phonenumbers.ValidationResult.IS_POSSIBLE
    return False


def _shaped(form: dict[str, str]) -> bool:
    once = all(len(values) == 1 for values in request.form.listvalues())
    return once and all(
        name in form and shape.fullmatch(form[name]) for name, shape in _SHAPES.items()
    )


def _reply(line: Line, form: dict[str, str]) -> str:
    now = line.clock()
    key = line.keys(form["From"], now)
    handled = form.get("OptOutType", "")
    turn = line.answer(key, line.mark(form["MessageSid"]), handled or form["Body"], now)
    # With OptOutType the provider has replied already; STOP must still erase the session.
    return "" if handled else turn.reply
