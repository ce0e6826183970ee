"""Seals a person's record: all of one length, opened only by that person's key."""

import os
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import TypeAdapter, ValidationError

from bot.conversation import Record, SessionKey

FORMAT = b"\x01"
"""Changes with the shape of Record: a record of another version is no record."""
NONCE = 12
BUCKET = 8000
"""Bytes of every record before sealing: a reply of 1,600 characters of any kind fits."""
VERSION = len(FORMAT) + NONCE
"""The first bytes of a sealed record name this one writing of it: the nonce is random."""
SEALED = VERSION + BUCKET + 16
"""Bytes of every sealed record."""

_RECORD = TypeAdapter(Record)


def seal(key: SessionKey, record: Record) -> bytes:
    """Seal a record into SEALED bytes.

    When it would not fit the oldest answers go, then the session; the newest answer stays.
    """
    count = len(record.answers)
    tries = [replace(record, answers=record.answers[n:]) for n in range(max(1, count))]
    tries.append(Record(answers=record.answers[-1:]))
    plain = next(text for text in map(_encode, tries) if len(text) <= BUCKET)
    version = FORMAT + os.urandom(NONCE)
    box = ChaCha20Poly1305(key.seal).encrypt(version[1:], plain.ljust(BUCKET), _bound(key))
    return version + box


def unseal(key: SessionKey, blob: bytes) -> Record | None:
    """Open what `seal` made; None for another key, a changed bit, another version."""
    if len(blob) != SEALED or not blob.startswith(FORMAT):
        return None
    version, box = blob[:VERSION], blob[VERSION:]
    try:
        plain = ChaCha20Poly1305(key.seal).decrypt(version[1:], box, _bound(key))
        return replace(_RECORD.validate_json(plain), version=version)
    except (InvalidTag, ValidationError):
        return None


def _bound(key: SessionKey) -> bytes:
    return FORMAT + key.name.encode()


def _encode(record: Record) -> bytes:
    return _RECORD.dump_json(record, exclude={"version"}, exclude_defaults=True)
