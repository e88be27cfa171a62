"""Calls and texts with the code that proves a number on the consent form.

The text is a notice, which `followup.confirmations` sends with these words. The call has a permit of its own:
the person asked for it, once, at this number; opt-outs, hours and limits apply to it as to any call.
"""

import secrets
import time

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.jobs import EMERGENCY_QUEUE, job
from school_dialer.calls import live_call
from school_dialer.calls.own_number import sample_call
from school_dialer.compliance.permit import Trial
from school_dialer.compliance.vocabulary import VOICE
from school_dialer.consent.lock import number_lock
from school_dialer.consent_form import answers, codes
from school_dialer.messages import own_number as words
from school_dialer.messages import store
from school_dialer.messages.model import School
from school_dialer.messages.spoken import voice
from school_dialer.outbound.attempts import call_logs, status_updates
from school_dialer.outbound.dispatch import carrier_responses
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest, send
from school_dialer.outbound.pace import account_health, pacer
from school_dialer.settings import carrier_settings

PHRASE = "consent_code"
FORM = "consent form"
BY_CALL = "Call"


def text_of(school: School, notice) -> str:
	"""Return the text of this notice. When its code is over, an older one that opens nothing."""
	code, language = codes.of("notice", notice.name) or ("------", notice.language)
	return words.text(school, language, code, PHRASE)


def on_call_asked(answer: str) -> None:
	"""Enqueue the call that says the code of an answer (hook `dialer_code_call_asked`)."""
	frappe.enqueue(
		"school_dialer.followup.consent_codes.place",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
		answer=answer,
	)


@job
def place(answer: str) -> None:
	"""Place the call with the code, if the gate allows it now and the code still holds (background job)."""
	if not is_due(row := answers.named(answer)):
		return
	try:
		carrier_settings.check_ready(VOICE)
	except carrier_settings.NotReady:
		frappe.clear_messages()
		return
	numbers = carrier_settings.sending_numbers(VOICE, row.school or "")
	number = account_health.usual(numbers or carrier_settings.sending_numbers(VOICE))
	# Before the lock: an opt-out would wait for it all that time.
	time.sleep(pacer.reserve(pacer.streams_of(number, VOICE)))
	# The gate decides on what is on record after the wait: the person may have opted out meanwhile.
	frappe.db.commit()
	with number_lock([row.phone]):
		# Read again: of two jobs for this answer, the second finds the first one's call.
		row = answers.named(answer, for_update=True)
		if not is_due(row) or not (request := permitted(row, number.phone_number)):
			return
		# The log is on record before the carrier has the request.
		frappe.db.commit()
		client = carrier_settings.carrier(number.account)
		carrier_responses.record_results([(request, send(client, request, clock.now()))])
		frappe.db.commit()


def is_due(row: frappe._dict | None) -> bool:
	"""Return whether a call with a code was asked for, and none was placed yet."""
	if row is None or row.status != answers.UNPROVEN or row.proven_by != BY_CALL:
		return False
	return not row.call_log and codes.is_open(row)


def permitted(answer: frappe._dict, sender: str) -> CarrierRequest | None:
	"""Return the permitted call with its call log, or None if the gate refuses it now."""
	at = clock.now()
	result = gate.ask_trial(VOICE, answer.phone, at)
	if not result.decision.allowed:
		return None
	row = frappe._dict(name=None, phone=answer.phone, students=(), attempts=0, language=answer.language)
	row.log = secrets.token_hex(8)
	row.school = answer.school
	header = frappe._dict(name=None, channel=VOICE, purpose="General", template=None)
	call_logs.write_logs(header, [row], {None: result}, sender, at)
	answers.update(answer, call_log=row.log)
	permit = gate.mint_trial(result, Trial(FORM), call_log=row.log, to=answer.phone, sender=sender)
	return CarrierRequest(row, row.log, permit, sample_call.voice("consent_code", row.log))


def answer(log_name: str, sid: str) -> str:
	"""Return the TwiML for the call that carries a code: it says the code while the code holds."""
	log = live_call.open_log(log_name, sid)
	pair = codes.of("call_log", log.name) if log else None
	school = store.school(log.school if log else None, (log and log.language) or None)
	if not pair:
		return voice.unavailable_twiml(school, (log and log.language) or "")
	status_updates.apply(log.name, status_updates.StatusUpdate("in-progress", sid=sid))
	live_call.update_log(log.name, content=voice.GENERIC)
	code, language = pair
	return words.twiml(school, language, code, PHRASE)
