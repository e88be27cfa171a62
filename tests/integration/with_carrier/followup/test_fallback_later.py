"""Changes between a call and the text or e-mail in its place: the hour, consent, the reason; emergencies."""

from datetime import timedelta

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.desk import campaigns as desk
from school_dialer.followup import fallback
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.follow_ups import (
	addresses,
	called,
	family,
	follow_up,
	mails,
	rows_of,
	text_of,
	texts,
)
from tests.integration.with_carrier.running import dial, number_of, prepare, state_of

# The other fixtures are shared with the other tests.


@pytest.fixture
def later(carrier, school_day):
	"""Yield a function that sets the clocks of the site and the carrier ahead of the school's morning."""

	def by(**delta) -> None:
		offset = school_day + timedelta(**delta).total_seconds()
		frappe.conf[clock.OFFSET_KEY] = offset
		carrier.control("time", {"clock_offset": offset})

	yield by
	frappe.conf[clock.OFFSET_KEY] = school_day
	carrier.control("time", {"clock_offset": school_day})


@pytest.mark.dates
def test_at_night_the_text_waits_and_goes_out_in_the_morning(carrier, not_reached, later):
	number = make.phone("312")
	doc = not_reached(number)
	later(hours=12)
	follow_up(doc, carrier)
	text = text_of(doc)
	assert text.status == "Deferred" and "HOUR" in text.reasons
	assert not texts(carrier, number) and state_of(doc) == states.RUNNING
	assert frappe.db.get_value("Dialer Recipient", text.name, "not_before").hour in (8, 9)
	later(hours=24)
	scheduler.tick()
	dial(carrier)
	assert len(texts(carrier, number)) == 1 and state_of(doc) == states.COMPLETED


@pytest.mark.dates
def test_what_would_be_sent_after_the_campaigns_end_is_not_sent(carrier, not_reached, later):
	number = make.phone("312")
	doc = not_reached(number)
	frappe.db.set_value("Dialer Campaign", doc.name, "deadline", clock.db_now() + timedelta(hours=1))
	later(hours=12)
	follow_up(doc, carrier)
	assert not texts(carrier, number) and called(doc).fallback is None


def test_an_e_mail_has_no_hours(carrier, answering, mailer, later):
	doc, _klass = family(answering, carrier, {"Ana": "ana@family.example"})
	later(hours=12)
	follow_up(doc, carrier)
	assert addresses(doc) == {"ana@family.example"} and state_of(doc) == states.COMPLETED


def test_consent_to_texts_that_was_taken_back_is_not_used(carrier, not_reached):
	number, other = make.phone(), make.phone()
	doc, planned_one = not_reached(number), not_reached(other)
	fallback.run(planned_one.name)
	for one in (number, other):
		ledger.opt_out(one, channel="Text", evidence=make.evidence("Agent"))
	frappe.db.commit()
	follow_up(doc, carrier)
	follow_up(planned_one, carrier)
	assert not texts(carrier, number) and not texts(carrier, other)
	for one in (doc, planned_one):
		assert (text_of(one).status, text_of(one).reasons) == ("Blocked", "OPTED_OUT")
		assert state_of(one) == states.COMPLETED


@pytest.mark.parametrize("option", ["text_fallback", "email_fallback"])
def test_a_reason_that_has_gone_is_not_written_about(
	carrier, school_with, planned, answering, mailer, option
):
	school = school_with(1)
	absence = school.mark("C0")
	answering(number_of(school, "C0"), "no answer")
	frappe.db.set_value("Guardian", f"{school.tag}-G0", "email_address", "c0@family.example")
	frappe.db.commit()
	_rule, campaign = planned(school)
	doc = frappe.get_doc("Dialer Campaign", campaign)
	frappe.db.set_value("Dialer Campaign", campaign, option, 1)
	frappe.db.commit()
	dial(carrier)
	assert called(doc).status == "Not Reached"
	# As if the correction had gone unnoticed: the last check has to find out by itself.
	frappe.db.sql("update `tabStudent Attendance` set docstatus = 2 where name = %s", absence)
	follow_up(doc, carrier)
	assert not texts(carrier, number_of(school, "C0")) and not mails(doc)
	if option == "text_fallback":
		assert (text_of(doc).status, text_of(doc).outcome) == ("Cancelled", "The absence was corrected.")
	else:
		assert (called(doc).fallback, called(doc).fallback_reason) == ("None", "The absence was corrected.")
	assert state_of(doc) == states.COMPLETED


def test_an_emergency_texts_those_whom_no_call_reached_with_or_without_consent(carrier, answering):
	stranger, refuser, weary = make.phone(), make.phone(), make.phone()
	ledger.opt_out(refuser, scope="everything", evidence=make.evidence("Agent"))
	ledger.opt_out(weary, scope="all non-emergency", evidence=make.evidence("Agent"))
	for number in (stranger, refuser, weary):
		answering(number, "no answer")
	doc = emergencies.approved([stranger, refuser, weary], text_fallback=1)
	planner.run(doc.name)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert {row.phone: row.status for row in rows_of(doc)} == {
		stranger: "Not Reached",
		weary: "Not Reached",
		refuser: "Blocked",
	}
	fallback.run(doc.name)
	dial(carrier, emergency=True)
	assert len(texts(carrier, stranger)) == 1 and len(texts(carrier, weary)) == 1
	assert not texts(carrier, refuser)
	assert state_of(doc) == states.COMPLETED
	assert desk.progress(doc.name)["afterwards"]["done"] == {"Text": 2}


def test_anyone_who_was_never_called_is_not_texted_in_place_of_a_call(carrier, answering):
	number = make.phone()
	doc = make.campaign([number], text_fallback=1)
	prepare(doc)
	dial(carrier)
	follow_up(doc, carrier)
	assert called(doc).status == "Blocked" and not texts(carrier, number)
