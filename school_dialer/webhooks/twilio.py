"""Twilio's webhooks. Each method checks the signature, runs one idempotent transaction, then responds.

Parameters are Twilio's, form-encoded (https://www.twilio.com/docs/voice/twiml). ``log`` in the query is this
app's Dialer Call Log, a random name. A log that no longer exists gets a normal response, so that the carrier
does not retry forever. No method sends requests to the carrier.

``xss_safe`` keeps Frappe from sanitizing some thirty parameters in a copy that is not read here; the signed
form is read instead.
"""

import frappe
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.wrappers import Response

from school_dialer.calls import absence_line as absences
from school_dialer.calls import inbound, inbound_calls, phone_recording
from school_dialer.calls.own_number import code
from school_dialer.consent import reported_opt_outs
from school_dialer.emergency_kit.second_person import phone_line as approvals
from school_dialer.followup import consent_codes
from school_dialer.manual_calls import on_the_line
from school_dialer.messages.spoken.ivr_state import Digits
from school_dialer.outbound.attempts import callback_queue
from school_dialer.settings import carrier_faults, webhook_probe
from school_dialer.webhooks import callback_parsing, live
from school_dialer.webhooks.live import log_name, parameter, turn_heard, twiml
from school_dialer.webhooks.signature import signed, transaction


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def voice() -> Response:
	"""Return TwiML for an answered call: for this person, or for the machine that picked up."""
	return live.voice()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def voicemail_end() -> Response:
	"""Record that the whole message was left on a voicemail."""
	return live.voicemail_end()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def joined() -> Response:
	"""Let a person hear the message whose phone answered like a machine, and who pressed a key."""
	return live.joined()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def detected() -> Response:
	"""Record who answered an emergency call, found out by the carrier while the words were spoken."""
	return live.detected()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def keypress() -> Response:
	"""Handle a pressed key, an entered PIN or a spoken answer. 9 opts out, in effect before this responds."""
	return live.keypress()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def record() -> Response:
	"""Handle the call to a staff member who records a message: they picked up or pressed a key.

	A key begins the recording, keeps what they said, or lets them say it again.
	"""
	form = frappe.request.form
	return twiml(
		phone_recording.answer(
			log_name(), parameter("CallSid"), callback_parsing.keys(form), callback_parsing.has_hung_up(form)
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def own_number_code() -> Response:
	"""Read the code to a user who is verifying their own number and picked up."""
	return twiml(code.answer(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def consent_code() -> Response:
	"""Read the code to a person who is proving the number they typed on the consent form, and picked up."""
	return twiml(consent_codes.answer(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def manual_answer() -> Response:
	"""Ask a member of staff who wants to call a family, and picked up, to press 1."""
	return twiml(on_the_line.answer(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def manual_key() -> Response:
	"""Dial the family when the member of staff has pressed 1, if the gate allows it now."""
	form = frappe.request.form
	return twiml(
		on_the_line.key(
			log_name(), parameter("CallSid"), callback_parsing.keys(form), callback_parsing.has_hung_up(form)
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def manual_end() -> Response:
	"""Note how the family's part of a call by a person ended."""
	return twiml(
		on_the_line.ended(
			log_name(),
			parameter("CallSid"),
			parameter("DialCallStatus"),
			parameter("DialCallSid"),
			callback_parsing.seconds(parameter("DialCallDuration")),
			parameter("DialBridged", 5).lower() != "false",
			parameter("ErrorCode"),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def approval_answer() -> Response:
	"""Ask an approver who is called about an emergency, and picked up, for their PIN."""
	return twiml(approvals.answer(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def approval_key() -> Response:
	"""Handle an approver's PIN, or the key that approves or rejects the emergency."""
	form = frappe.request.form
	return twiml(
		approvals.key(
			log_name(),
			parameter("CallSid"),
			Digits(callback_parsing.keys(form)),
			turn_heard(),
			callback_parsing.has_hung_up(form),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def record_take() -> Response:
	"""Take what the staff member said."""
	form = frappe.request.form
	return twiml(
		phone_recording.keep_take(
			log_name(),
			parameter("CallSid"),
			callback_parsing.recording(form),
			callback_parsing.is_silent(form),
			callback_parsing.has_hung_up(form),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def record_status() -> Response:
	"""Note that the recording is ready to be fetched from the carrier."""
	phone_recording.ready(log_name())
	# Enqueues the job that fetches it.
	frappe.db.commit()
	return Response(status=204)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def status() -> Response:
	"""Queue a call's new status. Status callbacks may be duplicated, late or out of order."""
	callback_queue.receive(log_name(), callback_parsing.of_call(frappe.request.form))
	return Response(status=204)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def message_status() -> Response:
	"""Queue a text's new status.

	Error 21610 reports an opt-out held by the carrier, which is recorded first.
	"""
	status_update = callback_parsing.of_text(frappe.request.form)
	if carrier_faults.reports_opt_out(status_update.error_code, status_update.account):
		carrier_holds_opt_out()
	callback_queue.receive(log_name(), status_update)
	return Response(status=204)


@transaction
def carrier_holds_opt_out() -> None:
	reported_opt_outs.record_of_carrier(log_name())
	# The opt-out is in effect before the status is queued and this responds.
	frappe.db.commit()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def inbound_text() -> Response:
	"""Handle a text from a person. STOP and similar words take effect before this responds."""
	reply = inbound.reply_to_text(
		sid=parameter("MessageSid"),
		phone=parameter("From"),
		sender=parameter("To"),
		body=parameter("Body", inbound.LONGEST_TEXT),
		media=int(count) if (count := parameter("NumMedia", 2)).isdecimal() else 0,
		carrier_read=parameter("OptOutType", 5).upper(),
	)
	answer = MessagingResponse()
	if reply:
		answer.message(reply)
	return twiml(str(answer))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def inbound_call() -> Response:
	"""Answer a person who calls the dialer's number: who the school is, and a menu."""
	return twiml(
		inbound_calls.answer(sid=parameter("CallSid"), phone=parameter("From"), sender=parameter("To"))
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def inbound_keypress() -> Response:
	"""Handle a key in the menu. 9 opts out, in effect before this responds."""
	return twiml(
		inbound_calls.key(
			sid=parameter("CallSid"), digits=callback_parsing.keys(frappe.request.form), turn=turn_heard()
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def absence_line() -> Response:
	"""Take a guardian's report of an absence, key by key."""
	return twiml(
		absences.answer(
			sid=parameter("CallSid"),
			phone=parameter("From"),
			sender=parameter("To"),
			digits=Digits(callback_parsing.keys(frappe.request.form)),
			turn=turn_heard(),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def probe() -> Response:
	"""Respond to the site's own check that the carrier could reach it. Writes nothing."""
	return Response(webhook_probe.reply(parameter(webhook_probe.NONCE)), mimetype="text/plain")
