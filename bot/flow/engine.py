"""One step of the conversation: (book, session, text, now) -> turn, pure.

Danger first, then stop and the global words, then the open question, then what the
person looks for, then a service's name, then the question again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.flow import answers, screens
from bot.flow.book import Book
from bot.flow.moment import Moment
from bot.flow.session import Session, Turn
from bot.text.segments import economise, sendable

Part = Callable[[Moment], Turn | None]


def step(book: Book, session: Session | None, text: str, now: datetime) -> Turn:
    """Answer one text. The same four values always give the same turn."""
    reading = book.lexicon.read(text)
    before = session or Session()
    if reading.language:
        before = replace(before, language=reading.language)
    if before.place != screens.ANYWHERE and not book.gazetteer.get(before.place):
        before = replace(before, place="")  # staff took it out of the book meanwhile
    moment = Moment(book, before, reading, now, session is None)
    turn = next(turn for turn in (part(moment) for part in _ORDER) if turn)
    return replace(turn, reply=sendable(economise(turn.reply)))


def _danger(moment: Moment) -> Turn | None:
    name = moment.reading.danger
    if not name:
        return None
    group = moment.book.danger.classes[name]
    # "erase this before he checks": forgetting is the help asked for, unless life is at stake.
    if moment.reading.command in ("erase", "hide") and not group.acute:
        return None
    reply = moment.say(group.reply)
    kept = replace(moment.session, misses=0) if moment.session != Session() else None
    return Turn(kept, reply, ("danger", name))


def _stop(moment: Moment) -> Turn | None:
    return _forget(moment) if moment.reading.command == "stop" else None


def _forget(moment: Moment) -> Turn:
    # The next text meets a stranger's line: nothing here may say that we had met; and somebody
    # may be reaching for the phone: what HIDE leaves to be seen there must be harmless.
    command = moment.reading.command
    return Turn(None, moment.phrase(_FORGOTTEN[command]), (command,))


def _command(moment: Moment) -> Turn | None:
    reading = moment.reading
    if reading.switch:
        return screens.reshow(moment.at(replace(moment.session, language=reading.switch)))
    handler = _COMMANDS.get(reading.command)
    # "How to erase this" may be a label on the screen; it must not erase.
    # Word for word, though: "are you the police" asks who we are.
    exact = replace(moment, reading=replace(reading, core=reading.words))
    worded = answers.labelled(exact) if handler and len(reading.words) > 1 else None
    return worded or (handler(moment) if handler else None)


def _help(moment: Moment) -> Turn:
    return Turn(None if moment.stranger else moment.session, moment.phrase("help"), ("help",))


def _back(moment: Moment) -> Turn:
    session = moment.session
    if session.screen == "detail" and len(session.options) > 1:
        return screens.listed(moment)
    if not session.trail:
        return screens.front(moment)
    *rest, last = session.trail
    # Who walks back out of a flow is not led into its caller when it ends.
    within = session.spot and session.spot[0] == last[0]
    returns = session.returns if within else session.returns[:-1]
    cleared = replace(
        session, spot=None, trail=tuple(rest), returns=returns, screen="", options=(), page=0
    )
    return screens.go(moment.at(cleared), last)


def _more(moment: Moment) -> Turn:
    session = moment.session
    if session.screen in ("list", "detail"):
        return screens.listed(moment.at(replace(session, page=session.page + 1)))
    return screens.reshow(moment)


def _place(moment: Moment) -> Turn:
    if moment.reading.place.ids:
        return answers.place_turn(moment) or screens.ask(moment)
    return screens.ask(moment.at(replace(moment.session, place="")))


def _skip(moment: Moment) -> Turn:
    if moment.session.screen not in ("ask", "which"):
        return screens.reshow(moment)
    return screens.place_set(moment, screens.ANYWHERE)


_FORGOTTEN = {"stop": "stopped", "erase": "erased", "hide": "decoy"}
_COMMANDS: dict[str, Callable[[Moment], Turn]] = {
    "menu": screens.front,
    "back": _back,
    "more": _more,
    "place": _place,
    "erase": _forget,
    "hide": _forget,
    "skip": _skip,
    "repeat": screens.reshow,
    "help": _help,
}

_ORDER: tuple[Part, ...] = (
    _danger,
    _stop,
    _command,
    answers.answer,
    answers.look,
    answers.named,
    answers.trigger,
    answers.place_turn,
    answers.miss,
)
