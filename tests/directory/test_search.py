"""Who comes first."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.search import Band, Results, band, nearest, search, standing
from tests.directory.samples import HERE, LOCALE, at, north, services

NOON = at(2026, 11, 23, 12)
PHONE = "phones: [{number: 213-680-0600}]"


def found(entries: dict[str, str], *needs: str, place: object = HERE, **more: object) -> list[str]:
    """Search for `bed` in services written as fields; an x stands for `needs: [bed]`."""
    made = services({key: fields.replace("x", "needs: [bed]") for key, fields in entries.items()})
    results = search(made, needs or ("bed",), place, NOON, LOCALE, **more)  # type: ignore[arg-type]
    return list(results.ids)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("needs: [bed, food]", "needs: [bed]"),
        (f"x, {north(1.4)}, hours: Tue 9am-5pm", f"x, {north(1.6)}, hours: 24/7"),
        (f"x, {north(4.9)}", f"x, {PHONE}"),
        (f"x, {PHONE}, reach: national", f"x, {north(5.1)}, hours: 24/7"),
        (f"x, {PHONE}, reach: county", f"x, {PHONE}, reach: state, hours: 24/7"),
        (f"x, {PHONE}, reach: state", f"x, {PHONE}, reach: national"),
        (f"x, {north(24)}", f"x, {north(26)}, hours: 24/7"),
        (f"x, {north(1.2)}, hours: 24/7", f"x, {north(0.2)}, hours: Mon 12:30pm-5pm"),
        (f"x, {north(1)}, hours: Mon 12:30pm-5pm", f"x, {north(0.2)}"),
        (f"x, {north(1)}", f"x, {north(0.2)}, hours: Mon 3pm-5pm"),
        (f"x, {north(1)}, hours: 24/7", f"x, {north(0.9)}, hours: Mon 9am-12:05pm"),
        (f"x, {north(1)}, assured_date: 2026-06-01", f"x, {north(0.2)}"),
        (f"x, {north(0.2)}", f"x, {north(1)}, assured_date: 2026-05-01"),
        (f"x, {north(0.2)}", f"x, {north(0.3)}"),
        (f"x, {north(1)}", f"needs: [rest, bed], {north(0.2)}, hours: 24/7"),
        (f"x, {north(20)}", f"x, {north(0.2)}, status: temporarily closed"),
        (f"x, {PHONE}", "x"),
        (
            f"x, {north(1)}, closures: [{{start: 2026-11-25, end: 2026-11-26}}], hours: 24/7",
            f"x, {north(0.2)}, closures: [{{start: 2026-11-22, end: 2026-11-23}}], hours: 24/7",
        ),
    ],
)
def test_the_better_service_comes_first(first: str, second: str) -> None:
    """Fit, then band, then open on arrival, then lately assured, then metres."""
    assert found({"b": first, "a": second}, "bed", "food") == ["b", "a"]


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ("x", True),
        ("needs: [food]", False),
        ("x, status: defunct", False),
        ("x, status: inactive", False),
        ("x, status: temporarily closed", True),
        ("x, serves: [old-town]", True),
        ("x, serves: [new-town, here]", True),
        ("x, serves: [new-town]", False),
    ],
)
def test_only_what_can_be_had_here_is_offered(fields: str, offered: bool) -> None:  # noqa: FBT001
    """What is shut for good, serves others, or does something else is left out."""
    assert bool(found({"one": fields})) is offered


@pytest.mark.parametrize("offer", ["info", "by-name", "never"])
def test_a_service_that_is_not_listed_is_never_offered(offer: str) -> None:
    """Whatever is kept back stays out of every result."""
    made = services({"one": "needs: [bed], about: x"})
    hidden = made.services["one"].model_copy(update={"offer": offer})
    made = dataclasses.replace(made, services={"one": hidden})
    assert search(made, ["bed"], HERE, NOON, LOCALE) == Results(())


@pytest.mark.parametrize(
    ("filters", "order"),
    [
        ((), ["all", "men", "women"]),
        (("women",), ["women", "all", "men"]),
        (("women", "men"), ["men", "women", "all"]),
    ],
)
def test_who_is_meant_comes_before_who_is_not(filters: tuple[str, ...], order: list[str]) -> None:
    """A service for whom the person named comes first, one for others last."""
    entries = {
        "men": "x, audience: [men]",
        "women": "x, audience: [women]",
        "all": "x",
    }
    entries = {key: f"{fields}, {PHONE}" for key, fields in entries.items()}
    assert found(entries, filters=filters) == order


def test_without_a_place_lines_come_first_then_names_in_order() -> None:
    """With no place the county's lines lead, and places follow by name; limited ones are out."""
    entries = {
        "zoo": f"x, {north(0)}, hours: 24/7",
        "bay": f"x, {north(400)}",
        "line": f"x, {PHONE}",
        "only": f"x, {PHONE}, serves: [here]",
    }
    assert found(entries, place=None) == ["line", "bay", "zoo"]
    assert found({"only": entries["only"]}, place=None) == ["only"]


@pytest.mark.parametrize(
    ("entries", "widened"),
    [
        ({"far": f"needs: [bed], {north(26)}"}, True),
        ({"far": f"needs: [bed], {north(26)}", "line": f"needs: [bed], {PHONE}"}, False),
        ({"near": f"needs: [bed], {north(24)}"}, False),
        ({"other": f"needs: [food], {PHONE}"}, False),
    ],
)
def test_a_far_result_says_that_it_is_far(entries: dict[str, str], widened: bool) -> None:  # noqa: FBT001
    """Only farther ones than anyone would ask for: the result says it was widened."""
    assert search(services(entries), ["bed"], HERE, NOON, LOCALE).widened is widened


@pytest.mark.parametrize(
    ("fields", "metres", "expected"),
    [
        (north(1), 1000, Band.WALK),
        (north(1.6), 1600, Band.NEAR),
        (north(5.1), 5100, Band.AREA),
        (north(30), 30_000, Band.BEYOND),
        ("locations: [{address: 1 Main St}]", None, Band.LINE),
        (PHONE, None, Band.LINE),
        (
            "locations: [{at: [35.0, -118.0]}, {at: [34.0, -118.01084]}]",
            1000,
            Band.WALK,
        ),
    ],
)
def test_the_nearest_location_counts(fields: str, metres: float | None, expected: Band) -> None:
    """Metres are great-circle metres to the nearest location that has a position."""
    service = services({"one": f"needs: [bed], {fields}"}).services["one"]
    measured = nearest(service, HERE)[1]
    assert (measured is None) == (metres is None)
    assert measured is None or measured == pytest.approx(metres, rel=0.005)
    assert band(service, HERE) == expected


def test_a_confidential_service_has_no_distance() -> None:
    """Even if a position slipped past the reader, no distance is made from it."""
    service = services({"one": f"needs: [bed], {north(1)}"}).services["one"]
    hidden = service.model_copy(update={"confidential": True})
    assert nearest(hidden, HERE)[1] is None


def test_a_location_may_keep_hours_of_its_own() -> None:
    """The nearest location's hours stand before the service's."""
    fields = "hours: 24/7, locations: [{at: [34.0, -118.0], hours: Tue 9am-5pm}]"
    service = services({"one": f"needs: [bed], {fields}"}).services["one"]
    assert standing(service, HERE, NOON, LOCALE).kind == "opens"


@given(st.permutations(range(6)), st.integers(0, 23))
def test_the_order_in_the_file_means_nothing(order: list[int], hour: int) -> None:
    """However staff sort their file, results are the same and complete."""
    fields = [north(1), north(1.1), PHONE, f"{PHONE}, hours: 24/7", north(30), "serves: [here]"]
    entries = {f"s{nth}": f"needs: [bed], {fields[nth]}" for nth in order}
    now = at(2026, 11, 23, hour)
    ids = search(services(entries), ["bed"], HERE, now, LOCALE).ids
    alike = {key: entries[key] for key in sorted(entries)}
    assert ids == search(services(alike), ["bed"], HERE, now, LOCALE).ids
    assert sorted(ids) == sorted(entries)
