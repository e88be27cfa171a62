"""Only the carrier may speak here: the signature is checked before anything is read or written.

HMAC-SHA1 over the public URL and the sorted POST parameters, keyed by the auth token, in X-Twilio-Signature
(https://www.twilio.com/docs/usage/security). The validator also tries the URL with and without its port.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _
from twilio.request_validator import RequestValidator

from school_dialer.consent.lock import NumberBusy
from school_dialer.dialing import settings
from school_dialer.transactions import retried


def signed(method: Callable) -> Callable:
	"""Refuse with 403, having changed nothing, unless the request carries the carrier's signature."""

	@wraps(method)
	def checked():
		if not is_signed(frappe.request):
			frappe.throw(_("The carrier's signature is missing or wrong."), frappe.PermissionError)
		return method()

	return checked


def transaction(method: Callable) -> Callable:
	"""A method that is one idempotent transaction. The carrier asks once: a deadlock or a busy number is for us to try again."""

	@wraps(method)
	def tried():
		return retried(method, also=(NumberBusy,))

	return tried


def is_signed(request) -> bool:
	signature = request.headers.get("X-Twilio-Signature", "")
	if not signature or request.form.get("AccountSid") != settings.settings().account_sid:
		return False
	token = settings.auth_token()
	return bool(token) and RequestValidator(token).validate(public_url(request), request.form, signature)


def public_url(request) -> str:
	"""The address the carrier called, which a proxy in front of the site may have rewritten."""
	base = (settings.settings().public_url or frappe.utils.get_url()).rstrip("/")
	query = request.query_string.decode()
	return f"{base}{request.path}?{query}" if query else f"{base}{request.path}"
