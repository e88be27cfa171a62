"""Nobody answered: the same number later, the next number, the next guardian, and the end as soon as one has heard it."""

import json
import secrets
from typing import ClassVar

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer import clock
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from tests.integration import factories as make
from tests.integration.dialing.test_campaigns import dial, prepare, state_of


@pytest.fixture
def settled(school):
	"""Delays in minutes that tell the outcomes apart."""
	delays = {
		"busy_after_minutes": 3,
		"retry_after_minutes": 20,
		"voicemail_after_minutes": 90,
		"failed_after_minutes": 7,
	}
	before = {field: frappe.db.get_single_value("Dialer Settings", field) for field in delays}
	set_settings(delays)
	yield delays
	set_settings(before)


def set_settings(values: dict) -> None:
	for field, value in values.items():
		frappe.db.set_single_value("Dialer Settings", field, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture(autouse=True)
def schools_closed(nothing_left):
	"""The demonstration's school wants a site without other students."""
	yield
	frappe.db.rollback()
	while School.tags:
		tag = School.tags.pop() + "-%"
		for doctype in ("Student", "Guardian", "Student Group"):
			frappe.db.delete(doctype, {"name": ("like", tag)})
		for doctype in ("Student Guardian", "Student Group Student"):
			frappe.db.delete(doctype, {"parent": ("like", tag)})
	frappe.db.commit()


class School:
	"""A class: for each student, in order, the guardians by name with their numbers."""

	tags: ClassVar[list[str]] = []

	def __init__(self, students: list[dict[str, list[str]]]):
		self.tag = secrets.token_hex(3)
		self.tags.append(self.tag)
		self.group = f"{self.tag}-group"
		self.numbers = {
			name: numbers for guardians in students for name, numbers in guardians.items() if numbers
		}
		for numbers in self.numbers.values():
			for number in numbers:
				make.consent(number)
		bulk = Bulk()
		bulk.insert(
			"Guardian",
			[
				{
					"name": f"{self.tag}-{name}",
					"guardian_name": name,
					"mobile_number": numbers[0],
					"alternate_number": numbers[1] if len(numbers) > 1 else None,
				}
				for name, numbers in self.numbers.items()
			],
		)
		rows = [
			{
				"name": self.student(index),
				"first_name": "S",
				"student_name": f"Student {index}",
				"enabled": 1,
				"guardians": [{"guardian": f"{self.tag}-{name}", "relation": "Mother"} for name in guardians],
			}
			for index, guardians in enumerate(students)
		]
		bulk.insert("Student", rows)
		members = [{"student": row["name"], "active": 1} for row in rows]
		bulk.insert(
			"Student Group", [{"name": self.group, "student_group_name": self.group, "students": members}]
		)
		frappe.db.commit()

	def student(self, index: int) -> str:
		return f"{self.tag}-S{index}"

	def campaign(self, **values):
		return make.campaign(
			audience_source="Guardians of a Student Group",
			audience_name=self.group,
			audience_file=None,
			**{"max_attempts": 2, **values},
		)


def only(doc):
	(row,) = make.recipients(
		doc.name, "name", "status", "phone", "person_name", "students", "attempts", "not_before", "outcome"
	)
	return row


def minutes_until(moment) -> float:
	return (moment - clock.db_now()).total_seconds() / 60


def make_due(row) -> None:
	frappe.db.set_value("Dialer Recipient", row.name, "not_before", clock.db_now(), update_modified=False)
	frappe.db.commit()


@pytest.mark.parametrize(
	("behaviour", "field"),
	[
		("busy", "busy_after_minutes"),
		("no answer", "retry_after_minutes"),
		("voicemail", "voicemail_after_minutes"),
		("fails", "failed_after_minutes"),
	],
)
def test_each_outcome_has_its_own_delay(carrier, answering, settled, behaviour, field):
	number = make.phone()
	make.consent(number)
	answering(number, behaviour)
	doc = make.campaign([number], max_attempts=2)
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert row.status == "Retry"
	assert settled[field] - 2 < minutes_until(row.not_before) <= settled[field]


def test_the_next_number_is_called_at_once_and_the_budget_counts_both(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	answering(mobile, "no answer")
	answering(home, "no answer")
	doc = School([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	assert only(doc).phone == mobile
	dial(carrier)
	row = only(doc)
	assert (len(posted(mobile)), len(posted(home))) == (1, 1)
	assert (row.status, row.attempts, row.phone) == ("Not Reached", 2, home)
	assert state_of(doc) == "Completed"


def test_everyone_means_every_guardian_and_a_shared_line_once(carrier, posted, answering, settled):
	mother, father, home = make.phone(), make.phone(), make.phone()
	answering(mother, "no answer")
	answering(father, "no answer")
	answering(home, "answers")
	doc = School([{"Ana": [mother, home], "Ben": [father, home]}]).campaign(max_attempts=3)
	prepare(doc)
	later = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name, "phone": father}, "name")
	frappe.db.set_value("Dialer Recipient", later, "not_before", frappe.utils.add_days(clock.db_now(), 1))
	frappe.db.commit()
	dial(carrier)
	assert len(posted(mother)) == len(posted(home)) == 1
	make_due(frappe._dict(name=later))
	dial(carrier)
	assert len(posted(father)) == len(posted(home)) == 1
	assert {row.phone: row.status for row in make.recipients(doc.name)} == {home: "Reached", father: "Retry"}


def test_one_guardian_is_enough(carrier, posted, answering, settled):
	mother, home, father = make.phone(), make.phone(), make.phone()
	answering(mother, "voicemail")
	answering(home, "no answer")
	answering(father, "answers")
	school = School([{"Ana": [mother, home], "Ben": [father]}, {"Ana": [mother, home], "Ben": [father]}])
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.person_name, row.phone) == ("Reached", "Ben", father)
	assert json.loads(row.students) == [school.student(0), school.student(1)]
	assert [len(posted(number)) for number in (mother, home, father)] == [1, 1, 1]


def test_who_answers_first_ends_it(carrier, posted, answering, settled):
	mother, father = make.phone(), make.phone()
	answering(mother, "answers")
	doc = School([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Reached" and len(posted(mother)) == 1 and not posted(father)
	assert state_of(doc) == "Completed"


def test_the_contact_order_of_the_record_is_followed(carrier, posted, answering, settled):
	mother, father, aunt = make.phone(), make.phone(), make.phone()
	answering(aunt, "answers")
	school = School([{"Ana": [mother], "Ben": [father], "Eva": [aunt]}])
	for name, place in {"Eva": 1, "Ben": 2}.items():
		frappe.db.sql(
			"update `tabStudent Guardian` set dialer_contact_order = %s where guardian = %s",
			(place, f"{school.tag}-{name}"),
		)
	frappe.db.commit()
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	(row,) = make.recipients(doc.name, "call_order")
	assert [one["phone"] for one in json.loads(row.call_order)] == [aunt, father, mother]
	dial(carrier)
	assert len(posted(aunt)) == 1 and not posted(mother) and not posted(father)


def test_half_brothers_each_have_their_own_order(carrier, posted, answering, settled):
	mother, first, second = make.phone(), make.phone(), make.phone()
	answering(mother, "no answer")
	answering(first, "answers")
	answering(second, "answers")
	school = School([{"Ana": [mother], "Ben": [first]}, {"Ana": [mother], "Carl": [second]}])
	doc = school.campaign(reach=ONE_GUARDIAN, max_attempts=1)
	prepare(doc)
	dial(carrier)
	told = {row.phone: json.loads(row.students) for row in make.recipients(doc.name, "phone", "students")}
	assert told == {first: [school.student(0)], second: [school.student(1)]}


def test_a_pressed_key_is_what_counts(carrier, posted, answering, settled):
	mother, father = make.phone(), make.phone()
	answering(mother, "answers")
	answering(father, "presses", digits="1")
	doc = School([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN, acknowledge=1)
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.person_name) == ("Reached", "Ben")
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name}, ["person_name", "acknowledged"], order_by="placed_at"
	)
	assert [(log.person_name, log.acknowledged) for log in logs] == [("Ana", 0), ("Ben", 1)]
	said = carrier.control("call", {"sid": posted(mother)[0]["sid"]})["sentences"]
	assert any("press 1 now" in str(sentence) for sentence in said)


def test_a_number_that_the_carrier_refuses_leads_to_the_next(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	carrier.control("people", {mobile: {"refuse": 21211}, home: {"behaviour": "answers"}})
	doc = School([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.phone, len(posted(home))) == ("Reached", home, 1), row


def test_who_opts_out_is_not_called_at_their_other_number(carrier, posted, answering, settled):
	mobile, home, father = make.phone(), make.phone(), make.phone()
	answering(father, "answers")
	doc = School([{"Ana": [mobile, home], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	ledger.opt_out(mobile, evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert (only(doc).phone, only(doc).status) == (father, "Pending")
	dial(carrier)
	assert only(doc).status == "Reached"
	assert not posted(mobile) and not posted(home)


def test_who_opts_out_and_has_nobody_else_ends_it(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	doc = School([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	ledger.opt_out(mobile, evidence=make.evidence("Agent"))
	frappe.db.commit()
	dial(carrier)
	(row,) = make.recipients(doc.name)
	assert (row.status, row.reasons) == ("Blocked", "OPTED_OUT")
	assert state_of(doc) == "Completed" and not posted(mobile) and not posted(home)


def test_consent_that_ended_for_one_number_leads_to_the_next(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	answering(home, "answers")
	doc = School([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	frappe.db.sql("update `tabContact Consent` set expires_at = '2020-01-01' where phone = %s", mobile)
	frappe.db.commit()
	dial(carrier)
	assert (only(doc).status, only(doc).phone) == ("Reached", home)
	assert not posted(mobile)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_borders_of_chunks_make_no_difference_to_brothers(settled, monkeypatch, limit):
	mother, father = make.phone(), make.phone()
	school = School([{"Ana": [mother], "Ben": [father]}] * 3)
	doc = school.campaign(reach=ONE_GUARDIAN)
	monkeypatch.setattr(planner, "CHUNK", limit)
	prepare(doc)
	(row,) = make.recipients(doc.name, "students", "call_order")
	students = [school.student(index) for index in range(3)]
	assert json.loads(row.students) == students
	assert [one["students"] for one in json.loads(row.call_order)] == [students, students]
