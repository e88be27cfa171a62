"""Check whether a number is on someone else's record."""

import frappe

from school_dialer.audience.whose_number import OF_ANOTHER, places

USER_FIELDS = ("user", "user_id")
NAMED = ("Consent Event", "Dialer Recipient", "Dialer Call Log")
"""Our own tables that say whose number it is, even if that person's record has a different one now."""
NO_RECORD = ("File", "User")
"""DocTypes that do not make a number someone's.

A list file has no person on record, and a test that a user requested does not make the number theirs.
"""


def is_anothers(user: str, phone: str) -> bool:
	"""Return whether this number (E.164) is on record for anyone other than this user.

	A number that is on both records counts as the other person's.
	"""
	own_records = Self(user)
	if any(not own_records.is_record(doctype, name, field) for doctype, name, field in places(phone)):
		return True
	if any(not own_records.is_record(doctype, name) for doctype, name in people_named_with(phone)):
		return True
	return bool(verified_by_another(user, phone))


class Self:
	"""The records that belong to this user: those with their login or email address."""

	def __init__(self, user: str):
		self.user = user
		email = frappe.db.get_value("User", user, "email") or ""
		self.names = {user.lower(), email.strip().lower()} - {""}

	def is_record(self, doctype: str, name: str, field: str = "") -> bool:
		if OF_ANOTHER.search(field):
			return False
		if doctype == "User":
			return name == self.user
		if not (frappe.db.exists("DocType", doctype, cache=True) and frappe.db.exists(doctype, name)):
			return False
		identity = frappe.db.get_value(doctype, name, identifying(doctype) or ["name"], as_dict=True)
		values = {str(value or "").strip().lower() for value in identity.values()}
		if doctype == "Contact":
			values.update(
				email.lower()
				for email in frappe.get_all(
					"Contact Email", {"parent": name}, pluck="email_id", order_by="idx"
				)
				if email
			)
		return bool(values & self.names)


def identifying(doctype: str) -> list[str]:
	"""Return the fields that hold a login or an email address."""
	fields = frappe.get_meta(doctype).fields
	return [
		field.fieldname
		for field in fields
		if (field.fieldname in USER_FIELDS and field.options == "User")
		or field.options == "Email"
		or "email" in field.fieldname
		if field.fieldtype in ("Data", "Link", "Read Only")
	]


def people_named_with(phone: str) -> set[tuple[str, str]]:
	people: set[tuple[str, str]] = set()
	for doctype in NAMED:
		table = frappe.qb.DocType(doctype)
		rows = (
			frappe.qb.from_(table)
			.select(table.person_doctype, table.person)
			.distinct()
			.where(
				(table.phone == phone)
				& table.person.isnotnull()
				& (table.person != "")
				& table.person_doctype.notin(NO_RECORD)
			)
			.run()
		)
		people.update(rows)
	return people


def verified_by_another(user: str, phone: str) -> list:
	return frappe.get_all(
		"Dialer Own Number",
		{"phone": phone, "user": ("!=", user), "verified_at": ("is", "set"), "ended_at": ("is", "not set")},
		limit=1,
	)
