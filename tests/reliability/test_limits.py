from collections.abc import Iterator
from itertools import count as numbers
from itertools import cycle

import pytest
import redis

from bot.conversation import (
    LIMIT_LOOP,
    LIMIT_REPLIES,
    LIMIT_SECONDS,
    Answer,
    Record,
    SessionKey,
)
from bot.settings import Settings
from bot.storage.keys import Keyring, mark
from bot.storage.redis import unseal
from tests.chat import county
from tests.reliability.conftest import NUMBER, Line, count, sid

STRANGER = "+12135550199"
DRIVING = "I'm driving right now and will get back to you later"


def heard(line: Line, texts: Iterator[str], most: int = 200) -> int:
    """Text until the line is silent or `most` replies came; give how many came."""
    for n in range(most):
        if line.text(next(texts)) is None:
            return n
    return most


@pytest.mark.parametrize(
    ("texts", "replies"),
    [
        (cycle([DRIVING]), LIMIT_LOOP),
        (cycle(["hi"]), LIMIT_LOOP),
        (cycle(["shelter 90057"]), LIMIT_LOOP),
        (cycle(["help"]), LIMIT_LOOP),
        (cycle(["erase"]), LIMIT_LOOP),
        (cycle(["stop"]), LIMIT_LOOP),
        (cycle([""]), LIMIT_LOOP),
        (cycle(["menu", "1"]), LIMIT_LOOP),
        (cycle(["hi", "shelter 90057", "back"]), LIMIT_LOOP),
        ((f"Auto-reply number {n}: qwzx {n * 7919}" for n in numbers()), LIMIT_LOOP),
    ],
)
def test_texts_that_go_in_circles_get_ten_replies(
    line: Line, texts: Iterator[str], replies: int
) -> None:
    """The same text, a loop of a few, or an auto-reply that counts: ten replies, then none."""
    assert heard(line, texts) == replies
    assert line.text("hi", STRANGER) is not None


def test_a_person_who_gets_on_may_send_the_same_again(counting: Line) -> None:
    """The same text, like MORE or 1, is no loop while each reply is another one."""
    assert heard(counting, cycle(["more"])) == LIMIT_REPLIES


def test_whatever_one_phone_sends_it_gets_sixty_replies(counting: Line) -> None:
    """Sixty different replies in ten minutes, then silence; ten minutes on it is answered."""
    assert heard(counting, (f"t{n}" for n in numbers())) == LIMIT_REPLIES
    counting.later(LIMIT_SECONDS - 1)
    assert counting.text("late") is None
    counting.later(1)
    assert counting.text("later") == f"{LIMIT_REPLIES + 1} later"


def test_ten_minutes_are_any_ten_minutes(counting: Line) -> None:
    """The window slides: no burst over its border gets more than sixty."""
    for n in range(LIMIT_REPLIES * 4):
        counting.text(f"t{n}")
        counting.later(5)
    replies = 0
    for n in range(LIMIT_SECONDS // 5):
        replies += counting.text(f"u{n}") is not None
        counting.later(5)
    assert replies == LIMIT_REPLIES


def test_two_robots_facing_each_other_fall_silent(line: Line) -> None:
    """A phone that sends back whatever it gets hears nothing in the end."""
    said: str | None = "Thanks for your message!"
    turns = 0
    while said:
        said, turns = line.text(said), turns + 1
        assert turns < LIMIT_REPLIES + LIMIT_LOOP + 2


def test_a_flood_leaves_the_screen_where_it_was(line: Line) -> None:
    """What is not answered moves nothing: the open question is the one last seen."""
    line.text("hi")
    menu = line.text("menu")
    assert menu
    heard(line, cycle(["menu"]))
    assert line.text("menu") is None
    listing = line.text("shelter 90057")
    assert listing
    assert line.text("menu") is None
    line.later(LIMIT_SECONDS)
    assert line.text("?") == listing


@pytest.mark.parametrize("text", ["he is going to kill me", "me va a matar"])
def test_danger_is_answered_beyond_the_limits(line: Line, text: str) -> None:
    """Words of danger are no loop; sixty other replies still leave ten for them."""
    first = line.text(text)
    assert first
    assert "911" in first
    assert heard(line, cycle([text])) == LIMIT_REPLIES + LIMIT_LOOP - 1


def test_danger_is_answered_after_a_flood(settings: Settings) -> None:
    """Whoever flooded first and then is in danger is answered ten times more."""
    flooded = Line(settings, count, county())
    assert heard(flooded, (f"t{n}" for n in numbers())) == LIMIT_REPLIES
    assert heard(Line(settings), cycle(["he is going to kill me"])) == LIMIT_LOOP


@pytest.mark.parametrize("word", ["erase", "stop"])
def test_the_word_that_ends_it_acts_however_many_texts_came(line: Line, word: str) -> None:
    """Beyond the limit ERASE and STOP are confirmed ten times more, and all is gone."""
    stranger = line.text("1", STRANGER)
    texts = ["menu", "1", "shelter 90057", "food 90057", "more", "help", "?"]
    assert heard(line, cycle(texts)) >= LIMIT_LOOP * 2
    assert heard(line, cycle([word])) == LIMIT_LOOP
    line.later(LIMIT_SECONDS)
    assert line.text("1") == stranger


def test_after_erase_a_phone_that_looped_is_a_stranger(line: Line) -> None:
    """The reply after ERASE is a stranger's, even when a loop had fallen silent before."""
    stranger = line.text("hi", STRANGER)
    assert heard(line, cycle(["hi"])) == LIMIT_LOOP
    assert line.text("erase")
    assert line.text("hi") == stranger


def record(line: Line, client: redis.Redis) -> Record:
    """Open what the store holds for NUMBER."""
    assert line.settings.key_file
    key: SessionKey = Keyring(line.settings.key_file).session_key(NUMBER, line.now)
    blob = client.get(f"porchlight:{{{key.name}}}")
    assert isinstance(blob, bytes)
    opened = unseal(key, blob)
    assert opened
    return opened


def test_what_tells_a_loop_is_a_time_and_a_byte(line: Line, redis_client: redis.Redis) -> None:
    """Nothing typed is kept, not as a hash either; after ERASE only the times are left."""
    second, message = int(line.now.timestamp()), sid()
    for text in ("i need shelter", "refugio", "i need shelter"):
        line.text(f"{text} 90057", message=message if text == "refugio" else "")
    kept = record(line, redis_client).replies
    assert [at for at, _ in kept] == [second] * 3
    assert all(0 <= echo <= 255 for _, echo in kept)
    assert kept[0] == kept[2]
    reply = line.text("erase")
    after = record(line, redis_client)
    assert [echo for _, echo in after.replies[:3]] == [-1] * 3
    assert [one.reply for one in after.answers] == ["", "", "", reply]
    assert Answer(mark(message), "", second) in after.answers


def test_silence_costs_no_write(line: Line, redis_client: redis.Redis) -> None:
    """A flood that is not answered is one read a text."""
    heard(line, cycle(["hi"]))
    redis_client.config_resetstat()
    for _ in range(20):
        assert line.text("hi") is None
    stats = redis_client.info("commandstats")
    assert stats["cmdstat_get"]["calls"] == 20
    assert "cmdstat_set" not in stats
