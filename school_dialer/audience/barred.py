"""Numbers and email addresses of guardians barred by a court order.

A message to a number or address they share with someone else would reach them. If one of their numbers cannot
be read, it could be anyone's: then messages about the student go to no one until it is corrected, and staff
are notified.
"""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import frappe
from frappe import _
from frappe.utils import parse_addr

from school_dialer.audience import mail_address
from school_dialer.audience.columns import column, columns, existing
from school_dialer.audience.numbers import read_numbers
from school_dialer.audience.whose_number import OF_ANOTHER, declared_fields, may_hold_number, phone_fields
from school_dialer.base import site_values
from school_dialer.base.bounds.phone_field import Written
from school_dialer.base.jobs import job
from school_dialer.base.roles import MANAGERS, with_roles
from school_dialer.schools import staff

BY_COURT_ORDER = "None by Court Order"
PERMISSION = "dialer_contact_permission"
ANNOUNCED = "dialer_unread_bars"
ONE_MAILBOX = {"googlemail.com": "gmail.com"}


@dataclass(frozen=True, slots=True)
class Bars:
	"""Contains each (E.164, student) at which a message about the student would reach someone barred from it.

	- `pairs`: those of numbers on record.
	- `unread`: students for whom one of these numbers cannot be read, so that any number might be it.
	"""

	pairs: set[tuple[str, str]] = field(default_factory=set)
	unread: set[str] = field(default_factory=set)

	def __contains__(self, pair: tuple[str, str]) -> bool:
		return pair in self.pairs or pair[1] in self.unread

	def __iter__(self) -> Iterator[tuple[str, str]]:
		return iter(self.pairs)


def numbers(students: set[str]) -> Bars:
	"""Return what is barred by the numbers on record of guardians barred from these students.

	Runs one query.
	"""
	bars = Bars()
	for student, written in _numbers(students):
		bars.pairs.update((number, student) for number in written.named)
		if written.unread:
			bars.unread.add(student)
	return bars


def addresses(students: set[str]) -> set[tuple[str, str]]:
	"""Return (address as `mailbox` normalizes it, student), like `numbers`. A field may hold several."""
	fields = _on_record(students, ("email_address", "user"), ("email",), ("email_id", "Contact Email"))
	return {
		(mailbox(address), student)
		for student, _place, raw in fields
		for address in mail_address.several(raw) or (raw,)
	}


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


@job
def hourly() -> None:
	"""Notify staff about court orders whose numbers cannot be read (job of the scheduler)."""
	announce()
	frappe.db.commit()


def announce() -> None:
	"""Notify staff once about each student for whom a barred guardian's number cannot be read."""
	unread = unread_students()
	announced = set(json.loads(site_values.read(ANNOUNCED) or "[]"))
	if unread == announced:
		return
	site_values.write(ANNOUNCED, json.dumps(sorted(unread)))
	for student in sorted(unread - announced):
		users = with_roles(*MANAGERS)
		readers = {user for user in users if frappe.has_permission("Student", doc=student, user=user)}
		subject = _(
			"A guardian barred by court order has a number that cannot be read. No message about this "
			"student is sent until the number is corrected."
		)
		staff.alarm_users(readers or users, subject, "Student", student if readers else None)


def unread_students() -> set[str]:
	"""Return the students of the whole site about whom messages go to no one."""
	unread = {student for student, written in _numbers(None) if written.unread}
	current = {"name": ("in", [*unread, ""]), "enabled": 1}
	return set(frappe.get_all("Student", current, pluck="name", order_by=None)) if unread else set()


def _numbers(students: set[str] | None) -> Iterator[tuple[str, Written]]:
	"""Yield (student, what a field says) for the fields of the guardians barred from these students.

	A field that only seems to hold numbers may hold words, which must not keep an emergency from a child's
	family: there, what has too few digits for a number is not unread.
	"""
	if not frappe.db.exists("DocType", "Guardian", cache=True):
		return
	theirs = [field for field in phone_fields("Guardian") if not OF_ANOTHER.search(field)]
	contact = ("phone", "Contact Phone")
	declared = {(field, doctype) for doctype in ("Guardian", "User") for field in declared_fields(doctype)}
	declared.add(contact)
	for student, place, raw in _on_record(students, theirs, phone_fields("User"), contact):
		written = read_numbers(raw)
		if written.unread and place not in declared and not may_hold_number(raw):
			written = replace(written, unread=False)
		yield student, written


def _on_record(
	students: set[str] | None, theirs: Sequence[str], of_user: Sequence[str], of_contact: tuple[str, str]
) -> Iterator[tuple[str, tuple[str, str], str]]:
	"""Yield (student, (field, DocType), number or address) of barred guardians, their users and contacts.

	They are those barred from these students, or from any if `students` is None.
	"""
	if students == set() or not existing([PERMISSION], "Student Guardian"):
		return
	field, table = of_contact
	rows = frappe.db.sql(
		f"""select link.parent, {columns("Guardian", "guardian", theirs)}, {columns("User", "user", of_user)},
			line.{field}
		from `tabStudent Guardian` link join `tabGuardian` guardian on guardian.name = link.guardian
		left join `tabUser` user on user.name = {column("Guardian", "guardian", "user")}
		left join `tabDynamic Link` contact on contact.link_doctype = 'Guardian'
			and contact.link_name = guardian.name
			and contact.parenttype = 'Contact'
		left join `tab{table}` line on line.parent = contact.parent and line.parenttype = 'Contact'
		where link.dialer_contact_permission = %(bar)s and link.parenttype = 'Student'
			and (%(all)s or link.parent in %(students)s)""",
		{"bar": BY_COURT_ORDER, "all": students is None, "students": tuple(students or ("",))},
	)
	places = [
		*((column, "Guardian") for column in theirs),
		*((column, "User") for column in of_user),
		of_contact,
	]
	for student, *values in rows:
		yield from ((student, place, raw) for place, raw in zip(places, values, strict=True) if raw)
