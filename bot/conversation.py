"""One turn end to end: load, step, commit; whatever breaks, an answer.

Pure but for the store it is handed: no clock, no network, no web framework.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.flow.session import Session, Turn

ANSWER_SECONDS = 120
"""How long an answer waits for a duplicate; the provider retries for 15 s at most."""
SESSION_SECONDS = 30 * 60
"""A session ends this long after its last text."""
SESSION_CAP_SECONDS = 60 * 60
"""A session ends this long after its first text, whatever happens."""
ATTEMPTS = 8
"""How often a turn is run when another worker wrote first each time."""
LIMIT_SECONDS = 10 * 60
LIMIT_REPLIES = 60
"""Replies to one phone in LIMIT_SECONDS; danger, ERASE and STOP get LIMIT_LOOP more."""
LIMIT_LOOP = 10
"""Replies to one phone in LIMIT_SECONDS that go round in circles."""
LOOP_SCREENS = 3
"""LIMIT_LOOP replies in a row that are only so many different ones are circles."""
DOUBTS = 1 << 20
"""Five digits of a name; whoever shares them starts anew once, at worst."""
_WIPES = frozenset({"erase", "stop"})
_PASSES = _WIPES | {"danger"}
"""Events of turns that no budget holds back, and limits later."""
_ERASED = -1


class StoreError(Exception):
    """The store cannot be used now. Never carries a name, a key or a value."""


@dataclass(frozen=True)
class SessionKey:
    """What stands for one person in the store: made from the number, never the number."""

    name: str = field(repr=False)
    """Name in the store: hex, uniform for everybody."""
    seal: bytes = field(repr=False)
    """32 bytes that open this person's record and nobody else's."""
    former: "SessionKey | None" = field(default=None, repr=False)
    """Yesterday's key while yesterday's sessions may still be open, else None."""


@dataclass(frozen=True)
class Answer:
    """A reply already given, for a duplicate of its text."""

    mark: str
    """Hash of the message's id: hex, the same on both sides of midnight."""
    reply: str
    at: int
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Record:
    """All the store holds for one person, opened."""

    version: bytes = b""
    """Opaque; empty when nothing is stored. A save succeeds only if it has not changed."""
    session: Session | None = None
    started: int = 0
    """When the session's first text came: seconds since the epoch."""
    touched: int = 0
    """When its latest text came."""
    answers: tuple[Answer, ...] = ()
    """Newest last."""
    replies: tuple[tuple[int, int], ...] = ()
    """When we replied lately, and a byte that tells replies apart; after ERASE only when."""


class Sessions(Protocol):
    """The store: one read and one atomic write a turn."""

    def load(self, key: SessionKey) -> Record:
        """Read one person's record; an empty one when there is none. Raises StoreError."""

    def save(self, key: SessionKey, record: Record, seconds: int) -> bool:
        """Write it for `seconds` if its version is still the stored one. Raises StoreError."""


Step = Callable[[Session | None, str, datetime], Turn]
"""The conversation as a pure function: (session, text, now) -> turn."""


@dataclass(frozen=True)
class Conversation:
    """Answers texts: a step function, a store, and the reply of last resort."""

    step: Step
    sessions: Sessions
    safe_reply: str
    spent: Callable[[datetime], bool] = lambda _now: False
    """Tells whether the day's budget of replies is used up."""
    doubts: bytearray | memoryview = field(default_factory=lambda: bytearray(DOUBTS), repr=False)
    """1 at the first digits of who was last answered without the store, as memory to share."""

    def answer(self, key: SessionKey, mark: str, text: str, now: datetime) -> Turn:
        """Answer one text; never raises. A text seen before gets its first reply again."""
        try:
            return self._committed(key, mark, text, now)
        except StoreError:
            self.doubts[int(key.name[:5], 16)] = 1
            return self._once(text, now, "store-error")
        except Exception:  # noqa: BLE001 a frightened person gets an answer, whatever broke
            return self._once(text, now, "turn-error")

    def _once(self, text: str, now: datetime, event: str) -> Turn:
        try:
            turn = self._afforded(self.step(None, text, now), None, now)
        except Exception:  # noqa: BLE001 see above
            return Turn(None, self.safe_reply, (event, "safe-reply"))
        # We could not erase: whoever believes it is erased may hand the phone over.
        reply = self.safe_reply if "erase" in turn.events else turn.reply
        return replace(turn, reply=reply, events=(*turn.events, event))

    def _committed(self, key: SessionKey, mark: str, text: str, now: datetime) -> Turn:
        second = int(now.timestamp())
        for _ in range(ATTEMPTS):
            record = _current(self.sessions.load(key), second)
            for given in record.answers:
                if given.mark == mark:
                    return Turn(record.session, given.reply, ("duplicate",))
            if self.doubts[int(key.name[:5], 16)]:
                # A number may mean a menu of the answer that was not kept, or all was erased.
                record = replace(record, session=None)
            turn = self._afforded(self.step(record.session, text, now), record.session, now)
            if _limited(record, turn):
                # Nothing is said, so the screen the person saw last stays the open one.
                wiped = _WIPES.intersection(turn.events)
                turn = Turn(None if wiped else record.session, "", (*wiped, "limited"))
                if not wiped:
                    return turn
            after = _after(record, mark, turn, second)
            if self.sessions.save(key, after, _lifetime(after, second)):
                self.doubts[int(key.name[:5], 16)] = 0
                return turn
        if len(record.replies) >= ATTEMPTS and _PASSES.isdisjoint(turn.events):
            # So many others of this phone were answered meanwhile: a flood, not a fault.
            return Turn(record.session, "", ("limited",))
        raise StoreError

    def _afforded(self, turn: Turn, before: Session | None, now: datetime) -> Turn:
        if self.spent(now) and _PASSES.isdisjoint(turn.events):
            return Turn(before, self.safe_reply, ("over-budget",))
        return turn


def _limited(record: Record, turn: Turn) -> bool:
    """Tell whether a phone has had enough: two robots facing each other fall silent."""
    echo, echoes = _echo(turn), [one for _, one in record.replies]
    passes = not _PASSES.isdisjoint(turn.events)
    if len(echoes) >= LIMIT_REPLIES + passes * LIMIT_LOOP:
        return True
    last = echoes[-LIMIT_LOOP:]
    few = len(last) == LIMIT_LOOP and _ERASED not in last and len(set(last)) <= LOOP_SCREENS
    circling = (few and echo in last) or echoes.count(echo) >= LIMIT_LOOP
    return circling and "danger" not in turn.events


def _echo(turn: Turn) -> int:
    # Of our reply, never of what was typed; a byte tells a loop, but too little to tell a word.
    return zlib.crc32(turn.reply.encode()) & 0xFF


def _after(record: Record, mark: str, turn: Turn, second: int) -> Record:
    answers, replies, echo = record.answers, record.replies, _echo(turn)
    if _WIPES.intersection(turn.events):
        # A late copy of an earlier text must not bring back what was erased from the phone.
        answers = tuple(replace(one, reply="") for one in answers)
        replies = tuple((at, one if one == echo else _ERASED) for at, one in replies)
    if turn.reply:
        replies = (*replies, (second, echo))
    started = record.started if record.session and turn.session else second
    answers = (*answers, Answer(mark, turn.reply, second))
    return Record(record.version, turn.session, started, second, answers, replies)


def _current(record: Record, second: int) -> Record:
    """Drop what is over: the store's own clock is the second guard, not the first."""
    idle = second - record.touched >= SESSION_SECONDS
    if idle or second - record.started >= SESSION_CAP_SECONDS:
        record = replace(record, session=None)
    fresh = tuple(one for one in record.answers if second - one.at < ANSWER_SECONDS)
    replies = tuple(one for one in record.replies if second - one[0] < LIMIT_SECONDS)
    return replace(record, answers=fresh, replies=replies)


def _lifetime(record: Record, second: int) -> int:
    left = min(SESSION_SECONDS, record.started + SESSION_CAP_SECONDS - second)
    return max(ANSWER_SECONDS, left if record.session else 0)
