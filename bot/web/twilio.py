"""POST /sms: a signed form becomes a turn. The only module that ever sees a phone number."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import Blueprint, Response, request

from bot.conversation import SessionKey
from bot.flow.session import Turn
from bot.web.signature import Verifier
from bot.web.twiml import message

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
# Short codes, names of senders, and addresses of other channels: nobody there needs an answer,
# and two robots that answer each other would never stop.
_NOBODY = re.compile(r"[a-z]{2,20}:.{1,100}|[0-9A-Za-z][\w &.+-]{0,10}", re.ASCII)


Reason = Literal["signature", "shape", "sender"]


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
    refused: Callable[[Reason], None]
    """Told why a request got no turn."""


def sms(line: Line, verified: Verifier) -> Blueprint:
    """Make the webhook for texts; an unsigned or misshapen request gets an empty 403."""
    blueprint = Blueprint("sms", __name__)

    # Both paths answer directly: a redirect would lose the form.
    @blueprint.post("/sms", provide_automatic_options=False)
    @blueprint.post("/sms/", provide_automatic_options=False)
    def receive() -> Response:
        if not verified(request):
            line.refused("signature")
            return Response(status=403)
        form = _form()
        if form is None:
            line.refused("shape")
            return Response(status=403)
        if not _NUMBER.fullmatch(form["From"]):
            line.refused("sender")
            return message("")
        return message(_turn(line, form))

    return blueprint


def _form() -> dict[str, str] | None:
    """Give the signed form, or None when it is not shaped as the provider shapes it.

    Signed text has no marks between names and values, so a replayed signature also fits a
    form whose borders were shifted; the fixed shapes keep one number from becoming another.
    """
    if any(len(values) != 1 for values in request.form.listvalues()):
        return None
    form = request.form.to_dict()
    sender = form.get("From", "")
    shaped = (
        "Body" in form
        and (_NUMBER.fullmatch(sender) or _NOBODY.fullmatch(sender))
        and _MESSAGE_SID.fullmatch(form.get("MessageSid", ""))
        and _ACCOUNT_SID.fullmatch(form.get("AccountSid", ""))
    )
    return form if shaped else None


def _turn(line: Line, form: dict[str, str]) -> str:
    now = line.clock()
    key = line.keys(form["From"], now)
    handled = form.get("OptOutType", "")
    turn = line.answer(key, line.mark(form["MessageSid"]), handled or form["Body"], now)
    # With OptOutType the provider has replied already; STOP must still erase the session.
    return "" if handled else turn.reply
