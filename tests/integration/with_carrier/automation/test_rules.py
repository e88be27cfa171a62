"""Rules about absences: what they notice, when they ask a person, and what they start.

Nothing starts twice.
"""

from datetime import timedelta

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.automation import rule as actions
from school_dialer.automation import run
from school_dialer.automation.run import NotWaiting
from school_dialer.campaigns import actions as campaigns
from school_dialer.campaigns import transitions
from school_dialer.campaigns.scale_check import exceeds_threshold
from school_dialer.patches import paused_by_reviews
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import School, campaigns_of, cases_of, serve

pytestmark = pytest.mark.dates


def test_a_rule_reads_as_a_sentence(families):
	doc = rules.rule(families, on=False, grace_minutes=30, most_percent=15, most_number=50)
	assert doc.sentence == (
		f"When a student of {families.group} is marked absent without approved leave or a guardian's report, "
		"wait 30 minutes, then call the guardians about attendance with “Attendance notice”, once a day; "
		"stop and ask me when more than 15 % or 50 students are absent."
	)


def test_an_absence_is_called_once_and_siblings_share_the_call(families):
	doc = rules.rule(families)
	families.mark("Ana")
	families.mark("Luis")
	families.mark("C0", "Present")
	serve(doc)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	assert cases_of(doc) == {"Ana": "In Campaign", "Luis": "In Campaign"}
	made = frappe.get_doc("Dialer Campaign", campaign)
	assert (made.status, made.purpose, made.requested_by) == ("Preparing", "Attendance", "Administrator")
	assert made.deadline.date() == rules.today()


def test_leave_drafts_and_corrections_are_not_called(families):
	doc = rules.rule(families)
	families.mark("C0")
	families.leave("C0")
	frappe.get_doc("Student Attendance", families.mark("C1")).cancel()
	serve(doc)
	assert not campaigns_of(doc) and not cases_of(doc)


def test_it_waits_for_the_grace_period_and_a_correction_within_it(families, pass_time):
	doc = rules.rule(families, grace_minutes=30)
	mistaken = families.mark("C0")
	families.mark("C1")
	serve(doc)
	assert cases_of(doc) == {"C0": "Waiting", "C1": "Waiting"} and not campaigns_of(doc)
	frappe.get_doc("Student Attendance", mistaken).cancel()
	pass_time(minutes=31)
	serve(doc)
	assert cases_of(doc) == {"C0": "Withdrawn", "C1": "In Campaign"}


def test_periods_of_a_day_are_one_absence(families):
	doc = rules.rule(families)
	first = families.mark("C0")
	frappe.db.sql("update `tabStudent Attendance` set course_schedule = 'first' where name = %s", first)
	second = frappe.copy_doc(frappe.get_doc("Student Attendance", first))
	second.course_schedule = "second"
	second.docstatus = 1
	second.name = f"{first}-2"
	second.db_insert()
	serve(doc)
	assert cases_of(doc) == {"C0": "In Campaign"}
	frappe.get_doc("Student Attendance", first).cancel()
	assert cases_of(doc) == {"C0": "In Campaign"}


def test_cancelled_and_amended_is_still_one_call(families):
	doc = rules.rule(families)
	first = families.mark("C0")
	serve(doc)
	frappe.get_doc("Student Attendance", first).cancel()
	assert cases_of(doc) == {"C0": "Withdrawn"}
	families.mark("C0")
	serve(doc)
	assert cases_of(doc) == {"C0": "In Campaign"}, "no one was called yet, so the family is called now"
	assert len(campaigns_of(doc)) == 2


def test_an_absence_of_another_day_is_not_called(families):
	doc = rules.rule(families)
	families.mark("C0", day=rules.today() - timedelta(days=1))
	serve(doc)
	assert not cases_of(doc)


def test_what_was_missed_too_long_is_not_called_late(families, pass_time, as_role):
	manager = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	doc = rules.rule(families, latest_minutes=60)
	families.mark("C0")
	pass_time(minutes=90)
	serve(doc)
	assert cases_of(doc) == {"C0": "Too Late"} and not campaigns_of(doc)
	assert frappe.db.count("Notification Log", {"for_user": manager}) == 1


def test_a_mass_asks_a_human_and_nothing_starts(families):
	doc = rules.rule(families, most_number=3)
	for index in range(4):
		families.mark(f"C{index}")
	name = serve(doc)
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert not campaigns_of(doc)
	with pytest.raises(NotWaiting, match="4 by now, not 3"):
		run.approve(name, 3)
	run.approve(name, 4)
	serve(doc)
	assert len(campaigns_of(doc)) == 1
	assert set(cases_of(doc).values()) == {"In Campaign"}


def test_more_after_the_yes_asks_again_and_pauses(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	run.approve(name, 2)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	families.mark("C2")
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert frappe.db.get_value("Dialer Campaign", campaign, "status") == "Paused"
	assert cases_of(doc)["C2"] == "Waiting"
	run.approve(name, 3)
	assert frappe.db.get_value("Dialer Campaign", campaign, "status") == "Preparing"
	serve(doc)
	assert cases_of(doc)["C2"] == "In Campaign"


def asked_again(families, before) -> tuple[str, str]:
	"""Return the run and the campaign of a rule that waits for a second yes.

	`before` is called with the campaign before more is found.
	"""
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	run.approve(name, 2)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	before(campaign)
	families.mark("C2")
	serve(doc)
	return name, campaign


def paused(campaign: str) -> bool:
	return frappe.db.get_value("Dialer Campaign", campaign, "status") == "Paused"


def breaks(campaign: str) -> None:
	"""Pause the campaign as the circuit breaker does."""
	assert transitions.try_move(campaign, "Paused", status_message="The carrier refuses these calls.")


@pytest.mark.parametrize("pause", [campaigns.pause, breaks], ids=["a person", "the circuit breaker"])
def test_a_yes_resumes_no_campaign_that_something_else_paused(families, pause):
	name, campaign = asked_again(families, pause)
	run.approve(name, 3)
	assert paused(campaign)


def test_a_yes_leaves_what_was_resumed_and_then_paused_by_a_person(families):
	name, campaign = asked_again(families, lambda campaign: None)
	assert paused(campaign)
	campaigns.resume(campaign)
	campaigns.pause(campaign)
	run.approve(name, 3)
	assert paused(campaign)


def test_a_campaign_that_a_review_had_paused_before_the_update_is_resumed(families):
	name, campaign = asked_again(families, lambda campaign: None)
	frappe.db.set_value("Dialer Campaign", campaign, "paused_by_review", 0)
	other = make.campaign()
	frappe.db.set_value("Dialer Campaign", other.name, {"rule_run": name, "status": "Paused"})
	paused_by_reviews.execute()
	run.approve(name, 3)
	assert not paused(campaign) and paused(other.name)


def test_a_no_calls_no_one_and_what_comes_later_is_asked_about(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	with pytest.raises(frappe.MandatoryError):
		run.drop(name, " ")
	run.drop(name, "The register was wrong.")
	serve(doc)
	assert set(cases_of(doc).values()) == {"Dropped"} and not campaigns_of(doc)
	families.mark("C2")
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert cases_of(doc)["C2"] == "Waiting"


def test_a_whole_class_marked_absent_is_a_mass(families):
	doc = rules.rule(families, most_percent=15, most_number=50)
	for child in ("Ana", "Luis", *(f"C{index}" for index in range(8))):
		families.mark(child)
	name = serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"


def test_a_family_is_called_again_for_a_sibling_unless_the_rule_says_not(families):
	doc = rules.rule(families)
	families.mark("Ana")
	serve(doc)
	called(families, campaigns_of(doc)[0], "Ana")
	families.mark("Luis")
	serve(doc)
	assert cases_of(doc)["Luis"] == "In Campaign"
	once = rules.rule(families, again_for_siblings=0, again_after_other_rules=1)
	frappe.db.sql("delete from `tabStudent Attendance` where student = %s", f"{families.tag}-Luis")
	serve(once)
	called(families, campaigns_of(once)[0], "Ana")
	families.mark("Luis")
	serve(once)
	assert cases_of(once)["Luis"] == "Skipped"


def test_a_guardian_who_was_not_reached_is_called_for_the_sibling(families):
	doc = rules.rule(families, again_for_siblings=0)
	families.mark("Ana")
	serve(doc)
	called(families, campaigns_of(doc)[0], "Ana", "Not Reached")
	families.mark("Luis")
	serve(doc)
	assert meant(campaigns_of(doc)[-1]) == {(f"{families.tag}-G0", f"{families.tag}-Luis")}


def test_a_guardian_who_may_not_hear_about_the_sibling_does_not_silence_the_other(families):
	families.family("Luis")
	frappe.db.sql(
		"update `tabStudent Guardian` set dialer_contact_permission = 'None by Court Order' "
		"where parent = %s and guardian = %s",
		(f"{families.tag}-Luis", f"{families.tag}-G0"),
	)
	doc = rules.rule(families, again_for_siblings=0)
	families.mark("Ana")
	serve(doc)
	called(families, campaigns_of(doc)[0], "Ana")
	families.mark("Luis")
	serve(doc)
	assert cases_of(doc)["Luis"] == "In Campaign"
	assert (list(families.phones)[-1], f"{families.tag}-Luis") in meant(campaigns_of(doc)[-1])


@pytest.mark.parametrize("reach", ["Everyone", "One guardian of each student"])
def test_the_other_parent_of_a_sibling_is_called_and_the_one_who_was_reached_is_not(families, reach):
	families.family("Luis")
	doc = rules.rule(families, again_for_siblings=0, reach=reach)
	families.mark("Ana")
	serve(doc)
	called(families, campaigns_of(doc)[0], "Ana")
	families.mark("Luis")
	serve(doc)
	assert meant(campaigns_of(doc)[-1]) == {(list(families.phones)[-1], f"{families.tag}-Luis")}


def meant(campaign: str) -> set[tuple[str, str]]:
	"""Return (guardian, student) of the campaign's audience."""
	households, _cursor = source_of(frappe.get_doc("Dialer Campaign", campaign)).households("", 100)
	return {(one.person, student) for people in households for one in people for student in one.students}


def called(families: School, campaign: str, child: str, status: str = "Reached") -> None:
	guardian, number = next(iter(families.phones.items()))
	row = {
		"doctype": "Dialer Recipient",
		"name": frappe.generate_hash(length=20),
		"campaign": campaign,
		"phone": number,
		"household_key": number,
		"person_doctype": "Guardian",
		"person": guardian,
		"status": status,
		"attempts": 1,
		"students": frappe.as_json([f"{families.tag}-{child}"]),
	}
	frappe.get_doc(row).db_insert()


def test_the_dry_run_writes_nothing_and_names_everybody(families):
	doc = rules.rule(families, on=False)
	families.mark("Ana")
	families.mark("Luis")
	families.mark("C0")
	families.leave("C0")
	before = [
		frappe.db.count(one)
		for one in ("Dialer Rule Run", "Dialer Rule Case", "Dialer Campaign", "Dialer Recipient")
	]
	found = actions.dry_run(doc, rules.today())
	assert (found["students"], found["called"], len(found["people"])) == (2, 1, 1)
	assert sorted(found["people"][0]["students"]) == [f"Ana {families.tag}", f"Luis {families.tag}"]
	assert found["others"] == [{"student": f"C0 {families.tag}", "why": "Leave is approved."}]
	number = next(iter(families.phones.values()))
	assert number not in frappe.as_json(found)
	after = [
		frappe.db.count(one)
		for one in ("Dialer Rule Run", "Dialer Rule Case", "Dialer Campaign", "Dialer Recipient")
	]
	assert before == after
	assert actions.dry_run(doc, rules.today() - timedelta(days=1))["students"] == 0


@pytest.mark.parametrize(
	("count", "population", "mass"),
	[
		(50, 1000, False),
		(51, 1000, True),
		(9, 9, False),
		(10, 10, True),
		(15, 100, False),
		(16, 100, True),
		(0, 0, False),
	],
)
def test_what_is_a_mass(count, population, mass):
	assert exceeds_threshold(count, population, 15, 50) is mass


def test_what_cannot_start_says_why_and_is_tried_again(families, monkeypatch):
	doc = rules.rule(families)
	families.mark("C0")
	frappe.db.sql("update `tabDialer Sending Number` set enabled = 0")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	name = serve(doc)
	assert "number to call from" in frappe.db.get_value("Dialer Rule Run", name, "message")
	assert not campaigns_of(doc) and cases_of(doc) == {"C0": "Waiting"}
	frappe.db.sql("update `tabDialer Sending Number` set enabled = 1")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	serve(doc)
	assert len(campaigns_of(doc)) == 1


def test_a_yes_comes_too_late_on_another_day(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	frappe.db.set_value("Dialer Rule Run", name, "day", rules.today() - timedelta(days=1))
	with pytest.raises(NotWaiting, match="day is over"):
		run.approve(name, 2)
