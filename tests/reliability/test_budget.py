import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.settings import Settings
from bot.storage.shared import Shared
from tests.chat import TUESDAY, shipped
from tests.reliability.conftest import Line, elsewhere

PHONES = [f"+1213555{n:04}" for n in range(100, 200)]


def line_with(settings: Settings, replies: int) -> Line:
    """Give the shipped line with a budget of so many replies a day."""
    return Line(replace(settings, daily_replies=replies))


def test_beyond_the_budget_only_the_numbers_are_sent(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Everybody gets the safe reply, danger its own; one alert is logged; tomorrow all is well."""
    caplog.set_level("INFO")
    line, free = line_with(settings, 3), Line(settings)
    danger = free.text("he is going to kill me", PHONES[0])
    first = [line.text("hi", phone) for phone in PHONES[1:5]]
    safe = first[-1]
    assert first[0] == first[1] == first[2] != safe
    assert safe
    assert safe.startswith(shipped().phrase("safe", "en").splitlines()[0])
    assert line.text("shelter 90057", PHONES[5]) == safe
    assert line.text("he is going to kill me", PHONES[6]) == danger
    said = [json.loads(one) for one in caplog.messages if '"alert"' in one]
    assert said == [{"event": "alert", "reason": "budget"}]
    assert '"over-budget"' in caplog.text
    line.later(86400)
    assert line.text("hi", PHONES[7]) == first[0]


def test_the_safe_reply_moves_nothing_and_stops_in_circles(settings: Settings) -> None:
    """Beyond the budget the open question stays, STOP works, and a loop still falls silent."""
    line = line_with(settings, 2)
    listing = line.text("shelter 90057")
    stopped = line.text("stop", PHONES[0])
    safe = line.text("1")
    assert line.text("food 90057") == safe
    assert line.text("stop", PHONES[1]) == stopped
    replies = [line.text("hi") for _ in range(12)]
    assert replies[:7] == [safe] * 7
    assert replies[-3:] == [None] * 3
    line.later(600)
    again = Line(settings, now=line.now)
    assert again.text("?") == listing


def test_the_budget_holds_without_a_store(settings: Settings) -> None:
    """With Redis gone the replies are counted all the same."""
    line = line_with(elsewhere(settings, "unix:///nowhere/redis.sock"), 2)
    said = [line.text("shelter 90057", phone) for phone in PHONES[:4]]
    assert said[0] == said[1] != said[2] == said[3]


def test_forked_workers_share_one_count() -> None:
    """What one worker counts and notes all know; one killed at any moment keeps nobody out."""
    shared = Shared(100)
    for _ in range(4):
        if not (worker := os.fork()):
            for _ in range(24):
                shared.count(TUESDAY)
            shared.doubts[7] = 1
            os._exit(9)
        os.waitpid(worker, 0)
    assert [shared.count(TUESDAY) for _ in range(5)] == [False, False, False, True, False]
    assert shared.doubts[7] == 1
    assert shared.spent(TUESDAY)
    assert not shared.spent(TUESDAY + timedelta(days=1))
