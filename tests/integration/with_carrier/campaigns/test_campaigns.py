"""A campaign from draft to completion, in this process.

It uses the same jobs as the workers, the real client and the real webhooks.
"""

from datetime import timedelta

import frappe
import pytest
from frappe.core.doctype.deleted_document.deleted_document import restore

from dev.days import last_ordinary
from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, transitions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of


def test_calls_who_agreed_and_no_one_else(carrier, posted, answering):
	yes, no = make.phone(), make.phone()
	make.consent(yes, "Event")
	answering(yes, "answers")
	doc = make.campaign([yes, no])
	prepare(doc)
	dial(carrier)
	by_phone = {row.phone: row for row in make.recipients(doc.name)}
	assert by_phone[yes].status == "Reached"
	assert (by_phone[no].status, by_phone[no].reasons) == ("Blocked", "NO_CONSENT")
	assert len(posted(yes)) == 1 and not posted(no)
	assert state_of(doc) == states.COMPLETED
	log = frappe.get_doc("Dialer Call Log", by_phone[yes].last_call_log)
	assert (log.status, log.verdict, log.carrier_sid) == ("completed", "ALLOW", posted(yes)[0]["sid"])


def test_consent_revoked_after_planning_is_not_called(carrier, posted, answering):
	number, other = make.phone(), make.phone()
	make.consent(number)
	make.consent(other)
	answering(other, "answers")
	doc = make.campaign([number, other])
	prepare(doc)
	assert {row.status for row in make.recipients(doc.name)} == {"Pending"}
	ledger.opt_out(number, evidence=make.evidence("Agent"))
	frappe.db.commit()
	# As if the campaign had missed the opt-out: the gate has to find out by itself.
	frappe.db.sql("update `tabDialer Recipient` set status = 'Pending' where phone = %s", number)
	frappe.db.commit()
	dial(carrier)
	by_phone = {row.phone: row for row in make.recipients(doc.name)}
	assert (by_phone[number].status, by_phone[number].reasons) == ("Blocked", "OPTED_OUT")
	assert by_phone[number].attempts == 0 and not posted(number)
	assert len(posted(other)) == 1


def test_opt_out_blocks_who_is_waiting_at_once(school):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	ledger.opt_out(number, evidence=make.evidence("Agent"))
	assert make.recipients(doc.name)[0].status == "Blocked"
	frappe.db.commit()


def test_key_nine_is_an_opt_out(carrier, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "presses", digits="9")
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	events = frappe.get_all("Consent Event", {"phone": number}, ["kind", "source", "scope"], order_by="seq")
	assert [(event.kind, event.source) for event in events] == [("Grant", "Enrolment"), ("Opt Out", "Keypad")]
	assert events[1].scope == "all non-emergency"
	assert ledger.read([number])[number].opt_outs


def test_text_stop_is_an_opt_out(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers", text={"delivery": "delivered", "reply": "STOP"})
	doc = make.campaign([number], channel="Text")
	prepare(doc)
	dial(carrier)
	frappe.db.rollback()
	assert make.recipients(doc.name)[0].status == "Reached"
	assert len(posted(number)) >= 1
	assert [
		event.kind for event in frappe.get_all("Consent Event", {"phone": number}, ["kind"], order_by="seq")
	][1] == "Opt Out"


def test_voicemail_gets_generic_words(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "voicemail")
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	log = frappe.get_doc("Dialer Call Log", make.recipients(doc.name)[0].last_call_log)
	assert log.content == "Generic" and log.answered_by.startswith("machine")
	said = carrier.control("call", {"sid": posted(number)[0]["sid"]})["sentences"]
	assert not any("Thursday" in str(sentence) for sentence in said)


def test_refused_number_is_not_reached_and_named(carrier, answering):
	number = make.phone()
	make.consent(number)
	carrier.control("people", {number: {"refuse": 21211}})
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	row = make.recipients(doc.name)[0]
	assert row.status == "Not Reached"
	assert frappe.db.get_value("Dialer Call Log", row.last_call_log, ["status", "error_code"]) == (
		"refused",
		"21211",
	)


def test_carrier_opt_out_becomes_ours(carrier):
	number = make.phone()
	make.consent(number)
	carrier.control("people", {number: {"refuse": 21610}})
	doc = make.campaign([number], channel="Text")
	prepare(doc)
	dial(carrier)
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs
	assert make.recipients(doc.name)[0].status == "Not Reached"


@pytest.fixture(params=[0, 7], ids=["today", "a week ago"])
def site_day(request, set_clock):
	"""Set the clocks of the site and the carrier back to the ordinary day that many days ago, or before.

	They are behind the true time or not.
	"""
	today = clock.now().date()
	set_clock(clock.now() - (today - last_ordinary(today - timedelta(days=request.param))))


@pytest.mark.dates
def test_lost_answer_is_looked_up_and_never_redialled(carrier, posted, answering, site_day):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	carrier.control("faults", {"lose_answer": 1.0, "drop_callback": 1.0})
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	assert make.recipients(doc.name)[0].status in ("Unknown", "Dialing", "Reached")
	carrier.control("faults", {})
	long_ago = frappe.utils.add_to_date(make.clock.db_now(), hours=-1)
	frappe.db.sql("update `tabDialer Call Log` set placed_at = %s where phone = %s", (long_ago, number))
	frappe.db.commit()
	reconciler.run()
	frappe.db.rollback()
	assert make.recipients(doc.name)[0].status == "Reached"
	assert len(posted(number)) == 1


def test_household_is_called_once(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number, number.replace("+1", "1 "), number])
	prepare(doc)
	dial(carrier)
	assert len(make.recipients(doc.name)) == 1
	assert len(posted(number)) == 1


def test_cancelled_campaign_never_calls(carrier, posted):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	assert actions.cancel(doc.name) == 1
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier)
	assert make.recipients(doc.name)[0].status == "Cancelled"
	assert not posted(number)
	with pytest.raises(transitions.WrongState):
		actions.resume(doc.name)


def test_a_cancelled_campaign_that_is_restored_is_a_draft(carrier, posted):
	"""Check a campaign that was deleted before planning and restored after its scheduled time.

	The scheduler leaves it alone.
	"""
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], scheduled_at=frappe.utils.add_to_date(make.clock.db_now(), hours=1))
	actions.schedule(doc.name)
	actions.cancel(doc.name)
	frappe.delete_doc("Dialer Campaign", doc.name)
	restore(frappe.db.get_value("Deleted Document", {"deleted_name": doc.name, "restored": 0}))
	again = frappe.get_all("Dialer Campaign", {"title": doc.title}, pluck="name", order_by="name")
	assert len(again) == 1
	frappe.db.set_value("Dialer Campaign", again[0], "scheduled_at", "2020-01-01 08:00:00")
	frappe.db.commit()
	for job in (scheduler.tick, lambda: planner.run(again[0]), dispatcher.run):
		job()
	assert frappe.db.get_value("Dialer Campaign", again[0], "status") == states.DRAFT
	assert not make.recipients(again[0]) and not posted(number)
	frappe.delete_doc("Dialer Campaign", again[0])
	frappe.db.commit()


@pytest.mark.exhaustive
def test_a_call_that_was_ringing_at_the_cancellation_is_not_made_again(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "no answer")
	carrier.control("faults", {"delay_callback": 8})
	doc = make.campaign([number], max_attempts=3)
	prepare(doc)
	dispatcher.run()
	actions.cancel(doc.name)
	frappe.db.commit()
	carrier.wait_until_idle()
	for job in (lambda: planner.run(doc.name), dispatcher.run, scheduler.tick):
		job()
	dial(carrier)
	row = make.recipients(doc.name)[0]
	assert (row.status, row.attempts, len(posted(number))) == ("Not Reached", 1, 1)
	assert state_of(doc) == states.CANCELLED


def test_paused_campaign_waits_for_resume(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	actions.pause(doc.name)
	frappe.db.commit()
	dial(carrier)
	assert not posted(number)
	assert actions.resume(doc.name) == states.RUNNING
	frappe.db.commit()
	dial(carrier)
	assert len(posted(number)) == 1


@pytest.mark.dates
def test_scheduler_starts_what_is_due(school):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], scheduled_at=frappe.utils.add_to_date(make.clock.db_now(), hours=1))
	frappe.db.commit()
	assert actions.schedule(doc.name) == states.SCHEDULED
	scheduler.start_due()
	assert state_of(doc) == states.SCHEDULED
	frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", make.clock.db_now())
	scheduler.start_due()
	assert state_of(doc) == states.PREPARING
	actions.cancel(doc.name)
	frappe.db.commit()


def test_retry_after_no_answer_keeps_the_budget(carrier, posted, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "no answer")
	doc = make.campaign([number], max_attempts=2)
	prepare(doc)
	dial(carrier)
	row = make.recipients(doc.name)[0]
	assert (row.status, row.attempts) == ("Retry", 1)
	for _ in range(2):
		frappe.db.sql(
			"update `tabDialer Recipient` set not_before = %s where name = %s",
			(make.clock.db_now(), row.name),
		)
		frappe.db.commit()
		dial(carrier)
	assert make.recipients(doc.name)[0].status == "Not Reached"
	assert len(posted(number)) == 2


@pytest.mark.dates
def test_deadline_ends_the_waiting(carrier, posted):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], deadline=frappe.utils.add_to_date(make.clock.db_now(), hours=1))
	prepare(doc)
	endless = make.campaign([number])
	prepare(endless)
	frappe.db.set_value("Dialer Campaign", doc.name, "deadline", make.clock.db_now())
	scheduler.expire_past_deadline()
	frappe.db.commit()
	assert make.recipients(doc.name)[0].status == "Not Reached"
	assert make.recipients(endless.name)[0].status == "Pending"
	actions.cancel(endless.name)
	frappe.db.commit()
	dial(carrier)
	assert not posted(number)
