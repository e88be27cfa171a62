"""On whose record a number is.

The phone fields are looked up in the DocTypes, never assumed.
"""

import re
from collections.abc import Collection, Iterator

import frappe

from school_dialer.audience import linked
from school_dialer.audience.columns import existing
from school_dialer.audience.numbers import beside, read_numbers
from school_dialer.audience.on_record import PHONE_FIELDS
from school_dialer.audience.student_access import FAMILY
from school_dialer.base.database import doctypes

PEOPLE = (*PHONE_FIELDS, "Student Applicant", "Instructor", "Supplier", "Address", "Prospect")
PHONE_NAME = re.compile(r"phone|mobile|whatsapp|(?:^|_)cell|cell\d*(?:_|$)", re.IGNORECASE)
"""Names of fields that seem to hold numbers. They may as well hold words, as `phone_notes` does."""
OF_ANOTHER = re.compile(r"emergency", re.IGNORECASE)
"""Fields of a person's record that hold another person's number."""
TEXTS = ("Phone", "Data", "Read Only", "Small Text")
TAIL, WHOLE = 7, 10
"""Number of trailing digits used in matching.

TAIL finds candidates however they are formatted. WHOLE decides for a value that cannot be read.
"""
DATE = re.compile(r"\b(?:(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d)\b")
NO_DIGITS = re.compile(r"[^\W\d_]+")


def people(phone: str) -> list[tuple[str, str]]:
	"""Return (DocType, name) of the people on record with this number (E.164), each once.

	Guardians and students come before everyone else: if there is one, the other records with the number
	describe the same people, such as a guardian's Contact. Another person's emergency contact does not count.
	"""
	owners = [
		(doctype, name)
		for doctype, name, field in places(phone)
		if doctype in PHONE_FIELDS and doctype != "User" and not OF_ANOTHER.search(field)
	]
	family = [owner for owner in owners if owner[0] in FAMILY]
	return list(dict.fromkeys(family or owners))


def places(phone: str) -> Iterator[tuple[str, str, str]]:
	"""Yield (DocType, name, field) for each record with this number, however it is formatted.

	Runs one query per DocType.
	"""
	for doctype in PEOPLE:
		if frappe.db.exists("DocType", doctype, cache=True):
			yield from found_in(doctype, phone)
	for parent, kind in found_in_table("Contact Phone", ("phone",), phone, "parent"):
		yield "Contact", parent, kind


def not_on(asked: Collection[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
	"""Return those of these (DocType, name, number) that no phone field of the record or its tables has."""
	left = set(asked)
	for doctype in filter(doctypes.exists, {doctype for doctype, _name, _phone in asked}):
		names = [name for kind, name, _phone in asked if kind == doctype]
		for table, key, more in ((doctype, "name", {}), *tables_of(doctype)):
			fields = phone_fields(table)
			for row in fields and frappe.get_all(
				table, {key: ("in", names), **more}, [key, *fields], order_by="name"
			):
				left -= {(doctype, row[key], phone) for field in fields for phone in still_on(row[field])}
	return left - on_linked(left)


def still_on(raw: str | None) -> Iterator[str]:
	"""Yield every number that a field may mean, but those that its words call wrong or old."""
	gone = beside(raw).gone
	yield from (phone for phone in read_numbers(raw).named if phone not in gone)


def on_linked(asked: Collection[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
	"""Return those of these (DocType, name, number) that are on the record to which the person is linked."""
	removed = set()
	for doctype in {doctype for doctype, _name, _phone in asked} & linked.LINKED.keys():
		records = linked.records(doctype, {name for kind, name, _phone in asked if kind == doctype})
		there = {
			link: (linked.LINKED[doctype][1], records[link[1]], link[2])
			for link in asked
			if link[0] == doctype and link[1] in records
		}
		gone = not_on(set(there.values()))
		removed |= {link for link, other in there.items() if other not in gone}
	return removed


def tables_of(doctype: str) -> Iterator[tuple[str, str, dict[str, str]]]:
	"""Yield (child DocType, its column of the record's name, filters) for the tables of a record."""
	tables = {field.options for field in frappe.get_meta(doctype).get_table_fields()}
	for table in sorted(filter(doctypes.exists, tables)):
		if not frappe.get_meta(table).get("is_virtual"):
			yield table, "parent", {"parenttype": doctype}


def found_in(doctype: str, phone: str) -> Iterator[tuple[str, str, str]]:
	fields = phone_fields(doctype)
	for name, field in found_in_table(doctype, fields, phone, "name"):
		yield doctype, name, field


def found_in_table(doctype: str, fields: tuple[str, ...], phone: str, key: str) -> Iterator[tuple[str, str]]:
	rows = rows_with(doctype, fields, [phone], key) if fields else ()
	for row in rows:
		yield from ((row[key], field) for field in fields if is_same(row[field], phone))


def who_may_have(doctype: str, phones: Collection[str]) -> set[str]:
	"""Return the names of the people of a DocType who may have one of these numbers, by its last digits.

	Searches the whole table, once.
	"""
	fields = existing(PHONE_FIELDS.get(doctype, ()), doctype)
	names = {row.name for row in rows_with(doctype, fields, phones, "name")} if fields else set()
	if fields and doctype == "Contact":
		names |= {row.parent for row in rows_with("Contact Phone", ("phone",), phones, "parent")}
	return names


def rows_with(doctype: str, fields: tuple[str, ...], phones: Collection[str], key: str) -> list[dict]:
	"""Return the key and these fields of the rows in which one of them has the last digits of a number.

	A caller may be anything, such as "anonymous": what ends in no digits has no rows.
	"""
	ends = (phone[-TAIL:].lstrip("+") for phone in phones)
	tails = sorted({end for end in ends if end.isascii() and end.isdecimal()})
	if not tails:
		return []
	conditions = " or ".join(
		"regexp_replace(ifnull(`" + field + "`, ''), '[^0-9]', '') regexp %(tails)s" for field in fields
	)
	columns = ", ".join(f"`{field}`" for field in (key, *fields))
	return frappe.db.sql(
		"select " + columns + " from `tab" + doctype + "` where " + conditions,
		{"tails": "|".join(tails)},
		as_dict=True,
	)


def phone_fields(doctype: str) -> tuple[str, ...]:
	"""Return the fields that hold phone numbers, and those that seem to by their name."""
	named = (field.fieldname for field in stored_texts(doctype) if PHONE_NAME.search(field.fieldname))
	return tuple(dict.fromkeys((*declared_fields(doctype), *named)))


def declared_fields(doctype: str) -> tuple[str, ...]:
	"""Return the fields that are there for a phone number: known ones, and those of that type."""
	listed = existing(PHONE_FIELDS.get(doctype, ()), doctype)
	typed = (
		field.fieldname
		for field in stored_texts(doctype)
		if field.fieldtype == "Phone" or field.options == "Phone"
	)
	return tuple(dict.fromkeys((*listed, *typed)))


def stored_texts(doctype: str) -> list:
	"""Return the fields with a column for a phone number or a short text."""
	return [
		field
		for field in frappe.get_meta(doctype).fields
		if field.fieldtype in TEXTS and not field.get("is_virtual")
	]


def may_hold_number(text: str) -> bool:
	"""Return whether a text that cannot be read has enough digits for a number, besides those of dates."""
	parts = NO_DIGITS.split(DATE.sub(" ", text))
	return any(sum(map(str.isdigit, part)) >= TAIL for part in parts)


def is_same(value: str | None, phone: str) -> bool:
	written = read_numbers(value)
	if phone in written.named:
		return True
	return written.unread and phone[-WHOLE:].lstrip("+") in re.sub(r"\D", "", value or "")
