"""Reading places out of texts, on a small county of our own."""

import pytest

from bot.source import fit, read
from bot.text.normalise import tokens
from bot.text.places import Gazetteer, PlaceWords, parse

PLACES = """
bounds: {south: 33, north: 35, west: -119, east: -117}
zip_km: 1.5
zip_range: ["00501", "99950"]
areas:
  city: {name: The City}
  county: {name: County land}
places:
  lakeside: {name: Lakeside, at: [34.06, -118.27], km: 1, within: city, also: lake side}
  lakeside-village: {name: Lakeside Village, at: [34.14, -118.80], km: 2}
  the-green: {name: {en: The Green, es: El Verde}, at: [34.058, -118.278], km: 0.3,
    within: lakeside, alone: [green, verde]}
  oak: {name: Oak, at: [34.02, -117.86], km: 2}
  oak-park: {name: Oak Park, at: [33.96, -118.22], km: 0.8, within: county}
  millton: {name: Millton, at: [33.90, -118.08], km: 2, also: mill town}
  bell: {name: Bell, at: [33.97, -118.18], km: 1, common: yes}
  midtown: {name: Midtown, at: [34.07, -118.309], km: 1.5, within: city}
  southend: {name: Southend, at: [33.94, -118.302], km: 1.2, within: county}
  all: {name: The County, at: [34.05, -118.24], km: 40, alone: la, wide: yes}
streets:
  west: {name: Westward Ave, also: [wstwd], line: "33.9 -118.309, 34.1 -118.309"}
  3rd: {name: 3rd St, line: "34.069 -118.35, 34.069 -118.25"}
  6th: {name: 6th St, line: "34.063 -118.35, 34.063 -118.25; 33.775 -118.2, 33.775 -118.1"}
  millton: {name: Millton Blvd, line: "33.8 -118.072, 34.0 -118.072"}
  south: {name: Southern Hwy, line: "33.931 -118.4, 33.931 -118.0"}
  loop: {name: Loop Rd, line: "34.068 -118.32, 34.07 -118.30, 34.068 -118.27"}
ask:
  westward: [midtown, southend]
outside: [[far city, millton ohio], [oak county]]
"""
ZIPS = """# A note.
zip,lat,lon,name,areas
90057,34.061,-118.276,Lakeside,lakeside
90650,33.907,-118.082,Millton,
90005,34.06,-118.309,"Midtown, south",city
"""
WORDS = """
before: {en: [in, near, at], es: [cerca de, en]}
here: {en: [near me, here], es: [aqui]}
unsure: {en: [idk]}
join: {en: [and, n, x], es: [y]}
suffixes: {en: [st, ave, blvd, rd, hwy], es: [calle]}
articles: {en: [the, w, n], es: [la, el]}
"""
ORDINALS = {"en": {"third": "3rd", "sixth": "6th"}, "es": {"sexta": "6th"}}


def build(places: str = PLACES, zips: str = ZIPS) -> tuple[Gazetteer | None, list[str]]:
    words, _ = read("words.yaml", WORDS)
    document, unread = read("places.yaml", places)
    assert words
    assert document
    assert not unread
    place_words, misfits = fit(PlaceWords, words)
    assert place_words
    assert not misfits
    gazetteer, problems = parse(document, ("zips.csv", zips), place_words, ORDINALS)
    return gazetteer, [str(problem) for problem in problems]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    built, problems = build()
    assert built
    assert not problems
    return built


ANYWHERE = [
    ("im at 90057 rn", "one 90057"),
    ("90057-1234", "one 90057"),
    ("9 0 0 5 7", "one 90057"),
    ("9O057", "one 90057"),
    ("shelter 94103", "outside"),
    ("near 06850 please", "outside"),
    ("99999", "unclear"),
    ("213-555-9005", "none"),
    ("call 2135551234", "none"),
    ("i owe 15000", "none"),
    ("13210 millton blvd", "unclear"),
    ("13210 some other ave", "none"),
    ("food near lake side", "one lakeside"),
    ("LAKESIDE VILLAGE", "one lakeside-village"),
    ("oak park", "one oak-park"),
    ("oak", "one oak"),
    ("millton", "one millton"),
    ("millton blvd", "unclear"),
    ("millton ohio", "outside"),
    ("far city", "outside"),
    ("from far city now in millton", "one millton"),
    ("3rd & westward", "one west+3rd"),
    ("3rd/wstwd", "one west+3rd"),
    ("3 n westward", "one west+3rd"),
    ("the corner of sixth and w westward ave", "one west+6th"),
    ("westward y 6ta", "one west+6th"),
    ("cerca de la 3 y westward", "one west+3rd"),
    ("calle 6 y la westward", "one west+6th"),
    ("6th st westward ave", "one west+6th"),
    ("southern & millton", "one millton+south"),
    ("food for 3 and 6 year olds", "none"),
    ("millton and oak park", "several millton oak-park"),
    ("i stay in millton work in midtown", "several millton midtown"),
    ("lakeside 90057", "one 90057"),
    ("the green lakeside", "one the-green"),
    ("el verde", "one the-green"),
    ("westward", "several midtown southend"),
    ("near westward", "several midtown southend"),
    ("westward ave", "several midtown southend"),
    ("westward midtown", "one midtown"),
    ("westward union", "none"),
    ("we go westward ho", "none"),
    ("westward ave 90005", "one 90005"),
    ("shelter in bell", "one bell"),
    ("ring the bell", "none"),
    ("food near me", "unclear"),
    ("i was here", "none"),
    ("cerca de la iglesia", "none"),
    ("3rd & loop rd", "unclear"),
    ("6th & millton", "one millton"),
    ("", "none"),
    ("& / + @", "none"),
]
ANSWERS = [
    ("213-555-9005", "none"),
    ("here", "unclear"),
    ("idk", "unclear"),
    ("aqui", "unclear"),
    ("green", "one the-green"),
    ("by the green", "one the-green"),
    ("whiting ranch green", "none"),
    ("la", "one all"),
    ("cerca de la iglesia", "none"),
    ("bell", "one bell"),
    ("the bell", "one bell"),
    ("westward 3rd", "one west+3rd"),
    ("6th & millton", "unclear"),
]


@pytest.mark.parametrize(("text", "expected"), ANYWHERE)
def test_a_place_is_read_in_a_text(gazetteer: Gazetteer, text: str, expected: str) -> None:
    """Only names that are safe in free text count there."""
    reading = gazetteer.find(tokens(text))
    assert " ".join((reading.kind, *reading.ids)) == expected


@pytest.mark.parametrize(("text", "expected"), ANSWERS)
def test_a_place_is_read_in_an_answer(gazetteer: Gazetteer, text: str, expected: str) -> None:
    """Weak single words count when we asked where."""
    reading = gazetteer.find(tokens(text), alone=True)
    assert " ".join((reading.kind, *reading.ids)) == expected


def test_spans_leave_the_other_words(gazetteer: Gazetteer) -> None:
    """The tokens that told the place are named, so that the rest can tell the need."""
    assert gazetteer.find(tokens("food 90057-1234 or 6th & westward")).spans == ((1, 3), (4, 7))


def test_a_crossing_is_found_again_from_its_id(gazetteer: Gazetteer) -> None:
    """A crossing is rebuilt from its id alone, with its name, point and areas."""
    place = gazetteer.get("west+3rd")
    assert place
    assert place.name == {"": "Westward Ave & 3rd St"}
    assert place.at == (34.069, -118.309)
    assert place.areas == ("west+3rd", "midtown", "city")


@pytest.mark.parametrize(
    "phrase", ["6th & westward ", "westward ", "3&6&", "st 90057 ", "&", "6 "]
)
def test_a_hostile_text_is_soon_done_with(gazetteer: Gazetteer, phrase: str) -> None:
    """A text of nothing but places gives a few of them, however long it is."""
    reading = gazetteer.find(tokens(phrase * 1600), alone=True)
    assert len(reading.spans) <= 6


@pytest.mark.parametrize("unknown", ["", "+", "nowhere", "west+", "west+nowhere", "millton+6th"])
def test_an_unknown_id_gives_nothing(gazetteer: Gazetteer, unknown: str) -> None:
    """An id the book no longer knows is None, never an error."""
    assert gazetteer.get(unknown) is None


def test_areas_reach_outwards(gazetteer: Gazetteer) -> None:
    """A ZIP lies in its place and in everything that place lies in."""
    place = gazetteer.get("90057")
    assert place
    assert place.areas == ("90057", "lakeside", "city")
    assert gazetteer.areas["city"] == {"": "The City"}


def test_names_are_given_for_looser_matching(gazetteer: Gazetteer) -> None:
    """Every name can be listed with what it means."""
    names = gazetteer.lexicon.names
    assert names["lake", "side"].ids == ("lakeside",)
    assert names["far", "city"].ids == ()


BROKEN = [
    (
        "also: lake side",
        "also: millton",
        "`Millton` also means `lakeside`; list both under `ask`.",
    ),
    (
        "within: county}\n  mill",
        "within: countty}\n  mill",
        "No area or place is called `countty`. Did",
    ),
    ("[34.02, -117.86]", "[-117.86, 34.02]", "lies outside `bounds`; latitude comes first."),
    ("[midtown, southend]", "[midtown, south]", "No place `south`. Did you mean `southend`?"),
    ("also: [wstwd]", "also: [loop]", "`loop` is also a name of `west`."),
    ("33.9 -118.309, 34.1 -118.309", "33.9 -118.309", "A line is two or more points"),
    ("33.9 -118.309,", "33.9,", "A line is two or more points"),
    ("  oak:", "  o+k:", "`o+k` must be plain letters, without +, and not an area."),
]


@pytest.mark.parametrize(("right", "wrong", "said"), BROKEN)
def test_mistakes_in_the_places_are_named(right: str, wrong: str, said: str) -> None:
    """Each kind of mistake is said in plain words, at its line."""
    assert right in PLACES
    problems = build(PLACES.replace(right, wrong))[1]
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("places.yaml:") for problem in problems)


ROWS = [
    ("90001,34,-118", "Expected zip, lat, lon, name, areas."),
    ("9000,34,-118,A,", "`9000` is not a ZIP."),
    ("90001,north,-118,A,", "Expected a number, not `north`."),
    ("90001,-118,34,A,", "lies outside `bounds`"),
    ("90057,34,-118,A,", "90057 is here twice."),
    ("90001,34,-118,A,cty", "No area or place is called `cty`. Did you mean `city`?"),
]


@pytest.mark.parametrize(("row", "said"), ROWS)
def test_mistakes_in_the_zip_table_are_named(row: str, said: str) -> None:
    """A bad row is said with its line number."""
    problems = build(zips=f"{ZIPS}{row}\n")[1]
    assert [said in problem for problem in problems] == [True], problems
    assert problems[0].startswith("zips.csv:6:1:")
