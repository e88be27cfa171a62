"""Phone numbers on a record or on the people it names.

The fields are looked up in the DocTypes, never assumed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import frappe
from frappe.utils import parse_addr

from school_dialer.audience import linked, mail_address
from school_dialer.audience.columns import existing
from school_dialer.audience.numbers import beside, read_all
from school_dialer.base.phone import mask
from school_dialer.compliance.model import OptOut

# In the order in which they are offered to an agent. An employee's emergency contact is another person.
PHONE_FIELDS = {
	"Guardian": ("mobile_number", "alternate_number"),
	"Student": ("student_mobile_number",),
	"Contact": ("mobile_no", "phone"),
	"Employee": ("cell_number",),
	"Lead": ("mobile_no", "phone", "whatsapp_no"),
	"CRM Lead": ("mobile_no", "phone"),
	"Customer": ("mobile_no",),
	"User": ("mobile_no", "phone"),
}
EMAIL_FIELDS = {
	"Guardian": ("email_address",),
	"Student": ("student_email_id",),
	"Contact": ("email_id",),
	"Employee": ("personal_email", "company_email", "user_id"),
	"Lead": ("email_id",),
	"CRM Lead": ("email",),
	"Customer": ("email_id",),
	"User": ("name",),
}
LINK_FIELDS = ("contact", "customer_primary_contact", "customer", "lead", "guardian", "student", "employee")
EMAIL_ON_RECORD = ("raised_by", "sender", "email_id")
RECORDS = ("Issue", "HD Ticket", "Communication", *PHONE_FIELDS)


@dataclass(frozen=True)
class NumberOnRecord:
	"""One number on record, the `place`th in its field.

	`key` identifies it, so that an agent can choose the number without seeing it. `stops`: what the words
	beside it ask for. `gone`: they say that it is not the person's, or does not work, any more. It is not
	called; what the person stopped there, and what bars them, still counts.
	"""

	doctype: str
	name: str
	field: str
	phone: str
	place: int = 1
	stops: tuple[OptOut, ...] = ()
	gone: bool = False

	@property
	def key(self) -> str:
		key = f"{self.doctype}/{self.name}/{self.field}"
		return key if self.place == 1 else f"{key}/{self.place}"

	def as_offered(self) -> dict:
		"""Return a dict for an agent: `key`, masked `number`, `doctype` and `who`.

		`who` is the person's name, or "" if this user may not read the record.
		"""
		readable = frappe.has_permission(self.doctype, "read", doc=self.name)
		title = frappe.get_meta(self.doctype).get_title_field()
		who = frappe.db.get_value(self.doctype, self.name, title) if readable else None
		return {"key": self.key, "number": mask(self.phone), "doctype": self.doctype, "who": who or ""}


def numbers_on(doctype: str, name: str) -> list[NumberOnRecord]:
	"""Return the numbers of a record, then those of the people it names. Each number appears once."""
	by_phone: dict[str, NumberOnRecord] = {}
	for person_doctype, person in dict.fromkeys(_people(doctype, name)):
		for number in numbers_of(person_doctype, [person]):
			by_phone.setdefault(number.phone, number)
	return list(by_phone.values())


def phone_fields(doctype: str) -> tuple[str, ...]:
	"""Return the fields of the record that has the numbers of such a person. Of others there are none."""
	_field, target = linked.LINKED.get(doctype, (None, doctype))
	return PHONE_FIELDS.get(target, ())


def numbers_of(doctype: str, names: Iterable[str]) -> list[NumberOnRecord]:
	"""Return the numbers of people of one DocType. Values that are not phone numbers are left out."""
	if doctype in linked.LINKED:
		return numbers_through(doctype, names)
	fields = existing(PHONE_FIELDS.get(doctype, ()), doctype)
	if not fields:
		return []
	rows = frappe.get_all(doctype, {"name": ("in", list(names))}, ["name", *fields], order_by="name")
	numbers = [
		NumberOnRecord(doctype, row.name, field, row[field]) for row in rows for field in fields if row[field]
	]
	if doctype == "Contact":
		more = frappe.get_all(
			"Contact Phone", {"parent": ("in", list(names))}, ["parent", "phone"], order_by="parent, idx"
		)
		numbers += [NumberOnRecord("Contact", row.parent, "phone_nos", row.phone) for row in more]
	return list(_parsed(numbers))


def numbers_through(doctype: str, names: Iterable[str]) -> list[NumberOnRecord]:
	"""Return the same for people whose numbers are on another record."""
	records = linked.records(doctype, names)
	on: dict[str, list[NumberOnRecord]] = defaultdict(list)
	for line in numbers_of(linked.LINKED[doctype][1], records.values()) if records else ():
		on[line.name].append(line)
	return [
		replace(line, doctype=doctype, name=name) for name, record in records.items() for line in on[record]
	]


def _parsed(numbers: Iterable[NumberOnRecord]) -> Iterator[NumberOnRecord]:
	places: Counter[str] = Counter()
	for written in numbers:
		remarks = beside(written.phone)
		for number in read_all(written.phone).numbers:
			places[written.key] += 1
			stops = tuple(stop for stopped, stop in remarks.stops if stopped == number)
			gone = number in remarks.gone
			yield replace(written, phone=number, place=places[written.key], stops=stops, gone=gone)


def _people(doctype: str, name: str) -> Iterator[tuple[str, str]]:
	"""Yield the record itself, the people it links to, a student's guardians and people by email address."""
	yield doctype, name
	doc = frappe.get_doc(doctype, name)
	for field in LINK_FIELDS:
		target = frappe.get_meta(doctype).get_field(field)
		if target and target.fieldtype == "Link" and doc.get(field):
			yield target.options, doc.get(field)
	for row in doc.get("guardians") or ():
		if row.get("guardian"):
			yield "Guardian", row.guardian
	if doctype == "Communication" and doc.reference_doctype and doc.reference_doctype != doctype:
		yield doc.reference_doctype, doc.reference_name
	if doctype not in PHONE_FIELDS:
		for field in existing(EMAIL_ON_RECORD, doctype):
			yield from people_with_email(doc.get(field))


def people_with_email(address: str | None) -> list[tuple[str, str]]:
	"""Return (DocType, name) of everyone on this site with that email address.

	The address may be bare or "Name <address>".
	"""
	email = parse_addr(address or "")[1].strip().lower()
	if not email or len(email) > 140:
		return []
	people = []
	for doctype, fields in EMAIL_FIELDS.items():
		if frappe.db.exists("DocType", doctype, cache=True):
			for field in fields if doctype == "User" else existing(fields, doctype):
				names = frappe.get_all(doctype, {field: email}, pluck="name", order_by="name")
				people += [(doctype, name) for name in names]
	contacts = frappe.get_all("Contact Email", {"email_id": email}, pluck="parent", order_by="parent")
	people += [("Contact", contact) for contact in contacts]
	return list(dict.fromkeys(people))


def email_of(line: NumberOnRecord) -> str:
	"""Return the email address of the person a number belongs to, or "".

	Of two in a field it is the first: the other may be another person's.
	"""
	for field in EMAIL_FIELDS.get(line.doctype, ()):
		if field == "name":
			return line.name
		written = existing([field], line.doctype) and frappe.db.get_value(line.doctype, line.name, field)
		if email := mail_address.first_valid((written or None,)):
			return email
	return ""
