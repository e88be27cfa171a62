"""Only the carrier may speak here: the signature is checked before anything is read or written.

HMAC-SHA1 over the public URL and the sorted POST parameters, keyed by the auth token, in X-Twilio-Signature
(https://www.twilio.com/docs/usage/security). The validator also tries the URL with and without its port.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Response

from school_dialer.consent.lock import NumberBusy
from school_dialer.jobs import report
from school_dialer.settings import carrier_settings
from school_dialer.transactions import retried

LOGGED = {"cmd", "log", "turn"}
"""Parameters that tell nothing of anybody."""
MOST_FIELDS, LONGEST_FORM = 500, 500_000
"""Of a webhook's form. Twilio's have some forty fields, with ten pictures sixty, and add-ons bring JSON of some kilobytes."""


def signed(method: Callable) -> Callable:
	"""Refuse with 403, having changed nothing, unless the request carries the carrier's signature; with 413 a form that is none of the
	carrier's, before the signature over all of it is computed.

	Numbers, words and pressed keys, which may be a PIN, go from the copy of the form that Frappe writes beside what it logs; and what
	fails is logged without the values at hand, which Frappe would write down with it.
	"""

	@wraps(method)
	def checked():
		for name in set(frappe.local.form_dict) - LOGGED:
			del frappe.local.form_dict[name]
		if is_too_large(frappe.request):
			return Response("The form is too large.", status=413)
		if not is_signed(frappe.request):
			frappe.throw(_("The carrier's signature is missing or wrong."), frappe.PermissionError)
		try:
			return method()
		except Exception as error:
			report(f"webhook {method.__name__}", error)
			return Response("", status=500)

	return checked


def transaction(method: Callable) -> Callable:
	"""A method that is one idempotent transaction. The carrier asks once: a deadlock or a busy number is for us to try again."""

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
	"""Whether a request was signed with the account's token for the address that the carrier called: `base` and the path, since a
	proxy in front of the site may have rewritten the host. The token is asked for only when the rest is as it should be."""
	signature = request.headers.get("X-Twilio-Signature", "")
	if not signature or request.form.get("AccountSid") != account_sid:
		return False
	secret = token()
	return bool(secret) and RequestValidator(secret).validate(called(request, base), request.form, signature)


def called(request, base: str) -> str:
	query = request.query_string.decode()
	address = f"{base.rstrip('/')}{request.path}"
	return f"{address}?{query}" if query else address
