"""Access checks that the API methods of `desk` run first: who may ask, how often, and about which number."""

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.base.bounds import plain_text
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.base.refusal import throw
from school_dialer.consent.choices import rate_limits
from school_dialer.schools import rows as school_rows
from school_dialer.schools import users


def only_for(roles: tuple[str, ...]) -> None:
	"""Raise PermissionError unless the user has one of these roles.

	Unlike `frappe.only_for`, this also applies in tests.
	"""
	if not set(roles) & set(frappe.get_roles()):
		throw(_("This is for the roles {0}.").format(", ".join(map(_, roles))), frappe.PermissionError)


def may(permission: str, doctype: str, name: str | None = None) -> None:
	"""Raise PermissionError unless the user has this permission.

	On some versions of Frappe ``has_permission(throw=True)`` raises another error.
	"""
	if not frappe.has_permission(doctype, permission, doc=name):
		throw(
			_("Your roles do not permit this on {0}.").format(plain_text.line(_(doctype))),
			frappe.PermissionError,
		)


def only_for_district() -> None:
	"""Raise PermissionError for a school's user: what follows counts or changes things of all schools."""
	users.require(None)


def get_record(doctype: str, name: str):
	"""Return the document. Raises DoesNotExistError without repeating the input."""
	if not frappe.db.exists(doctype, name):
		throw(_("There is no such {0}.").format(plain_text.line(_(doctype))), frappe.DoesNotExistError)
	return frappe.get_doc(doctype, name)


def not_too_often(kind: str, most: int, a_day: int | None = None) -> None:
	"""Raise TooManyRequestsError over `most` requests by this user in a minute, or `a_day` in a day.

	So a stolen API key cannot try all numbers.
	"""
	rate_limits.by_user(kind, most, a_day)


def number(phone: str | None, contact_consent: str | None = None) -> str:
	"""Return the E.164 form of a number as a person wrote it, or of a row of Contact Consent."""
	if contact_consent:
		stored = frappe.db.get_value("Contact Consent", contact_consent, "phone")
		if not stored or not school_rows.is_visible("Contact Consent", contact_consent):
			throw(_("There is no such row of Contact Consent."), frappe.DoesNotExistError)
		return stored
	try:
		return parse(phone, country_code()).e164
	except InvalidNumber as error:
		throw(_("This is not a telephone number: {0}.").format(error))
