"""The answers that a person on the line waits for: the words of a call, and what follows a key.

`twilio` calls them for Frappe and `answer_fast_path` without it, with the carrier's signature checked and
`frappe.request` set. Each is one idempotent transaction, which it commits.
"""

import frappe
from werkzeug.wrappers import Response

from school_dialer.calls import live_call
from school_dialer.messages.spoken.ivr_state import Digits
from school_dialer.webhooks import callback_parsing, listener
from school_dialer.webhooks.signature import transaction

COMMITTING = "dialer_committing"


def twiml(xml: str) -> Response:
	return committed(Response(xml, mimetype="text/xml"))


def committed(response: Response) -> Response:
	# First: if the commit fails half-way, what this request did may be in effect all the same.
	frappe.flags[COMMITTING] = True
	frappe.db.commit()
	return response


def is_committing() -> bool:
	"""Return whether this request's commit has begun: what it did may be in effect."""
	return bool(frappe.flags.get(COMMITTING))


def parameter(name: str, most: int = 140) -> str:
	return callback_parsing.parameter(frappe.request.form, name, most)


def log_name() -> str:
	return (frappe.request.args.get("log") or "")[:140]


def turn_heard() -> int | None:
	"""Return the turn of the dialogue at which the listener was asked, or None."""
	text = frappe.request.args.get("turn") or ""
	return int(text) if text.isdecimal() and len(text) <= 3 else None


@transaction
def voice() -> Response:
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


@transaction
def voicemail_end() -> Response:
	return twiml(live_call.voicemail_ended(log_name(), parameter("CallSid")))


@transaction
def joined() -> Response:
	form = frappe.request.form
	digits, hung_up = Digits(callback_parsing.keys(form)), callback_parsing.has_hung_up(form)
	return twiml(live_call.joined(log_name(), parameter("CallSid"), digits, hung_up=hung_up))


@transaction
def detected() -> Response:
	live_call.detected(log_name(), parameter("CallSid"), parameter("AnsweredBy"))
	return committed(Response(status=204))


@transaction
def keypress() -> Response:
	form, environ = frappe.request.form, frappe.request.environ
	began = listener.began_at(environ)
	answer = live_call.key(
		log_name(),
		parameter("CallSid"),
		Digits(callback_parsing.keys(form)),
		turn_heard(),
		callback_parsing.recording(form),
		silent=callback_parsing.is_silent(form),
		hung_up=callback_parsing.has_hung_up(form),
	)
	if not listener.is_waiting(environ, began):
		live_call.answered_too_late(log_name())
	return twiml(answer)
