"""Rules about what refers to what: nodes, flows, needs, services, areas."""

from collections.abc import Iterator

from bot.flow.book import START, Book
from bot.flow.model import PromptNode, SearchNode
from bot.flow.session import Spot
from bot.problems import Problem
from bot.source import Document, Loc
from bot.source.shape import did_you_mean


def _document(book: Book, spot: Spot) -> Document:
    return book.documents[book.paths[spot[0]]]


def _at(book: Book, spot: Spot, loc: Loc, rule: str, message: str) -> Problem:
    return _document(book, spot).problem(("nodes", spot[1], *loc), rule, message)


def no_start(book: Book) -> Iterator[Problem]:
    """Every flow begins at a node called `start`."""
    for name, flow in book.flows.items():
        if START not in flow.nodes:
            yield book.documents[book.paths[name]].problem(
                ("nodes",), "no-start", "This flow has no node called `start`."
            )


def unknown_goto(book: Book) -> Iterator[Problem]:
    """A `goto`, `then` or `nothing` names a node of its flow, a flow, or flow.node."""
    for spot, _ in book.nodes():
        for loc, goto in book.exits(spot):
            if book.target(spot[0], goto) is None:
                flows = [name for name in book.flows if book.node((name, START))]
                names = [*book.flows[spot[0]].nodes, *flows]
                hint = did_you_mean(goto, names)
                yield _at(book, spot, loc, "unknown-goto", f"There is no node `{goto}`.{hint}")


def ambiguous_node(book: Book) -> Iterator[Problem]:
    """A node may not have the name of a flow: a goto could mean either."""
    for spot, _ in book.nodes():
        if spot[1] in book.flows:
            message = f"`{spot[1]}` is also the name of a flow; call this node something else."
            yield _at(book, spot, (), "ambiguous-node", message)


def unreachable_node(book: Book) -> Iterator[Problem]:
    """Every node can be reached: from a flow's start, or as the home of a need."""
    reached: set[Spot] = set()
    waiting: list[Spot] = [(name, START) for name in book.flows]
    waiting += [home for need in book.needs.needs if (home := book.home(need))]
    while waiting:
        spot = waiting.pop()
        if spot in reached:
            continue
        reached.add(spot)
        targets = (book.target(spot[0], goto) for _, goto in book.exits(spot))
        waiting += [target for target in targets if target]
    for spot, _ in book.nodes():
        if spot not in reached:
            yield _at(book, spot, (), "unreachable-node", "Nothing leads to this node.")


def endless_loop(book: Book) -> Iterator[Problem]:
    """A chain of `say` and `goto` must come to a question or an end."""
    for spot, _ in book.nodes():
        seen, here = {spot}, spot
        while (following := _forced(book, here)) is not None:
            if following == spot:
                message = "This goes round and round without ever asking anything."
                yield _at(book, spot, (), "endless-loop", message)
            if following in seen:
                break
            seen.add(following)
            here = following


def _forced(book: Book, spot: Spot) -> Spot | None:
    node = book.node(spot)
    if node is None or isinstance(node, PromptNode | SearchNode) or not node.goto:
        return None
    return book.target(spot[0], node.goto)


def unknown_need(book: Book) -> Iterator[Problem]:
    """A need is one of needs.yaml, wherever it is named."""
    known = book.needs.needs
    for spot, node in book.searches():
        if node.search not in known:
            hint = did_you_mean(node.search, known)
            message = f"There is no need `{node.search}`.{hint}"
            yield _at(book, spot, ("search",), "unknown-need", message)
    for name, service in book.directory.services.items():
        for at, need in enumerate(service.needs):
            if need not in known:
                message = f"There is no need `{need}`.{did_you_mean(need, known)}"
                yield book.directory.problem(name, ("needs", at), "unknown-need", message)
    document = book.documents["needs.yaml"]
    for name, entry in known.items():
        if entry.wider and entry.wider not in known:
            message = f"There is no need `{entry.wider}`.{did_you_mean(entry.wider, known)}"
            yield document.problem(("needs", name, "wider"), "unknown-need", message)


def need_without_search(book: Book) -> Iterator[Problem]:
    """Every need has a search node, or nobody could be answered; `home` says which."""
    document = book.documents["needs.yaml"]
    for name in book.needs.needs:
        home = book.home(name)
        node = book.node(home)
        if not isinstance(node, SearchNode) or node.search != name:
            message = f"No search node answers `{name}`; write one, or mend `home`."
            yield document.problem(("needs", name), "need-without-search", message)


def need_without_service(book: Book) -> Iterator[Problem]:
    """Every need has at least one listed service."""
    served = {
        need
        for service in book.directory.services.values()
        if service.offer == "listed"
        for need in service.needs
    }
    for name in book.needs.needs:
        if name not in served:
            message = f"No listed service helps with `{name}`."
            yield book.documents["needs.yaml"].problem(
                ("needs", name), "need-without-service", message
            )


def unknown_service(book: Book) -> Iterator[Problem]:
    """`last_resort` names listed services."""
    for at, name in enumerate(book.about.last_resort):
        service = book.directory.services.get(name)
        if service is None or service.offer != "listed":
            hint = did_you_mean(name, book.directory.services)
            message = f"`{name}` is not a listed service.{hint}"
            yield book.documents["book.yaml"].problem(
                ("last_resort", at), "unknown-service", message
            )


def unknown_area(book: Book) -> Iterator[Problem]:
    """`serves` names areas of places.yaml."""
    for name, service in book.directory.services.items():
        for at, area in enumerate(service.serves):
            if area not in book.gazetteer.areas:
                message = f"There is no area `{area}`.{did_you_mean(area, book.gazetteer.areas)}"
                yield book.directory.problem(name, ("serves", at), "unknown-area", message)


RULES = (
    no_start,
    unknown_goto,
    ambiguous_node,
    unreachable_node,
    endless_loop,
    unknown_need,
    need_without_search,
    need_without_service,
    unknown_service,
    unknown_area,
)
