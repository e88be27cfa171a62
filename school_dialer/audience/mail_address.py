"""People's email addresses on record.

The fields are looked up in the DocTypes, never assumed.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.utils import validate_email_address

from school_dialer.audience.columns import existing
from school_dialer.audience.linked import LINKED, records

FIELDS = {
	"Guardian": ("email_address", "user"),
	"Student": ("student_email_id", "user"),
	"Employee": ("personal_email", "company_email", "user_id"),
	"Contact": ("email_id", "user"),
	"User": ("email",),
}
"""Fields by DocType, best first. A user's name is an email address too."""
ADDRESS = re.compile(r"[^\s,;/|<>()\[\]\"]+@[^\s,;/|<>()\[\]\"]+")
Person = tuple[str, str]


def addresses_of(people: Iterable[Person]) -> dict[Person, str]:
	"""Return email addresses by (DocType, name). Runs one query per DocType.

	A person is missing if they have no valid address or have unsubscribed.
	"""
	names: dict[str, set[str]] = defaultdict(set)
	for doctype, name in people:
		names[doctype].add(name)
	addresses: dict[Person, str] = {}
	for doctype, people_there in names.items():
		if doctype in LINKED and frappe.db.exists("DocType", doctype, cache=True):
			addresses |= through(doctype, people_there)
		elif doctype in FIELDS and frappe.db.exists("DocType", doctype, cache=True):
			addresses |= {
				(doctype, name): address for name, address in read_addresses(doctype, people_there).items()
			}
	return addresses


def read_addresses(doctype: str, names: set[str]) -> dict[str, str]:
	fields = existing(FIELDS[doctype], doctype)
	filters: dict = {"name": ("in", tuple(names))}
	if frappe.get_meta(doctype).has_field("unsubscribed"):
		filters["unsubscribed"] = 0
	rows = frappe.get_all(doctype, filters, ["name", *fields], order_by="name")
	return {row.name: address for row in rows if (address := first_valid(row[field] for field in fields))}


def first_valid(written: Iterable[str | None]) -> str | None:
	"""Return the first valid address in these fields: one, since each may be another person's."""
	return next(
		(address for text in written for address in several(text) if validate_email_address(address)), None
	)


def several(text: str | None) -> list[str]:
	"""Return the addresses in a field of a record, without names and brackets."""
	return ADDRESS.findall(unicodedata.normalize("NFKC", text or ""))


def through(doctype: str, names: set[str]) -> dict[Person, str]:
	_field, target = LINKED[doctype]
	linked = records(doctype, names)
	addresses = addresses_of((target, record) for record in linked.values())
	return {
		(doctype, name): addresses[target, record]
		for name, record in linked.items()
		if (target, record) in addresses
	}
