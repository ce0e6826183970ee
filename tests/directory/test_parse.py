"""What may not stand in a file of services."""

import pytest

from tests.directory.samples import directory

PLAIN = "organization: Org, offer: listed, name: Name"


def faults(fields: str, rest: str = "") -> list[tuple[str, int]]:
    """Give (rule, line) of the problems of one service on line 2, and of `rest` below it."""
    _, problems = directory(f"services:\n  one: {{{PLAIN}, {fields}}}\n{rest}")
    return [(problem.rule, problem.line) for problem in problems]


@pytest.mark.parametrize(
    ("number", "accepted"),
    [
        ("213-680-0600", True),
        ("1-888-373-7888", True),
        ("(213) 680-0600", True),
        ("844-555-1234", True),
        ("911", True),
        ("988", True),
        ("211", True),
        ("233733", True),
        ("213-555-4357", False),
        ("213-555-0123", False),
        ("323-000-1234", False),
        ("123-456-7890", False),
        ("213-680-060", False),
        ("12", False),
        ("call us", False),
    ],
)
def test_a_number_must_be_one_that_can_ring(number: str, accepted: bool) -> None:  # noqa: FBT001
    """A number outside the plan, or on the exchange of films, is refused."""
    found = faults(f'phones: [{{number: "{number}"}}]')
    assert found == ([] if accepted else [("bad-phone", 2)])


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ("hours: 9-5", ["bad-hours"]),
        ("hours: [Mon-Fri 9am-5pm, sometimes]", ["bad-hours"]),
        ("hours: Mon-Fri 9am-5pm", []),
        ("locations: [{zip: '9001'}]", ["bad-zip"]),
        ("locations: [{zip: '90013'}]", []),
        ("locations: [{address: 1 Main St}]", ["no-position"]),
        ("locations: [{address: 1 Main St, at: [134.0, -118.0]}]", ["bad-position"]),
        ("locations: [{address: 1 Main St, at: [-118.0, 34.0]}]", ["bad-position"]),
        ("locations: [{address: 1 Main St, at: [34.0, -118.0], hours: 9-5}]", ["bad-hours"]),
        ("closures: [{start: 2026-12-24, end: 2026-12-23}]", ["bad-closure"]),
        ("closures: [{start: 2026-12-24, end: 2026-12-24}]", []),
        ("closures: [{start: 2026-12-24, end: 9999-12-31}]", ["bad-closure"]),
        ("instead: [two]", ["bad-instead"]),
        ("instead: [one]", []),
        ("confidential: yes, locations: [{zip: '90013'}]", ["value"]),
        ("confidential: yes, about: We are at 442 S San Pedro", ["betrays-place"]),
        ("confidential: yes, about: Come to 5 W 6th", ["betrays-place"]),
        ("confidential: yes, alert: 'Moved to 34.0446, -118.2443'", ["betrays-place"]),
        (
            "confidential: yes, about: '24 hours a day, 18 and over. 1 in 4 calls is about rent'",
            [],
        ),
        (
            "confidential: yes, phones: [{number: 213-680-0600}], about: Call 213-680-0600 Now",
            [],
        ),
        ("about: We are at 442 S San Pedro", []),
    ],
)
def test_each_fault_has_its_rule(fields: str, rules: list[str]) -> None:
    """A fault comes back under its rule at its line; what is right comes back clean."""
    assert faults(fields) == [(rule, 2) for rule in rules]


def test_a_long_name_and_a_silent_fact_are_refused() -> None:
    """A name has 40 characters at most, and a fact says something."""
    _, problems = directory(
        f"services:\n  one: {{organization: O, offer: info, name: {'n' * 41}}}\n"
        f"  two: {{organization: O, offer: listed, name: {'n' * 40}}}\n"
    )
    assert {(problem.rule, problem.line) for problem in problems} == {
        ("long-name", 2),
        ("no-about", 2),
    }


def test_every_fault_is_said_at_once() -> None:
    """One service that does not fit hides neither its neighbours' faults nor itself."""
    made, problems = directory(
        "services:\n"
        "  broken: {organization: O, offer: perhaps, name: N}\n"
        f"  bad: {{{PLAIN}, hours: 9-5, instead: [broken, good, hidden], "
        "phones: [{number: 213-555-0100}]}\n"
        f"  good: {{{PLAIN}}}\n"
        "  hidden: {organization: O, offer: never, name: N, instead: [goood]}\n"
    )
    assert sorted((problem.line, problem.rule) for problem in problems) == [
        (2, "unknown-value"),
        (3, "bad-hours"),
        (3, "bad-instead"),
        (3, "bad-phone"),
        (5, "bad-instead"),
    ]
    assert "Did you mean `good`?" in str(problems)
    assert set(made.services) == {"bad", "good", "hidden"}


def test_an_id_is_used_once_over_all_files() -> None:
    """A second service of the same id is refused, and both lines are named."""
    made, problems = directory(
        f"services:\n  one: {{{PLAIN}}}\n",
        f"services:\n  two: {{{PLAIN}}}\n  one: {{{PLAIN}}}\n",
    )
    (problem,) = problems
    assert str(problem).startswith("b.yaml:3:")
    assert "a.yaml, line 2" in problem.message
    assert "line 3" in problem.message
    assert made.documents["one"].path == "a.yaml"


@pytest.mark.parametrize("source", ["services:\n", "- one\n", "services: [one]\n", "other: 1\n"])
def test_a_file_of_another_shape_is_a_problem_and_no_crash(source: str) -> None:
    """A file that holds no services says so."""
    made, problems = directory(source)
    assert made.services == {}
    assert problems


def test_the_directory_knows_names_numbers_hours_and_lines() -> None:
    """Names come as tokens, numbers as digits, hours in OSM form, facts with their line."""
    made, _ = directory(
        "services:\n"
        "  casa:\n"
        "    organization: Casa de Paz\n"
        "    name: {en: Peace House, es: Casa de Paz}\n"
        "    aliases: [CdP]\n"
        "    offer: listed\n"
        "    hours: [Mon-Fri 9am-5pm, holidays closed]\n"
        "    phones:\n"
        "      - number: 1-888-373-7888\n"
        "      - number: '988'\n"
    )
    assert made.services["casa"].hours == ("Mo-Fr 09:00-17:00; PH off",)
    assert sorted(made.aliases()) == [
        (("casa", "de", "paz"), "casa"),
        (("cdp",), "casa"),
        (("peace", "house"), "casa"),
    ]
    assert made.numbers() == {"8883737888": "casa", "988": "casa"}
    assert made.documents["casa"].mark(("services", "casa", "phones", 1))[0] == 10
