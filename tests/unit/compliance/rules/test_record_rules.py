"""Whose records they are, and who may hear about them: rules/records.py, and its use in contact.py."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from school_dialer.compliance import Emergency, policies, record_of, replay
from school_dialer.compliance.rules import records
from school_dialer.compliance.rules.records import Rights
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, judge, outcome, request

POLICY = policies.load("us-federal")
MINOR, ADULT = date(2015, 1, 1), date(2000, 1, 1)
ABSENCE = Emergency("Unexcused absence", APPROVED.requested_by, APPROVED.approved_by)


@pytest.mark.parametrize("purpose", ["Attendance", "Academic", "Fees", None])
def test_these_purposes_are_about_records(purpose):
	assert records.about_records(purpose)


@pytest.mark.parametrize("purpose", ["Event", "General", "Fundraising"])
def test_others_are_when_their_words_are(purpose):
	assert not records.about_records(purpose)
	assert records.about_records(purpose, educational=True)
	assert records.about_records(purpose, purposes=(purpose,))


@pytest.mark.parametrize("educational", [True, False])
def test_an_emergency_is_not_except_an_unexcused_absence(educational):
	for kind in ("Weather closure", "Fire", "Health risk", "Threat to safety", None, ""):
		assert not records.about_records("Emergency", educational, kind)
	for kind in ("Unexcused absence", " unexcused  ABSENCE "):
		assert records.about_records("Emergency", educational, kind)


def test_a_student_specific_emergency_needs_its_threat():
	assert records.needs_threat("Emergency", True, "Health risk")
	assert not records.needs_threat("Emergency", False, "Health risk")
	assert not records.needs_threat("Emergency", True, "Unexcused absence")
	assert not records.needs_threat("Event", True)


def told(college: bool = False, **rights) -> bool:
	return records.may_receive_records(Rights(**rights), college, POLICY, NOON)


@pytest.mark.parametrize(
	("rights", "school", "college"),
	[
		({"born": MINOR}, True, False),
		({"born": None}, True, False),
		({"born": ADULT}, False, False),
		({"born": ADULT, "permits": True}, True, True),
		({"born": MINOR, "permits": True}, True, True),
		({"born": MINOR, "refuses": True}, True, False),
		({"born": ADULT, "refuses": True, "permits": True}, False, False),
		({"born": MINOR, "held": True}, False, False),
		({"born": MINOR, "held": True, "permits": True}, False, False),
		({"born": MINOR, "receives": False}, False, False),
		({"born": ADULT, "receives": False, "permits": True}, False, False),
	],
)
def test_which_guardian_is_told(rights, school, college):
	assert told(**rights) is school
	assert told(college=True, **rights) is college


def test_a_refusal_is_the_holders_of_the_rights():
	for born, college, counts in ((MINOR, False, False), (ADULT, False, True), (MINOR, True, True)):
		rights = Rights(born, refuses=True)
		assert records.kept_from(rights, college, POLICY, NOON) is counts


def test_forty_five_days_to_answer():
	assert records.answer_due(date(2026, 1, 15)) == date(2026, 1, 15) + timedelta(days=45) == date(2026, 3, 1)


def test_a_college_tells_the_student_at_any_age_and_no_guardian():
	student = request(purpose="Academic", is_student=True, date_of_birth=MINOR)
	assert outcome(student, GIVEN) == ("BLOCK", ("RESTRICTED_CONTACT",))
	assert outcome(college(student), GIVEN) == ("ALLOW", ())
	guardian = request(purpose="Academic", student_date_of_birth=MINOR)
	assert outcome(guardian, GIVEN) == ("ALLOW", ())
	assert outcome(college(guardian), GIVEN) == ("BLOCK", ("RESTRICTED_CONTACT",))
	assert outcome(college(request(purpose="Event")), GIVEN) == ("ALLOW", ())


def college(what):
	return replace(what, person=replace(what.person, postsecondary=True))


def test_the_request_says_what_it_is_about():
	adult = request(purpose="Event", student_date_of_birth=ADULT)
	assert outcome(adult, GIVEN) == ("ALLOW", ())
	assert outcome(replace(adult, about_records=True), GIVEN) == ("BLOCK", ("RESTRICTED_CONTACT",))
	absent = request(purpose="Emergency", emergency=ABSENCE, student_date_of_birth=ADULT)
	assert outcome(replace(absent, about_records=True)) == ("BLOCK", ("RESTRICTED_CONTACT",))


def test_a_guardian_without_records_is_called_about_other_things():
	assert outcome(request(purpose="Attendance", records_closed=True), GIVEN) == (
		"BLOCK",
		("RESTRICTED_CONTACT",),
	)
	assert outcome(request(purpose="Event", records_closed=True), GIVEN) == ("ALLOW", ())
	fire = request(purpose="Emergency", emergency=APPROVED, records_closed=True)
	assert outcome(fire) == ("ALLOW", ())


@pytest.mark.parametrize(
	"what",
	[
		replace(request(purpose="Event", student_date_of_birth=ADULT), about_records=True),
		replace(request(purpose="Emergency", emergency=ABSENCE), about_records=False),
		request(purpose="Academic", postsecondary=True, records_closed=True, is_student=True),
	],
)
def test_what_is_new_is_recorded_and_replays(what):
	decision = judge(what, GIVEN)
	stored = json.loads(json.dumps(record_of(decision)))
	assert replay(stored) == decision and record_of(replay(stored)) == stored


def test_an_absence_that_was_no_record_under_an_earlier_policy_is_decided_as_then():
	absent = request(purpose="Emergency", emergency=ABSENCE, student_date_of_birth=ADULT)
	then = judge(absent, policy=policies.load("us-states", "2026.2"))
	assert then.allowed and judge(absent).codes == ("RESTRICTED_CONTACT",)
	stored = record_of(then)
	assert replay(stored) == then and record_of(replay(stored)) == stored


def test_records_without_the_later_fields_replay_to_the_letter():
	"""Such are the records of before: an absence, and a guardian of an adult student."""
	for what in (
		request(purpose="Emergency", emergency=ABSENCE, student_date_of_birth=ADULT),
		request(purpose="Fees", student_date_of_birth=ADULT),
		request(purpose="Attendance", student_objects=True),
	):
		record = record_of(judge(what, GIVEN))
		assert not {"postsecondary", "records_closed"} & record["request"]["person"].keys()
		assert "about_records" not in record["request"]
		assert record_of(replay(record)) == record
