"""Restricted people and the age of majority: rules/contact.py."""

from datetime import date, timedelta

import pytest

from school_dialer.compliance import Emergency
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, TOLL_FREE, at, judge, opt_out, outcome, request


def test_a_restricted_person_is_never_contacted():
	assert outcome(request(restricted=True), GIVEN) == ("BLOCK", ("RESTRICTED_CONTACT",))
	emergency = request(purpose="Emergency", emergency=APPROVED, restricted=True)
	assert outcome(emergency) == ("BLOCK", ("RESTRICTED_CONTACT",))


@pytest.mark.parametrize("purpose", ["Academic", "Attendance"])
@pytest.mark.parametrize(
	"person, allowed",
	[
		({"is_student": True}, False),
		({"is_student": True, "date_of_birth": date(2008, 5, 13)}, False),
		({"is_student": True, "date_of_birth": date(2008, 5, 12)}, True),
		({"student_date_of_birth": date(2008, 5, 13)}, True),
		({"student_date_of_birth": date(2008, 5, 12)}, False),
		({"date_of_birth": date(1980, 1, 1)}, True),
	],
)
def test_records_are_told_to_guardians_of_minors_and_students_of_age(purpose, person, allowed):
	decision = judge(request(purpose=purpose, **person), GIVEN)
	assert decision.codes == (() if allowed else ("RESTRICTED_CONTACT",))


def test_other_purposes_and_emergencies_do_not_depend_on_age():
	assert outcome(request(purpose="Event", is_student=True), GIVEN) == ("ALLOW", ())
	assert outcome(request(purpose="Emergency", emergency=APPROVED, is_student=True)) == ("ALLOW", ())


@pytest.mark.parametrize(
	("purpose", "allowed"), [("Attendance", False), ("Academic", False), (None, False), ("Event", True)]
)
def test_an_objection_keeps_records_from_guardians(purpose, allowed):
	codes = judge(request(purpose=purpose, student_objects=True), GIVEN).codes
	assert ("RESTRICTED_CONTACT" not in codes) == allowed


def test_an_objection_does_not_stop_an_emergency():
	assert outcome(request(purpose="Emergency", emergency=APPROVED, student_objects=True)) == ("ALLOW", ())


def test_someone_born_on_the_29th_of_february_comes_of_age_in_march():
	student = request(purpose="Academic", is_student=True, date_of_birth=date(2008, 2, 29))
	assert outcome(student, GIVEN, when=NOON.replace(month=2, day=28)) == ("BLOCK", ("RESTRICTED_CONTACT",))
	assert outcome(student, GIVEN, when=NOON.replace(month=3, day=2)) == ("ALLOW", ())


BORN = date(2008, 5, 13)


@pytest.mark.parametrize(
	("number", "person", "begins"),
	[
		("+16715550142", {"country": "GU"}, "2026-05-12T14:00:00Z"),
		("+13125550142", {"state": "IL"}, "2026-05-13T05:00:00Z"),
		("+18085550142", {"state": "HI"}, "2026-05-13T10:00:00Z"),
	],
	ids=("Guam", "Chicago", "Honolulu"),
)
def test_a_birthday_begins_where_the_person_is(number, person, begins):
	before, then = at(begins) - timedelta(seconds=1), at(begins)
	told = [
		"RESTRICTED_CONTACT"
		not in judge(request(number, purpose="Academic", **of, **person), when=when).codes
		for of in ({"student_date_of_birth": BORN}, {"is_student": True, "date_of_birth": BORN})
		for when in (before, then)
	]
	assert told == [True, False, False, True]


def test_between_two_zones_neither_hears_of_the_records():
	"""With an address in Honolulu and a number of New York, it is the birthday at one of them first."""
	person = {"number": "+12125550142", "state": "HI", "purpose": "Academic"}
	guardian = request(**person, student_date_of_birth=BORN)
	student = request(**person, is_student=True, date_of_birth=BORN)
	for when, hears in (
		("2026-05-13T03:59:59Z", guardian),
		("2026-05-13T04:00:00Z", None),
		("2026-05-13T09:59:59Z", None),
		("2026-05-13T10:00:00Z", student),
	):
		for who in (guardian, student):
			assert ("RESTRICTED_CONTACT" not in judge(who, when=at(when)).codes) == (who is hears), when


@pytest.mark.parametrize("person", [{"number": TOLL_FREE}, {"state": "AE", "postal_code": "09012"}])
def test_where_the_place_is_not_known_the_first_and_the_last_zone_on_earth_count(person):
	guardian = request(**person, purpose="Academic", student_date_of_birth=BORN)
	student = request(**person, purpose="Academic", is_student=True, date_of_birth=BORN)
	for when, hears in (
		("2026-05-12T09:59:59Z", guardian),
		("2026-05-12T10:00:00Z", None),
		("2026-05-13T11:59:59Z", None),
		("2026-05-13T12:00:00Z", student),
	):
		for who in (guardian, student):
			assert ("RESTRICTED_CONTACT" not in judge(who, when=at(when)).codes) == (who is hears), when


@pytest.mark.parametrize(
	"written",
	["unexcused  Absence", "Unexcused\u200b absence", "\ufeffUnexcused absence", "\uff35nexcused absence"],
)
def test_an_unexcused_absence_is_a_record_whatever_the_campaign_is_called(written):
	absence = Emergency(written, "one@school.example", "two@school.example")
	codes = ("RESTRICTED_CONTACT",)
	for person in (
		{"student_date_of_birth": date(2000, 1, 1)},
		{"student_objects": True},
		{"records_closed": True},
		{"is_student": True},
	):
		assert outcome(request(purpose="Emergency", emergency=absence, **person)) == ("BLOCK", codes)
		assert outcome(request(purpose="Emergency", emergency=APPROVED, **person)) == ("ALLOW", ())
	assert outcome(request(purpose="Emergency", emergency=absence)) == ("ALLOW", ())


def test_a_purpose_not_told_counts_as_one_about_records():
	assert "RESTRICTED_CONTACT" in judge(request(purpose=None, is_student=True), GIVEN).codes


def test_a_birthday_ends_a_deferral():
	guardian = request(purpose="Academic", student_date_of_birth=date(2008, 5, 13))
	holiday = frozenset({date(2026, 5, 12)})
	decision = judge(guardian, GIVEN, when=at("2026-05-12T23:00:00Z"), holidays=holiday)
	assert (decision.verdict, decision.until) == ("DEFER", at("2026-05-13T05:00:00Z"))
	birthday = judge(guardian, GIVEN, when=decision.until, holidays=holiday)
	assert (birthday.verdict, birthday.codes) == ("BLOCK", ("OUTSIDE_CALLING_HOURS", "RESTRICTED_CONTACT"))


def test_all_reasons_are_listed(at_night):
	decision = judge(request(restricted=True), when=at_night, opt_outs=(opt_out("everything"),))
	assert decision.codes == ("NO_CONSENT", "OPTED_OUT", "OUTSIDE_CALLING_HOURS", "RESTRICTED_CONTACT")
	assert decision.until is None and all(reason.citation and reason.detail for reason in decision.reasons)
