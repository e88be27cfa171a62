"""The states' laws on automatic dialing: who is bound or exempt, and when each was checked.

laws.py and us-states.json.
"""

from datetime import date

import pytest

from school_dialer.compliance import Policy, PolicyError, policies, record_of, replay
from school_dialer.compliance.laws import RESTS_ON
from school_dialer.compliance.reading import parse
from school_dialer.compliance.vocabulary import CALLERS, CITED_CODES, PURPOSES
from tests.unit.compliance.cases import GIVEN, WRITTEN, at, judge, outcome, request

US = policies.load("US")
LAWS = {law.key: law for law in US.laws}
HALF_PAST_EIGHT = {
	"CA": ("+12135550142", "2026-05-12T15:30:00Z"),
	"TX": ("+17135550142", "2026-05-12T13:30:00Z"),
	"ME": ("+12075550142", "2026-05-12T12:30:00Z"),
	"IL": ("+13125550142", "2026-05-12T13:30:00Z"),
}


def early(state, purpose="General", channel="Voice", caller=None, address=True):
	"""Return the outcome at 8:30 a.m. in that state."""
	number, when = HALF_PAST_EIGHT[state]
	what = request(
		number, channel, purpose, **({"state": state, "postal_code": ZIP.get(state)} if address else {})
	)
	what = what.__class__(what.phone, channel, purpose, what.person, caller=caller)
	return judge(what, WRITTEN, when=at(when))


ZIP = {"TX": "77002"}


@pytest.mark.parametrize("address", [True, False])
@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_california_begins_at_nine_but_for_attendance(channel, address):
	for purpose in (None, "Academic", "Event", "General", "Fees", "Fundraising"):
		decision = early("CA", purpose, channel, address=address)
		assert decision.codes == ("OUTSIDE_CALLING_HOURS",) and decision.until == at("2026-05-12T16:00:00Z")
		assert "Cal. Pub. Util. Code" in decision.reasons[0].citation
	assert early("CA", "Attendance", channel, address=address).allowed


def test_texas_begins_at_nine_but_for_calls_about_attendance():
	for caller in (None, *CALLERS):
		assert early("TX", caller=caller).codes == ("OUTSIDE_CALLING_HOURS",)
		assert early("TX", "Attendance", "Text", caller).codes == ("OUTSIDE_CALLING_HOURS",)
		assert early("TX", "Attendance", "Voice", caller).allowed


def test_texas_on_sundays_begins_at_noon():
	sunday = request("+17135550142", state="TX", postal_code="77002")
	decision = judge(sunday, GIVEN, when=at("2026-05-17T15:00:00Z"))
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-17T17:00:00Z"))
	assert judge(sunday, GIVEN, when=at("2026-05-18T01:59:00Z")).allowed


def test_maine_exempts_government_alone():
	for caller in (None, "private school", "college"):
		assert early("ME", caller=caller).codes == ("OUTSIDE_CALLING_HOURS",)
	assert early("ME", caller="public school").allowed


def test_illinois_narrows_messages_that_sell():
	assert early("IL", "Fundraising").codes == ("OUTSIDE_CALLING_HOURS",)
	assert early("IL", None).codes == ("OUTSIDE_CALLING_HOURS",)
	assert early("IL", "Fundraising", "Text").allowed
	for purpose in ("Attendance", "Academic", "Event", "General", "Fees"):
		assert early("IL", purpose).allowed


def test_no_one_is_exempt_from_more_by_telling_more():
	"""What was not stated is exempt from nothing."""
	states = {state for law in US.laws for state in law.states}
	for state in states:
		strictest = US.terms((state,))
		for channel in ("Voice", "Text"):
			for purpose in PURPOSES:
				for caller in (None, *CALLERS):
					terms = US.terms((state,), channel, purpose, caller)
					assert set(terms.holidays) <= set(strictest.holidays)
					for ours, strict in zip(terms.week, strictest.week, strict=True):
						assert strict is None or (ours[0] <= strict[0] and strict[1] <= ours[1])


def test_who_calls_is_on_record():
	decision = early("ME", caller="public school")
	assert record_of(decision)["request"]["caller"] == "public school"
	assert replay(record_of(decision)) == decision
	assert "caller" not in record_of(early("ME"))["request"]


def test_every_rule_says_how_sure_it_is_and_when_it_is_checked_again():
	for name in policies.policy_names():
		policy = policies.load(name)
		reviews = [policy.reviews[code] for code in CITED_CODES]
		reviews += [cap.review for cap in policy.caps]
		reviews += [law.review for law in policy.laws if law.citation]
		for review in reviews:
			assert review.confidence in "HML"
			assert review.rests_on in RESTS_ON or not name.startswith("us-")
			assert date(2026, 1, 1) <= review.checked_on < review.review_by


def test_every_law_has_its_source_and_something_to_say():
	for law in US.laws:
		assert law.title and law.states
		assert law.citation or law.key.startswith("holidays-")
	assert {"ca-announcing-devices", "tx-hours", "la-holidays", "in-devices"} <= set(LAWS)


def amended(**changes):
	data = US.to_dict()
	(law,) = [law for law in data["laws"] if law["id"] == "me-devices"]
	for key, value in changes.items():
		if value is None:
			del law[key]
		else:
			law[key] = value
	return data


@pytest.mark.parametrize(
	"changes, message",
	[
		({"id": None}, "id is missing"),
		({"id": "ca-announcing-devices"}, "one id twice"),
		({"citation": " "}, "citation is empty"),
		({"states": "ME"}, "states has the wrong type"),
		({"days": {"*": ["05:00", "17:00"]}}, "between 06:00 and 22:00"),
		({"days": "all"}, "days has the wrong type"),
		({"exempt": [{}]}, "must say who is exempt"),
		({"exempt": [5]}, "must say who is exempt"),
		({"exempt": [{"callers": ["a school"]}]}, "must name some of"),
		({"exempt": [{"purposes": []}]}, "must name some of"),
		({"exempt": [{"purpose": ["Fees"]}]}, "exempt[0].purpose is not known"),
		({"holidays": [{"name": "x", "easter": 400}]}, "between -100 and 100"),
		({"holidays": [{"name": "x", "month": 2, "weekday": "Monday", "on_or_after": 23}]}, "needs a day"),
		(
			{"holidays": [{"name": "x", "month": 2, "weekday": "Monday", "nth": 1, "on_or_after": 2}]},
			"needs a day",
		),
		({"holidays": [{"name": "x", "month": 2, "day": 1, "years": "odd"}]}, "years must be even"),
		({"holidays": [{"name": "x", "month": 2, "day": 1, "year": 5}]}, "holidays[0].year is not known"),
		({"legal_holidays": "yes"}, "legal_holidays has the wrong type"),
		({"state_of_emergency": 1}, "state_of_emergency has the wrong type"),
		({"confidence": "certain"}, "confidence must be one of"),
		({"rests_on": "habit"}, "rests_on must be one of"),
		({"draft_from": "soon"}, "draft_from"),
		({"checked_on": "lately"}, "checked_on is not a date"),
		({"review_by": "2026-01-01"}, "must be later"),
		({"review_by": None}, "review_by is missing"),
		({"exmept": []}, "exmept is not known"),
	],
)
def test_wrong_laws_are_refused_by_name(changes, message):
	with pytest.raises(PolicyError) as caught:
		Policy.from_dict(amended(**changes))
	assert message in str(caught.value)


@pytest.mark.parametrize(
	"path", ["", "consent", "hours", "holidays", "records", "caps.0", "hours.states.FL", "review.HOLIDAY"]
)
def test_a_field_that_no_rule_reads_is_refused(path):
	data = US.to_dict()
	place = data
	for key in filter(None, path.split(".")):
		place = place[int(key) if key.isdigit() else key]
	place["stale_after_day"] = 30
	with pytest.raises(PolicyError, match="stale_after_day is not known"):
		Policy.from_dict(data)
	assert Policy.from_stored(data).version == US.version


def test_a_field_that_is_there_twice_is_refused():
	with pytest.raises(PolicyError, match="days is there twice"):
		parse('{"hours": {"days": {}, "days": {}}}')


def test_places_of_an_edition_that_is_not_there():
	with pytest.raises(PolicyError, match="no edition"):
		Policy.from_dict({**US.to_dict(), "places": "2020.1"})


def test_the_consent_rule_stays_where_a_law_asks_for_consent():
	for state, number in (("IN", "+13175550142"), ("CA", "+12135550142")):
		assert outcome(request(number, state=state))[0] == "BLOCK"
