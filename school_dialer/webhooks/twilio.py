"""What Twilio asks and tells. Each method: signature first, then one idempotent transaction, then the answer.

Parameters are Twilio's, form-encoded (https://www.twilio.com/docs/voice/twiml). ``log`` in the query is our own Dialer Call Log,
a random name. A log that no longer exists is answered like any other: the carrier must not repeat itself for ever.
No method asks the carrier anything.

``xss_safe`` spares Frappe from cleaning some thirty parameters of HTML, in a copy that is not read here: the signed form is.
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
	"""Of the dialogue, as it was when the listener was asked."""
	text = frappe.request.args.get("turn") or ""
	return int(text) if text.isdecimal() and len(text) <= 3 else None


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def voice() -> Response:
	"""The call was answered: TwiML for this person, or for the machine that picked up."""
	form, environ = frappe.request.form, frappe.request.environ
	began = listener.began_at(environ)
	answer = live_call.answer(
		log_name(), parameter("CallSid"), parameter("AnsweredBy"), callback_parsing.detection(form)
	)
	if not listener.is_waiting(environ, began):
		# The carrier has given up on us, and whoever answered hears something else: nothing was fetched.
		frappe.db.rollback()
		return Response(status=503)
	return twiml(answer)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def voicemail_end() -> Response:
	"""The last word was said to a machine."""
	return twiml(live_call.voicemail_ended(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def keypress() -> Response:
	"""A key was pressed, a PIN entered or an answer spoken: 9 stops the calls and takes effect before this answers."""
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
	"""Staff who asked to be called picked up, or pressed a key: to begin, to keep what they said, to say it again."""
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
	"""A user who verifies their own number picked up."""
	return twiml(code.answer(log_name(), parameter("CallSid")))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def record_take() -> Response:
	"""They have spoken."""
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
	"""The carrier has what they said ready to be fetched."""
	phone_recording.ready(log_name())
	frappe.db.commit()
	return Response(status=204)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def status() -> Response:
	"""A call's new status. Doubled, late and out of order are all the same."""
	callback_queue.receive(log_name(), callback_parsing.of_call(frappe.request.form))
	return Response(status=204)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
def message_status() -> Response:
	"""A text's new status. 21610 tells of an opt-out that the carrier holds."""
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
	"""A text from a person: STOP and its like take effect before this answers."""
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
	"""A person called the dialer's number: who we are, the opt-out key, and where people answer."""
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
	"""The site's own question whether the carrier would reach it. Reads and writes nothing."""
	return Response(webhook_probe.reply(parameter(webhook_probe.NONCE)), mimetype="text/plain")
