import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from bot.conversation import ANSWER_SECONDS
from tests.reliability.conftest import Line, sid

FALLBACK = {"ErrorCode": "11200", "ErrorUrl": "https://line.example/sms"}


def at_once(*calls: Callable[[], str | None]) -> list[str | None]:
    """Run calls as close together as threads can."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], str | None]) -> str | None:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("seconds", [0, 1, 15, 60, ANSWER_SECONDS - 1])
def test_a_duplicate_at_any_spacing_is_the_same_and_moves_nothing(
    line: Line, seconds: int, *, fallback: bool
) -> None:
    """A text delivered again, through the fallback or not, gets the same words; nothing moves."""
    line.text("hi")
    one, two, more = sid(), sid(), FALLBACK if fallback else {}
    first = line.text("1", message=one)
    second = line.text("back", message=two)
    line.later(seconds)
    assert line.text("1", message=one, **more) == first
    assert line.text("back", message=two, **more) == second
    assert line.text("1") == first


def copies(line: Line, rounds: int) -> None:
    """Send each text five times at once, half of them through the fallback."""
    for at in range(1, rounds + 1):
        message = sid()

        def send(n: int, at: int = at, message: str = message) -> str | None:
            return line.text(f"t{at}", message=message, **FALLBACK if n % 2 else {})

        replies = at_once(*(lambda n=n: send(n) for n in range(5)))
        assert replies == [f"{at} t{at}"] * 5
        line.later(31)


def test_five_copies_at_once_are_one_turn(counting: Line) -> None:
    """Five copies of a text in parallel: one transition, five identical replies, each round."""
    copies(counting, 40)


@pytest.mark.long
def test_five_copies_at_once_a_thousand_times(counting: Line) -> None:
    """The same for a thousand rounds, over the session's cap of an hour included."""
    for _ in range(10):
        copies(counting, 100)
        counting.later(3600)


def pairs(line: Line, client: redis.Redis, rounds: int) -> Counter[str]:
    """Send two different texts of one phone at once; each pair must be some serial order."""
    seen: Counter[str] = Counter()
    for at in range(rounds):
        if at % 1000 == 0:
            client.flushdb()
        number = f"+1213555{at % 10_000:04}"
        orders = at_once(
            lambda number=number: line.text("a", number),  # type: ignore[misc]
            lambda number=number: line.text("b", number),  # type: ignore[misc]
        )
        assert orders in (["1 a", "2 b"], ["2 a", "1 b"]), orders
        assert line.text("c", number) == "3 c"
        seen["a first" if orders[0] == "1 a" else "b first"] += 1
    return seen


def test_two_texts_at_once_are_one_after_the_other(
    counting: Line, redis_client: redis.Redis
) -> None:
    """Two texts of one phone at once: none lost, none doubled."""
    assert pairs(counting, redis_client, 60).total() == 60


@pytest.mark.long
def test_ten_thousand_pairs(counting: Line, redis_client: redis.Redis) -> None:
    """Ten thousand pairs at once, each from a phone of its own: 0 lost, 0 doubled."""
    seen = pairs(counting, redis_client, 10_000)
    assert min(seen["a first"], seen["b first"]) > 0


def test_eight_texts_at_once_are_all_counted(counting: Line) -> None:
    """A long message that arrives as eight texts at once loses none of them."""
    replies = at_once(*(lambda n=n: counting.text(f"p{n}") for n in range(8)))
    numbers = sorted(int((reply or "0").split()[0]) for reply in replies)
    assert numbers == list(range(1, 9))


def test_a_late_copy_never_reopens_an_old_screen(line: Line) -> None:
    """After a copy of an earlier text the open question is still the latest one."""
    line.text("hi")
    early = sid()
    line.text("1", message=early)
    line.text("menu")
    latest = line.text("2")
    line.text("1", message=early)
    assert line.text("?") == latest


def test_a_late_copy_brings_nothing_back_after_erase(line: Line) -> None:
    """Once erased, a copy of an earlier text sends no old listing to the emptied phone."""
    early = sid()
    listing = line.text("shelter 90057", message=early)
    line.text("erase")
    assert listing is not None
    assert line.text("shelter 90057", message=early) is None
    stranger = line.text("1", "+12135550199")
    assert line.text("1") == stranger


def test_a_text_that_comes_late_is_read_against_the_screen_seen_last(line: Line) -> None:
    """Two texts that changed places: the late one answers what is open now, not before."""
    line.text("hi")
    opened = line.text("shelter 90057")
    assert opened is not None
    late = line.text("1")
    straight = line.text("hi", "+12135550199")
    line.text("shelter 90057", "+12135550199")
    assert straight != late
    assert late == line.text("1", "+12135550199")


def test_after_many_texts_a_copy_is_silent_not_read_anew(counting: Line) -> None:
    """When so much was said since that the words are gone, a copy still moves nothing."""
    early = sid()
    counting.text("x" * 1500, message=early)
    for n in range(2, 9):
        assert counting.text("x" * 1500) == f"{n} " + "x" * 1500
    assert counting.text("x" * 1500, message=early) is None
    assert counting.text("end") == "9 end"
