"""Rules about what refers to what: nodes, flows, needs, services, areas."""

from collections.abc import Iterator

from bot.flow.book import START, Book
from bot.flow.check.rule import Finding, at, of, rule
from bot.flow.model import SearchNode
from bot.flow.session import Spot
from bot.source.shape import did_you_mean


@rule
def no_start(book: Book) -> Iterator[Finding]:
    """Every flow begins at a node called `start`."""
    for name, flow in book.flows.items():
        if START not in flow.nodes:
            yield book.paths[name], ("nodes",), "This flow has no node called `start`."


@rule
def unknown_goto(book: Book) -> Iterator[Finding]:
    """A `goto`, `then` or `nothing` names a node of its flow, a flow, or flow.node."""
    flows = [name for name in book.flows if book.node((name, START))]
    for spot, _ in book.nodes():
        for loc, goto in book.exits(spot):
            if book.target(spot[0], goto) is None:
                hint = did_you_mean(goto, [*book.flows[spot[0]].nodes, *flows])
                yield *at(book, spot, *loc), f"There is no node `{goto}`.{hint}"


@rule
def ambiguous_node(book: Book) -> Iterator[Finding]:
    """A node may not have the name of a flow: a goto could mean either."""
    for spot, _ in book.nodes():
        if spot[1] in book.flows:
            message = f"`{spot[1]}` is also the name of a flow; call this node something else."
            yield *at(book, spot), message


@rule
def unreachable_node(book: Book) -> Iterator[Finding]:
    """Every node can be reached: from a flow's start, or as the home of a need."""
    reached: set[Spot] = set()
    waiting: list[Spot] = [(name, START) for name in book.flows]
    waiting += [home for need in book.needs.needs if (home := book.home(need))]
    while waiting:
        spot = waiting.pop()
        if spot not in reached:
            reached.add(spot)
            targets = (book.target(spot[0], goto) for _, goto in book.exits(spot))
            waiting += [target for target in targets if target]
    for spot, _ in book.nodes():
        if spot not in reached:
            yield *at(book, spot), "Nothing leads to this node."


@rule
def endless_loop(book: Book) -> Iterator[Finding]:
    """A chain of `say` and `goto` must come to a question or an end."""
    for spot, _ in book.nodes():
        seen: set[Spot] = set()
        here: Spot | None = spot
        while here and here not in seen:
            seen.add(here)
            goto = getattr(book.node(here), "goto", "")
            here = book.target(here[0], goto) if goto else None
        if here == spot:
            yield *at(book, spot), "This goes round and round without ever asking anything."


@rule
def unknown_need(book: Book) -> Iterator[Finding]:
    """A need is one of needs.yaml, wherever it is named."""
    known = book.needs.needs
    searches = [(spot, one) for spot, one in book.nodes() if isinstance(one, SearchNode)]
    named = [(*at(book, spot, "search"), node.search) for spot, node in searches]
    for name, service in book.directory.services.items():
        named += [(*of(book, name, "needs", nth), one) for nth, one in enumerate(service.needs)]
    for name, entry in known.items():
        named += [("needs.yaml", ("needs", name, "wider"), entry.wider)] if entry.wider else []
    for path, loc, need in named:
        if need not in known:
            yield path, loc, f"There is no need `{need}`.{did_you_mean(need, known)}"


@rule
def need_without_search(book: Book) -> Iterator[Finding]:
    """Every need has a search node, or nobody could be answered; `home` says which."""
    for name in book.needs.needs:
        node = book.node(book.home(name))
        if not isinstance(node, SearchNode) or node.search != name:
            message = f"No search node answers `{name}`; write one, or mend `home`."
            yield "needs.yaml", ("needs", name), message


@rule
def need_without_service(book: Book) -> Iterator[Finding]:
    """Every need has at least one listed service."""
    listed = [one for one in book.directory.services.values() if one.offer == "listed"]
    for name in set(book.needs.needs) - {need for one in listed for need in one.needs}:
        message = f"No listed service helps with `{name}`."
        yield "needs.yaml", ("needs", name), message


@rule
def unknown_service(book: Book) -> Iterator[Finding]:
    """`last_resort` names listed services."""
    known = book.directory.services
    for nth, name in enumerate(book.about.last_resort):
        if name not in known or known[name].offer != "listed":
            message = f"`{name}` is not a listed service.{did_you_mean(name, known)}"
            yield "book.yaml", ("last_resort", nth), message


@rule
def unknown_area(book: Book) -> Iterator[Finding]:
    """`serves` names areas of places.yaml."""
    known = book.gazetteer.areas
    for name, service in book.directory.services.items():
        for nth, area in enumerate(service.serves):
            if area not in known:
                message = f"There is no area `{area}`.{did_you_mean(area, known)}"
                yield *of(book, name, "serves", nth), message
