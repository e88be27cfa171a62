"""Numbers and email addresses of guardians barred by a court order.

A message to a number or address they share with someone else would reach them.
"""

import unicodedata
from collections.abc import Iterator

import frappe
from frappe.utils import parse_addr

from school_dialer.audience.columns import column, columns, existing
from school_dialer.audience.numbers import e164

BY_COURT_ORDER = "None by Court Order"
PERMISSION = "dialer_contact_permission"
ONE_MAILBOX = {"googlemail.com": "gmail.com"}


def numbers(students: set[str]) -> set[tuple[str, str]]:
	"""Return (E.164, student) for every number on record of guardians barred from the student.

	Runs one query.
	"""
	own, of_user = ("mobile_number", "alternate_number"), ("mobile_no", "phone")
	found = _on_record(students, own, of_user, ("phone", "Contact Phone"))
	return {(number, student) for student, raw in found if (number := e164(raw))}


def addresses(students: set[str]) -> set[tuple[str, str]]:
	"""Return (address as `mailbox` normalizes it, student), like `numbers`."""
	found = _on_record(students, ("email_address", "user"), ("email",), ("email_id", "Contact Email"))
	return {(mailbox(raw), student) for student, raw in found}


def mailbox(address: str) -> str:
	"""Return one spelling for all addresses that reach the same mailbox.

	Normalizes case, width, display names, "+tags", and the dots that Gmail ignores.
	"""
	written = unicodedata.normalize("NFKC", address or "")
	bare = parse_addr(written)[1] or written
	local, _at, domain = bare.strip().casefold().rpartition("@")
	domain = ONE_MAILBOX.get(domain, domain)
	local = local.partition("+")[0]
	return f"{local.replace('.', '') if domain == 'gmail.com' else local}@{domain}"


def _on_record(
	students: set[str], own: tuple[str, ...], of_user: tuple[str, ...], of_contact: tuple[str, str]
) -> Iterator[tuple[str, str]]:
	"""Yield (student, number or address) from the barred guardians' records, users and linked contacts."""
	if not students or not existing([PERMISSION], "Student Guardian"):
		return
	field, table = of_contact
	rows = frappe.db.sql(
		f"""select link.parent, {columns("Guardian", "guardian", own)}, {columns("User", "user", of_user)},
			line.{field}
		from `tabStudent Guardian` link join `tabGuardian` guardian on guardian.name = link.guardian
		left join `tabUser` user on user.name = {column("Guardian", "guardian", "user")}
		left join `tabDynamic Link` contact on contact.link_doctype = 'Guardian'
			and contact.link_name = guardian.name
			and contact.parenttype = 'Contact'
		left join `tab{table}` line on line.parent = contact.parent and line.parenttype = 'Contact'
		where link.dialer_contact_permission = %s and link.parent in %s and link.parenttype = 'Student'""",
		(BY_COURT_ORDER, tuple(students)),
	)
	for student, *values in rows:
		yield from ((student, raw) for raw in values if raw)
