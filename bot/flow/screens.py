"""The screens a person sees: a menu, a question for the place, a list, one service's details."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.directory import listing
from bot.directory.search import search
from bot.flow.model import PromptNode, SearchNode
from bot.flow.moment import Moment, arrive, walk
from bot.flow.session import Session, Spot, Turn
from bot.text.places import Place

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
    if stop is None:
        return moment.turn(moment.phrase("end"), "end")
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
    lines = [moment.phrase("which-place")]
    lines += [f"{at} {moment.say(place.name)}" for at, place in enumerate(places, 1)]
    asking = replace(
        moment.session, screen="which", options=tuple(place.id for place in places), page=0
    )
    return moment.at(asking).turn("\n".join(lines), "which")


def outside(moment: Moment) -> Turn:
    """Say that the place is not ours, give lines that help anywhere, and ask again."""
    session = replace(moment.session, place="", screen="ask", options=())
    known, always = moment.book.directory.services, moment.book.about.last_resort
    far = [one for one in always if one in known and known[one].reach == "national"]
    lines = _lines(moment, far or always, 2)
    return moment.at(session).turn("\n".join([moment.phrase("outside"), *lines]), "outside")


def place_of(moment: Moment) -> Place | None:
    """Give the person's place, when it is one from the book."""
    place = moment.session.place
    return moment.book.gazetteer.get(place) if place and place != ANYWHERE else None


def _search(moment: Moment, node: SearchNode, needs: tuple[str, ...]) -> Turn:
    session = replace(moment.session, need=needs[0])
    if node.place == "ask" and not session.place:
        return ask(moment.at(session))
    moment = moment.at(session)
    book, place = moment.book, place_of(moment)
    near = place if place and not place.wide else None
    head = _head(node, place)
    results = search(book.directory, needs, near, moment.now, book.locale)
    need = book.needs.needs.get(needs[0])
    if not results.ids and need and need.wider:
        results = search(book.directory, (need.wider,), near, moment.now, book.locale)
        head = "wider"
    if not results.ids:
        return _nothing(moment, node)
    found = replace(session, screen="list", options=results.ids, page=0)
    return listed(moment.at(found), "wider" if results.widened else head, event="results")


def _head(node: SearchNode, place: Place | None) -> str:
    if node.place == "skip" or place is None:
        return "county"
    return "wide-place" if place.wide else "near"


def _nothing(moment: Moment, node: SearchNode) -> Turn:
    spot = moment.session.spot
    target = moment.book.target(spot[0], node.nothing) if node.nothing and spot else None
    if target:
        turn = go(moment, target)
        return replace(turn, events=("nothing-found", *turn.events))
    lines = _lines(moment, moment.book.about.last_resort, 2)
    return moment.turn("\n".join([moment.phrase("nothing"), *lines]), "nothing-found")


def listed(moment: Moment, head: str = "", event: str = "list") -> Turn:
    """Show a page of the list that is open."""
    session, book = moment.session, moment.book
    ids = [one for one in session.options if one in book.directory.services]
    place = place_of(moment)
    if not head:
        head = "wide-place" if place and place.wide else "near" if place else "county"
    name = moment.say(place.name) if place else ""
    near = place if place and not place.wide else None
    page = listing.page(
        [book.directory.services[one] for one in ids],
        session.page,
        moment.phrase(head, place=name)
        if head in ("near", "wider", "wide-place")
        else moment.phrase(head),
        near,
        moment.wording,
    )
    showing = replace(session, screen="list", options=tuple(ids), page=page.number)
    return moment.at(showing).turn(page.text, event)


def next_page(moment: Moment) -> Turn:
    """Show the next page; after the last, the first again."""
    return listed(moment.at(replace(moment.session, page=moment.session.page + 1)))


def details(moment: Moment, service: str) -> Turn:
    """Show all that is known of one service."""
    entry = moment.book.directory.services[service]
    showing = replace(moment.session, screen="detail")
    place = place_of(moment)
    near = place if place and not place.wide else None
    return moment.at(showing).turn(listing.details(entry, near, moment.wording), "details")


def named(moment: Moment, service: str) -> Turn:
    """Answer for a service asked for by name, as honestly as its data allows."""
    entry = moment.book.directory.services[service]
    if entry.offer == "listed" and entry.status in ("active", "temporarily closed"):
        return details(moment, service)
    moment = moment.at(replace(moment.session, options=()))
    if entry.offer == "info":
        return instead(
            moment.saying(moment.phrase("facts")), moment.say(entry.about), entry.instead, "info"
        )
    phrase = "refused" if entry.offer == "never" else "unconfirmed"
    return instead(moment, moment.phrase(phrase), entry.instead, phrase)


def instead(moment: Moment, said: str, services: Iterable[str], event: str) -> Turn:
    """Say why a service is not given, then lines that can be."""
    known = moment.book.directory.services
    # A bare name leads nowhere; what can be rung goes first.
    named = [one for one in services if one in known and known[one].phones]
    lines = _lines(moment, named or moment.book.about.last_resort, 2)
    return moment.turn("\n".join([said, *lines]), event)


def _lines(moment: Moment, services: Iterable[str], most: int) -> list[str]:
    known = moment.book.directory.services
    entries = [known[one] for one in services if one in known][:most]
    return [listing.line(entry, moment.wording) for entry in entries]


def place_set(moment: Moment, place: str) -> Turn:
    """Take a place: search there if something is looked for, else open the front door."""
    session = replace(moment.session, place=place, misses=0)
    node = moment.book.node(session.spot)
    if session.need and session.spot and isinstance(node, SearchNode):
        return _search(arrive(moment.at(session), session.spot), node, (session.need,))
    moment = moment.at(session)
    if place == ANYWHERE:
        return front(moment)
    known = place_of(moment)
    name = moment.say(known.name) if known else ""
    return front(moment, moment.phrase("place-kept", place=name))
