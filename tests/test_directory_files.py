"""The directory that ships: what any texter may be sent from it, whatever the catalogue says."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import phonenumbers
import pytest

from bot.directory.model import DirectoryFile, Phone, Service
from bot.source import fit, read

FOLDER = Path(__file__).parents[1] / "flows" / "directory"
FILES = sorted(FOLDER.glob("*.yaml"))

NEEDS = {
    "crisis-line", "trafficking-help", "leaving", "shelter", "housing", "domestic-violence",
    "assault-care", "sti-testing", "health-care", "pregnancy", "needles", "naloxone",
    "drug-treatment", "counseling", "suicide-help", "trans-care", "lgbtq-help", "legal-help",
    "record-clearing", "immigration-help", "police-report", "city-cleanup", "food", "cash-aid",
    "job-help", "childcare", "school", "youth-help", "peer-support", "id-papers",
    "volunteer-training", "benefits",
}  # fmt: skip
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Numbers that ring nowhere, ring the wrong desk, or that nobody could confirm.
WRONG_NUMBERS = (
    "3238905500", "2135554357", "213555HELP", "8189881955", "3235684800", "8007938090",
    "8448047500", "898211",
)  # fmt: skip
WRONG_WORDS = (
    "norwalk campus", "13210 bloomfield", "12360 firestone", "formerly prototypes",
    "522 s san pedro", "5205 melrose", "3834 s western", "5701 s hoover", "14000 washington",
    "ab 1245", "ab1245", "completely confidential", "completamente confidencial",
    "survivors of trafficking achieving", "hanna@", "robinson", "cunningham", "text start",
)  # fmt: skip


def load() -> dict[str, Service]:
    """Read and fit every file; a problem or a repeated id fails the tests that use it."""
    found: dict[str, Service] = {}
    for path in FILES:
        document, problems = read(path.name, path.read_bytes())
        assert document is not None, problems
        fitted, misfits = fit(DirectoryFile, document)
        assert fitted is not None, misfits
        assert not set(found) & set(fitted.services), path.name
        found |= fitted.services
    return found


SERVICES = load()
LISTED = {name: one for name, one in SERVICES.items() if one.offer == "listed"}


def sent(service: Service) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give every text of a service that may reach a phone, with the name of its field."""
    for field in ("name", "about", "eligibility", "cost", "documents", "alert"):
        yield field, getattr(service, field)
    for phone in service.phones:
        yield "phones", phone.note
    for place in service.locations:
        for field in ("name", "accessibility", "transport"):
            yield field, getattr(place, field)
        yield "address", {"en": place.address, "es": place.address}
    yield "website", {"en": service.website, "es": service.website}


def each(services: Mapping[str, Service]) -> pytest.MarkDecorator:
    """Run a test once per service, named after it."""
    return pytest.mark.parametrize(("name", "service"), list(services.items()), ids=list(services))


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_each_file_fits_without_a_problem(path: Path) -> None:
    """Each file reads and fits with no problem, loses no text to a comment, and stays short."""
    document, problems = read(path.name, path.read_bytes())
    assert document is not None
    assert problems == []
    assert fit(DirectoryFile, document)[1] == []
    assert document.cut == frozenset()
    assert len(path.read_text("utf-8").splitlines()) <= 300


def is_dialable(number: str) -> bool:
    """Tell whether a number is in the numbering plan and not on a fictional exchange."""
    parsed = phonenumbers.parse(number, "US")
    if phonenumbers.is_valid_short_number_for_region(parsed, "US"):
        return True
    fictional = re.match(r"(?!8(00|33|44|55|66|77|88))\d{3}-555-", number)
    return phonenumbers.is_valid_number(parsed) and not fictional


@pytest.mark.parametrize(
    ("number", "dialable"),
    [
        ("213-680-0600", True),
        ("911", True),
        ("233733", True),
        ("213-555-4357", False),
        ("213-555-0100", False),
        ("123-456-7890", False),
        ("213-680-060", False),
    ],
)
def test_only_numbers_that_can_ring_pass_the_check(number: str, dialable: bool) -> None:  # noqa: FBT001
    """A number outside the numbering plan or on the 555 exchange is refused."""
    assert is_dialable(number) is dialable


PHONES = [(name, phone) for name, one in SERVICES.items() for phone in one.phones]


@pytest.mark.parametrize(
    ("name", "phone"), PHONES, ids=[f"{name}-{phone.number}" for name, phone in PHONES]
)
def test_each_phone_can_be_dialed(name: str, phone: Phone) -> None:
    """Each number is written plainly and can ring."""
    assert re.fullmatch(r"\d{3}-\d{3}-\d{4}|\d{3}|\d{5,6}", phone.number), name
    assert is_dialable(phone.number)
    assert len(phone.number) < 9 or phone.type != "text"


@each(SERVICES)
def test_each_text_is_plain_short_and_bilingual(name: str, service: Service) -> None:
    """Each text exists in English and Spanish and stays in the cheap alphabet of SMS."""
    for field, text in sent(service):
        assert not text or {"en", "es"} == set(text), (name, field)
        for words in text.values():
            assert set(words) <= GSM7, (name, field, set(words) - GSM7)
            limit = 32 if field == "name" else 140
            assert len(words) <= limit, (name, field, len(words))


@each(SERVICES)
def test_nothing_claims_more_than_was_checked(name: str, service: Service) -> None:
    """Nobody rang anyone, so no entry is assured, and each says where it was seen."""
    assert service.assured_date is None
    assert service.sources, name
    for source in service.sources:
        assert source.where
        assert source.seen.isoformat() == "2026-11-22"
        assert "/work" not in source.where
        assert not re.search(r"\d{8,}", source.where)
    for _, text in sent(service):
        for words in text.values():
            promise = r"\b(free|gratis|walk.?in|sin cita|open now|guaranteed|anonymous)\b"
            assert not re.search(promise, words, re.IGNORECASE), words


@each(SERVICES)
def test_each_replacement_is_a_listed_service(name: str, service: Service) -> None:
    """What stands under `instead` is listed, so that one refusal never leads to another."""
    for other in service.instead:
        assert other in LISTED, other
        assert other != name
    if service.offer in {"by-name", "never"}:
        assert any(LISTED[other].phones for other in service.instead)


@each(SERVICES)
def test_needs_are_known_and_only_listed_services_have_them(name: str, service: Service) -> None:
    """A need leads to listed services only, and to no need that does not exist."""
    assert set(service.needs) <= NEEDS, name
    assert len(service.needs) == len(set(service.needs))
    assert bool(service.needs) == (service.offer == "listed")


@each(LISTED)
def test_a_listed_service_can_be_reached(name: str, service: Service) -> None:
    """A listed service says what it is, and gives a way in: a number, or who to ask."""
    assert service.about, name
    if not service.phones:
        assert service.instead, name
        ways = (" ".join(service.about.values()) + service.website).lower()
        assert re.search(r"211|911|\.(org|gov|com)|station|sign", ways)


@each({name: one for name, one in SERVICES.items() if one.offer in {"by-name", "never"}})
def test_an_unconfirmed_entry_has_nothing_to_leak(name: str, service: Service) -> None:
    """An entry that is kept back or refused carries nothing that could send a person there."""
    assert not service.phones, name
    assert not service.website
    assert not service.hours
    assert not service.locations
    assert not service.about
    assert service.instead


@each({name: one for name, one in SERVICES.items() if one.offer == "info"})
def test_a_fact_is_an_answer_of_its_own(name: str, service: Service) -> None:
    """A fact says the whole answer in words and holds no number or place of its own."""
    assert service.about, name
    assert not service.phones
    assert not service.locations
    assert not service.hours


REPORTING = {"police-report", "city-cleanup"}


@each({name: one for name, one in LISTED.items() if set(one.needs) & REPORTING})
def test_the_police_are_given_only_to_those_who_report(name: str, service: Service) -> None:
    """A line for reports serves no other need, save the hotline that says who it tells."""
    if name == "nhth":
        assert service.needs[-1] == "police-report"
    else:
        assert set(service.needs) <= REPORTING
    if "police-report" in service.needs:
        assert "police-linked" in service.told


def test_every_need_is_served() -> None:
    """Each need of the taxonomy finds at least one listed service."""
    served = Counter(need for one in LISTED.values() for need in one.needs)
    assert set(served) == NEEDS


def test_no_listed_service_shares_a_name_with_one_kept_back() -> None:
    """A name, or a body's name, never stands for a listed entry and another kind at once."""
    owners: dict[str, set[str]] = {}
    for name, one in SERVICES.items():
        for words in (*one.name.values(), *one.aliases, one.organization):
            owners.setdefault(words.casefold(), set()).add(name)
    shared = {words: names for words, names in owners.items() if len(names) > 1}
    assert {words: names for words, names in shared.items() if not names <= set(LISTED)} == {}


@pytest.mark.parametrize("number", WRONG_NUMBERS)
def test_a_wrong_number_is_nowhere(number: str) -> None:
    """A number that rings wrongly is in no file, not even in a note for staff."""
    for path in FILES:
        text = path.read_text("utf-8")
        assert number not in re.sub(r"[^0-9A-Za-z]", "", text), path.name


@pytest.mark.parametrize("words", WRONG_WORDS)
def test_a_wrong_fact_is_nowhere(words: str) -> None:
    """A statement known to be wrong or unsafe is in no file."""
    for path in FILES:
        flat = " ".join(path.read_text("utf-8").casefold().split())
        assert words not in flat, path.name


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("nhth", "en", "233733, not to us"),
        ("nhth", "es", "233733, no a nosotros"),
        ("crisis-text-line", "en", "741741, not to us"),
        ("lac-usc", "en", "report assault injuries to police"),
        ("rtc-sm", "en", "report assault injuries to police"),
        ("dcfs-hotline", "en", "A call is a report"),
        ("safe-youth-zones", "en", "Police may be called"),
        ("dph-std", "en", "closed in Feb 2026"),
        ("journey-out", "en", "with the City and beside police"),
        ("mobile-health-safe-consumption", "en", "not legal in California"),
        ("fopp", "en", "San Francisco"),
        ("star-court", "en", "adults cannot"),
        ("polaris", "en", "no longer runs the national hotline"),
        ("general-relief", "en", "LA County"),
    ],
)
def test_the_honest_words_are_said(name: str, field: str, words: str) -> None:
    """The words that keep a person from being misled stay in the answer."""
    assert words in SERVICES[name].about[field]


@pytest.mark.parametrize("name", ["cast", "cast-hotline", "cpaf", "elawc", "pov", "ywca-gla-sacs"])
def test_a_shelter_keeps_its_place_secret(name: str) -> None:
    """A service whose address is not public says so, and therefore can hold none."""
    assert SERVICES[name].confidential
    assert SERVICES[name].locations == ()
