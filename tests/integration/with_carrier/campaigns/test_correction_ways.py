"""Corrections of what came by text, e-mail, or a person, of emergencies, and to whom they may not go."""

import json
from datetime import timedelta

import frappe
import pytest

from dev.carrier.clock import DEFAULT_SPEED
from dev.patience import eventually
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.corrections import making
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.followup import fallback
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.manual_calls import listing
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.corrections import (
	WORDS,
	approved,
	barred,
	carry_out,
	correct,
	ours,
	plan,
	status_at,
	statuses,
)
from tests.integration.with_carrier.follow_ups import addresses, family, follow_up, texts
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of


def heard(numbers: list[str], carrier, answering, **values):
	"""Return an ordinary campaign that these people heard."""
	for number in numbers:
		make.consent(number)
		answering(number, "answers")
	doc = make.campaign(numbers, **values)
	prepare(doc)
	dial(carrier)
	return doc


def alarm(numbers: list[str], carrier, answering):
	"""Return an emergency that these people heard."""
	for number in numbers:
		answering(number, "answers")
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	return doc


def asked(doc):
	"""Ask for the correction of an emergency as its requester does, and return it."""
	made = []
	emergencies.as_user(
		emergencies.MANAGER, lambda name: made.append(making.correct(name, WORDS, 1)), doc.name
	)
	return ours(made[0])


def test_a_text_in_place_of_a_call_is_corrected_by_text(carrier, posted, not_reached):
	number = make.phone()
	doc = not_reached(number)
	follow_up(doc, carrier)
	correction = correct(doc)
	carry_out(correction, carrier)
	(row,) = make.recipients(correction.name, "phone", "channel", "status")
	assert (row.phone, row.channel, row.status) == (number, "Text", "Reached")
	assert WORDS["en"] in texts(carrier, number)[-1] and len(posted(number)) == 3
	assert state_of(correction) == states.COMPLETED


def test_an_email_is_corrected_by_email(carrier, posted, answering, mailer):
	doc, klass = family(answering, carrier, {"Mother": "mother@example.com"})
	follow_up(doc, carrier)
	assert making.propose(doc.name)["emails"] == 1 and addresses(doc) == {"mother@example.com"}
	correction = correct(doc)
	carry_out(correction, carrier)
	fallback.run(correction.name)
	frappe.db.rollback()
	assert addresses(correction) == {"mother@example.com"} and state_of(correction) == states.COMPLETED
	assert len(posted(klass.numbers["Mother"][0])) == 1


def test_a_call_by_a_person_is_corrected(carrier, posted, answering, not_reached):
	number = make.unlisted_phone()
	doc = not_reached(number, text_fallback=0)
	(row,) = make.recipients(doc.name, "name", "phone", "person_doctype", "person", "person_name")
	values = {"status": "Done", "outcome": "Left a message", "campaign": doc.name, "recipient": row.name}
	frappe.get_doc({"doctype": listing.DOCTYPE, "phone": number, **values}).db_insert()
	frappe.db.commit()
	answering(number, "answers")
	correction = correct(doc)
	carry_out(correction, carrier)
	assert statuses(correction) == {number: "Reached"}


def test_a_barred_guardian_and_a_guardian_who_did_not_hear(carrier, posted, answering):
	mother, father, aunt = (make.phone() for _ in range(3))
	klass = SchoolClass([{"Mother": [mother], "Father": [father], "Aunt": [aunt]}])
	for number, behaviour in ((mother, "answers"), (father, "answers"), (aunt, "busy")):
		answering(number, behaviour)
	doc = klass.campaign(max_attempts=1)
	prepare(doc)
	dial(carrier)
	barred(klass, "Father")
	correction = correct(doc)
	carry_out(correction, carrier)
	assert statuses(correction) == {mother: "Reached", father: "Blocked"}
	assert [len(posted(number)) for number in (mother, father, aunt)] == [2, 1, 1]


def test_no_one_is_added_by_hand(carrier, answering):
	doc = heard([make.phone()], carrier, answering)
	correction = correct(doc)
	other = make.phone()
	make.consent(other)
	with pytest.raises(CallNotPermitted, match="NOT_HEARD"):
		frappe.get_doc({"doctype": "Dialer Recipient", "campaign": correction.name, "phone": other}).insert()


def test_the_decision_record_says_so(carrier, answering):
	number = make.phone()
	doc = heard([number], carrier, answering)
	correction = correct(doc)
	carry_out(correction, carrier)
	log = frappe.db.get_value("Dialer Call Log", {"campaign": correction.name, "phone": number})
	record = make.decision_of(log)
	assert record["request"]["corrects"] is True and record["facts"]["heard"] is True
	after = heard([number], carrier, answering)
	log = frappe.db.get_value("Dialer Call Log", {"campaign": after.name, "phone": number})
	assert [bool(one.get("corrects")) for one in make.decision_of(log)["facts"]["history"]].count(True) == 1


def test_an_alarm_is_taken_back_at_night_by_two_people(carrier, posted, answering, set_clock):
	people = [make.phone() for _ in range(3)]
	doc = alarm(people, carrier, answering)
	calm, pressed, refuser = people
	ledger.opt_out(pressed, scope="this purpose", purpose="Emergency", evidence=make.evidence("Agent"))
	ledger.opt_out(refuser, scope="everything", evidence=make.evidence("Agent"))
	frappe.db.commit()
	correction = asked(doc)
	assert state_of(correction) == states.AWAITING
	frappe.set_user(emergencies.MANAGER)
	with pytest.raises(frappe.PermissionError):
		actions.approve(correction.name)
	frappe.set_user("Administrator")
	set_clock(clock.now() + timedelta(hours=14))
	approved(correction)
	carry_out(correction, carrier, emergency=True)
	assert statuses(correction) == {calm: "Reached", pressed: "Reached", refuser: "Blocked"}
	assert [len(posted(number)) for number in people] == [2, 2, 1]


def test_an_alarm_stops_at_once_and_goes_on_if_it_is_undone(carrier, posted, answering):
	people = [make.phone() for _ in range(2)]
	for number in people:
		answering(number, "answers")
	doc = emergencies.approved(people)
	planner.run(doc.name)
	last = make.recipients(doc.name)[-1]
	frappe.db.set_value("Dialer Recipient", last.name, "not_before", "2099-01-01")
	frappe.db.commit()
	dial(carrier, emergency=True)
	correction = asked(doc)
	assert (state_of(doc), state_of(correction)) == (states.PAUSED, states.AWAITING)
	making.undo(correction.name)
	actions.resume(doc.name)
	frappe.db.set_value("Dialer Recipient", last.name, "not_before", clock.db_now())
	frappe.db.commit()
	dial(carrier, emergency=True)
	assert set(statuses(doc).values()) == {"Reached"} and state_of(correction) == states.CANCELLED
	again = asked(doc)
	approved(again)
	carry_out(again, carrier, emergency=True)
	assert [len(posted(number)) for number in people] == [2, 2]


def test_an_ordinary_correction_waits_for_a_permitted_hour(carrier, posted, answering, set_clock):
	number = make.phone("312")
	doc = heard([number], carrier, answering)
	set_clock(clock.now().replace(hour=8) + timedelta(days=1))
	correction = correct(doc)
	plan(correction)
	dispatcher.run()
	frappe.db.rollback()
	assert statuses(correction) == {number: "Deferred"} and len(posted(number)) == 1
	making.undo(correction.name)
	frappe.db.commit()
	assert statuses(correction) == {number: "Cancelled"}


def test_everyone_at_a_shared_number_is_corrected_by_one_call(carrier, posted, answering):
	home = make.phone()
	klass = SchoolClass([{"Mother": [home]}, {"Father": [home]}])
	answering(home, "answers")
	doc = klass.campaign(max_attempts=1)
	prepare(doc)
	dial(carrier)
	correction = correct(doc)
	carry_out(correction, carrier)
	(row,) = make.recipients(correction.name, "phone", "students")
	assert row.phone == home and len(posted(home)) == 2
	said = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name}, "students")
	assert json.loads(row.students) == json.loads(said)


def test_a_call_under_way_is_hung_up_and_corrected(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	carrier.control("time", {"speed": 2})
	try:
		dispatcher.run()
		eventually("The answer", lambda: status_at(number, doc) == "in-progress")
		correction = correct(doc)
		plan(correction)
		eventually("The end of the call", lambda: status_at(number, doc) == "completed")
	finally:
		carrier.control("time", {"speed": DEFAULT_SPEED})
	log = frappe.get_doc("Dialer Call Log", {"campaign": doc.name})
	assert log.duration < log.seconds_needed and log.result != "reached"
	carry_out(correction, carrier)
	assert statuses(correction) == {number: "Reached"} and len(posted(number)) == 2
