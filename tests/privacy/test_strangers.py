"""Who was here and is forgotten is answered, to the last byte, as one who never was."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.conversation import SESSION_SECONDS, Record
from bot.storage.keys import Keyring
from bot.storage.redis import store_from_url
from bot.web.site import HEADER, sign
from tests.chat import Stand, stands
from tests.flow.test_global_words import words
from tests.privacy.conftest import TOKEN, Line

KNOWN, NEVER = "+13235550147", "+13235550148"
FIRST = ("hi", "1", "blarg", "more", "erase")
"""What a person may text who holds the phone next."""
SLICE = 12


def posted(line: Line, number: str, body: str) -> tuple[str, tuple[tuple[str, str], ...], bytes]:
    """Send a text; give the whole response: status, headers and body."""
    form = {
        "AccountSid": "AC" + "0" * 32,
        "Body": body,
        "From": number,
        "MessageSid": "SM" + secrets.token_hex(16),
    }
    headers = {HEADER: sign(f"{line.settings.public_url}/sms", form, TOKEN)}
    answer = line.app.test_client().post("/sms", data=form, headers=headers)
    return answer.status, tuple(answer.headers), answer.data


def stood(line: Line, stand: Stand) -> None:
    """Put a person where they stand, in the store as their last text would have left it."""
    line.store.flushdb()
    assert line.settings.key_file
    assert line.settings.redis_url
    key, second = (
        Keyring(line.settings.key_file).session_key(KNOWN, line.now),
        line.now.timestamp(),
    )
    record = Record(session=stand.session, started=int(second), touched=int(second))
    store = store_from_url(line.settings.redis_url.reveal())
    assert store.save(key, record, SESSION_SECONDS)


def _word(kind: str) -> Callable[[Line, Stand], None]:
    def forget(line: Line, stand: Stand) -> None:
        posted(line, KNOWN, words(line.book, kind, stand.language)[0])

    return forget


def _waits(line: Line, _stand: Stand) -> None:
    line.waits(minutes=31)


WAYS = {"erase": _word("erase"), "hide": _word("hide"), "stop": _word("stop"), "expiry": _waits}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("most", [SLICE, pytest.param(10**6, marks=pytest.mark.long)])
def test_a_forgotten_person_is_answered_as_a_stranger(
    line: Line, way: Callable[[Line, Stand], None], most: int
) -> None:
    """From every node: after ERASE, HIDE, STOP and expiry each first text gets the same bytes."""
    everywhere = [*stands(line.book)]
    for nth, stand in enumerate(everywhere[:: max(1, len(everywhere) // most)]):
        first = FIRST[nth % len(FIRST) :][:1] if most == SLICE else FIRST
        for body in first:
            stood(line, stand)
            way(line, stand)
            assert posted(line, KNOWN, body) == posted(line, NEVER, body), (stand, body)
            # And so is the next text: nothing came back with the first.
            assert posted(line, KNOWN, "?") == posted(line, NEVER, "?"), (stand, body)
            line.now += timedelta(hours=2)


def test_who_is_not_forgotten_is_answered_otherwise(line: Line) -> None:
    """The comparison sees a session where there is one: most screens answer "?" in their way."""
    seen = 0
    for stand in [*stands(line.book)][:SLICE]:
        stood(line, stand)
        seen += posted(line, KNOWN, "?") != posted(line, NEVER, "?")
        line.now += timedelta(hours=2)
    assert seen > SLICE // 2
