"""Opening hours as staff spell them."""

import opening_hours
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.hours import canonical, joined
from tests.directory.samples import SPELLING


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Mon-Fri 9am-5pm", "Mo-Fr 09:00-17:00"),
        ("mon-fri 9 a.m. to 5 p.m.", "Mo-Fr 09:00-17:00"),
        ("Mon\u2013Fri 9:30 am \u2013 5 pm", "Mo-Fr 09:30-17:00"),
        ("Mon-Fri: 9am-5pm;", "Mo-Fr 09:00-17:00"),
        ("9am-5pm Mon-Fri", "Mo-Fr 09:00-17:00"),
        ("Mon, Wed 10am-2pm; Sat 9:30am-1pm", "Mo,We 10:00-14:00; Sa 09:30-13:00"),
        ("Mon-Thu 9am-5pm, Fri 9am-1pm", "Mo-Th 09:00-17:00, Fr 09:00-13:00"),
        ("Mon-Fri 9am-noon, 1pm-5pm", "Mo-Fr 09:00-12:00,13:00-17:00"),
        ("Sat & Sun 10am-4pm", "Sa,Su 10:00-16:00"),
        ("Lun-Vie 9am-5pm", "Mo-Fr 09:00-17:00"),
        ("Lunes a Viernes de 9am a 5pm", "Mo-Fr 09:00-17:00"),
        ("Mar y Jue 9am-5pm", "Tu,Th 09:00-17:00"),
        ("24/7", "24/7"),
        ("24 hours", "24/7"),
        ("Mon-Fri 24 hours", "Mo-Fr 00:00-24:00"),
        ("daily 8am-8pm", "Mo-Su 08:00-20:00"),
        ("Fri 8pm-2am", "Fr 20:00-02:00"),
        ("20:00-2:00", "20:00-02:00"),
        ("10pm-midnight", "22:00-24:00"),
        ("midnight-6am", "00:00-06:00"),
        ("12am-12pm", "00:00-12:00"),
        ("1st Tue 5pm-7pm", "Tu[1] 17:00-19:00"),
        ("1st and 3rd Tue of the month 5pm-7pm", "Tu[1,3] 17:00-19:00"),
        ("last Fri 1pm-3pm", "Fr[-1] 13:00-15:00"),
        ("1er martes 5pm-7pm", "Tu[1] 17:00-19:00"),
        ("Tu[1] 17:00-19:00", "Tu[1] 17:00-19:00"),
        ("holidays closed", "PH off"),
        ("Mon-Fri 9am-5pm, holidays closed", "Mo-Fr 09:00-17:00; PH off"),
        ("Mo-Fr 09:00-17:00; PH off", "Mo-Fr 09:00-17:00; PH off"),
        ("mo-fr 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("24/7; Dec 24-26 off", "24/7; Dec 24-26 off"),
    ],
)
def test_a_friendly_spelling_has_one_form(text: str, form: str) -> None:
    """Each spelling gives the OSM form, and the form gives itself again."""
    assert canonical(text, SPELLING) == form
    assert canonical(form, SPELLING) == form


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("9-5", "write 9am-5pm or 09:00-17:00"),
        ("Mon-Fri 9-5", "write 9am-5pm or 09:00-17:00"),
        ("Mon-Fri 9-5pm", "write 9am-5pm or 09:00-17:00"),
        ("Mon-Fri 9:00-5:00", "all night"),
        ("Mon 8:00-9:30, 10:00-5:00", "all night"),
        ("Mon 12:00-5:00", "all night"),
        ("Mon 13pm-5pm", "no time of day"),
        ("Mon 9:75am-5pm", "no time of day"),
        ("Mon 25:00-26:00", "not understood"),
        ("Mon 9am", "not understood"),
        ("by appointment", "not understood"),
        ('"by appointment"', "Remarks"),
        ("Mon-Fri", "without hours"),
        ("", "not understood"),
        (";", "not understood"),
        ("Mar 15-Jun 15 9am-5pm", "write"),
    ],
)
def test_what_could_be_misread_is_refused(text: str, sentence: str) -> None:
    """Hours that could send a person to a closed door are refused in a plain sentence."""
    with pytest.raises(ValueError, match=r"`|Remarks") as refused:
        canonical(text, SPELLING)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["Mon-Fri 9am-5pm", "Sat 10am-2pm"], "Mo-Fr 09:00-17:00, Sa 10:00-14:00"),
        (["Mon 9am-noon", "Mon 1pm-5pm"], "Mo 09:00-12:00, Mo 13:00-17:00"),
        (["holidays closed", "1st Tue 5pm-7pm"], "Tu[1] 17:00-19:00; PH off"),
        (["24/7"], "24/7"),
    ],
)
def test_spans_of_a_list_add_up(texts: list[str], form: str) -> None:
    """A second span for a day adds to its first, and closed days come last."""
    assert joined(texts, SPELLING) == form
    assert canonical(form, SPELLING) == form


@given(st.text('MonTueFri1295:amp-,; []/PHof"é', max_size=40))
def test_any_text_is_understood_for_good_or_refused(text: str) -> None:
    """Whatever is typed ends as a form the library reads, or as a sentence for staff."""
    try:
        form = canonical(text, SPELLING)
    except ValueError:
        return
    assert opening_hours.validate(form)
    assert canonical(form, SPELLING) == form
