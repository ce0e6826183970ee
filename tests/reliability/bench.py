"""Prints what faults and floods cost: `python -m tests.reliability.bench`. Asserts no time."""

import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.line import Line, form, running
from tests.reliability.servers import Server, end_all, until

TEXTS = ("dokte 33127", "sante", "meni", "33127 clinic")
COUNT = 500
PEOPLE = 8
FLOOD_ROUNDS = 6
ROUND_SECONDS = 10


@contextmanager
def line_on(server: Server) -> Iterator[Line]:
    """Run the line as it is run for real, on a store."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), server.url, config="bot.gunicorn") as line,
    ):
        yield line


def crowd(line: Line, expected: dict[str, str]) -> list[float]:
    """Text COUNT times from fresh phones; give the seconds of each, all of them answered right."""

    def text(n: int) -> float:
        body = TEXTS[n % len(TEXTS)]
        start = time.perf_counter()
        reply = line.text(form(body))
        taken = time.perf_counter() - start
        assert reply == expected[body], body
        return taken

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(text, range(COUNT)))


def fault(name: str, breaks: Callable[[Server], None], mends: Callable[[Server], None]) -> None:
    """Break the store, text, mend it, and tell how long each took."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        with line_on(server) as line:
            expected = {text: line.text(form(text)) for text in TEXTS}
            breaks(server)
            taken = crowd(line, expected)
            open_ = statistics.median(taken[COUNT // 2 :]) * 1000
            mends(server)

            def back() -> bool:
                phones = [form("dokte 33127") for _ in range(8)]
                lists = [line.text(one) for one in phones]
                shown = [line.text(form("repete", one["From"])) for one in phones]
                return lists == shown

            seconds = until(back)
        end_all()
    say(f"{name}: {COUNT} of {COUNT} right, slowest {max(taken):.2f} s, then median")
    say(f"  {open_:.0f} ms; all in use again after {seconds:.1f} s")


def flood() -> None:
    """Text a thousand times a minute from one phone, by turns, while others text as before."""
    quiet, loud, replies, phone = list[float](), list[float](), list[str](), form("x")["From"]
    with tempfile.TemporaryDirectory() as folder, line_on(Server(Path(folder))) as line:
        others(line)
        for _ in range(FLOOD_ROUNDS):
            quiet += others(line)
            with ThreadPoolExecutor(1) as pool:
                flooding = pool.submit(one_phone, line, phone)
                loud += others(line)
                replies += flooding.result()
    end_all()
    before, during = (statistics.quantiles(some, n=100)[98] for some in (quiet, loud))
    say(f"flood: {len(replies)} texts of one phone got {len([*filter(None, replies)])} replies")
    say(f"  others' 99th percentile: {during:.0f} ms, quiet {before:.0f} ms,")
    say(f"  {during / before:.2f} times; slowest {max(loud):.0f} ms, quiet {max(quiet):.0f} ms")


def one_phone(line: Line, phone: str) -> list[str]:
    """Text from one phone a thousand times a minute; give the replies."""
    start, replies = time.monotonic(), list[str]()
    while (now := time.monotonic()) < start + ROUND_SECONDS:
        time.sleep(max(0.0, start + len(replies) * 0.06 - now))
        replies.append(line.text(form(TEXTS[len(replies) % len(TEXTS)], phone)))
    return replies


def others(line: Line) -> list[float]:
    """Text from many phones at an even pace; give the milliseconds of each text."""
    end, taken = time.monotonic() + ROUND_SECONDS, list[float]()

    def person(n: int) -> None:
        time.sleep(n / 20)
        while time.monotonic() < end:
            start = time.perf_counter()
            assert line.text(form(TEXTS[n % len(TEXTS)]))
            taken.append((time.perf_counter() - start) * 1000)
            time.sleep(0.3)

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(person, range(PEOPLE)))
    return taken


def say(words: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Take the store away, stop it, flood the line."""
    fault("gone", Server.kill, Server.start)
    fault("hung", _stop, _go)
    flood()


def _stop(server: Server) -> None:
    server.signal(signal.SIGSTOP)


def _go(server: Server) -> None:
    server.signal(signal.SIGCONT)


if __name__ == "__main__":
    try:
        main()
    finally:
        end_all()
