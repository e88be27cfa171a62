"""What is refused in Dialer Settings about carrier accounts, and what a changed account has to prove again.

Runs when Dialer Settings are saved.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.carriers.base import is_service
from school_dialer.carriers.signalwire_http import SPACE
from school_dialer.settings import carrier_accounts, carrier_settings

TWILIO, SIGNALWIRE = "twilio", "signalwire"
PROVES = ("carrier", "account_sid", "auth_token", "space", "api_key", "api_secret")
"""The fields of a row on which its tested connection depends."""
PROVES_FIRST = ("carrier", "account_sid", "auth_token", "api_key", "api_secret")
"""Those of the first account, with which what is known of its health begins again."""
PASSWORDS = ("auth_token", "api_secret")
API_KEY = re.compile(r"SK[0-9a-f]{32}")
OPEN_FOR = timedelta(hours=26)
"""What is older has no answer to come: the reconciler gives it up after 25 hours."""


def check(doc) -> None:
	"""Normalize the accounts of these settings. Raises ValidationError for what cannot be one."""
	if doc.carrier:
		carrier_settings.carrier_class(doc.carrier)  # Raises ValidationError for one that no app provides.
	doc.account_sid = check_id(doc.carrier, (doc.account_sid or "").strip(), "")
	if doc.account_sid:
		doc.carrier_space = check_space(doc.carrier, doc.carrier_space, "")
	check_api_key(doc, "")
	if doc.account_sid and doc.carrier == SIGNALWIRE and not has_secret(doc, "signing_key"):
		throw(_("Enter the signing key: without it no callback is accepted."))
	seen = {doc.account_sid}
	for row in doc.carrier_accounts:
		where = _("Other Accounts, row {0}:").format(row.idx) + " "
		check_row(row, where)
		if row.account_sid in seen:
			throw(where + _("this account is there twice."))
		seen.add(row.account_sid)
	check_numbers(doc, seen)
	check_open(doc)
	forget_tests(doc)


def check_row(row, where: str) -> None:
	row.carrier, row.title = (row.carrier or "").strip().lower(), plain_text.line(row.title or "").strip()
	if not frappe.get_hooks("dialer_carriers").get(row.carrier):
		throw(where + _("no installed app provides this carrier."))
	row.account_sid = check_id(row.carrier, (row.account_sid or "").strip(), where)
	row.space = check_space(row.carrier, row.space, where)
	check_api_key(row, where)
	if not row.calls_per_second > 0:
		throw(where + _("calls per second must be above zero."))
	if row.enabled and not has_secret(row, "auth_token"):
		throw(where + _("enter the token."))
	if row.enabled and row.carrier == SIGNALWIRE and not has_secret(row, "signing_key"):
		throw(where + _("enter the signing key: without it no callback is accepted."))


def check_api_key(row, where: str) -> None:
	"""Normalize the API key of an account. Raises ValidationError for one that is none, or has no secret."""
	row.api_key = (row.get("api_key") or "").strip() if row.carrier == TWILIO else ""
	if not row.api_key:
		return
	row.api_key = row.api_key[:2].upper() + row.api_key[2:].lower()
	if not API_KEY.fullmatch(row.api_key):
		throw(
			where + _("The API key is SK and 32 characters 0-9 and a-f, as the carrier's console shows it.")
		)
	if not has_secret(row, "api_secret"):
		throw(where + _("Enter the secret of the API key. The carrier shows it once, when the key is made."))


def has_secret(row, field: str) -> bool:
	"""Return whether a password is written in the row now, or was before."""
	return bool(row.get(field) or (not row.is_new() and row.get_password(field, raise_exception=False)))


def check_id(carrier: str, written: str, where: str) -> str:
	"""Return an account's id as its carrier writes it. Raises ValidationError if it is none."""
	if not written:
		return written
	pattern = None
	if frappe.get_hooks("dialer_carriers").get(carrier):
		pattern = getattr(carrier_settings.carrier_class(carrier), "account_id", None)
	lower = written.lower()
	if carrier == TWILIO and lower.startswith("ac"):
		written = f"AC{lower[2:]}"
	elif pattern:
		written = lower
	if pattern is None or pattern.fullmatch(written):
		return written
	if carrier == SIGNALWIRE:
		throw(where + _("SignalWire's Project ID has 32 characters 0-9 and a-f, in five groups."))
	throw(
		where + _("The Account SID is AC and 32 characters 0-9 and a-f, as the carrier's console shows it.")
	)


def check_space(carrier: str, written: str | None, where: str) -> str:
	"""Return the host of a Space: nothing but a host of SignalWire's ever gets the token."""
	host = (written or "").strip().lower().removeprefix("https://").rstrip("/")
	if carrier == SIGNALWIRE and not SPACE.fullmatch(host):
		throw(where + _("The Space is a host such as {0}.").format("school.signalwire.com"))
	return host if carrier == SIGNALWIRE else ""


def check_numbers(doc, accounts: set[str]) -> None:
	"""Refuse numbers of accounts that are not there, and Messaging Services of carriers without them."""
	kinds = {row.account_sid: row.carrier for row in doc.carrier_accounts} | {doc.account_sid: doc.carrier}
	for row in doc.sending_numbers:
		account = (row.get("carrier_account") or "").strip()
		row.carrier_account = None if account == doc.account_sid else account or None
		if row.carrier_account and row.carrier_account not in accounts:
			throw(_("Row {0}: there is no such carrier account.").format(row.idx))
		if is_service(row.phone_number or "") and kinds.get(account or doc.account_sid) == SIGNALWIRE:
			throw(_("Row {0}: this carrier has no Messaging Services. Enter a number.").format(row.idx))


def check_open(doc) -> None:
	"""Refuse to change or take out an account, or the mode, while calls or texts of it are open.

	Another account, or a test carrier, knows nothing of them. They would look as if they had never been sent,
	and those people would be called twice. A new token, or an account that is switched off, changes nothing.
	"""
	before = doc.get_doc_before_save()
	if not before:
		return
	kept = set(identities(doc))
	for place, identity in enumerate(identities(before)):
		if identity in kept or not identity[0]:
			continue
		ids = (identity[0],) if place else (identity[0], "")
		if count := open_logs(ids):
			throw(
				_(
					"{0} calls and texts of the account {1} have not ended. Change it when they have, "
					"or keep it and enter the new one under Other Accounts: no other account knows what "
					"became of them."
				).format(count, plain_text.line(carrier_accounts.title_of(identity[1])))
			)


def identities(doc) -> Iterator[tuple[str, str, str, str]]:
	"""Yield id, carrier, Space, and mode of each account of these settings, the first one first."""
	yield doc.account_sid or "", doc.carrier or "", doc.carrier_space or "", doc.mode or ""
	for row in doc.get("carrier_accounts") or ():
		yield row.account_sid or "", row.carrier or "", row.space or "", doc.mode or ""


def open_logs(accounts: tuple[str, ...]) -> int:
	"""Return how many calls and texts of these accounts have not ended. "" are older ones of the first."""
	return frappe.db.sql(
		"""select count(*) from `tabDialer Call Log` where direction = 'Outbound' and status_rank < %s
		and placed_at > %s and ended_at is null and ifnull(carrier_account, '') in %s""",
		(states.FINAL_RANK, clock.to_db(clock.now() - OPEN_FOR), accounts),
	)[0][0]


def forget_tests(doc) -> None:
	"""Clear the tested connection of accounts that changed, and name them in `doc.flags.changed_accounts`."""
	before = doc.get_doc_before_save()
	earlier = {row.name: row for row in (before.get("carrier_accounts") if before else None) or ()}
	doc.flags.changed_accounts = []
	for row in doc.carrier_accounts:
		old = earlier.get(row.name)
		changed = not old or any(differs(row, old, field) for field in PROVES)
		row.tested_at = None if changed else old.tested_at
		if changed:
			doc.flags.changed_accounts.append(row.account_sid or "")
	if before and any(differs(doc, before, field) for field in PROVES_FIRST):
		doc.flags.changed_accounts.append(doc.account_sid or "")


def differs(doc, before, field: str) -> bool:
	"""Return whether a field changed. A password that was not retyped is shown as stars."""
	value = doc.get(field) or ""
	if field in PASSWORDS and (not value or set(value) == {"*"}):
		return False
	return value != (before.get(field) or "")
