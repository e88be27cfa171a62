"""Texts that answer a person: the confirmation of an opt-out, the link to the preference page, a staff reply.

The app's own: one each, within minutes, and within the limits of `consent.replies.answer_limits`. A notice is
requested in the transaction that gives the reason (`consent.replies.confirmation_requests`). Here it is sent,
with its own permit. The gate's rule for answers (47 CFR 64.1200(a)(12)) exempts it from the block it
confirms, for five minutes and no longer.
"""

import secrets
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import frappe
from frappe import _
from redis.exceptions import RedisError

from school_dialer import gate
from school_dialer.audience.base import country_code
from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import EMERGENCY_QUEUE, job
from school_dialer.base.phone import parse
from school_dialer.calls import one_school
from school_dialer.calls.inbound import language_of
from school_dialer.calls.received import wrong_number
from school_dialer.carriers.base import Carrier, is_service
from school_dialer.compliance import Facts, Person, Request, decide
from school_dialer.consent import corrections
from school_dialer.consent.choices import preference_link
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.consent.receipts import receipt
from school_dialer.consent.replies import (
	answer_limits,
	confirmation_requests,
	known_number,
	reviews,
	standing_opt_out,
)
from school_dialer.consent_form import answers
from school_dialer.continuity import maintenance
from school_dialer.followup import consent_codes
from school_dialer.gate import site_policies
from school_dialer.inbound.conversations import conversation, replies
from school_dialer.lines import record
from school_dialer.messages import text
from school_dialer.outbound.attempts import call_logs
from school_dialer.outbound.dispatch import carrier_responses
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest
from school_dialer.outbound.dispatch.carrier_request import send as send_request
from school_dialer.outbound.pace import account_health, pacer
from school_dialer.settings import carrier_accounts, carrier_settings, contact_school, school_numbers

CONFIRMED_SOURCES = ("Keypad", "Text", "Inbound Call", "Preference Page", "E-mail", "Ticket", "Agent")
NO_TEXTS = ("landline", "toll free", "premium")
WITHIN_MINUTES = 5
ASKED, ASKED_SECONDS = "dialer_notices_asked", 2
"""The entry of the cache that says that a job which sends notices is queued."""
BUSY_FOR = timedelta(seconds=20)
"""How long a notice waits after another process held its number's lock for long."""
WAITING, SENDING, SENT, NOT_SENT = "Waiting", "Sending", "Sent", "Not Sent"


def on_consent_event(doc, method: str | None = None) -> None:
	"""Request the one confirmation of an opt-out (hook `dialer_consent_recorded`).

	Hooks of an earlier version, which are cached until an update is done, call it as a document event.

	The line must be able to receive a text. An opt-out that came from "wrong number" in free text gets a
	question instead, once: is it the wrong number? An opt-out that stops nothing new, and was confirmed
	before, is not confirmed again, nor is a STOP that the carrier confirmed. The school's own numbers get no
	text. An opt-out that staff record, or a caller with a hidden number asks for, gets none if the school had
	no connection to the number before.
	"""
	if doc.kind != "Opt Out" or not is_confirmed(doc) or doc.note == confirmation_requests.BY_CARRIER:
		return
	if parse(doc.phone).line_type in NO_TEXTS:
		return
	limits = answer_limits.of_number(doc.phone)
	if limits.looked_up and record.facts_for(doc.phone).no_texts:
		return
	doubted = doc.note == reviews.SAYS_WRONG_NUMBER
	if wrong_number.asked_lately(doc.phone) if doubted else standing_opt_out.confirmed_before(doc):
		return
	by_staff = frappe.session.user not in answer_limits.NO_AGENTS
	by_another = by_staff or doc.note == confirmation_requests.ENTERED
	if school_numbers.is_own(doc.phone) or (by_another and not known_number.was_known(doc)):
		return
	confirmation_requests.request_text(
		confirmation_requests.WRONG_NUMBER_QUESTION
		if doubted
		else confirmation_requests.OPT_OUT_CONFIRMATION,
		doc.phone,
		language=doc.language or language_of(doc.phone),
		consent_event=doc.name,
		not_after=clock.now() + timedelta(minutes=WITHIN_MINUTES),
		not_before=clock.now() + corrections.TO_UNDO if can_be_undone(doc) else None,
		known=limits,
	)


def can_be_undone(doc) -> bool:
	"""Return whether the user recorded this opt-out for a person, and can undo it for a minute."""
	return doc.actor == frappe.session.user and corrections.is_by_staff(doc)


def is_confirmed(doc) -> bool:
	"""Return whether an opt-out from this source is confirmed: also one of a form signed without a code."""
	return doc.source in CONFIRMED_SOURCES or doc.reference_doctype == answers.DOCTYPE


def send_soon(always: bool = False) -> None:
	"""Enqueue the job that sends notices, after the commit, unless one is queued that has not begun.

	That one finds this notice too. Whether one is queued is known for ASKED_SECONDS; an extra job is
	harmless, since it exits at once. `always`: enqueue it anyway, since the queued one may be gone.
	"""
	frappe.db.after_commit.add(partial(enqueue_sending, always))


def enqueue_sending(always: bool) -> None:
	try:
		asked = frappe.cache().set(frappe.cache().make_key(ASKED), 1, nx=not always, ex=ASKED_SECONDS)
	except RedisError:
		asked = True
	if not asked:
		return
	frappe.enqueue("school_dialer.followup.confirmations.send_due", queue=EMERGENCY_QUEUE)


@job
def send_due() -> None:
	"""Send every waiting notice (background job).

	Two jobs at once share the work. Nothing is claimed while Dialer Settings are incomplete.
	"""
	with suppress(RedisError):
		frappe.cache().delete_value(ASKED)
	if not (carriers := ready_carriers()):
		return
	while not maintenance.is_on() and (name := retried(claim)):
		notice = frappe.get_doc("Dialer Notice", name)
		sender = wait_for_slot(school_of(notice), texted(notice))
		try:
			with number_lock([notice.phone]):
				account = carrier_accounts.of_sender(sender).id if sender else ""
				send(carriers.of(account) if sender else None, notice, sender)
		except NumberBusy:
			set_status(name, WAITING, not_before=clock.to_db(clock.now() + BUSY_FOR))
			frappe.db.commit()


def school_of(notice) -> str:
	"""Return the school in whose name this notice is, or "" for the district."""
	if notice.kind == answer_limits.STAFF_REPLY and (message := replies.message_of(notice.name)):
		return replies.speaking(message.conversation, notice.phone)
	return contact_school.of_phone(notice.phone)


def texted(notice) -> str:
	"""Return the number to which the person sent the text that this notice answers, or ""."""
	event = notice.consent_event and frappe.db.get_value(
		"Consent Event", notice.consent_event, ["reference_doctype", "reference_name"], as_dict=True
	)
	if not event or event.reference_doctype != "Dialer Call Log":
		return ""
	of_text = {"name": event.reference_name, "direction": "Inbound", "channel": "Text"}
	return frappe.db.get_value("Dialer Call Log", of_text, "sender") or ""


def wait_for_slot(school: str = "", asked: str = "") -> str | None:
	"""Wait until a text may be sent in this school's name, and return the number for it, or None.

	An answer to a text to the number `asked` comes from there: from another number it would be a second
	conversation, and pass what the carrier has blocked after a STOP.
	"""
	numbers = carrier_settings.sending_numbers("Text", school)
	number = answering(asked) if asked else None
	if not number and not numbers:
		return None
	number = number or account_health.usual(numbers)
	time.sleep(pacer.reserve(pacer.streams_of(number, "Text")))
	return number.phone_number


def answering(asked: str) -> carrier_settings.SendingNumber | None:
	"""Return the sender that a person has texted at this number: itself, or the service of its pool."""
	numbers = carrier_settings.sending_numbers("Text")
	ours = {row.phone_number for row in carrier_settings.settings().sending_numbers}
	return next(
		(
			number
			for number in numbers
			if number.phone_number == asked or (asked not in ours and is_service(number.phone_number))
		),
		None,
	)


def send(carrier: Carrier | None, notice, sender: str | None) -> None:
	"""Send one notice. `carrier` is the client of the sender's account, None without a sender.

	The caller holds the number's lock, so that no opt-out comes between the decision and the request.
	"""
	request = retried(lambda: prepare(notice, sender))
	if request:
		answer = send_request(carrier, request, clock.now())
		retried(lambda: finish(notice, request, answer))


def ready_carriers() -> carrier_settings.Carriers | None:
	"""Return the school's accounts, or None while required Dialer Settings are missing."""
	try:
		carrier_settings.check_ready("Text")
		return carrier_settings.Carriers(carrier_settings.first_carrier())
	except carrier_settings.NotReady:
		frappe.clear_messages()
		return None


def claim() -> str | None:
	"""Claim the oldest waiting notice that is due, and commit. Return its name, or None."""
	rows = frappe.db.sql(
		"select name from `tabDialer Notice` where status = 'Waiting' "
		"and (not_before is null or not_before <= %s) "
		"order by creation limit 1 for update skip locked",
		clock.db_now(),
	)
	if rows:
		set_status(rows[0][0], SENDING)
	frappe.db.commit()
	return rows[0][0] if rows else None


def set_status(name: str, status: str, **more) -> None:
	frappe.db.set_value("Dialer Notice", name, {"status": status, **more}, update_modified=False)


def prepare(notice, sender: str | None) -> CarrierRequest | None:
	"""Write the call log, and commit. Return the request.

	Without a sending number or the gate's ALLOW, set the notice to Not Sent and return None. What staff wrote
	waits for calling hours, unless it names a day that is over then.
	"""
	request, decision, late = None, None, ""
	if sender:
		answer = decided(notice, clock.now())
		decision = answer.decision
		late = of_another_day(notice, decision)
		request = permitted(notice, answer, sender) if decision.allowed and not late else None
	if request:
		set_status(notice.name, SENDING, call_log=request.log)
	elif decision and notice.kind == answer_limits.STAFF_REPLY and decision.until and not late:
		set_status(notice.name, WAITING, not_before=clock.to_db(decision.until))
	else:
		set_status(notice.name, NOT_SENT)
		if notice.kind == answer_limits.STAFF_REPLY:
			why = replies.refusal(decision.codes) if decision else _("There is no number to send from.")
			replies.not_sent(notice.name, late or why)
	frappe.db.commit()
	return request


def of_another_day(notice, decision) -> str:
	"""Return why what staff wrote may not be read when it would be sent, or ""."""
	if notice.kind != answer_limits.STAFF_REPLY:
		return ""
	message = replies.message_of(notice.name)
	school = frappe.db.get_value("Dialer Conversation", message.conversation, "school")
	read = decision.until or decision.at
	return replies.of_another_day(message.words or "", message.said_at, read, school)


def finish(notice, request: CarrierRequest, answer) -> None:
	carrier_responses.record_results([(request, answer)])
	log = frappe.db.get_value("Dialer Call Log", request.log, "status")
	sent = log not in (states.REFUSED, states.PLACING)
	set_status(notice.name, SENT if sent else NOT_SENT, sent_at=clock.db_now() if sent else None)
	# On record before the next one is claimed: this one must not be sent twice.
	frappe.db.commit()


def decided(notice, at: datetime) -> gate.EligibilityResult:
	"""Return the gate's decision. The app's own answers are exempt from most rules, for a few minutes."""
	if notice.kind == answer_limits.STAFF_REPLY:
		message = replies.message_of(notice.name)
		return replies.decide(conversation.locked(message.conversation), at)
	person = Person(country=country_code())
	asked = Request(
		phone=notice.phone,
		channel="Text",
		purpose="General",
		person=person,
		answers=clock.from_db(notice.creation),
	)
	return gate.EligibilityResult(decide(asked, Facts(), site_policies.policy_of(person.country), at), ())


def permitted(notice, answer: gate.EligibilityResult, sender: str) -> CarrierRequest:
	"""Return the notice as a permitted request with its call log."""
	row = frappe._dict(name=None, phone=notice.phone, students=(), attempts=0, language=notice.language)
	row.log = secrets.token_hex(8)
	answer = replace(answer, school=school_of(notice))
	row.school = answer.school
	header = frappe._dict(name=None, channel="Text", purpose="General", template=None)
	call_logs.write_logs(header, [row], {None: answer}, sender, answer.decision.at)
	permit = gate.mint(answer, call_log=row.log, to=notice.phone, sender=sender)
	return CarrierRequest(row, row.log, permit, carrier_settings.outgoing_text(body(notice), row.log))


def body(notice) -> str:
	school = contact_school.speaking_to(notice.phone, notice.language)
	if notice.kind == answer_limits.STAFF_REPLY:
		return replies.body_of(notice.name)
	if notice.kind == answer_limits.CONSENT_CODE:
		return consent_codes.text_of(school, notice)
	if notice.kind == answer_limits.PREFERENCE_LINK:
		return text.preference_link(school, preference_link.url(notice.token_id), notice.language)
	if notice.kind == confirmation_requests.WRONG_NUMBER_QUESTION:
		return text.wrong_number_question(school, notice.language)
	scope = frappe.db.get_value("Consent Event", notice.consent_event, "scope")
	name = one_school.asked_about(notice)
	code = receipt.code_of(notice.consent_event)
	return text.opt_out_confirmation(school, notice.language, scope or "all non-emergency", name, code)


def settle_abandoned() -> None:
	"""Settle notices whose worker died while sending, and notices that waited too long.

	A notice that was being sent is never sent again: its call log shows whether it went out. A notice that
	waited, because there was no carrier, until the gate would refuse it becomes Not Sent. What staff wrote
	waits longer: the gate decides when there is a carrier.
	"""
	limit = clock.to_db(clock.now() - timedelta(minutes=2 * WITHIN_MINUTES))
	frappe.db.sql(
		"update `tabDialer Notice` set status = 'Not Sent' where status = 'Waiting' "
		"and ifnull(not_before, creation) < %s and kind != %s",
		(limit, answer_limits.STAFF_REPLY),
	)
	frappe.db.sql(
		"""update `tabDialer Notice` notice left join `tabDialer Call Log` log on log.name = notice.call_log
		set notice.status = if(log.name is null or log.status = 'refused', 'Not Sent', 'Sent')
		where notice.status = 'Sending' and notice.creation < %s""",
		limit,
	)
