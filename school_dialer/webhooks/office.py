"""Twilio's webhooks about calls to the office: the signature, one idempotent transaction, then the answer.

``log`` in the query is the Dialer Call Log of the call with the family, and ``turn`` the step of the caller's
dialogue that asked. Each request must come from that call, or from the call to the office that belongs to it.
"""

import frappe
from werkzeug.wrappers import Response

from school_dialer.calls.office import dialogue, leg
from school_dialer.calls.office import whisper as office_whisper
from school_dialer.webhooks import callback_parsing
from school_dialer.webhooks.signature import signed, transaction
from school_dialer.webhooks.twilio import log_name, parameter, turn_heard, twiml


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def whisper() -> Response:
	"""Say to the one in the office who picked up what the call is about."""
	about = (frappe.request.args.get("about") or "")[:20]
	return twiml(office_whisper.words(log_name(), parameter("ParentCallSid"), parameter("CallSid"), about))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def take() -> Response:
	"""Connect the two if the office pressed the key."""
	keys = callback_parsing.keys(frappe.request.form)
	return twiml(office_whisper.key(log_name(), parameter("ParentCallSid"), parameter("CallSid"), keys))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def leg_status() -> Response:
	"""Note a status of the call to the office. Such callbacks may be duplicated, late or out of order."""
	form = frappe.request.form
	if dialogue.read_of_call(log_name(), parameter("ParentCallSid")):
		leg.apply(log_name(), callback_parsing.of_leg(form))
	# The carrier sends a callback once: it is kept before this responds.
	frappe.db.commit()
	return Response(status=204)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def ended() -> Response:
	"""Go on with the caller when the office's phone is done."""
	form = frappe.request.form
	return twiml(
		dialogue.ended(
			log_name(),
			parameter("CallSid"),
			turn_heard(),
			callback_parsing.of_dial(form),
			callback_parsing.has_hung_up(form),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def key() -> Response:
	"""Handle a key of a caller who was not connected. 9 opts out, in effect before this responds."""
	form = frappe.request.form
	return twiml(
		dialogue.key(
			log_name(),
			parameter("CallSid"),
			turn_heard(),
			callback_parsing.keys(form),
			callback_parsing.has_hung_up(form),
		)
	)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def message() -> Response:
	"""Keep what the caller said for the office."""
	return twiml(recorded())


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@signed
@transaction
def message_ready() -> Response:
	"""Keep what the caller said, if the request that follows a recording was lost."""
	recorded()
	# As above, before this responds.
	frappe.db.commit()
	return Response(status=204)


def recorded() -> str:
	form = frappe.request.form
	return dialogue.recorded(
		log_name(),
		parameter("CallSid"),
		turn_heard(),
		callback_parsing.recording(form),
		callback_parsing.keys(form),
		silent=callback_parsing.is_silent(form),
		seconds=callback_parsing.seconds(parameter("RecordingDuration")) or 0,
		hung_up=callback_parsing.has_hung_up(form),
	)
