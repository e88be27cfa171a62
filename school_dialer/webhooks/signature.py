"""Accept requests only from the carrier: the signature is checked before anything is read or written.

The signature is HMAC-SHA1 over the public URL and the sorted POST parameters, keyed by the auth token, in
X-Twilio-Signature (https://www.twilio.com/docs/usage/security). The validator also tries the URL with and
without its port.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Response

from school_dialer.consent.lock import NumberBusy
from school_dialer.database.transactions import retried
from school_dialer.jobs import report
from school_dialer.refusal import throw
from school_dialer.settings import carrier_settings

LOGGED = {"cmd", "log", "turn"}
"""Parameters that reveal nothing about anyone."""
MOST_FIELDS, LONGEST_FORM = 500, 500_000
"""Limits for a webhook's form.

Twilio's forms have about forty fields, sixty with ten pictures, and add-ons send several kilobytes of JSON.
"""


def signed(method: Callable) -> Callable:
	"""Decorate a webhook to require the carrier's signature: without it, refuse with 403 and change nothing.

	A form too large to be the carrier's is refused with 413 before the signature over all its fields is
	computed.

	Phone numbers, words and pressed keys (which may be a PIN) are removed from the copy of the form that
	Frappe adds to its logs. An error is logged without local values, which Frappe would otherwise record, and
	answered with 500.
	"""

	@wraps(method)
	def checked():
		for name in set(frappe.local.form_dict) - LOGGED:
			del frappe.local.form_dict[name]
		if is_too_large(frappe.request):
			return Response("The form is too large.", status=413)
		if not is_signed(frappe.request):
			throw(_("The carrier's signature is missing or wrong."), frappe.PermissionError)
		try:
			return method()
		except Exception as error:
			report(f"webhook {method.__name__}", error)
			return Response("", status=500)

	return checked


def transaction(method: Callable) -> Callable:
	"""Decorate a method to run as one idempotent transaction.

	It is retried on a deadlock, a lock timeout or a busy number.

	The carrier sends each request only once, so retrying is up to this site.
	"""

	@wraps(method)
	def tried():
		return retried(method, also=(NumberBusy,))

	return tried


def is_too_large(request) -> bool:
	return (request.content_length or 0) > LONGEST_FORM or len(request.form) > MOST_FIELDS


def is_signed(request) -> bool:
	doc = carrier_settings.settings()
	base = doc.public_url or frappe.utils.get_url()
	return holds(request, doc.account_sid, base, carrier_settings.auth_token)


def holds(request, account_sid: str, base: str, token: Callable[[], str | None]) -> bool:
	"""Return whether a request was signed with the account's token for the URL that the carrier called.

	That URL is `base` plus the path, because a proxy in front of the site may have rewritten the host. The
	token is read only if everything else is in order.
	"""
	signature = request.headers.get("X-Twilio-Signature", "")
	if not signature or request.form.get("AccountSid") != account_sid:
		return False
	secret = token()
	return bool(secret) and RequestValidator(secret).validate(called(request, base), request.form, signature)


def called(request, base: str) -> str:
	query = request.query_string.decode()
	address = f"{base.rstrip('/')}{request.path}"
	return f"{address}?{query}" if query else address
