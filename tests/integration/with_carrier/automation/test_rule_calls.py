"""Calls of a rule through a carrier: the right families, once each, and none after a correction."""

from datetime import datetime, timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from dev.patience import eventually
from school_dialer import gate
from school_dialer.audience.base import source_of
from school_dialer.automation import run, scheduler
from school_dialer.base import clock, states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.attempts import call_logs, claims, revocation
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import School, campaigns_of, cases_of
from tests.integration.with_carrier.running import dial, number_of, state_of


def outcomes(campaign: str) -> dict[str, tuple[str, str]]:
	rows = make.recipients(campaign, "phone", "status", "outcome")
	return {row.phone: (row.status, row.outcome) for row in rows}


def test_a_corrected_absence_is_cancelled_with_the_reason_and_never_called(school_with, planned, posted):
	school = school_with(3)
	names = [school.mark(f"C{index}") for index in range(3)]
	_rule, campaign = planned(school)
	frappe.db.sql("update `tabStudent Attendance` set docstatus = 2 where name = %s", names[0])
	school.leave("C1")
	frappe.db.commit()
	assert outcomes(campaign)[number_of(school, "C1")] == ("Cancelled", "Leave is approved.")
	dispatcher.run()
	frappe.db.rollback()
	assert outcomes(campaign)[number_of(school, "C0")] == ("Cancelled", "The absence was corrected.")
	calls = {child: len(posted(number_of(school, child))) for child in ("C0", "C1", "C2")}
	assert calls == {"C0": 0, "C1": 0, "C2": 1}


@pytest.mark.parametrize("attempts", [2, 1], ids=["running", "completed"])
@pytest.mark.parametrize(
	("behaviour", "case", "calls"), [("no answer", "Withdrawn", 2), ("presses", "In Campaign", 1)]
)
def test_an_absence_that_is_true_again_is_called_about_unless_someone_heard_of_it(
	school_with, planned, carrier, posted, answering, behaviour, case, calls, attempts
):
	school = school_with(2)
	number = number_of(school, "C0")
	answering(number, behaviour, digits="1")
	answering(number_of(school, "C1"), "no answer")
	mistaken = school.mark("C0")
	school.mark("C1")
	doc, campaign = planned(school, max_attempts=attempts)
	dial(carrier)
	assert (state_of(frappe.get_doc("Dialer Campaign", campaign)) == states.COMPLETED) == (attempts == 1)
	frappe.get_doc("Student Attendance", mistaken).cancel()
	frappe.db.commit()
	assert cases_of(doc)["C0"] == case
	school.mark("C0")
	frappe.db.commit()
	scheduler.run_rules()
	for campaign in campaigns_of(doc)[1:]:
		planner.run(campaign)
	dial(carrier)
	assert cases_of(doc)["C0"] == "In Campaign" and len(posted(number)) == calls


def test_no_request_leaves_after_a_correction_was_saved(school_with, carrier, set_pace):
	count = 16
	school = school_with(count)
	names = [school.mark(f"C{index}") for index in range(count)]
	set_pace(6)
	_rule, campaign = approved(school)
	saved: dict[str, datetime] = {}

	def called() -> list[dict]:
		return [entry for entry in carrier.log("call") if entry["to"] in school.phones.values()]

	with DbThread() as other:
		calling = other.submit(dispatcher.run)
		for index in reversed(range(count)):
			doc = frappe.get_doc("Student Attendance", names[index])
			doc.cancel()
			frappe.db.commit()
			saved[number_of(school, f"C{index}")] = datetime.now().astimezone()
			eventually("Another call", lambda: calling.done() or len(called()) >= len(saved))
		calling.result()
	left = {
		entry["to"]: datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
		for entry in carrier.log("call")
	}
	late = [number for number, at in saved.items() if number in left and left[number] > at]
	assert not late
	frappe.db.rollback()
	cancelled = [status for status, _why in outcomes(campaign).values() if status == "Cancelled"]
	assert cancelled


def queue_call(campaign: str, status: str = "queued") -> str:
	"""Decide on the campaign's only recipient, whose call then waits in the carrier's queue, or rings."""
	doc = frappe.get_doc("Dialer Campaign", campaign)
	(row,) = claims.claim(campaign, 1)
	answers = asking.ask(gate.CallContext.of(doc), [row], clock.now())
	row.students, row.log = answers[row.name].students, frappe.generate_hash(length=16)
	call_logs.write_logs(doc, [row], answers, SENDER, clock.now())
	frappe.db.set_value("Dialer Call Log", row.log, {"status": status, "status_rank": states.rank(status)})
	frappe.db.commit()
	return row.log


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing"])
@pytest.mark.parametrize("corrected", ["Luis", "Ana"])
def test_only_a_call_about_the_corrected_absence_is_taken_back(
	siblings, planned, monkeypatch, corrected, status
):
	"""Check the call about Ana, which leaves her brother out: their mother may not hear of him."""
	marks = {child: siblings.mark(child) for child in ("Ana", "Luis")}
	_rule, campaign = planned(siblings)
	ana, luis = (f"{siblings.tag}-{child}" for child in ("Ana", "Luis"))
	link = {"parent": luis, "parenttype": "Student"}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", "Emergency Only")
	log = queue_call(campaign, status)
	taken_back = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: taken_back.extend(more.get("logs", ())))
	frappe.db.sql("update `tabStudent Attendance` set docstatus = 2 where name = %s", marks[corrected])
	revocation.reason_gone(campaign, f"{siblings.tag}-{corrected}")
	rows = frappe.get_all("Dialer Party", {"campaign": campaign}, ["student", "state"], order_by="name")
	states = {row.student: row.state for row in rows}
	(row,) = make.recipients(campaign, "status", "last_call_log")
	assert (row.status, row.last_call_log) == ("Dialing", log)
	if corrected == "Luis":
		assert not taken_back and states == {ana: "Waiting", luis: "Withdrawn"}
	else:
		assert taken_back == [log] and states == {ana: "Waiting", luis: "Withheld"}


def test_two_schedulers_make_one_campaign(school_with):
	school = school_with(2)
	school.mark("C0")
	doc = rules.rule(school)
	frappe.db.commit()
	with DbThread() as one, DbThread() as other:
		for done in [one.submit(scheduler.run_rules), other.submit(scheduler.run_rules)]:
			done.result()
	scheduler.run_rules()
	assert len(campaigns_of(doc)) == 1


def test_the_last_look_takes_the_same_queries_for_few_as_for_many(school_with, queries):
	school = school_with(12)
	for index in range(12):
		school.mark(f"C{index}")
	_rule, campaign = approved(school)
	source = source_of(frappe.get_doc("Dialer Campaign", campaign))
	everyone = set(school.students)
	assert source.withdrawn(everyone) == {}
	assert queries(source.withdrawn, everyone) == queries(source.withdrawn, set(school.students[:2])) <= 6
	plain = source_of(make.campaign())
	assert not plain.rechecks and plain.withdrawn(everyone) == {} and not queries(plain.withdrawn, everyone)


def approved(school: School) -> tuple:
	"""Approve a run that includes a whole class, and return the rule and its campaign.

	A whole class is a mass, which a person must approve first.
	"""
	doc = rules.rule(school)
	frappe.db.commit()
	scheduler.run_rules()
	assert not campaigns_of(doc)
	run.approve(run.name_of(doc.name, rules.today()), len(school.students))
	frappe.db.commit()
	scheduler.run_rules()
	(campaign,) = campaigns_of(doc)
	planner.run(campaign)
	return doc, campaign


def test_after_midnight_the_first_look_settles_what_still_waits(school_with):
	school = school_with(1)
	school.mark("C0")
	doc = rules.rule(school, grace_minutes=600)
	frappe.db.commit()
	scheduler.run_rules()
	frappe.db.rollback()
	assert rules.cases_of(doc) == {"C0": "Waiting"}
	name, yesterday = run.name_of(doc.name, rules.today()), rules.today() - timedelta(days=1)
	frappe.db.set_value("Dialer Rule Run", name, "day", yesterday)
	frappe.db.set_value("Dialer Rule Case", {"run": name}, "day", yesterday)
	frappe.db.commit()
	scheduler.run_rules()
	frappe.db.rollback()
	assert rules.cases_of(doc) == {"C0": "Too Late"}


def test_after_midnight_no_one_hears_of_yesterday(school_with, planned, posted):
	school = school_with(1)
	school.mark("C0")
	_rule, campaign = planned(school)
	frappe.db.sql(
		"update `tabDialer Campaign` set deadline = %s where name = %s",
		(frappe.db.get_value("Dialer Campaign", campaign, "deadline") - timedelta(days=1), campaign),
	)
	frappe.db.commit()
	dispatcher.run()
	assert not posted(number_of(school, "C0"))
