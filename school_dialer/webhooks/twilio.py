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

from school_dialer.attempts import callback_queue
from school_dialer.calls import inbound, live_call, phone_recording
from school_dialer.calls.own_number import code
from school_dialer.consent import reported_opt_outs
from school_dialer.messages.spoken.ivr_state import Digits
from school_dialer.settings import carrier_faults, webhook_probe
from school_dialer.webhooks import callback_parsing, listener
from school_dialer.webhooks.signature import signed, transaction


def twiml(xml: str) -> Response:
	frappe.db.commit()
	return Response(xml, mimetype="text/xml")


def parameter(name: str, most: int = 140) -> str:
	return callback_parsing.parameter(frappe.request.form, name, most)


def log_name() -> str:
	return (frappe.request.args.get("log") or "")[:140]


def turn() -> int | None:
	"""Return the turn of the dialogue at which the listener was asked, or None."""
	text = frappe.request.args.get("turn") or ""
	return int(text) if text.isdecimal() and len(text) <= 3 else None


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def voice() -> Response:
	"""Return TwiML for an answered call: for this person, or for the machine that picked up."""
	form, environ = frappe.request.form, frappe.request.environ
	began = listener.began_at(environ)
	answer = live_call.answer(
		log_name(), parameter("CallSid"), parameter("AnsweredBy"), callback_parsing.detection(form)
	)
	if not listener.is_waiting(environ, began):
		# The carrier has given up waiting, and the person who answered hears something else: nothing was
		# fetched.
		frappe.db.rollback()
		return Response(status=503)
	return twiml(answer)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def voicemail_end() -> Response:
	"""Record that the whole message was left on a voicemail."""
	return twiml(live_call.voicemail_ended(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def keypress() -> Response:
	"""Handle a pressed key, an entered PIN or a spoken answer. 9 opts out, in effect before this responds."""
	form, environ = frappe.request.form, frappe.request.environ
	began = listener.began_at(environ)
	answer = live_call.key(
		log_name(),
		parameter("CallSid"),
		Digits(callback_parsing.keys(form)),
		turn(),
		callback_parsing.recording(form),
		silent=callback_parsing.is_silent(form),
		hung_up=callback_parsing.has_hung_up(form),
	)
	if not listener.is_waiting(environ, began):
		live_call.answered_too_late(log_name())
	return twiml(answer)


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
	news = callback_parsing.of_text(frappe.request.form)
	if news.error_code in carrier_faults.OPT_OUT_CODES:
		carrier_holds_opt_out()
	callback_queue.receive(log_name(), news)
	return Response(status=204)


@transaction
def carrier_holds_opt_out() -> None:
	reported_opt_outs.record_of_carrier(log_name())
	frappe.db.commit()


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def inbound_text() -> Response:
	"""Handle a text from a person. STOP and similar words take effect before this responds."""
	reply = inbound.text(
		sid=parameter("MessageSid"),
		phone=parameter("From"),
		sender=parameter("To"),
		body=parameter("Body", 1600),
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
	"""Answer a person who calls the dialer's number.

	They hear who the school is, the opt-out key, and how to reach a person.
	"""
	return twiml(inbound.call(sid=parameter("CallSid"), phone=parameter("From"), sender=parameter("To")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def inbound_keypress() -> Response:
	return twiml(
		inbound.key(
			sid=parameter("CallSid"),
			phone=parameter("From"),
			digits=callback_parsing.keys(frappe.request.form),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def probe() -> Response:
	"""Respond to the site's own check that the carrier could reach it. Reads and writes nothing."""
	return Response(webhook_probe.reply(parameter(webhook_probe.NONCE)), mimetype="text/plain")
