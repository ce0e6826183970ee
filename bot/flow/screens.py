"""The screens a person sees: a menu, a question for the place, a list, one service's details."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.directory import listing
from bot.directory.model import Service
from bot.directory.search import Results, search, standing
from bot.flow.model import PromptNode, SearchNode
from bot.flow.moment import Moment, arrive, walk
from bot.flow.session import Outcome, Search, Session, Spot, Turn
from bot.text.places import Place

OTHER = "?"
"""Begins an option that is another need."""
FIRST = 2
"""Services shown before the other needs of a text."""
ANYWHERE = "*"
"""Stands for the place of a person who said SKIP."""


def front(moment: Moment, head: str = "") -> Turn:
    """Open the front door; what was looked for is let go, language and place are kept.

    A head stands in place of the door's own greeting, so that the two never add up.
    """
    session = Session(language=moment.session.language, place=moment.session.place)
    node = moment.book.node(moment.book.front)
    if head and isinstance(node, PromptNode):
        return _menu(arrive(moment.at(session), moment.book.front), node, head)
    return go(moment.at(session), moment.book.front)


def go(moment: Moment, spot: Spot, needs: tuple[str, ...] = ()) -> Turn:
    """Go to a node, on through what needs no answer, and show what stands there."""
    moment, stop = walk(moment, spot)
    node = moment.book.node(stop)
    if isinstance(node, SearchNode):
        return _search(moment, node, needs or (node.search,))
    if isinstance(node, PromptNode):
        return _menu(moment, node, moment.say(node.prompt))
    return moment.turn(moment.phrase("end"), "end")


def _menu(moment: Moment, node: PromptNode, head: str) -> Turn:
    labels = [f"{at} {moment.say(one.label)}" for at, one in enumerate(node.choices, 1)]
    return moment.turn("\n".join([head, *labels]), "prompt")


def again(moment: Moment, head: str) -> Turn:
    """Put the open question once more, under a head that says why."""
    spot = moment.session.spot
    node = moment.book.node(spot)
    if spot and not moment.session.screen and isinstance(node, PromptNode):
        return _menu(arrive(moment, spot), node, head)
    return reshow(moment.saying(head))


def reshow(moment: Moment) -> Turn:
    """Say the open screen again, as the book has it now."""
    session = moment.session
    if session.screen in ("list", "detail"):
        return listed(moment)
    if session.screen == "ask":
        return moment.turn(moment.phrase("ask-place"), "ask")
    if session.screen == "which":
        return which(moment, session.options)
    if session.screen == "guess":
        return guess(moment, [one.removeprefix(OTHER) for one in session.options])
    if session.spot is None:
        return front(moment)
    return go(moment, session.spot)


def ask(moment: Moment, phrase: str = "ask-place") -> Turn:
    """Ask where; any form of place answers."""
    asking = replace(moment.session, screen="ask", options=(), page=0)
    return moment.at(asking).turn(moment.phrase(phrase), "ask")


def which(moment: Moment, ids: Sequence[str]) -> Turn:
    """Ask which of several places is meant."""
    places = [place for place in map(moment.book.gazetteer.get, ids) if place]
    named = {place.id: moment.say(place.name) for place in places}
    return _pick(moment, "which", "which-place", named)


def guess(moment: Moment, needs: Iterable[str]) -> Turn:
    """Ask which of several needs was meant."""
    known = moment.book.needs.needs
    named = {OTHER + need: moment.say(known[need].name) for need in needs if need in known}
    return _pick(moment, "guess", "did-you-mean", named)


def _pick(moment: Moment, screen: str, phrase: str, named: Mapping[str, str]) -> Turn:
    lines = [moment.phrase(phrase), *(f"{at} {name}" for at, name in enumerate(named.values(), 1))]
    asking = replace(moment.session, screen=screen, options=tuple(named), page=0)
    return moment.at(asking).turn("\n".join(lines), screen)


def outside(moment: Moment) -> Turn:
    """Say that the place is not ours, give lines that help anywhere, and ask again."""
    session = replace(moment.session, place="", screen="ask", options=())
    known, always = moment.book.directory.services, moment.book.about.last_resort
    far = [one for one in always if one in known and known[one].reach == "national"]
    text = _numbers(moment, moment.phrase("outside"), far or always)
    return moment.at(session).turn(text, "outside")


def place_of(moment: Moment) -> Place | None:
    """Give the person's place, when it is one from the book."""
    place = moment.session.place
    return moment.book.gazetteer.get(place) if place and place != ANYWHERE else None


def _search(moment: Moment, node: SearchNode, needs: tuple[str, ...]) -> Turn:
    session = replace(moment.session, needs=needs)
    moment = moment.at(session)
    if node.place == "ask" and not session.place:
        return ask(moment)
    results = _results(moment, needs[:1])
    need = moment.book.needs.needs.get(needs[0])
    head = "wider" if results.widened else ""
    if not results.ids and need and need.wider:
        results, head = _results(moment, (need.wider,)), "wider"
    if not results.ids:
        return replace(_nothing(moment, node), search=_counted(moment, "nothing"))
    services = moment.book.directory.services
    # Whoever helps with all that was asked for comes first; the rest is offered by number.
    best = sorted(results.ids, key=lambda one: not set(needs) <= set(services[one].needs))
    others = [OTHER + need for need in needs[1:]]
    options = (*best[:FIRST], *others, *best[FIRST:])
    found = replace(session, screen="list", options=options, page=0)
    shut = all(_shut(moment, services[one]) for one in best[: listing.PAGE])
    outcome: Outcome = "nothing" if head else "closed" if shut else "met"
    turn = listed(moment.at(found), head, event="results")
    return replace(turn, search=_counted(moment, outcome))


def _counted(moment: Moment, outcome: Outcome) -> Search:
    place = place_of(moment)
    areas = (one for one in (place.areas if place else ()) if not moment.book.gazetteer.fine(one))
    return Search(moment.session.needs[0], outcome, next(areas, ""))


def _shut(moment: Moment, service: Service) -> bool:
    now = standing(service, _near(moment), moment.now, moment.book.locale)
    return now.kind in ("opens", "closed", "closed-until")


def _results(moment: Moment, needs: tuple[str, ...]) -> Results:
    book = moment.book
    near, filters = _near(moment), moment.reading.filters
    return search(book.directory, needs, near, moment.now, book.locale, filters)


def _near(moment: Moment) -> Place | None:
    place = place_of(moment)
    return place if place and not place.wide else None


def _head(moment: Moment, head: str) -> str:
    place, node = place_of(moment), moment.book.node(moment.session.spot)
    if place is None or (isinstance(node, SearchNode) and node.place == "skip"):
        return moment.phrase("county")
    head = head or ("wide-place" if place.wide else "near")
    return moment.phrase(head, place=moment.say(place.name))


def _nothing(moment: Moment, node: SearchNode) -> Turn:
    spot = moment.session.spot
    target = moment.book.target(spot[0], node.nothing) if node.nothing and spot else None
    if target:
        turn = go(moment, target)
        return replace(turn, events=("nothing-found", *turn.events))
    text = _numbers(moment, moment.phrase("nothing"), moment.book.about.last_resort)
    return moment.turn(text, "nothing-found")


def listed(moment: Moment, head: str = "", event: str = "list") -> Turn:
    """Show a page of the list that is open; after the last comes the first again."""
    session = moment.session
    entries = {one: entry for one in session.options if (entry := _entry(moment, one))}
    page = listing.page(
        list(entries.values()), session.page, _head(moment, head), _near(moment), moment.wording
    )
    showing = replace(session, screen="list", options=tuple(entries), page=page.number)
    return moment.at(showing).turn(page.text, event)


def _entry(moment: Moment, option: str) -> Service | None:
    need = moment.book.needs.needs.get(option.removeprefix(OTHER))
    if option.startswith(OTHER) and need:
        return Service(name=need.name, organization="", offer="listed")
    return moment.book.directory.services.get(option)


def details(moment: Moment, service: str, foot: str = "details-foot") -> Turn:
    """Show all that is known of one service."""
    entry = moment.book.directory.services[service]
    text = listing.details(entry, _near(moment), moment.wording, foot)
    return moment.at(replace(moment.session, screen="detail")).turn(text, "details")


def named(moment: Moment, service: str) -> Turn:
    """Answer for a service asked for by name, as honestly as its data allows."""
    entry = moment.book.directory.services[service]
    if entry.offer == "listed" and entry.status in ("active", "temporarily closed"):
        return details(moment, service, "end")
    moment = moment.at(replace(moment.session, options=()))
    if entry.offer == "info":
        said = moment.saying(moment.phrase("facts"))
        return instead(said, moment.say(entry.about), entry.instead, "info")
    phrase = "refused" if entry.offer == "never" else "unconfirmed"
    return instead(moment, moment.phrase(phrase), entry.instead, phrase)


def instead(moment: Moment, said: str, services: Iterable[str], event: str) -> Turn:
    """Say why a service is not given, then lines that can be."""
    known = moment.book.directory.services
    # A bare name leads nowhere; what can be rung goes first.
    named = [one for one in services if one in known and known[one].phones]
    return moment.turn(_numbers(moment, said, named or moment.book.about.last_resort), event)


def _numbers(moment: Moment, head: str, services: Iterable[str]) -> str:
    """Give a head and under it the first two services, each with its number."""
    known = moment.book.directory.services
    entries = [known[one] for one in services if one in known][:2]
    return "\n".join([head, *(listing.line(entry, moment.wording) for entry in entries)])


def place_set(moment: Moment, place: str) -> Turn:
    """Take a place: search there if something is looked for, else open the front door."""
    session = replace(moment.session, place=place, misses=0)
    node = moment.book.node(session.spot)
    if session.needs and session.spot and isinstance(node, SearchNode):
        return _search(arrive(moment.at(session), session.spot), node, session.needs)
    moment = moment.at(session)
    known = place_of(moment)
    head = moment.phrase("place-kept", place=moment.say(known.name)) if known else ""
    return front(moment, head)
