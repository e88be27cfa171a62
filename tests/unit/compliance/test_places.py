"""Where an address and a number may be: places.py, gazetteer.py and the tables of the latest edition."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from school_dialer.compliance import gazetteer, places, policies
from tests.unit.compliance.cases import request

EDITION = Path(gazetteer.__file__).with_name("editions") / f"{gazetteer.editions()[-1]}.json"
TABLE = json.loads(EDITION.read_text(encoding="utf-8"))
US = policies.load("US")


def zones(number="312-555", **person):
	"""Return the zones of an address alone, unless a number is given."""
	return {zone.key for zone in places.locate(request(number, **person), US).zones}


@pytest.mark.parametrize(
	"person, expected",
	[
		({"state": "IL"}, {"America/Chicago"}),
		({"state": " illinois "}, {"America/Chicago"}),
		({"state": "DC"}, {"America/New_York"}),
		({"state": "FL"}, {"America/New_York", "America/Chicago"}),
		({"state": "FL", "postal_code": "32502"}, {"America/Chicago"}),
		({"state": "FL", "postal_code": "33101-1234"}, {"America/New_York"}),
		({"state": "FL", "postal_code": "32456"}, {"America/New_York", "America/Chicago"}),
		({"state": "FL", "postal_code": "3310"}, {"America/New_York", "America/Chicago"}),
		({"state": "TX", "postal_code": "79901"}, {"America/Denver"}),
		({"state": "ID", "postal_code": "83814"}, {"America/Los_Angeles"}),
		({"state": "AZ"}, {"America/Phoenix"}),
		({"state": "AZ", "postal_code": "86503"}, {"America/Phoenix", "America/Denver"}),
		({"state": "NV", "postal_code": "89883"}, {"America/Los_Angeles", "America/Denver"}),
		({"state": "AK"}, {"America/Anchorage", "America/Adak"}),
		({"state": "PR"}, {"America/Puerto_Rico"}),
		({"country": "GU"}, {"Pacific/Guam"}),
		({"postal_code": "60601"}, {"America/Chicago"}),
		({"state": "IL", "postal_code": "10001"}, {"America/Chicago", "America/New_York"}),
		({"state": "IL", "time_zone": "America/Los_Angeles"}, {"America/Chicago", "America/Los_Angeles"}),
		({"state": "KY", "time_zone": "America/Chicago"}, {"America/Chicago"}),
		({"state": "KY", "time_zone": "America/Kentucky/Louisville"}, {"America/Kentucky/Louisville"}),
		({"time_zone": "Pacific/Honolulu"}, {"Pacific/Honolulu"}),
		({"state": "Nowhere"}, set()),
		({"state": "Fla."}, {"America/New_York", "America/Chicago"}),
		({"state": "calif"}, {"America/Los_Angeles"}),
		({"state": "N. Dak."}, {"America/Chicago", "America/Denver"}),
		({"state": "Wash., D.C."}, {"America/New_York"}),
		({"state": "US-TX", "postal_code": "79901"}, {"America/Denver"}),
		({"state": "State of Illinois"}, {"America/Chicago"}),
		({"state": "AS", "postal_code": "96799"}, {"Pacific/Pago_Pago"}),
		({"postal_code": "96799"}, {"Pacific/Pago_Pago"}),
		({"state": "HI", "postal_code": "96799"}, {"Pacific/Honolulu", "Pacific/Pago_Pago"}),
		({"postal_code": "96701"}, {"Pacific/Honolulu"}),
		({"postal_code": "96910"}, {"Pacific/Guam"}),
		({"postal_code": "96950-1234"}, {"Pacific/Saipan"}),
		({"postal_code": "96940"}, {"Pacific/Palau"}),
		({"postal_code": "96999"}, set()),
		({"postal_code": "00601"}, {"America/Puerto_Rico"}),
		({"postal_code": "00802"}, {"America/St_Thomas"}),
		({"state": "AE", "postal_code": "09012"}, set()),
		({"state": "AP"}, set()),
		({"postal_code": "34012"}, set()),
		({"state": "Armed Forces Europe"}, set()),
		({"state": "AE", "time_zone": "Europe/Berlin"}, {"Europe/Berlin"}),
		({}, set()),
	],
)
def test_addresses(person, expected):
	assert zones(**person) == expected


def test_the_number_adds_its_zones():
	assert zones("+12125550142", state="CA") == {"America/Los_Angeles", "America/New_York"}
	assert zones("+12125550142", state="NY") == {"America/New_York"}
	assert zones("+12125550142") == {"America/New_York"}
	assert zones("+18005550142", state="NY") == {"America/New_York"}
	assert zones("+819012345678", state="NY") == {"America/New_York"}


BOTH = {"America/New_York", "America/Chicago"}


@pytest.mark.parametrize(
	"person",
	[
		{},
		{"state": "Nowhere"},
		{"state": "Florda"},
		{"time_zone": "America/New_York"},
		{"state": "Florda", "postal_code": "33101"},
	],
)
def test_without_an_address_that_can_be_read_the_whole_area_code_counts(person):
	assert zones("+18505550142", **person) >= BOTH


def test_an_address_that_cannot_be_read_leaves_the_law_of_the_area_code():
	assert places.locate(request("+18505550142", state="Florda"), US).states == ("FL",)
	assert places.locate(request("+18505550142", state="Florda", postal_code="60601"), US).states == (
		"FL",
		"IL",
	)
	assert places.locate(request("+18505550142", state="Fla."), US).states == ("FL",)
	assert places.locate(request("+18505550142", state="Ga."), US).states == ("GA",)


@pytest.mark.parametrize("number", ["+18005550142", "+18505550142"])
@pytest.mark.parametrize("address", [{"state": "AE", "postal_code": "09012"}, {"postal_code": "340123456"}])
def test_a_post_office_abroad_has_no_zone_but_that_on_record(number, address):
	place = places.locate(request(number, **address), US)
	assert (place.judged, place.zones, place.states) == (True, (), ())
	assert zones(number, **address, time_zone="Asia/Seoul") == {"Asia/Seoul"}


@pytest.mark.parametrize(
	"address, expected",
	[
		(("US", "FL", "33101"), ""),
		((None, "Fla.", None), ""),
		((None, None, None), ""),
		(("", "", "33101"), ""),
		(("United States", "Florda", None), places.UNREADABLE_STATE),
		((None, "San Juan", None), places.UNREADABLE_STATE),
		(("US", "AE", "09012"), places.MILITARY_POST_OFFICE),
		(("US", None, "96201"), places.MILITARY_POST_OFFICE),
		(("US", "IL", "10001"), places.STATE_AND_POSTAL_CODE_DISAGREE),
		(("CA", "Québec", "H2X"), ""),
		(("CA", "Ont.", None), ""),
		(("CA", "Kebek", None), places.UNREADABLE_STATE),
		(("GB", "Kent", None), ""),
		(("PR", "San Juan", None), ""),
	],
)
def test_what_is_wrong_with_an_address(address, expected):
	assert places.trouble(*address) == expected


def test_every_abbreviation_and_name_is_read():
	us = gazetteer.latest()
	for country, states in TABLE["states"].items():
		for code, state in states.items():
			for text in (
				code,
				code.lower(),
				f"{code[0]}.{code[1]}.",
				state["name"],
				f" {state['name'].upper()}. ",
			):
				assert us.state(country, text) == code, text
	for country, aliases in TABLE["aliases"].items():
		for code, names in aliases.items():
			for name in names.split(", "):
				assert us.state(country, name) == us.state(country, f"{name.title()}.") == code, name


@pytest.mark.parametrize(
	"text", ["", " ", ".", "of the", "US", "X", "ZZ", "F", "Florid", "IL or WI", "\x00", "٣" * 90]
)
def test_what_is_no_state(text):
	assert gazetteer.latest().state("US", text) is None


def test_provinces():
	canada = policies.load("CA")
	place = places.locate(request("+14165550142", country="CA", state="SK"), canada)
	assert [zone.key for zone in place.zones] == ["America/Regina", "America/Edmonton", "America/Toronto"]
	unknown = places.locate(request("+13065550142", country="CA", state="?"), canada)
	assert {zone.key for zone in unknown.zones} >= {"America/Regina", "America/Edmonton"}


def test_states():
	assert places.locate(request(state="IL", postal_code="10001"), US).states == ("IL", "NY")
	assert places.locate(request("+13055550142"), US).states == ("FL",)
	assert places.locate(request("+13055550142", state="GA"), US).states == ("GA",)
	assert places.locate(request("+13125550142"), US).states == ("IL",)
	assert places.locate(request("+19545550142"), US).states == ("FL",)


def test_equal_places_are_one_object():
	assert places.locate(request(state="IL"), US) is places.locate(request(state="IL"), US)


def test_every_zone_of_the_table_exists():
	listed = [
		zone for country in TABLE["states"].values() for state in country.values() for zone in state["zones"]
	]
	narrowed = [
		zone
		for state in TABLE["states"]["US"].values()
		for found in state.get("zip_zones", {}).values()
		for zone in found
	]
	coded = [zone for area in TABLE["area_codes"].values() for zone in area["zones"]]
	other = [zone for found in TABLE["countries"].values() for zone in found]
	for zone in {*listed, *narrowed, *other, *coded}:
		assert ZoneInfo(zone)


def test_every_country_of_a_policy_has_zones_or_states():
	for name in policies.policy_names():
		for country in policies.load(name).countries:
			assert country in TABLE["countries"] or country in TABLE["states"], country


def test_no_zip_prefix_belongs_to_two_states_and_narrowing_stays_in_the_state():
	seen: dict[str, str] = {}
	for name, state in TABLE["states"]["US"].items():
		prefixes = gazetteer.prefixes(state["zip"])
		for prefix in prefixes:
			assert prefix not in seen, (prefix, name, seen.get(prefix))
			seen[prefix] = name
		for text in state.get("zip_zones", {}):
			assert set(gazetteer.prefixes(text)) <= set(prefixes), (name, text)
