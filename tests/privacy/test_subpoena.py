"""What the system can produce about a number: a session while it lasts, then nothing."""

import pytest

from bot.app import held
from tests.privacy.conftest import Line

NUMBER, OTHER = "+12135550147", "+12135550148"
TYPED = "shelter 90057 my name is zqvanessa"


def test_a_session_is_all_there_is_while_it_lasts(line: Line) -> None:
    """While a session lasts its screen, language and place can be produced, never what was typed."""
    line.says(NUMBER, TYPED)
    told = "\n".join(held(line.settings, NUMBER, line.now))
    assert '"place": "90057"' in told
    assert '"needs": ["shelter"]' in told
    assert "zqvanessa" not in told
    assert held(line.settings, OTHER, line.now) == []


@pytest.mark.parametrize("last", ["erase", "hide", "stop"])
def test_after_erase_no_session_is_left(line: Line, last: str) -> None:
    """After ERASE, HIDE or STOP only our last answer waits two minutes for its duplicate."""
    line.says(NUMBER, TYPED, last)
    told = held(line.settings, NUMBER, line.now)
    assert not any(one.startswith("session") for one in told)
    assert "90057" not in "\n".join(told)


def test_after_the_session_there_is_nothing(line: Line) -> None:
    """When a session is over nothing at all can be produced."""
    line.says(NUMBER, TYPED)
    line.waits(minutes=61)
    assert held(line.settings, NUMBER, line.now) == []
