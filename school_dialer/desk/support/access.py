"""Who may ask, how often, and about which number: what the methods of this room check first."""

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.bounds import plain_text
from school_dialer.consent.choices import rate_limits
from school_dialer.phone import InvalidNumber, parse


def only_for(roles: tuple[str, ...]) -> None:
	"""Unlike `frappe.only_for` it also holds in tests."""
	if not set(roles) & set(frappe.get_roles()):
		frappe.throw(_("This is for the roles {0}.").format(", ".join(map(_, roles))), frappe.PermissionError)


def may(permission: str, doctype: str, name: str | None = None) -> None:
	"""Raise PermissionError on every version of Frappe; some answer ``has_permission(throw=True)`` with another error."""
	if not frappe.has_permission(doctype, permission, doc=name):
		frappe.throw(
			_("Your roles do not permit this on {0}.").format(plain_text.line(_(doctype))),
			frappe.PermissionError,
		)


def get_record(doctype: str, name: str):
	"""The document. What is not there is told without repeating what was sent."""
	if not frappe.db.exists(doctype, name):
		frappe.throw(_("There is no such {0}.").format(plain_text.line(_(doctype))), frappe.DoesNotExistError)
	return frappe.get_doc(doctype, name)


def not_too_often(kind: str, most: int, a_day: int | None = None) -> None:
	"""At most this many times a minute, and a day, for each user, so that a lost API key cannot try all numbers."""
	rate_limits.by_user(kind, most, a_day)


def number(phone: str | None, contact_consent: str | None = None) -> str:
	"""E.164 of a number as somebody wrote it, or of a row of Contact Consent."""
	if contact_consent:
		found = frappe.db.get_value("Contact Consent", contact_consent, "phone")
		if not found:
			frappe.throw(_("There is no such row of Contact Consent."), frappe.DoesNotExistError)
		return found
	try:
		return parse(phone, country_code()).e164
	except InvalidNumber as error:
		frappe.throw(_("This is not a telephone number: {0}.").format(error))
