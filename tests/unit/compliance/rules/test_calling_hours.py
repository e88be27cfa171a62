"""Calling hours in every candidate zone, by country and state: rules/calling_hours.py and policy tables."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance import Policy, Request, decide, policies
from school_dialer.compliance.model import Facts, Person
from tests.unit.compliance.cases import (
	APPROVED,
	GIVEN,
	TOLL_FREE,
	WRITTEN,
	amended,
	at,
	judge,
	outcome,
	request,
)
from tests.unit.compliance.laws_by_hand import WINDOWS

OUTSIDE = ("DEFER", ("OUTSIDE_CALLING_HOURS",))
CAPITALS = {
	"AL": ("+12055550142", "America/Chicago"),
	"CA": ("+12135550142", "America/Los_Angeles"),
	"CT": ("+12035550142", "America/New_York"),
	"FL": ("+13055550142", "America/New_York"),
	"IL": ("+13125550142", "America/Chicago"),
	"KY": ("+15025550142", "America/New_York"),
	"LA": ("+15045550142", "America/Chicago"),
	"MA": ("+16175550142", "America/New_York"),
	"MD": ("+14105550142", "America/New_York"),
	"ME": ("+12075550142", "America/New_York"),
	"MI": ("+13135550142", "America/Detroit"),
	"MN": ("+16125550142", "America/Chicago"),
	"MS": ("+16015550142", "America/Chicago"),
	"NM": ("+15055550142", "America/Denver"),
	"NV": ("+17025550142", "America/Los_Angeles"),
	"OK": ("+14055550142", "America/Chicago"),
	"OR": ("+15035550142", "America/Los_Angeles"),
	"PA": ("+12155550142", "America/New_York"),
	"RI": ("+14015550142", "America/New_York"),
	"SD": ("+16055550142", "America/Denver"),
	"TX": ("+17135550142", "America/Chicago"),
	"UT": ("+18015550142", "America/Denver"),
	"WA": ("+12065550142", "America/Los_Angeles"),
	"WY": ("+13075550142", "America/Denver"),
}
# ZIP codes that narrow the states with two zones to the one above.
ZIP = {"FL": "33101", "KY": "40202", "MI": "48201", "NV": "89101", "OR": "97201", "TX": "77002"}
# Its only area code is in both zones, so that its hours are narrower by one. It has its own test.
TWO_CLOCKS = {"SD"}


def local(day: int, hour: int, minute: int, zone: str) -> datetime:
	"""Return a local time in the week of Monday, May 11, 2026."""
	return datetime(2026, 5, 11 + day, hour, minute, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize("state", sorted(set(WINDOWS) - TWO_CLOCKS))
@pytest.mark.parametrize("address", [True, False])
def test_the_window_of_each_state(state, address):
	number, zone = CAPITALS[state]
	what = request(number, state=state, postal_code=ZIP.get(state)) if address else request(number)
	for day in range(7):
		hours = WINDOWS[state][day]
		for hour in range(24):
			for minute in (0, 59):
				inside = hours is not None and hours[0] <= hour < hours[1]
				moment = local(day, hour, minute, zone)
				assert outcome(what, GIVEN, when=moment) == (("ALLOW", ()) if inside else OUTSIDE), moment


def test_every_state_with_hours_of_its_own_is_in_the_table():
	us = policies.load("US")
	own = {state for law in us.laws for state in law.states if us.week((state,)) != us.week(())}
	assert own == set(WINDOWS)


@pytest.mark.parametrize(
	"when, verdict",
	[
		("2026-05-12T14:59:59Z", "DEFER"),
		("2026-05-12T15:00:00Z", "ALLOW"),
		("2026-05-13T01:59:59Z", "ALLOW"),
		("2026-05-13T02:00:00Z", "DEFER"),
		("2026-05-16T18:00:00Z", "DEFER"),
		("2026-05-17T18:00:00Z", "DEFER"),
	],
)
def test_solicitations_on_weekdays_in_both_zones_of_south_dakota(when, verdict):
	asks = request("+16055550142", purpose="Fundraising")
	assert judge(asks, WRITTEN, when=at(when)).verdict == verdict


@pytest.mark.parametrize("purpose", ["Attendance", "Academic", "Event", "General", "Fees"])
@pytest.mark.parametrize("when", ["2026-05-12T14:00:00Z", "2026-05-16T18:00:00Z", "2026-05-17T18:00:00Z"])
def test_information_from_eight_and_at_weekends_in_south_dakota(purpose, when):
	assert judge(request("+16055550142", purpose=purpose), WRITTEN, when=at(when)).allowed


@pytest.mark.parametrize("channel", ["Voice", "Text"])
@pytest.mark.parametrize("purpose", ["Attendance", "Event", "Fundraising"])
def test_oregon_ends_at_eight_in_the_evening_for_texts_too(channel, purpose):
	what = request("+15035550142", channel, purpose, state="OR", postal_code="97201")
	assert judge(what, WRITTEN, when=at("2026-05-13T02:59:59Z")).allowed
	assert judge(what, WRITTEN, when=at("2026-05-13T03:00:00Z")).codes == ("OUTSIDE_CALLING_HOURS",)


@pytest.mark.parametrize(
	"when",
	["2026-05-10T16:00:00Z", "2026-05-12T12:30:00Z", "2026-05-12T23:30:00Z"],
	ids=("Sunday", "8:30", "19:30"),
)
def test_a_draft_of_pennsylvania_binds_no_one_until_it_is_switched_on(when):
	what = request("+12155550142", state="PA")
	assert judge(what, GIVEN, when=at(when)).allowed
	data = policies.load("US").to_dict()
	(draft,) = [law for law in data["laws"] if law["id"] == "pa-sb-992"]
	assert draft.pop("draft_from") == "2026-10-18"
	decision = judge(what, GIVEN, when=at(when), policy=Policy.from_dict(data | {"version": "ours"}))
	assert decision.codes == ("OUTSIDE_CALLING_HOURS",)


ABROAD = {"state": "AE", "postal_code": "09012"}


@pytest.mark.parametrize("address", [ABROAD, {"state": "AP"}, {"state": "AA"}, {"postal_code": "34012"}])
@pytest.mark.parametrize("number", ["+13125550142", TOLL_FREE])
def test_a_post_office_abroad_is_not_where_the_number_is(address, number):
	"""At 3 a.m. in Germany it is a decent hour wherever in the United States the number may be."""
	for hour in range(24):
		decision = judge(request(number, **address), GIVEN, when=at(f"2026-05-12T{hour:02d}:00:00Z"))
		assert decision.codes == ("NO_TIME_ZONE",)
	known = request(number, **address, time_zone="Europe/Berlin")
	assert judge(known, GIVEN, when=at("2026-05-12T06:00:00Z")).allowed
	assert judge(known, GIVEN, when=at("2026-05-12T19:00:00Z")).codes == ("OUTSIDE_CALLING_HOURS",)
	fire = request(number, purpose="Emergency", emergency=APPROVED, **address)
	assert judge(fire, when=at("2026-05-12T01:00:00Z")).allowed


@pytest.mark.parametrize(
	"when, verdict, until",
	[
		("2026-05-12T12:59:59.999999Z", "DEFER", "2026-05-12T13:00:00Z"),
		("2026-05-12T13:00:00Z", "ALLOW", None),
		("2026-05-13T01:59:59.999999Z", "ALLOW", None),
		("2026-05-13T02:00:00Z", "DEFER", "2026-05-13T13:00:00Z"),
	],
)
def test_the_edges_of_the_window(when, verdict, until):
	decision = judge(request(state="IL"), GIVEN, when=at(when))
	assert (decision.verdict, decision.until) == (verdict, until and at(until))


@pytest.mark.parametrize(
	"when, until",
	[
		# Clocks go forward at 2 a.m. on March 8, 2026, and back at 2 a.m. on November 1.
		("2026-03-08T03:00:00Z", "2026-03-08T13:00:00Z"),
		("2026-03-07T03:00:00Z", "2026-03-07T14:00:00Z"),
		("2026-11-01T03:00:00Z", "2026-11-01T14:00:00Z"),
		("2026-10-31T03:00:00Z", "2026-10-31T13:00:00Z"),
	],
)
def test_daylight_saving(when, until):
	assert judge(request(state="IL"), GIVEN, when=at(when)).until == at(until)


def test_arizona_keeps_no_daylight_saving():
	phoenix = request("+12125550142", state="AZ", postal_code="85001")
	only_address = amended(hours__number_zones="without address")
	summer = judge(phoenix, GIVEN, when=at("2026-07-01T14:30:00Z"), policy=only_address)
	assert (summer.verdict, summer.until) == ("DEFER", at("2026-07-01T15:00:00Z"))
	assert judge(phoenix, GIVEN, when=at("2026-07-02T03:59:00Z"), policy=only_address).allowed
	navajo = request("+12125550142", state="AZ", postal_code="86515")
	assert judge(navajo, GIVEN, when=at("2026-07-02T03:30:00Z"), policy=only_address).until == at(
		"2026-07-02T15:00:00Z"
	)


def test_sundays_are_skipped():
	decision = judge(request("+12055550142", state="AL"), GIVEN, when=at("2026-05-17T01:30:00Z"))
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-18T13:00:00Z"))


def test_saturday_afternoon_in_pennsylvania_waits_for_sunday():
	decision = judge(request("+12155550142", state="PA"), GIVEN, when=at("2026-05-16T16:00:00Z"))
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-17T12:00:00Z"))


def test_split_states_wait_for_both_zones():
	indiana = request("+13175550142", state="IN")
	assert judge(indiana, GIVEN, when=at("2026-05-12T12:30:00Z")).until == at("2026-05-12T13:00:00Z")
	indianapolis = request("+13175550142", state="IN", postal_code="46204")
	assert judge(indianapolis, GIVEN, when=at("2026-05-12T12:30:00Z")).allowed
	given_zone = request("+13175550142", state="Indiana", time_zone="America/Indiana/Vevay")
	assert judge(given_zone, GIVEN, when=at("2026-05-12T12:30:00Z")).allowed


def test_every_zone_of_a_straddling_number():
	dakota = request("+17015550142")
	assert len(dakota.phone.time_zones) == 2
	assert judge(dakota, GIVEN, when=at("2026-05-12T13:30:00Z")).until == at("2026-05-12T14:00:00Z")
	assert judge(dakota, GIVEN, when=at("2026-05-13T02:30:00Z")).verdict == "DEFER"


def test_address_and_number_must_both_be_inside():
	moved = request("+12125550142", state="CA")
	assert judge(moved, GIVEN, when=at("2026-05-12T14:30:00Z")).until == at("2026-05-12T16:00:00Z")
	assert judge(moved, GIVEN, when=at("2026-05-13T02:00:00Z")).until == at("2026-05-13T16:00:00Z")
	by_address = amended(hours__number_zones="without address")
	assert judge(moved, GIVEN, when=at("2026-05-13T02:00:00Z"), policy=by_address).allowed
	assert judge(moved, GIVEN, when=at("2026-05-12T14:30:00Z"), policy=by_address).verdict == "DEFER"


def test_the_hours_of_the_area_codes_state_hold_where_no_state_is_known():
	assert outcome(request("+13055550142"), GIVEN, when=at("2026-05-13T00:30:00Z")) == OUTSIDE
	assert outcome(request("+13055550142", state="GA"), GIVEN, when=at("2026-05-13T00:30:00Z")) == (
		"ALLOW",
		(),
	)


def test_without_any_zone_no_one_is_called_at_any_hour():
	for hour in range(24):
		decision = judge(request(TOLL_FREE), GIVEN, when=at(f"2026-05-12T{hour:02d}:00:00Z"))
		assert (decision.verdict, decision.until, decision.codes) == ("DEFER", None, ("NO_TIME_ZONE",))
	assert judge(request(TOLL_FREE, state="IL"), GIVEN).allowed
	assert judge(request(TOLL_FREE, time_zone="America/Chicago"), GIVEN).allowed


def test_a_zone_this_machine_does_not_know_is_no_zone():
	number = PhoneNumber("+13125550142", "US", "unknown", ("America/Chicago", "America/Atlantis"))
	what = Request(number, "Voice", "General", Person("US"))
	assert outcome(what, GIVEN) == ("DEFER", ("NO_TIME_ZONE",))


def test_a_zone_the_person_cannot_have_meant_is_ignored():
	for zone in ("Mars/Olympus", "../../etc/passwd", "/etc/passwd", "", "\x00"):
		assert judge(request(state="IL", time_zone=zone), GIVEN).allowed


def test_a_window_that_never_opens_blocks():
	far_apart = PhoneNumber("+15555550142", "US", "unknown", ("Pacific/Kiritimati", "Pacific/Honolulu"))
	narrow = amended(hours__days={"*": ["08:00", "09:00"]})
	decision = decide(
		Request(far_apart, "Voice", "General", Person("US")), Facts((GIVEN,)), narrow, at("2026-05-12T17:00Z")
	)
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-12T18:00:00Z"))
	apart = PhoneNumber("+15555550142", "US", "unknown", ("Asia/Tokyo", "America/Chicago"))
	decision = decide(
		Request(apart, "Voice", "General", Person("US")), Facts((GIVEN,)), narrow, at("2026-05-12T17:00Z")
	)
	assert (decision.verdict, decision.until, decision.codes) == ("BLOCK", None, ("OUTSIDE_CALLING_HOURS",))
	closed = amended(hours__days={"*": None})
	assert outcome(request(), GIVEN, policy=closed) == ("BLOCK", ("OUTSIDE_CALLING_HOURS",))


def test_texts_keep_the_same_hours(at_night):
	assert outcome(request(channel="Text"), GIVEN, when=at_night) == OUTSIDE


@pytest.mark.parametrize(
	"number, country, when, until",
	[
		("+442079460958", "GB", "2026-05-12T20:00:00Z", "2026-05-13T08:00:00Z"),
		("+442079460958", "GB", "2026-05-16T18:00:00Z", "2026-05-18T08:00:00Z"),
		("+14165550142", "CA", "2026-05-12T05:00:00Z", "2026-05-12T13:00:00Z"),
		("+4930901820", "DE", "2026-05-12T05:00:00Z", "2026-05-12T08:00:00Z"),
		("+919876543210", "IN", "2026-05-12T20:00:00Z", "2026-05-13T04:30:00Z"),
	],
)
def test_the_strict_defaults_of_other_countries(number, country, when, until):
	decision = judge(request(number, country=country), WRITTEN, when=at(when))
	assert (decision.verdict, decision.until) == ("DEFER", at(until))
	assert outcome(request(number, country=country), WRITTEN, when=at(until)) == ("ALLOW", ())
	assert outcome(request(number, country=country), GIVEN, when=at(until)) == (
		"BLOCK",
		("WRITTEN_CONSENT_REQUIRED",),
	)


def test_the_reason_tells_the_local_time_and_the_source(at_night):
	(reason,) = judge(request("+13055550142", state="FL", postal_code="33101"), GIVEN, when=at_night).reasons
	assert reason.detail == "It is 04:00 on Tuesday in America/New_York."
	assert "64.1200(c)(1)" in reason.citation and "Fla. Stat. 501.616" in reason.citation
	assert reason.until == at("2026-05-12T12:00:00Z")
