"""The table of area codes, checked against the phonenumbers data and against a table written here by hand."""

import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberType, geocoder, number_type, region_code_for_number
from phonenumbers.timezone import time_zones_for_geographical_number

from school_dialer.compliance import ALLOW, BLOCK, Facts, decide, gazetteer, policies
from tests.effort import examples
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import WRITTEN, request
from tests.unit.compliance.laws_by_hand import BY_HAND

EDITION = Path(gazetteer.__file__).with_name("editions") / f"{gazetteer.editions()[-1]}.json"
TABLE = json.loads(EDITION.read_text(encoding="utf-8"))
AREAS = TABLE["area_codes"]
WITHOUT_PLACE = {
	PhoneNumberType.UNKNOWN,
	PhoneNumberType.TOLL_FREE,
	PhoneNumberType.PREMIUM_RATE,
	PhoneNumberType.PERSONAL_NUMBER,
	PhoneNumberType.VOIP,
	PhoneNumberType.UAN,
	PhoneNumberType.VOICEMAIL,
}
NEW = 5
"""How many area codes may have come into service since the table was made."""
NOON = datetime(2026, 9, 15, 17, tzinfo=timezone.utc)
EXCHANGES = (200, 222, 234, 345, 376, 387, 444, 456, 555, 567, 664, 678, 755, 789, 823, 867, 890, 964, 989)

OVERLAYS = (
	"205 659, 212 332 646, 213 323 738, 214 469 972 945, 215 267 445, 217 447, 256 938, 270 364, 281 346 621 713 832, 305 645 786, "
	"306 474 639, 309 861, 310 424, 313 679, 315 680, 317 463, 318 457, 336 743, 402 531, 403 587 825, 405 572, 408 669, "
	"412 878, 413, 415 628, 416 437 647 942, 418 367 581, 423 729, 425, 430 903, 434, 440 436, 448 850, 450 354 579, "
	"458 541, 484 610 835, 503 971, 505, 506 428, 507 924, 508 774, 513 283, 516 363, 518 838, 519 226 382 548, 540 826, "
	"559 357, 561 728, 570 272, 571 703, 573 235, 574, 585, 601 769, 602 480 623, 604 778, 609 640, 613 343 753, 614 380, 615 629, "
	"617 857, 618 730, 619 858, 626, 631 934, 657 714, 662 471, 678 770 404 470 943, 682 817, 684, 702 725, 704 980, "
	"705 249 683, 706 762, 708 464, 709 879, 715 534, 716 624, 717 223, 718 347 929, 720 303 983, 732 848, 737 512, 740 220, "
	"757 948, 760 442, 773 872, 780 587 825, 781 339, 782 902, 787 939, 801 385, 803 839, 804 686, 805 820, 810, 812 930, "
	"813 656, 814 582, 816 975, 818 747, 819 468 873, 843 854, 845 329, 847 224, 860 959, 862 973, 864 821, 870 327, "
	"904 324, 905 289 365 742, 907, 908, 909 840, 910 472, 914, 915, 916 279, 918 539, 919 984, 920 274, 925, 937 326, 951, "
	"954 754, 970 748, 978 351, 985, 989, 204 431 584, 208 986, 250 236 672 778 257"
)


def number(area, exchange):
	return PhoneNumber(country_code=1, national_number=int(f"{area}{exchange}0142"))


@lru_cache(maxsize=1)
def in_service():
	"""Return area code -> (region, zones) of its exchanges.

	Only exchanges that have a place in the phonenumbers data count.
	"""
	found = defaultdict(set)
	for area in range(200, 1000):
		for exchange in EXCHANGES:
			what = number(area, exchange)
			zones = time_zones_for_geographical_number(what)
			if number_type(what) not in WITHOUT_PLACE and len(zones) < 20:
				found[str(area)].add((region_code_for_number(what), zones))
	return found


@lru_cache(maxsize=256)
def clock(name):
	"""Return a zone's UTC offsets over two years: zones with other names and the same clock are equal."""
	zone = ZoneInfo(name)
	start = datetime(2025, 1, 1, tzinfo=timezone.utc)
	return tuple((start + timedelta(days=days)).astimezone(zone).utcoffset() for days in range(0, 730, 7))


def in_both():
	"""Return what `in_service` does, without codes that are newer than the table.

	A site may have a later release of phonenumbers: Frappe 16 pins 9, this project's own site 8.
	"""
	return {area: found for area, found in in_service().items() if area in AREAS}


def test_every_geographic_code_of_the_data_is_in_the_table_or_new():
	assert len(in_both()) > 390
	assert len(in_service()) - len(in_both()) <= NEW


def test_a_code_newer_than_the_table_has_the_zones_of_the_data_or_is_not_called():
	for area in {"273", *in_service()} - set(AREAS):
		what = request(f"+1{area}2340142", state=None, postal_code=None, time_zone=None)
		decision = decide(what, Facts((WRITTEN,)), policies.for_request(what), NOON)
		if area in in_service():
			assert set(what.phone.time_zones) == set(time_zones_for_geographical_number(number(area, 234))), (
				area
			)
		else:
			assert decision.verdict == BLOCK, area


def test_the_zones_of_the_data_are_among_those_of_the_table():
	for area, found in in_both().items():
		known = {clock(zone) for zone in AREAS[area]["zones"]}
		for _, zones in found:
			assert {clock(zone) for zone in zones} <= known, (area, zones)


def test_the_countries_are_those_of_the_data():
	territories = {"PR", "VI", "GU", "MP", "AS"}
	for area, found in in_both().items():
		regions = {"US" if region in territories else region for region, _ in found}
		assert regions == {AREAS[area]["country"]}, area


def test_the_states_are_those_of_the_data():
	"""Checked against the place names of the phonenumbers package, where it has one for the area code."""
	states = TABLE["states"]["US"]
	names = {state["name"] for state in states.values()}
	for area, entry in AREAS.items():
		if entry["country"] != "US":
			continue
		assert entry["states"] and set(entry["states"]) <= set(states)
		full = {states[code]["name"] for code in entry["states"]}
		for exchange in EXCHANGES:
			described = geocoder.description_for_number(number(area, exchange), "en")
			assert described not in names or described in full, (area, described)
			_, comma, abbreviation = described.rpartition(", ")
			if comma and abbreviation in states:
				assert abbreviation in entry["states"], (area, described)


@pytest.mark.parametrize("area", sorted(BY_HAND))
def test_the_codes_written_down_by_hand(area):
	assert {clock(zone) for zone in AREAS[area]["zones"]} >= {clock(zone) for zone in BY_HAND[area]}
	if len(BY_HAND[area]) == 1:
		assert {clock(zone) for zone in AREAS[area]["zones"]} == {clock(BY_HAND[area][0])}


def test_an_overlay_has_the_state_and_zones_of_its_parent():
	zones = defaultdict(set)
	for group in OVERLAYS.split(", "):
		codes = group.split()
		assert len({tuple(AREAS[code]["states"]) for code in codes}) == 1, group
		for code in codes:
			zones[group] |= {clock(zone) for zone in AREAS[code]["zones"]}
		if not {"437", "604", "474"} & set(codes):
			assert all({clock(zone) for zone in AREAS[code]["zones"]} == zones[group] for code in codes), (
				group
			)


def test_entries_are_well_formed():
	for area, entry in AREAS.items():
		assert len(area) == 3 and area.isdigit() and area[0] in "23456789" and area[1:] != "11"
		assert set(entry) == {"country", "states", "zones"} and entry["zones"]
		assert bool(entry["states"]) is (entry["country"] in ("US", "CA"))
		assert set(entry["states"]) <= set(TABLE["states"].get(entry["country"], ()))


CURRENT = WRITTEN.__class__("Any", "All", "express written", strategies.START - timedelta(days=30))


@settings(max_examples=examples(400), deadline=None)
@given(
	st.sampled_from(sorted(BY_HAND)),
	st.sampled_from(EXCHANGES),
	strategies.times,
	st.sampled_from(
		[{}, {"state": "???"}, {"state": "AE"}, {"time_zone": "America/New_York"}, {"country": None}]
	),
	strategies.channels,
)
def test_without_an_address_every_zone_of_the_area_code_is_inside(area, exchange, when, person, channel):
	"""No ALLOW at a time outside calling hours in any zone of this file's table, whatever the exchange."""
	what = request(f"+1{area}{exchange}0142", channel=channel, **person)
	if not hasattr(what.phone, "country"):
		return
	decision = decide(what, Facts((CURRENT,)), policies.for_request(what), when)
	if decision.verdict == ALLOW:
		for zone in BY_HAND[area]:
			assert 8 <= when.astimezone(ZoneInfo(zone)).hour < 21
