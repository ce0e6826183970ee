"""The provider's REST client as we use it: patient, bounded in time, and never quoted."""

from collections.abc import Iterator
from contextlib import contextmanager

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3 import Retry

RETRIES = Retry(
    total=8, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)
"""Two minutes of patience with anything but POST; Retry-After is obeyed."""
TIMEOUT = 20
"""Seconds to wait for a connection, and again for an answer."""
REFUSED = {401, 403}
"""What the provider answers to a key that is wrong or lacks a permission."""


class ProviderError(Exception):
    """The provider refuses us or cannot be understood; said in our own words."""


def connect(account: str, key: str, secret: str) -> Client:
    """Make a client that acts on one account with an API key."""
    http = TwilioHttpClient(timeout=TIMEOUT, max_retries=RETRIES)
    return Client(key, secret, account, http_client=http)


def status(error: Exception) -> int:
    """Give the HTTP status in an error of the library's, 0 without one."""
    # A page that failed comes as words and the answer itself (with 9.13.0).
    answer = error.args[-1] if error.args else None
    return int(getattr(error, "status", 0) or getattr(answer, "status_code", 0))


@contextmanager
def asking() -> Iterator[None]:
    """Turn every error into a ProviderError: the library's hold numbers and names of records."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 nonsense from outside can break in any way
        raise ProviderError(
            "The provider refuses our key: look at its SID, its secret and its permissions."
            if status(error) in REFUSED
            else "The provider cannot be reached, or answers nonsense."
        ) from None
