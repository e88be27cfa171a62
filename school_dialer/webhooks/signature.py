"""Accept requests only from the carrier: the signature is checked before anything is read or written.

The signature is HMAC-SHA1 over the public URL and the sorted POST parameters, keyed by the auth token, in
X-Twilio-Signature (https://www.twilio.com/docs/usage/security). The validator also tries the URL with and
without its port. SignalWire signs in the same way with the Project's signing key, in its own header.

While a token is rotated, an account has two keys. With several accounts, a request is checked with the keys
of the account that it names, and may only be about a call or text of that account.
"""

import hmac
import time
from collections.abc import Callable, Sequence
from functools import wraps

import frappe
from frappe import _
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Response

from school_dialer.base.database import transactions
from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import report
from school_dialer.base.refusal import throw
from school_dialer.consent.lock import NumberBusy
from school_dialer.settings import carrier_accounts, carrier_settings

LOGGED = {"cmd", "log", "turn"}
"""Parameters that reveal nothing about anyone."""
MOST_FIELDS, LONGEST_FORM = 500, 500_000
"""Limits for a webhook's form.

Twilio's forms have about forty fields, sixty with ten pictures, and add-ons send several kilobytes of JSON.
"""

RECONNECT_SECONDS, RECONNECT_PAUSE = 8, 0.1
"""How long a webhook waits for the database: less than the fifteen seconds for which the carrier waits."""


def signed(method: Callable) -> Callable:
	"""Decorate a webhook to require the carrier's signature: without it, refuse with 403 and change nothing.

	A form too large to be the carrier's is refused with 413 before the signature over all its fields is
	computed.

	Phone numbers, words and pressed keys (which may be a PIN) are removed from the copy of the form that
	Frappe adds to its logs. An error is logged without local values, which Frappe would otherwise record, and
	answered with 500; a number that stays busy with 503. The carrier then asks its fallback URL.
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
		except NumberBusy:
			return Response("", status=503)
		except Exception as error:
			report(f"webhook {method.__name__}", error)
			return Response("", status=500)

	return checked


def transaction(method: Callable) -> Callable:
	"""Decorate a method to run as one idempotent transaction.

	It is retried on a deadlock, a lock timeout, a busy number or a lost connection to the database.

	The carrier sends each request only once, so retrying is up to this site. If the connection was lost
	while the transaction was committed, the repetition finds its work done.
	"""

	@wraps(method)
	def tried():
		end = time.monotonic() + RECONNECT_SECONDS
		while True:
			try:
				return retried(method, also=(NumberBusy,))
			except ConnectionErrors as error:
				if not transactions.is_lost(error) or time.monotonic() > end:
					raise
			# The database may be restarting, and the carrier waits some seconds for this answer.
			time.sleep(RECONNECT_PAUSE)
			transactions.reconnect()

	return tried


def is_too_large(request) -> bool:
	return (request.content_length or 0) > LONGEST_FORM or len(request.form) > MOST_FIELDS


def is_signed(request) -> bool:
	account = carrier_accounts.by_id(request.form.get("AccountSid") or "-")
	if not account:
		return False
	base = carrier_settings.settings().public_url or frappe.utils.get_url()
	headers = carrier_settings.signature_headers(account.carrier)
	if not signature_is_valid(
		request, account.id, base, lambda: carrier_accounts.webhook_keys(account), headers
	):
		return False
	return len(carrier_accounts.accounts()) == 1 or is_about_its_own(request, account.id)


def is_about_its_own(request, account: str) -> bool:
	"""Return whether a request of this account (an id) is about its own call or text, or about none.

	Status callbacks are compared where they are applied too (`StatusUpdate.account`).
	"""
	log = (request.args.get("log") or "")[:140]
	if not log:
		return True
	rows = frappe.db.sql("select carrier_account from `tabDialer Call Log` where name = %s", log)
	return not rows or rows[0][0] in (None, "", account)


def signature_is_valid(
	request,
	account_sid: str,
	base: str,
	keys: Callable[[], Sequence[str]],
	headers: Sequence[str],
) -> bool:
	"""Return whether a request was signed with one of the account's keys for the URL that the carrier called.

	That URL is `base` plus the path, because a proxy in front of the site may have rewritten the host. The
	keys are read only if everything else is in order.
	"""
	signature = next((request.headers[name] for name in headers if request.headers.get(name)), "")
	if not signature or request.form.get("AccountSid") != account_sid:
		return False
	url = url_as_called(request, base)
	return any(matches_signature(request, url, key, signature) for key in keys())


def matches_signature(request, url: str, key: str, signature: str) -> bool:
	validator = RequestValidator(key)
	# The validator parses the URL, and computes the signature of two forms of it. Usually it is as called.
	usual = validator.compute_signature(url, request.form).encode()
	return hmac.compare_digest(usual, signature.encode("utf-8", "replace")) or validator.validate(
		url, request.form, signature
	)


def url_as_called(request, base: str) -> str:
	query = request.query_string.decode()
	address = f"{base.rstrip('/')}{request.path}"
	return f"{address}?{query}" if query else address
