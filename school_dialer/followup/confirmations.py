"""Texts that answer a person: the confirmation of an opt-out, or the link to the preference page.

One each, within minutes, and within the limits of `consent.replies.answer_limits`. A notice is requested in
the transaction that gives the reason (`consent.replies.confirmation_requests`). Here it is sent, with its own
permit. The gate's rule for answers (47 CFR 64.1200(a)(12)) exempts it from the block it confirms, for five
minutes and no longer.
"""

import secrets
import time
from datetime import timedelta

import frappe

from school_dialer import clock, gate, states
from school_dialer.attempts import claims
from school_dialer.audience.base import country_code
from school_dialer.calls.inbound import language_of
from school_dialer.calls.received import wrong_number
from school_dialer.carriers.base import Carrier
from school_dialer.compliance import Facts, Person, Request, decide
from school_dialer.consent.choices import preference_link
from school_dialer.consent.replies import (
	answer_limits,
	confirmation_requests,
	known_number,
	reviews,
	standing_opt_out,
)
from school_dialer.database.transactions import retried
from school_dialer.dispatch import carrier_responses
from school_dialer.dispatch.carrier_request import CarrierRequest
from school_dialer.dispatch.carrier_request import send as send_request
from school_dialer.gate import site_policies
from school_dialer.jobs import EMERGENCY_QUEUE, job
from school_dialer.messages import store, text
from school_dialer.pace import pacer
from school_dialer.phone import parse
from school_dialer.settings import carrier_settings, school_numbers

CONFIRMED_SOURCES = ("Keypad", "Text", "Inbound Call", "Preference Page", "E-mail", "Ticket", "Agent")
NO_TEXTS = ("landline", "toll free", "premium")
WITHIN_MINUTES = 5
SENDING, SENT, NOT_SENT = "Sending", "Sent", "Not Sent"


def on_consent_event(doc, method: str | None = None) -> None:
	"""Request the one confirmation of an opt-out (Consent Event doc_events).

	The line must be able to receive a text. An opt-out that came from "wrong number" in free text gets a
	question instead, once: is it the wrong number? An opt-out that stops nothing new, and was confirmed
	before, is not confirmed again. The school's own numbers get no text. An opt-out that staff record gets
	none if the school had no connection to the number before.
	"""
	if doc.kind != "Opt Out" or doc.source not in CONFIRMED_SOURCES or parse(doc.phone).line_type in NO_TEXTS:
		return
	doubted = doc.note == reviews.SAYS_WRONG_NUMBER
	if wrong_number.asked_lately(doc.phone) if doubted else standing_opt_out.confirmed_before(doc):
		return
	by_staff = frappe.session.user not in answer_limits.NO_AGENTS
	if school_numbers.is_own(doc.phone) or (by_staff and not known_number.was_known(doc)):
		return
	confirmation_requests.request_text(
		confirmation_requests.WRONG_NUMBER_QUESTION
		if doubted
		else confirmation_requests.OPT_OUT_CONFIRMATION,
		doc.phone,
		language=doc.language or language_of(doc.phone),
		consent_event=doc.name,
		not_after=clock.now() + timedelta(minutes=WITHIN_MINUTES),
	)


def send_soon() -> None:
	"""Enqueue the job that sends notices. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.followup.confirmations.send_due",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
	)


@job
def send_due() -> None:
	"""Send every waiting notice (background job).

	Two jobs at once share the work. Nothing is claimed while Dialer Settings are incomplete.
	"""
	if not (carrier := ready_carrier()):
		return
	while name := retried(claim):
		notice = frappe.get_doc("Dialer Notice", name)
		request = retried(lambda notice=notice: prepare(notice))
		if request:
			answer = send_request(carrier, request, clock.now())
			retried(lambda notice=notice, request=request, answer=answer: finish(notice, request, answer))


def ready_carrier() -> Carrier | None:
	"""Return the school's carrier, or None while required Dialer Settings are missing."""
	try:
		carrier_settings.check_ready("Text")
		return carrier_settings.carrier()
	except carrier_settings.NotReady:
		frappe.clear_messages()
		return None


def claim() -> str | None:
	"""Claim the oldest waiting notice, and commit. Return its name, or None."""
	found = frappe.db.sql(
		"select name from `tabDialer Notice` where status = 'Waiting' "
		"order by creation limit 1 for update skip locked"
	)
	if found:
		set_status(found[0][0], SENDING)
	frappe.db.commit()
	return found[0][0] if found else None


def set_status(name: str, status: str, **more) -> None:
	frappe.db.set_value("Dialer Notice", name, {"status": status, **more}, update_modified=False)


def prepare(notice) -> CarrierRequest | None:
	"""Wait for a slot, write the call log, and commit. Return the request.

	Without a sending number or the gate's ALLOW, set the notice to Not Sent and return None.
	"""
	numbers = carrier_settings.sending_numbers("Text")
	request = None
	if numbers:
		time.sleep(pacer.reserve(pacer.streams_of(numbers[0], "Text")))
		request = permitted(notice, numbers[0].phone_number)
	if request:
		set_status(notice.name, SENDING, call_log=request.log)
	else:
		set_status(notice.name, NOT_SENT)
	frappe.db.commit()
	return request


def finish(notice, request: CarrierRequest, answer) -> None:
	carrier_responses.record_results([(request, answer)])
	log = frappe.db.get_value("Dialer Call Log", request.log, "status")
	sent = log not in (states.REFUSED, states.PLACING)
	set_status(notice.name, SENT if sent else NOT_SENT, sent_at=clock.db_now() if sent else None)
	frappe.db.commit()


def permitted(notice, sender: str) -> CarrierRequest | None:
	"""Return the notice as a permitted request with its call log, or None if the gate refuses.

	Most often it refuses because it is too late.
	"""
	person = Person(country=country_code())
	asked = Request(
		phone=notice.phone,
		channel="Text",
		purpose="General",
		person=person,
		answers=clock.from_db(notice.creation),
	)
	at = clock.now()
	decision = decide(asked, Facts(), site_policies.policy_of(person.country), at)
	if not decision.allowed:
		return None
	row = frappe._dict(name=None, phone=notice.phone, students=(), attempts=0, language=notice.language)
	row.log = secrets.token_hex(8)
	header = frappe._dict(name=None, channel="Text", purpose="General", template=None)
	answer = gate.EligibilityResult(decision, ())
	claims.write_logs(header, [row], {None: answer}, sender, at)
	permit = gate.mint(answer, call_log=row.log, to=notice.phone, sender=sender)
	return CarrierRequest(row, row.log, permit, carrier_settings.outgoing_text(body(notice), row.log))


def body(notice) -> str:
	school = store.school()
	if notice.kind == answer_limits.PREFERENCE_LINK:
		return text.preference_link(school, preference_link.url(notice.token_id), notice.language)
	if notice.kind == confirmation_requests.WRONG_NUMBER_QUESTION:
		return text.wrong_number_question(school, notice.language)
	scope = frappe.db.get_value("Consent Event", notice.consent_event, "scope")
	return text.opt_out_confirmation(school, notice.language, scope or "all non-emergency")


def settle_abandoned() -> None:
	"""Settle notices whose worker died while sending, and notices that waited too long.

	A notice that was being sent is never sent again: its call log shows whether it went out. A notice that
	waited, because there was no carrier, until the gate would refuse it becomes Not Sent.
	"""
	limit = clock.to_db(clock.now() - timedelta(minutes=2 * WITHIN_MINUTES))
	frappe.db.sql(
		"update `tabDialer Notice` set status = 'Not Sent' where status = 'Waiting' and creation < %s", limit
	)
	frappe.db.sql(
		"""update `tabDialer Notice` notice left join `tabDialer Call Log` log on log.name = notice.call_log
		set notice.status = if(log.name is null or log.status = 'refused', 'Not Sent', 'Sent')
		where notice.status = 'Sending' and notice.creation < %s""",
		limit,
	)
