"""A call was not answered: retry the number later, then the next number, then the next guardian.

It ends as soon as one of them has heard the message.
"""

import json

import frappe
import pytest

from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock
from school_dialer.campaigns.call_order import HUNG_UP
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from tests.integration import factories as make
from tests.integration.with_carrier.follow_ups import called, follow_up, text_of, texts
from tests.integration.with_carrier.households import SchoolClass, make_due, only, set_settings
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def settled(school):
	"""Set delays in minutes that differ for each outcome, and restore the settings at the end."""
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


def minutes_until(moment) -> float:
	return (moment - clock.db_now()).total_seconds() / 60


@pytest.mark.story
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
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign()
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
	doc = SchoolClass([{"Ana": [mother, home], "Ben": [father, home]}]).campaign(max_attempts=3)
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
	school = SchoolClass([{"Ana": [mother, home], "Ben": [father]}, {"Ana": [mother, home], "Ben": [father]}])
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.person_name, row.phone) == ("Reached", "Ben", father)
	assert json.loads(row.students) == [school.student(0), school.student(1)]
	assert [len(posted(number)) for number in (mother, home, father)] == [1, 1, 1]


@pytest.mark.story
def test_who_answers_first_ends_it(carrier, posted, answering, settled):
	mother, father = make.phone(), make.phone()
	answering(mother, "answers")
	doc = SchoolClass([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Reached" and len(posted(mother)) == 1 and not posted(father)
	assert state_of(doc) == "Completed"


def test_the_contact_order_of_the_record_is_followed(carrier, posted, answering, settled):
	mother, father, aunt = make.phone(), make.phone(), make.phone()
	answering(aunt, "answers")
	school = SchoolClass([{"Ana": [mother], "Ben": [father], "Eva": [aunt]}])
	for name, place in {"Eva": 1, "Ben": 2}.items():
		frappe.db.sql(
			"update `tabStudent Guardian` set dialer_contact_order = %s where guardian = %s",
			(place, f"{school.tag}-{name}"),
		)
	frappe.db.commit()
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	(row,) = make.recipients(doc.name)
	assert [line.phone for line in make.lines(row.name)] == [aunt, father, mother]
	dial(carrier)
	assert len(posted(aunt)) == 1 and not posted(mother) and not posted(father)


def test_half_brothers_each_have_their_own_order(carrier, posted, answering, settled):
	mother, first, second = make.phone(), make.phone(), make.phone()
	answering(mother, "no answer")
	answering(first, "answers")
	answering(second, "answers")
	school = SchoolClass([{"Ana": [mother], "Ben": [first]}, {"Ana": [mother], "Carl": [second]}])
	doc = school.campaign(reach=ONE_GUARDIAN, max_attempts=1)
	prepare(doc)
	dial(carrier)
	told = {row.phone: json.loads(row.students) for row in make.recipients(doc.name, "phone", "students")}
	assert told == {first: [school.student(0)], second: [school.student(1)]}


def test_a_pressed_key_is_what_counts(carrier, posted, answering, settled):
	mother, father = make.phone(), make.phone()
	answering(mother, "answers")
	answering(father, "presses", digits="1")
	doc = SchoolClass([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN, acknowledge=1)
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
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.phone, len(posted(home))) == ("Reached", home, 1), row


@pytest.mark.story
def test_who_opts_out_is_not_called_at_their_other_number(carrier, posted, answering, settled):
	mobile, home, father = make.phone(), make.phone(), make.phone()
	answering(father, "answers")
	doc = SchoolClass([{"Ana": [mobile, home], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	ledger.opt_out(mobile, evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert (only(doc).phone, only(doc).status) == (father, "Pending")
	dial(carrier)
	assert only(doc).status == "Reached"
	assert not posted(mobile) and not posted(home)


def test_who_opts_out_and_has_no_one_else_ends_it(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	ledger.opt_out(mobile, evidence=make.evidence("Agent"))
	frappe.db.commit()
	dial(carrier)
	(row,) = make.recipients(doc.name)
	assert (row.status, row.reasons) == ("Blocked", "OPTED_OUT")
	assert state_of(doc) == "Completed" and not posted(mobile) and not posted(home)


def test_who_hung_up_is_left_alone_although_the_other_one_opts_out(carrier, answering, settled):
	mother, father = make.phone(), make.phone()
	for number in (mother, father):
		answering(number, "no answer")
	doc = SchoolClass([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN, max_attempts=3)
	prepare(doc)
	dial(carrier)
	assert (only(doc).phone, only(doc).status) == (mother, "Retry")
	frappe.db.set_value("Dialer Call Log", {"campaign": doc.name, "phone": father}, "result", HUNG_UP)
	frappe.db.set_value("Dialer Recipient", only(doc).name, "attempts", 3)
	ledger.opt_out(mother, evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert (only(doc).phone, only(doc).status) == (father, "Not Reached")


def test_a_guardian_who_was_called_in_vain_is_texted_although_the_other_is_refused(
	carrier, posted, answering, settled
):
	mother, father = make.phone(), make.phone()
	answering(mother, "no answer")
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}])
	doc = school.campaign(reach=ONE_GUARDIAN, max_attempts=1, text_fallback=1)
	prepare(doc)
	frappe.db.sql("update `tabContact Consent` set expires_at = '2020-01-01' where phone = %s", father)
	frappe.db.commit()
	dial(carrier)
	row = called(doc)
	assert (row.status, row.phone, len(posted(father))) == ("Not Reached", mother, 0)
	follow_up(doc, carrier)
	assert (text_of(doc).status, text_of(doc).phone) == ("Reached", mother)
	assert len(texts(carrier, mother)) == 1 and state_of(doc) == "Completed"


def test_who_opted_out_before_is_not_planned_at_their_other_number(settled):
	mobile, home, father = make.phone(), make.phone(), make.phone()
	doc = SchoolClass([{"Ana": [mobile, home], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	ledger.opt_out(mobile, evidence=make.evidence("Text"))
	frappe.db.commit()
	prepare(doc)
	(row,) = make.recipients(doc.name)
	assert (row.phone, row.status) == (father, "Pending")
	assert [line.phone for line in make.lines(row.name)] == [father]


def test_a_number_reported_as_wrong_leads_to_the_next(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	answering(home, "answers")
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	ledger.wrong_number(mobile, evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert (only(doc).phone, only(doc).status) == (home, "Pending")
	dial(carrier)
	assert only(doc).status == "Reached" and not posted(mobile)


def test_a_shared_number_that_another_stopped_leads_to_the_persons_own(settled):
	home, mobile = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [home, mobile], "Ben": [home]}])
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	ben = {"person_doctype": "Guardian", "person": f"{school.tag}-Ben"}
	ledger.opt_out(home, evidence=make.evidence("Agent"), **ben)
	frappe.db.commit()
	assert (only(doc).phone, only(doc).person_name, only(doc).status) == (mobile, "Ana", "Pending")


def test_consent_that_ended_for_one_number_leads_to_the_next(carrier, posted, answering, settled):
	mobile, home = make.phone(), make.phone()
	answering(home, "answers")
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign()
	prepare(doc)
	frappe.db.sql("update `tabContact Consent` set expires_at = '2020-01-01' where phone = %s", mobile)
	frappe.db.commit()
	dial(carrier)
	assert (only(doc).status, only(doc).phone) == ("Reached", home)
	assert not posted(mobile)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_borders_of_chunks_make_no_difference_to_brothers(settled, monkeypatch, limit):
	mother, father = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}] * 3)
	doc = school.campaign(reach=ONE_GUARDIAN)
	monkeypatch.setattr(planner, "CHUNK", limit)
	prepare(doc)
	(row,) = make.recipients(doc.name, "name", "students")
	students = [school.student(index) for index in range(3)]
	assert json.loads(row.students) == students
	assert [set(line.students) for line in make.lines(row.name)] == [set(students)] * 2
