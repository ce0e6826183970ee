from dataclasses import replace

import pytest

from bot.conversation import Answer, Record, SessionKey
from bot.flow.session import Session
from bot.storage.redis import SEALED, VERSION, seal, unseal

KEY = SessionKey("ab" * 16, b"k" * 32)
FULL = Record(
    b"",
    Session(
        language="es",
        spot=("shelter", "start"),
        screen="list",
        options=tuple(f"service-with-a-long-name-{n}" for n in range(9)),
        trail=tuple(
            (f"flow-with-a-long-name-{n}", f"node-with-a-long-name-{n}") for n in range(8)
        ),
        returns=tuple((f"flow-with-a-long-name-{n}", f"node-{n}") for n in range(8)),
    ),
    1_772_000_000,
    1_772_000_100,
    (Answer("0" * 16, "first\nreply", 1), Answer("1" * 16, "second ñ {}", 2)),
)


@pytest.mark.parametrize("record", [Record(), FULL, replace(FULL, session=None)])
def test_record_comes_back(record: Record) -> None:
    """What was sealed is opened as it was, with the version of that writing."""
    blob = seal(KEY, record)
    assert unseal(KEY, blob) == replace(record, version=blob[:VERSION])


@pytest.mark.parametrize("sign", ["a", "ñ", "€", "\n", '"', "\U0001f600"])
def test_a_full_answer_fits_and_all_are_of_one_length(sign: str) -> None:
    """A reply of 1,600 characters of any kind fits beside a full session, in the one length."""
    record = replace(FULL, answers=(Answer("0" * 16, sign * 1600, 1),))
    blob = seal(KEY, record)
    assert len(blob) == len(seal(KEY, Record())) == SEALED
    opened = unseal(KEY, blob)
    assert opened is not None
    assert (opened.answers, opened.session) == (record.answers, record.session)


def test_oldest_answers_lose_their_words_first() -> None:
    """When the answers are too many the newest stay whole; the others still tell a duplicate."""
    answers = tuple(Answer(f"{n:016x}", "x" * 1600, n) for n in range(60))
    opened = unseal(KEY, seal(KEY, replace(FULL, answers=answers)))
    assert opened is not None
    assert [one.mark for one in opened.answers] == [one.mark for one in answers]
    whole = [one for one in opened.answers if one.reply]
    assert whole == list(answers[-len(whole) :])
    assert opened.session == FULL.session


def test_the_fullest_record_keeps_what_limits_it() -> None:
    """With a reply of 1,600 emoji and the most replies of ten minutes nothing of them is lost."""
    replies = tuple((1_772_000_000 + n, 255) for n in range(70))
    answers = tuple(Answer(f"{n:016x}", "\U0001f600" * 1600, 1_772_000_000) for n in range(60))
    opened = unseal(KEY, seal(KEY, replace(FULL, answers=answers, replies=replies)))
    assert opened is not None
    assert (opened.answers[-1], opened.replies) == (answers[-1], replies)


def test_a_session_over_the_bucket_is_left_out() -> None:
    """A session that could never fit is dropped; the answer for the duplicate stays."""
    wild = replace(FULL, session=Session(needs=("x" * 9000,)))
    opened = unseal(KEY, seal(KEY, wild))
    assert opened is not None
    assert (opened.session, opened.answers) == (None, FULL.answers[-1:])


def test_no_two_seals_are_alike() -> None:
    """The same record sealed twice gives two versions and two texts."""
    one, two = seal(KEY, FULL), seal(KEY, FULL)
    assert one[:VERSION] != two[:VERSION]
    assert one[VERSION:] != two[VERSION:]


@pytest.mark.parametrize(
    "key",
    [SessionKey("ab" * 16, b"x" * 32), SessionKey("cd" * 16, b"k" * 32)],
    ids=["another seal", "another name"],
)
def test_another_key_opens_nothing(key: SessionKey) -> None:
    """Neither another person's seal nor a record moved under another name opens."""
    assert unseal(key, seal(KEY, FULL)) is None


def test_every_flipped_bit_is_found() -> None:
    """A changed bit anywhere is no record, never an error."""
    blob = seal(KEY, FULL)
    changed = bytearray(blob)
    for place in range(SEALED * 8):
        changed[place // 8] ^= 1 << place % 8
        assert unseal(KEY, bytes(changed)) is None
        changed[place // 8] ^= 1 << place % 8
    assert unseal(KEY, bytes(changed))


@pytest.mark.parametrize(
    "blob", [b"", b"\x01", b"\x00" * SEALED, b"\x02" + b"\x00" * (SEALED - 1)]
)
def test_other_versions_and_lengths_are_no_record(blob: bytes) -> None:
    """Another format, a short or an empty value is no record."""
    assert unseal(KEY, blob) is None
