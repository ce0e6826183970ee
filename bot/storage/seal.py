"""Seals a person's record: all of one length, opened only by that person's key."""

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bot.conversation import Answer, Record, SessionKey
from bot.flow.session import decode

FORMAT = b"\x01"
NONCE = 12
BUCKET = 8000
"""Bytes of every record before sealing: a reply of 1,600 characters of any kind fits."""
VERSION = len(FORMAT) + NONCE
"""The first bytes of a sealed record name this one writing of it: the nonce is random."""
SEALED = VERSION + BUCKET + 16
"""Bytes of every sealed record."""


def seal(key: SessionKey, record: Record) -> bytes:
    """Seal a record into SEALED bytes; the oldest answers go when it would not fit."""
    answers = record.answers
    plain = _encode(record, answers)
    while len(plain) > BUCKET and answers:
        answers = answers[1:]
        plain = _encode(record, answers)
    if len(plain) > BUCKET:
        plain = _encode(Record(), record.answers[-1:])
    nonce = os.urandom(NONCE)
    box = ChaCha20Poly1305(key.seal).encrypt(nonce, plain.ljust(BUCKET), _bound(key))
    return FORMAT + nonce + box


def unseal(key: SessionKey, blob: bytes) -> Record | None:
    """Open what `seal` made; None for another key, a changed bit, another version."""
    if len(blob) != SEALED or not blob.startswith(FORMAT):
        return None
    nonce = blob[len(FORMAT) : VERSION]
    try:
        plain = ChaCha20Poly1305(key.seal).decrypt(nonce, blob[VERSION:], _bound(key))
        return _decode(plain, blob[:VERSION])
    except (InvalidTag, ValueError, TypeError, KeyError):
        return None


def _bound(key: SessionKey) -> bytes:
    return FORMAT + key.name.encode()


def _encode(record: Record, answers: tuple[Answer, ...]) -> bytes:
    kept = {
        "session": record.session.encode().decode() if record.session else "",
        "started": record.started,
        "touched": record.touched,
        "answers": [(one.mark, one.reply, one.at) for one in answers],
    }
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()


def _decode(plain: bytes, version: bytes) -> Record:
    kept = json.loads(plain)
    return Record(
        version=version,
        session=decode(kept["session"].encode()),
        started=int(kept["started"]),
        touched=int(kept["touched"]),
        answers=tuple(Answer(str(a), str(b), int(c)) for a, b, c in kept["answers"]),
    )
