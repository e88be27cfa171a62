"""Where an address and a number may be: places.py and its table."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from phonenumbers import PhoneNumber, geocoder

from school_dialer.compliance import places, policies
from tests.unit.compliance.cases import request

TABLE = json.loads(Path(places.__file__).with_name("places.json").read_text(encoding="utf-8"))
US = policies.load("US")


def zones(number="312-555", **person):
	"""The zones of an address alone, unless a number is given."""
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


def test_provinces():
	canada = policies.load("CA")
	place = places.locate(request("+14165550142", country="CA", state="SK"), canada)
	assert [zone.key for zone in place.zones] == ["America/Regina", "America/Edmonton", "America/Toronto"]


def test_states():
	assert places.locate(request(state="IL", postal_code="10001"), US).states == ("IL", "NY")
	assert places.locate(request("+13055550142"), US).states == ("FL",)
	assert places.locate(request("+13055550142", state="GA"), US).states == ("GA",)
	assert places.locate(request("+13125550142"), US).states == ()


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
	for zone in {*listed, *narrowed, *(zone for found in TABLE["countries"].values() for zone in found)}:
		assert ZoneInfo(zone)


def test_every_country_of_a_policy_has_zones_or_states():
	for name in policies.names():
		for country in policies.load(name).countries:
			assert country in TABLE["countries"] or country in TABLE["states"], country


def test_no_zip_prefix_belongs_to_two_states_and_narrowing_stays_in_the_state():
	seen: dict[str, str] = {}
	for name, state in TABLE["states"]["US"].items():
		prefixes = places._prefixes(state["zip"])
		for prefix in prefixes:
			assert prefix not in seen, (prefix, name, seen.get(prefix))
			seen[prefix] = name
		for text in state.get("zip_zones", {}):
			assert set(places._prefixes(text)) <= set(prefixes), (name, text)


def test_area_codes_are_those_of_the_state():
	"""Against the place names of the phonenumbers package, where it has one for the area code."""
	for state in TABLE["states"]["US"].values():
		for area in state.get("area_codes", "").split():
			for exchange in (200, 555, 867):
				number = PhoneNumber(country_code=1, national_number=int(f"{area}{exchange}0142"))
				described = geocoder.description_for_number(number, "en")
				full, abbreviation = state["name"], described.rpartition(", ")[2]
				names = {state["name"] for state in TABLE["states"]["US"].values()}
				assert described in ("", "United States", full) or described not in names, (area, described)
				if ", " in described:
					assert TABLE["states"]["US"][abbreviation]["name"] == full, (area, described)
