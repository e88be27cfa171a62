"""A text that no receipt came for counts as heard, until a late receipt says that it did not arrive."""

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.campaigns import notifications
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.followup import fallback
from school_dialer.gate import planned
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply
from tests.integration import factories as make
from tests.integration.with_carrier import follow_ups
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of, texts_to

pytestmark = pytest.mark.exhaustive
FILTERED = "30007"
"""An error for which the number is not to blame."""


@pytest.fixture
def texted(carrier, answering):
	"""Return a function that texts one family without a receipt, and returns the campaign and the log."""

	def text(still_open: bool = True, **values):
		number, other = make.phone(), make.phone()
		answering(number, "answers", text={"delivery": "sent"})
		answering(other, "answers", text={"delivery": "sent" if still_open else "delivered"})
		doc = SchoolClass([{"Ana": [number]}, {"Eva": [other]}]).campaign(channel="Text", **values)
		prepare(doc)
		dial(carrier)
		log = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name, "phone": number})
		report(log, states.UNREPORTED)
		assert row_of(log).status == "Reached" and told(doc, number) == "Informed"
		return doc, log, number

	return text


def report(log: str, status: str, **values) -> None:
	apply(log, StatusUpdate(status, **values))
	frappe.db.commit()


def row_of(log: str):
	fields = ["name", "status", "outcome", "attempts", "not_before", "fallback"]
	return frappe.db.get_value("Dialer Recipient", {"last_call_log": log}, fields, as_dict=True)


def news_of(doc) -> str:
	return frappe.db.get_value("Dialer Campaign", doc.name, "pending_notification") or ""


def told(doc, number: str) -> str:
	return frappe.db.get_value("Dialer Party", {"campaign": doc.name, "phone": number}, "state")


def test_it_is_sent_again_after_the_delay(carrier, texted):
	doc, log, number = texted(max_attempts=2)
	for _time in range(2):
		report(log, "undelivered")
		row = row_of(log)
		assert (row.status, row.attempts, told(doc, number)) == ("Retry", 1, "Waiting")
		assert row.not_before > clock.db_now()
	assert frappe.db.get_value("Dialer Call Log", log, "result") == "failed"
	dial(carrier)
	assert len(texts_to(carrier, number)) == 1


def test_whose_tries_are_used_up_was_not_reached(texted):
	doc, log, number = texted(max_attempts=1)
	report(log, "undelivered")
	assert (row_of(log).status, told(doc, number)) == ("Not Reached", "Waiting")
	assert news_of(doc) != notifications.LATE


@pytest.mark.parametrize("code", [None, FILTERED])
def test_an_ended_campaign_shows_who_was_not_reached_and_sends_nothing(carrier, texted, code):
	doc, log, number = texted(still_open=False, max_attempts=2)
	complete_if_done(doc.name)
	frappe.db.commit()
	assert state_of(doc) == "Completed"
	notifications.notify_pending(doc.name)
	report(log, "undelivered", error_code=code)
	dial(carrier)
	assert (row_of(log).status, told(doc, number), state_of(doc)) == ("Not Reached", "Waiting", "Completed")
	assert len(texts_to(carrier, number)) == 1
	assert news_of(doc) == notifications.LATE
	notifications.notify_pending(doc.name)
	subject = frappe.db.get_value(
		"Notification Log", {"document_name": doc.name}, "subject", order_by="creation desc"
	)
	assert "did not arrive" in subject and not news_of(doc)


def test_a_fault_of_the_school_does_not_count(texted):
	_doc, log, _number = texted(max_attempts=1)
	report(log, "undelivered", error_code=FILTERED)
	assert (row_of(log).status, row_of(log).attempts) == ("Pending", 0)


@pytest.mark.parametrize("ended", [False, True])
def test_who_heard_before_another_person_is_still_to_be_told(carrier, answering, ended):
	home, ana, ben, eva = (make.phone() for _each in range(4))
	delivered = {home: "undelivered", ana: "sent", ben: "delivered", eva: "delivered" if ended else "sent"}
	for number, delivery in delivered.items():
		answering(number, "answers", text={"delivery": delivery})
	school = SchoolClass([{"Ana": [home, ana], "Ben": [home, ben]}, {"Eva": [eva]}])
	doc = school.campaign(channel="Text", reach="Everyone", max_attempts=3)
	prepare(doc)
	dial(carrier)
	log = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name, "phone": ana})
	recipient = frappe.db.get_value("Dialer Call Log", log, "recipient")
	report(log, states.UNREPORTED)
	dial(carrier)
	assert told(doc, ana) == told(doc, ben) == "Informed"
	assert (state_of(doc) == "Completed") == ended
	report(log, "undelivered")
	row = frappe.db.get_value(
		"Dialer Recipient", recipient, [*planned.FIELDS, "seal", "status"], as_dict=True
	)
	assert (row.status, row.person) == ("Not Reached" if ended else "Retry", f"{school.tag}-Ana")
	assert told(doc, ana) == "Waiting" and told(doc, ben) == "Informed"
	assert planned.divided([row])[0] == [row]


def test_a_late_delivery_changes_nothing(texted):
	doc, log, number = texted()
	report(log, "delivered")
	assert (row_of(log).status, told(doc, number)) == ("Reached", "Informed")


def test_a_text_in_place_of_a_call_leads_to_the_e_mail(carrier, answering, mailer):
	number = make.phone()
	answering(number, "no answer", text={"delivery": "sent"})
	school = SchoolClass([{"Ana": [number]}])
	frappe.db.set_value("Guardian", f"{school.tag}-Ana", "email_address", "ana@family.example")
	doc = school.campaign(max_attempts=1, text_fallback=1, email_fallback=1)
	prepare(doc)
	dial(carrier)
	follow_ups.follow_up(doc, carrier)
	text = follow_ups.text_of(doc)
	log = frappe.db.get_value("Dialer Call Log", {"recipient": text.name})
	frappe.db.set_value("Dialer Recipient", text.name, {"status": "Reached"})
	frappe.db.set_value("Dialer Call Log", log, {"result": "reached", "status_rank": 80})
	frappe.db.commit()
	report(log, "undelivered")
	assert follow_ups.text_of(doc).status == "Not Reached"
	fallback.run(doc.name)
	assert follow_ups.called(doc).fallback == fallback.EMAIL
	assert follow_ups.addresses(doc) == {"ana@family.example"}
