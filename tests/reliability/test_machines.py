import itertools
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.flow.book import Book
from bot.flow.session import Session, Turn
from bot.settings import Settings
from tests.chat import county
from tests.reliability.conftest import Line, elsewhere
from tests.reliability.servers import Cluster, Server, Watched, until


def own(_book: Book, session: Session | None, text: str, _now: datetime) -> Turn:
    """Answer with the count of texts and the first of them; each phone texts its own word."""
    number, first = (session.misses + 1, session.place) if session else (1, text)
    return Turn(Session(misses=number, place=first), f"{number} {first} {text}", ("counted",))


class Phones:
    """Many phones that text one line, each its own word, and look at every answer."""

    def __init__(self, line: Line, count: int) -> None:
        self.line, self.count, self.lost, self.sent = line, count, 0, [0] * count
        self.lock = threading.Lock()

    def text(self, phone: int) -> int:
        """Text once; the answer must be this phone's, whatever fails. Gives its count."""
        self.sent[phone] += 1
        said = self.line.text(f"w{phone}", f"+1213{phone:07}")
        number, first, text = (said or "0 - -").split()
        assert (first, text) == (f"w{phone}", f"w{phone}")
        assert 1 <= int(number) <= self.sent[phone]
        if int(number) < self.sent[phone]:
            with self.lock:
                self.lost += 1
        return int(number)

    def round(self) -> list[int]:
        """Text once from every phone, eight at a time."""
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(self.text, range(self.count)))

    def keep_on(self, stop: threading.Event) -> None:
        """Text from one phone after the other until told to stop."""
        for phone in itertools.cycle(range(self.count)):
            if stop.is_set():
                return
            self.text(phone)
            self.line.later(30)


def phones(settings: Settings, url: str, count: int) -> Phones:
    """Make phones for a line on a store."""
    return Phones(Line(elsewhere(settings, url), own, county()), count)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Give a cluster of three nodes that a few tests share."""
    return Cluster(tmp_path_factory.mktemp("cluster"))


@pytest.fixture
def cluster(nodes: Cluster) -> Cluster:
    """Give an empty cluster of three nodes."""
    for node in nodes.nodes:
        node.run("FLUSHALL")
    return nodes


def works(line: Line) -> bool:
    """Tell whether a phone never seen is known at its second text."""
    number = f"+1310{next(_FRESH):07}"
    return [line.text("x", number), line.text("x", number)] == ["1 x x", "2 x x"]


_FRESH = itertools.count()


def reshard(cluster: Cluster, some: Phones, slots: int) -> int:
    """Move slots from the first node to the second under load; give how many started anew."""
    assert set(some.round()) == {1}
    assert all(int(str(node.run("DBSIZE"))) > some.count // 6 for node in cluster.nodes)
    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(cluster.move, range(slots), *cluster.nodes[:2])
        while not moving.done():
            some.round()
            some.line.later(11)
        moving.result()
    return sum(number < sent for number, sent in zip(some.round(), some.sent, strict=True))


def lose(cluster: Cluster, some: Phones) -> None:
    """Kill the third node and bring it back empty: its phones start anew, the others go on."""
    third = cluster.nodes[2]
    third.kill()
    some.line.later(60)
    kept = [number > 1 for number in some.round()]
    assert some.count // 2 < sum(kept) < some.count
    third.start()
    until(lambda: all(cluster.sees_all(node) for node in cluster.nodes))
    until(lambda: all(works(some.line) for _ in range(10)))
    # A few share the digits by which it is noted who was answered without the store.
    changed = sum((number > 1) != was for number, was in zip(some.round(), kept, strict=True))
    assert changed < some.count // 50


def test_slots_move_under_load(cluster: Cluster, settings: Settings) -> None:
    """While slots move to another node every phone keeps its session."""
    assert reshard(cluster, phones(settings, cluster.url, 60), 12) == 0


@pytest.mark.long
def test_ten_thousand_phones_on_a_cluster(settings: Settings, tmp_path: Path) -> None:
    """A node's slots move and another node dies under ten thousand phones."""
    cluster = Cluster(tmp_path)
    some = phones(settings, cluster.url, 10_000)
    assert reshard(cluster, some, Cluster.SLOTS // 8) < some.count // 100
    lose(cluster, some)


@pytest.mark.long
def test_a_cluster_node_that_hangs(cluster: Cluster, settings: Settings) -> None:
    """A node that is stopped costs its own phones their sessions for a while, nobody else."""
    some = phones(settings, cluster.url, 12)
    some.round()
    cluster.nodes[1].signal(signal.SIGSTOP)
    kept = [number > 1 for number in some.round()]
    cluster.nodes[1].signal(signal.SIGCONT)
    assert 0 < sum(kept) < 12
    until(lambda: all(number > 1 for number in some.round()))


def test_midnight_moves_a_session_across_a_cluster(cluster: Cluster, settings: Settings) -> None:
    """Yesterday's and today's names lie on different nodes; the sessions go on."""
    some = phones(settings, cluster.url, 12)
    some.line.now = some.line.now.replace(hour=23, minute=59)
    some.round()
    some.line.now += timedelta(minutes=2)
    assert some.round() == [2] * 12
    assert cluster.keys() == 12


@pytest.mark.long
def test_a_line_starts_without_its_cluster(settings: Settings, tmp_path: Path) -> None:
    """No node answers at the start: texts are answered, and the cluster is used when it is up."""
    made = Cluster(tmp_path)
    for node in made.nodes:
        node.kill()
    line = Line(elsewhere(settings, made.url), own, county())
    assert [line.text("x"), line.text("x")] == ["1 x x"] * 2
    for node in made.nodes:
        node.start()
    until(lambda: all(made.sees_all(node) for node in made.nodes))
    until(lambda: works(line))


def failover(watched: Watched, settings: Settings, count: int, *, hang: bool = False) -> Phones:
    """Kill or stop the master under load and wait for the copy to take its place."""
    some = phones(settings, watched.url, count)
    assert set(some.round()) == {1}
    until(lambda: int(str(watched.copy.run("DBSIZE"))) == count)
    if hang:
        watched.master.signal(signal.SIGSTOP)
    else:
        watched.master.kill()
    stop = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        load = [pool.submit(some.keep_on, stop) for _ in range(4)]
        try:
            until(lambda: _is_master(watched.copy))
            until(lambda: works(some.line))
        finally:
            stop.set()
        for one in load:
            one.result()
    some.line.later(600)
    some.round()
    assert all(number > 1 for number in some.round())
    return some


def _is_master(server: Server) -> bool:
    role = server.run("ROLE")
    return isinstance(role, list) and role[0] in (b"master", "master")


@pytest.mark.parametrize(
    ("sentinels", "hang"),
    [
        (1, False),
        pytest.param(3, False, marks=pytest.mark.long),
        pytest.param(3, True, marks=pytest.mark.long),
    ],
)
def test_sentinels_put_a_copy_in_place(
    settings: Settings, tmp_path: Path, sentinels: int, *, hang: bool
) -> None:
    """The master dies or hangs under load: all is answered, sessions go on from the copy."""
    failover(Watched(tmp_path, sentinels), settings, 12, hang=hang)


@pytest.mark.long
def test_a_lost_write_is_made_good_by_the_retry(settings: Settings, tmp_path: Path) -> None:
    """A failover forgets the last turn: its retry gets the same words and the turn is back."""
    watched = Watched(tmp_path, 1)
    line = Line(elsewhere(settings, watched.url))
    line.text("hi")
    until(lambda: int(str(watched.copy.run("DBSIZE"))) == 1)
    until(lambda: watched.offsets()[0] == watched.offsets()[1])
    watched.copy.signal(signal.SIGSTOP)
    message = "SM" + "5" * 32
    first = line.text("shelter 90057", message=message)
    watched.master.kill()
    watched.copy.signal(signal.SIGCONT)
    until(lambda: _is_master(watched.copy))
    until(lambda: works_with_words(line))
    assert line.text("shelter 90057", message=message) == first
    assert line.text("?") == first


def works_with_words(line: Line) -> bool:
    """Tell whether the shipped line knows a fresh phone at its second text."""
    number = f"+1323{next(_FRESH):07}"
    return line.text("shelter 90057", number) == line.text("?", number)
