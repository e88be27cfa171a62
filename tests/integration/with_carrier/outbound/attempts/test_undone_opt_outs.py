"""Whom an opt-out blocked that was a clerk's mistake is called after all, once it is taken back."""

from datetime import timedelta

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock, states
from school_dialer.campaigns.parties.rows import WITHHELD
from school_dialer.compliance.vocabulary import OPTED_OUT, RESTRICTED_CONTACT
from school_dialer.consent import corrections, ledger
from school_dialer.gate import planned as seals
from school_dialer.outbound.attempts import revocation
from tests.integration import factories as make
from tests.integration.with_carrier.follow_ups import follow_up
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of


def mistake(number: str) -> str:
	name = ledger.opt_out(number, evidence=make.evidence("Agent"))
	frappe.db.commit()
	return name


def planned(number: str):
	"""Return a campaign to this number and another one, whose call keeps it from being complete."""
	doc = SchoolClass([{"Ana": [number]}, {"Rosa": [make.phone()]}]).campaign()
	prepare(doc)
	return doc


def status_of(number: str) -> str:
	return frappe.db.get_value("Dialer Recipient", {"phone": number}, "status")


def reasons_of(number: str) -> str:
	return frappe.db.get_value("Dialer Recipient", {"phone": number}, "reasons")


def mistake_undone(number: str) -> None:
	"""Let the user opt a number out by mistake, and take that back."""
	name = mistake(number)
	assert status_of(number) == states.BLOCKED
	corrections.undo(name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	assert status_of(number) == states.PENDING


def test_who_was_blocked_by_mistake_is_called_after_all(carrier, answering, as_role):
	number = make.phone()
	answering(number, "answers")
	planned(number)
	as_role("Dialer Agent")
	mistake_undone(number)
	dial(carrier)
	assert status_of(number) == states.REACHED


@pytest.mark.parametrize("only", [False, True])
def test_a_mistake_late_in_the_evening_keeps_no_one_from_the_call_of_the_next_day(
	carrier, answering, as_role, set_clock, only
):
	"""Check one family of several, and the last one of its campaign: the hours keep it from its call too."""
	number, now = make.phone(), clock.now()
	answering(number, "answers")
	doc = last_family(number) if only else planned(number)
	set_clock(now.replace(hour=0, minute=0) + timedelta(hours=29, minutes=30))
	as_role("Dialer Agent")
	name = mistake(number)
	look_again()
	assert OPTED_OUT in reasons_of(number) and reasons_of(number) != OPTED_OUT
	assert (status_of(number), state_of(doc)) == (states.BLOCKED, states.RUNNING)
	corrections.undo(name)
	frappe.db.commit()
	assert status_of(number) == states.DEFERRED
	frappe.set_user("Administrator")
	set_clock(now + timedelta(days=1))
	dial(carrier)
	assert status_of(number) == states.REACHED


@pytest.mark.parametrize("when", ["before the other call", "after it"])
def test_a_guardian_who_was_left_for_the_other_by_mistake_is_called_after_all(
	carrier, answering, posted, as_role, when
):
	mother, father, another = make.phone(), make.phone(), make.phone()
	answering(mother, "answers")
	answering(father, "no answer")
	families = SchoolClass([{"Ana": [mother], "Ben": [father]}, {"Rosa": [another]}])
	doc = families.campaign(reach=ONE_GUARDIAN, max_attempts=1)
	prepare(doc)
	tomorrow = frappe.utils.add_days(clock.db_now(), 1)
	frappe.db.set_value("Dialer Recipient", {"phone": another}, "not_before", tomorrow)
	as_role("Dialer Agent")
	name = mistake(mother)
	frappe.set_user("Administrator")
	assert status_of(father) == states.PENDING
	if when == "after it":
		dial(carrier)
		assert status_of(father) == states.NOT_REACHED
	corrections.correct(name, "Another family was meant.")
	frappe.db.commit()
	dial(carrier)
	assert status_of(mother) == states.REACHED
	assert (len(posted(mother)), len(posted(father))) == (1, 1)


@pytest.mark.parametrize("texted", [True, False])
def test_only_a_text_that_was_sent_takes_the_place_of_the_call_that_was_left(
	carrier, answering, posted, as_role, texted
):
	"""Check a mother who is left by mistake, and a father who is called in vain and then texted."""
	mother, father, another = make.phone(), make.phone(), make.phone()
	answering(mother, "answers")
	answering(father, "no answer", text={"delivery": "delivered"})
	families = SchoolClass([{"Ana": [mother], "Ben": [father]}, {"Rosa": [another]}], consented=False)
	make.consent(mother)
	make.consent(father, channel="Any" if texted else "Voice")
	doc = families.campaign(reach=ONE_GUARDIAN, max_attempts=1, text_fallback=1)
	prepare(doc)
	tomorrow = frappe.utils.add_days(clock.db_now(), 1)
	held = {"status": states.PENDING, "not_before": tomorrow}
	frappe.db.set_value("Dialer Recipient", {"campaign": doc.name, "phone": another}, held)
	as_role("Dialer Agent")
	name = mistake(mother)
	frappe.set_user("Administrator")
	dial(carrier)
	follow_up(doc, carrier)
	household = frappe.db.get_value("Dialer Recipient", {"phone": father, "channel": "Voice"})
	ended = ["status", "fallback"]
	assert frappe.db.get_value("Dialer Recipient", household, ended) == (states.NOT_REACHED, "Text")
	corrections.correct(name, "Another family was meant.")
	frappe.db.commit()
	dial(carrier)
	assert len(posted(mother)) == (0 if texted else 1)
	expected = (states.NOT_REACHED, "Text") if texted else (states.REACHED, None)
	assert frappe.db.get_value("Dialer Recipient", household, ended) == expected


def test_a_row_that_an_opt_out_changed_keeps_its_seal(carrier, answering, as_role):
	"""Check a brother who has been kept from the mother since the plan, and is left out of her row."""
	number, another = make.phone(), make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}, {"Ana": [number]}, {"Rosa": [another]}])
	prepare(school.campaign())
	frappe.db.set_value(
		"Student Guardian", {"parent": school.student(1)}, "dialer_contact_permission", "Emergency Only"
	)
	as_role("Dialer Agent")
	mistake_undone(number)
	dial(carrier)
	assert status_of(number) == states.REACHED


@pytest.mark.parametrize("reason", [seals.ADDED, RESTRICTED_CONTACT])
def test_who_was_left_out_before_the_mistake_stays_so(carrier, as_role, reason):
	"""Check someone at its number whom no approver saw, or who may not hear of the child."""
	mother, father = make.phone(), make.phone()
	doc = SchoolClass([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	added = {"campaign": doc.name, "phone": mother}
	frappe.db.set_value("Dialer Party", added, {"state": WITHHELD, "reason": reason})
	as_role("Dialer Agent")
	name = mistake(mother)
	assert status_of(father) == states.PENDING
	corrections.undo(name)
	frappe.db.commit()
	assert frappe.db.get_value("Dialer Party", added, ["state", "reason"]) == (WITHHELD, reason)


def test_a_stop_of_before_keeps_them_blocked(carrier, as_role):
	number = make.phone()
	planned(number)
	ledger.opt_out(number, evidence=make.evidence("Keypad"))
	as_role("Dialer Agent")
	name = mistake(number)
	corrections.undo(name)
	frappe.db.commit()
	assert status_of(number) == states.BLOCKED


def test_no_one_is_called_whom_the_planner_did_not_plan(carrier, as_role):
	number = make.phone()
	planned(number)
	as_role("Dialer Agent")
	name = mistake(number)
	frappe.db.set_value("Dialer Recipient", {"phone": number}, "seal", "0" * 64)
	corrections.undo(name)
	frappe.db.commit()
	assert status_of(number) == states.BLOCKED


def last_family(number: str):
	"""Return a campaign in which this family alone is left to call."""
	doc = SchoolClass([{"Ana": [number]}]).campaign()
	prepare(doc)
	return doc


def look_again() -> None:
	"""Complete what is done, as the tick does."""
	scheduler.complete()
	frappe.db.commit()


def test_the_last_family_of_a_campaign_is_called_after_all(carrier, answering, as_role):
	number = make.phone()
	answering(number, "answers")
	doc = last_family(number)
	as_role("Dialer Agent")
	name = mistake(number)
	look_again()
	assert status_of(number) == states.BLOCKED and state_of(doc) == states.RUNNING
	corrections.undo(name)
	look_again()
	frappe.set_user("Administrator")
	assert status_of(number) == states.PENDING and state_of(doc) == states.RUNNING
	dial(carrier)
	assert status_of(number) == states.REACHED and state_of(doc) == states.COMPLETED


def test_a_guardian_who_was_last_in_the_household_is_called_after_all(
	carrier, answering, posted, as_role, monkeypatch
):
	"""Check a mother who is called in vain, and the father, who is left by mistake after her."""
	monkeypatch.setattr(corrections, "IN_TIME", timedelta(days=1))
	mother, father = make.phone(), make.phone()
	answering(mother, "no answer")
	answering(father, "answers")
	doc = SchoolClass([{"Ana": [mother], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN, max_attempts=1)
	prepare(doc)
	as_role("Dialer Agent")
	name = mistake(father)
	frappe.set_user("Administrator")
	dial(carrier)
	look_again()
	assert (status_of(mother), state_of(doc)) == (states.NOT_REACHED, states.RUNNING)
	corrections.correct(name, "Another family was meant.")
	frappe.db.commit()
	dial(carrier)
	assert status_of(father) == states.REACHED and len(posted(mother)) == 1


def test_a_campaign_ends_once_an_opt_out_can_no_longer_be_undone(carrier, as_role, monkeypatch):
	number = make.phone()
	doc = last_family(number)
	as_role("Dialer Agent")
	mistake(number)
	later = clock.now() + corrections.IN_TIME + timedelta(seconds=1)
	monkeypatch.setattr(clock, "now", lambda: later)
	look_again()
	assert status_of(number) == states.BLOCKED and state_of(doc) == states.COMPLETED


def test_no_campaign_waits_for_what_the_person_said(carrier):
	number = make.phone()
	doc = last_family(number)
	ledger.opt_out(number, evidence=make.evidence("Keypad"))
	frappe.db.commit()
	assert status_of(number) == states.BLOCKED and state_of(doc) == states.COMPLETED


def test_recipients_of_many_campaigns_are_given_back_in_one_statement(carrier, as_role, monkeypatch):
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}])
	campaigns = [school.campaign() for _ in range(2)]
	for doc in campaigns:
		prepare(doc)
	as_role("Dialer Agent")
	name = mistake(number)
	written = []
	whole = revocation.update_each

	def noted(doctype: str, changes: dict) -> None:
		written.append(set(changes))
		whole(doctype, changes)

	monkeypatch.setattr(revocation, "update_each", noted)
	corrections.undo(name)
	frappe.db.commit()
	assert [len(names) for names in written] == [2]
	assert {row.status for doc in campaigns for row in make.recipients(doc.name, "status")} == {"Pending"}
