"""Deletes the provider's records of texts and calls; keeps nothing itself, not even its place."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.provider.client import REFUSED, asking, status

AGE = timedelta(minutes=5)
"""Younger records are left alone: the provider may still be delivering them."""
PAUSE = 60
"""Seconds between two passes."""
STEP = 100
"""Records between two words of progress."""
_UNFINISHED = 20009
"""The provider's code for a record that is still in use; it may take 14 days in rare cases."""


def sweep(client: Client, before: datetime, *, dry_run: bool = False) -> Iterator[Counter[str]]:
    """Delete what was made before a moment; yields counts, at last all. Raises ProviderError."""
    count: Counter[str] = Counter()
    with asking():
        for records in (client.messages, client.calls):
            for record in records.stream(page_size=200):
                if record.date_created and record.date_created >= before:
                    count["too young"] += 1
                else:
                    count["to delete" if dry_run else _delete(record)] += 1
                if not count.total() % STEP:
                    yield count
    yield count


def _delete(record: Any) -> str:
    try:
        record.delete()
    except TwilioException as error:
        if status(error) in {*REFUSED, 429}:
            raise
        if getattr(error, "code", 0) == _UNFINISHED:
            return "not complete yet"
        # One record that always fails must not save all that come behind it.
        # A deleted one may be listed for days.
        return "gone already" if status(error) == 404 else "not deleted"
    return "deleted"
