"""Services as texts."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory import listing
from bot.directory.listing import LIMIT, PAGE, PHRASES, details, item, line, needed, page, pages
from bot.directory.model import Service
from bot.text.segments import economise, segments
from tests.directory.samples import HERE, at, north, services, wording

NOON = at(2026, 11, 23, 12)
PHONE = "phones: [{number: 213-680-0600}]"


def one(fields: str) -> Service:
    """Make one service named `Org`."""
    return services({"Org": f"needs: [bed], {fields}"}).services["Org"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("website: a.org", "Org"),
        (PHONE, "Org: 213-680-0600"),
        (f"{PHONE}, hours: 24/7", "Org: 213-680-0600, open-always"),
        (f"{PHONE}, {north(0.65)}", "Org: 0.4 miles, 1 Main St, 213-680-0600, hours-unknown"),
        (f"{north(0.01)}, hours: 24/7", "Org: 0.1 miles, 1 Main St, open-always"),
        (f"{north(24)}, hours: 24/7", "Org: 15 miles, 1 Main St, open-always"),
        (f"{PHONE}, status: temporarily closed", "Org: 213-680-0600, closed"),
        (
            "phones: [{number: '233733', type: text, send: HELP}]",
            "Org: text-line-send HELP 233733",
        ),
        ("phones: [{number: '741741', type: text}]", "Org: text-line 741741"),
        (
            "phones: [{number: '988', type: text}, {number: 213-680-0600}]",
            "Org: 213-680-0600",
        ),
        (
            "phones: [{number: 213-680-0600, languages: es}, {number: 213-974-2039}]",
            "Org: 213-974-2039",
        ),
    ],
)
def test_a_line_says_where_how_and_when(fields: str, text: str) -> None:
    """Name, distance never finer than a tenth, address, main phone, state."""
    assert item(one(fields), HERE, wording(NOON)) == text


@pytest.mark.parametrize(
    ("hours", "now", "text"),
    [
        ("Mon-Fri 9am-5pm", NOON, "open-until 5pm"),
        ("Mon-Fri 9am-9:30pm", NOON, "open-until 9:30pm"),
        ("Mon 9am-noon", at(2026, 11, 23, 10), "open-until noon"),
        ("Mon 9am-midnight", NOON, "open-until midnight"),
        ("Mon 8pm-2am", at(2026, 11, 23, 21), "open-until 2am"),
        ("Mon-Fri 24 hours", NOON, "open-until-day Fr midnight"),
        ("Mon 1pm-5pm", NOON, "opens-at 1pm"),
        ("Thu 10am-2pm", NOON, "opens-day Th 10am"),
        ("Tue midnight-6am", NOON, "opens-day Tu midnight"),
        ("Sun 9am-5pm", at(2026, 11, 23, 12), "opens-day Su 9am"),
        ("Mon 9am-11am", NOON, "opens-date date month-nov 30"),
        ("1st Sat 9am-11am", NOON, "opens-date date month-dec 5"),
        ("24/7; Dec 25 off", NOON, "open-always"),
        ("PH off", NOON, "closed"),
    ],
)
def test_the_state_is_said_in_words(hours: str, now: datetime, text: str) -> None:
    """Times, days and dates are said as people say them."""
    said = item(one(f"hours: {hours}, {north(1)}"), HERE, wording(now))
    assert said == f"Org: 0.6 miles, 1 Main St, {text}"


def test_a_closure_is_said_with_its_end() -> None:
    """While closed for a time, the line says until when."""
    closed = "closures: [{start: 2026-11-20, end: 2026-12-02}], hours: Mon-Fri 9am-5pm"
    assert item(one(closed), HERE, wording(NOON)) == "Org: closed-until date month-dec 3"


@pytest.mark.parametrize(
    ("short", "text"),
    [
        (0, "Org: 2 Elm St, Norwalk, 213-680-0600, open-always"),
        (1, "Org: 2 Elm St, 213-680-0600, open-always"),
        (2, "Org: 2 Elm St, 213-680-0600"),
    ],
)
def test_a_line_gets_shorter_in_steps(short: int, text: str) -> None:
    """The city goes first, then how the service stands now."""
    fields = f"{PHONE}, hours: 24/7, locations: [{{address: '2 Elm St, Norwalk'}}]"
    assert item(one(fields), HERE, wording(NOON), short) == text


def test_pages_are_numbered_through_and_come_round() -> None:
    """Three to a page, numbers go on, and after the last page comes the first."""
    made = services({f"s{at}": f"needs: [bed], {PHONE}" for at in range(5)})
    listed = list(made.services.values())
    texts = [page(listed, nth, "Head", HERE, wording(NOON)) for nth in range(3)]
    assert texts[0].text.split("\n") == [
        "Head",
        "1 s0: 213-680-0600",
        "2 s1: 213-680-0600",
        "3 s2: 213-680-0600",
        "list-more",
    ]
    assert texts[1].text.split("\n")[1:] == [
        "4 s3: 213-680-0600",
        "5 s4: 213-680-0600",
        "list-end",
    ]
    assert texts[1].number == 1
    assert texts[2] == texts[0]
    assert page([], 0, "Head", HERE, wording(NOON)).text == "Head"


@given(st.lists(st.integers(1, 380), max_size=12), st.integers(0, 70))
def test_pages_lose_nothing_and_fit(lengths: list[int], head: int) -> None:
    """Every item is on one page, in order, and only an item alone may be too long."""
    items = ["x" * length for length in lengths]
    split = pages(items, "h" * head, "foot")
    assert [at for part in split for at in part] == list(range(len(items)))
    for part in split:
        text = "\n".join(["h" * head, *(items[at] for at in part), "foot"])
        assert len(part) <= PAGE
        assert len(part) == 1 or segments(text) <= LIMIT


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 120), st.booleans()), min_size=1, max_size=8
    ),
    st.integers(0, 23),
)
def test_more_never_skips_a_service(sizes: list[tuple[int, int, bool]], hour: int) -> None:
    """Where pages end does not hang on the time of day, and every page fits."""
    base = one(f"{PHONE}, {north(1)}, hours: Mon-Fri 9am-5pm")
    listed = [
        base.model_copy(
            update={
                "name": {"": "n" * name},
                "locations": (
                    base.locations[0].model_copy(
                        update={
                            "address": "a" * (address // 2) + ", " * city + "b" * (address // 2)
                        }
                    ),
                ),
            }
        )
        for name, address, city in sizes
    ]
    seen = []
    for nth in range(len(listed)):
        # Time goes on between one text and the next.
        now = at(2026, 11, 23 + nth, hour)
        shown = page(listed, nth, "Near Here:", HERE, wording(now))
        assert segments(economise(shown.text)) <= LIMIT
        if shown.number == nth:
            seen += [int(row.split()[0]) for row in shown.text.split("\n")[1:-1]]
    assert seen == list(range(1, len(listed) + 1))


def test_details_say_everything_of_use() -> None:
    """Neutral words lead for the lock screen, then every fact, the website last."""
    service = one(
        f"{PHONE}, {north(0.65)}, hours: [Mon-Fri 9am-noon, 1st Sat 9:30am-1pm, holidays closed], "
        "alert: Full., about: About us., audience: [women], min_age: 18, cost: Costs nothing., "
        "documents: No papers., languages: [en, es], told: [government], website: org.example"
    )
    assert details(service, HERE, wording(at(2026, 11, 23, 10))).split("\n") == [
        "call-first",
        "Org",
        "Full.",
        "213-680-0600",
        "1 Main St, 0.4 miles",
        "Mo-Fr 9am-noon, nth-1 Sa 9:30am-1pm; holidays closed, open-until noon",
        "About us.",
        "only-for audience-women, ages-from 18",
        "Costs nothing.",
        "No papers.",
        "speaks language-en, language-es",
        "told told-government",
        "org.example",
        "details-foot",
    ]
    assert needed(service) == {"audience-women", "told-government", "language-en", "language-es"}


@pytest.mark.parametrize(
    ("ages", "text"),
    [
        ("min_age: 12, max_age: 24", "only-for ages 12 24"),
        ("min_age: 18", "only-for ages-from 18"),
        ("max_age: 24", "only-for ages-to 24"),
        ("max_age: 24, eligibility: Anyone under 25.", "Anyone under 25."),
    ],
)
def test_details_say_who_it_is_for(ages: str, text: str) -> None:
    """Ages are said at either end, and staff's own sentence stands in their place."""
    assert text in details(one(ages), None, wording(NOON)).split("\n")


def test_an_assured_service_needs_no_warning() -> None:
    """Once staff have rung, the notice to call first is gone."""
    assert details(one("assured_date: 2026-11-01"), None, wording(NOON)).startswith("assured\n")


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 120))
def test_details_always_fit_and_keep_what_matters(
    about: int, cost: int, papers: int, alert: int
) -> None:
    """However much staff wrote, name, phone and warning come through in three segments."""
    service = one(PHONE).model_copy(
        update={
            "about": {"": "a" * about},
            "cost": {"": "c" * cost},
            "documents": {"": "d" * papers},
            "alert": {"": "!" * alert},
        }
    )
    text = details(service, HERE, wording(NOON))
    assert segments(economise(text)) <= LIMIT
    assert text.startswith("call-first\nOrg\n")
    assert "213-680-0600" in text
    assert "!" * alert in text
    assert text.endswith("\ndetails-foot")


def test_a_line_outside_a_list_is_a_name_and_a_number() -> None:
    """Where no place matters a service is its name and its phone."""
    assert line(one(f"{PHONE}, {north(1)}"), wording(NOON)) == "Org: 213-680-0600"
    assert line(one("website: a.org"), wording(NOON)) == "Org"


def test_every_phrase_is_declared() -> None:
    """The table of phrases names all that times, states, lists and details ask for."""
    assert {"day-mo", "month-dec", "nth--1", "list-more", "told", "ages"} <= set(PHRASES)
    assert listing.PHRASES["open-until-day"] == "day time"
