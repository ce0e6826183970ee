"""How a text is answered once danger and the global words are out of the way."""

from dataclasses import replace

from bot.flow import router, screens
from bot.flow.book import START
from bot.flow.model import PromptNode
from bot.flow.moment import MISS_LIMIT, Moment, open_node
from bot.flow.session import Session, Spot, Turn
from bot.text.places import PlaceReading


def answer(moment: Moment) -> Turn | None:
    """Read the text as an answer to the open question, if there is one."""
    session = moment.session
    if session.screen == "ask":
        return _where(moment)
    if session.screen == "which":
        return _which(moment)
    if session.screen == "guess" or (open_node(moment) and session.screen in ("list", "detail")):
        return _from_list(moment)
    return labelled(moment)


def labelled(moment: Moment) -> Turn | None:
    """Take the choice whose number, label or keyword is the text."""
    spot, node = moment.session.spot, open_node(moment)
    if not spot or not isinstance(node, PromptNode):
        return None
    picked = router.pick(node, moment.reading)
    return _chosen(moment, spot, node, picked) if picked else None


def _chosen(moment: Moment, spot: Spot, node: PromptNode, picked: router.Picked) -> Turn | None:
    at, language = picked
    if language:
        moment = moment.at(replace(moment.session, language=language))
    target = moment.book.target(spot[0], node.choices[at].goto)
    return screens.go(replace(moment, chosen=(spot, at)), target) if target else None


def _from_list(moment: Moment) -> Turn | None:
    option = _option(moment)
    if option.startswith(screens.OTHER):
        need = option.removeprefix(screens.OTHER)
        home = moment.book.home(need)
        return screens.go(moment, home, (need,)) if home else None
    if option in moment.book.directory.services:
        return screens.details(moment, option)
    return screens.listed(moment) if option else None


def _option(moment: Moment) -> str:
    at, options = moment.reading.number, moment.session.options
    return options[at - 1] if at and at <= len(options) else ""


def _where(moment: Moment) -> Turn | None:
    """Read a place, however short: the question was where."""
    reading = moment.reading
    if reading.needs:
        return None
    turn = place_turn(moment, moment.book.gazetteer.find(reading.words, alone=True))
    if turn or reading.trigger or reading.services:
        return turn
    if moment.session.misses:
        # Twice unclear: whoever helps everywhere by phone beats a third question.
        return screens.place_set(moment, screens.ANYWHERE)
    missed = replace(moment.session, misses=1)
    return screens.ask(moment.at(missed), "ask-place-again")


def _which(moment: Moment) -> Turn | None:
    place = moment.book.gazetteer.get(_option(moment))
    return screens.place_set(moment, place.id) if place else _where(moment)


def place_turn(moment: Moment, place: PlaceReading | None = None) -> Turn | None:
    """Act on a place, else on the text's own: look again there, or keep it for what comes."""
    place = place or moment.reading.place
    if place.kind == "one":
        return screens.place_set(moment, place.ids[0])
    if place.kind == "several":
        return screens.which(moment, place.ids)
    return screens.outside(moment) if place.kind == "outside" else None


def look(moment: Moment) -> Turn | None:
    """Answer "NEED PLACE", in any order, in one turn."""
    reading = moment.reading
    homes = [home for need in reading.needs if (home := moment.book.home(need))]
    if not homes or (reading.whole_trigger and reading.place.kind == "none"):
        return None
    session = replace(_fresh(moment), spot=homes[0], needs=reading.needs)
    place = reading.place
    if place.kind == "one":
        session = replace(session, place=place.ids[0])
    elif place.kind in ("several", "outside"):
        standing = replace(session, shown=moment.book.shown(homes[0]))
        return place_turn(moment.at(standing), place)
    # The screen before is the one to go BACK to.
    session = replace(session, spot=moment.session.spot)
    return screens.go(moment.at(session), homes[0], reading.needs)


def trigger(moment: Moment) -> Turn | None:
    """Open the flow a word asks for; the rest of the text may answer its first question."""
    reading = moment.reading
    if not reading.trigger:
        return None
    session = _fresh(moment)
    if reading.place.kind == "one":
        session = replace(session, place=reading.place.ids[0])
    spot = (reading.trigger, START)
    node = moment.book.node(spot)
    if not reading.whole_trigger and isinstance(node, PromptNode):
        picked = router.pick_within(node, reading)
        if picked:
            return _chosen(moment.at(replace(session, spot=spot)), spot, node, picked)
    return screens.go(moment.at(session), spot)


def _fresh(moment: Moment) -> Session:
    """Give the session with what was looked for before let go, so nothing old comes back."""
    return replace(moment.session, returns=(), needs=(), screen="", options=(), page=0, misses=0)


def named(moment: Moment) -> Turn | None:
    """Answer for a service asked for by name."""
    services = moment.reading.services
    if moment.reading.unknown_number:
        unsure = moment.at(replace(_fresh(moment), spot=moment.session.spot))
        return screens.instead(unsure, moment.phrase("unconfirmed"), (), "unconfirmed")
    if not services or moment.reading.whole_trigger:
        return None
    fresh = replace(_fresh(moment), spot=moment.session.spot, shown=moment.session.shown)
    return screens.named(moment.at(replace(fresh, options=services)), services[0])


def miss(moment: Moment) -> Turn:
    """Answer what fits nothing: the question again, then the front door and a human's number."""
    session = moment.session
    guesses = moment.book.lexicon.guess(moment.reading.words)
    if guesses and session.misses + 1 < MISS_LIMIT:
        turn = screens.guess(moment, guesses)
    elif moment.stranger or (session.spot is None and not session.misses):
        turn = screens.front(moment)
    elif session.misses + 1 < MISS_LIMIT:
        turn = screens.again(moment, moment.phrase("not-understood"))
    else:
        turn = screens.front(moment, moment.phrase("lost"))
    missed = min(session.misses + 1, MISS_LIMIT)
    kept = replace(turn.session, misses=missed) if turn.session else None
    return replace(turn, session=kept, events=("missed", *turn.events))
