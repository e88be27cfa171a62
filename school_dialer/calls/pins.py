"""Keypad PINs that open an educational message on a call, one per person.

Staff create the first PIN for a person they can identify; the person changes it on the preference page. A
link to that page only proves who holds a phone, and a phone may be shared, so the page never issues a first
PIN.

Only a slow, salted hash is stored, made by passlib in Frappe's own password table; it is deleted with the
record. Attempts are counted per person and day, that of the person's school, across all calls. `Dialer PIN`
shows staff who has a PIN.
"""

import secrets
from collections.abc import Collection
from datetime import date

import frappe
from frappe import _
from frappe.utils.password import check_password, update_password

from school_dialer.audience.numbers import read_numbers
from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.base.refusal import throw
from school_dialer.inbound.conversations.belonging import children_of
from school_dialer.messages.spoken.ivr_state import (
	LOCKED,
	NO_PIN,
	PIN_DIGITS,
	PIN_LOCKED,
	RIGHT,
	STOP_SCOPES,
	WRONG,
)
from school_dialer.schools import belonging, registry, users, zones

DOCTYPE, HASH = "Dialer PIN", "pin"
MOST_WRONG_A_DAY = 6
MADE_DIGITS = 6
RUNS = "01234567890", "09876543210"


class WeakPin(frappe.ValidationError):
	"""A PIN that is too short, too long, or among the first that anyone would guess."""


def make_pin(person_doctype: str, person: str, person_name: str) -> str:
	"""Create a PIN for this person and return it.

	The new PIN replaces the old one and clears its lock. This is the only time the PIN is available in plain
	text, so give it to this person only.
	"""
	while True:
		pin = "".join(secrets.choice("0123456789") for _digit in range(MADE_DIGITS))
		if not is_weak(pin):
			keep_pin(person_doctype, person, person_name, pin, frappe.session.user)
			return pin


def choose(person_doctype: str, person: str, person_name: str, pin: str, present: str) -> str:
	"""Change a person's PIN to one they chose, and return the verdict on their present PIN.

	RIGHT means that the new PIN is now in effect. NO_PIN means that the office has not issued a first one.
	WRONG and LOCKED come from `check_pin`. The present PIN is required, so that a borrowed or shared phone
	cannot change anything (34 CFR 99.31(c)). Raises `WeakPin`.
	"""
	if is_weak(pin):
		throw(_("Choose 4 to 8 digits that no one would guess. The first may not be 7, 8 or 9."), WeakPin)
	if refusal(person_doctype, person) == NO_PIN:
		return NO_PIN
	verdict = check_pin(person_doctype, person, present)
	if verdict == RIGHT:
		keep_pin(person_doctype, person, person_name, pin, "Preference Page")
	return verdict


def is_weak(pin: str) -> bool:
	"""Return whether the PIN is malformed, easy to guess, or begins with a key that stops calls.

	A PIN that begins with such a key would stop the calls if it were entered too slowly.
	"""
	well_formed = pin.isascii() and pin.isdecimal() and len(pin) in PIN_DIGITS
	return not well_formed or pin[0] in STOP_SCOPES or len(set(pin)) < 3 or any(pin in run for run in RUNS)


def keep_pin(person_doctype: str, person: str, person_name: str, pin: str, set_by: str) -> None:
	now = clock.db_now()
	values = {
		"name": secrets.token_hex(8),
		**stamp(now),
		"person_doctype": person_doctype,
		"person": person,
		"person_name": person_name,
		"set_at": now,
		"set_by": set_by,
		"wrong": 0,
	}
	table = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.into(table).columns(*values).insert(*values.values())
	for fieldname in ("person_name", "set_at", "set_by", "wrong", "modified", "modified_by"):
		query = query.on_duplicate_key_update(table[fieldname], values[fieldname])
	query.run()
	update_password(row_of(person_doctype, person).name, pin, DOCTYPE, HASH)


def row_of(person_doctype: str, person: str, locked: bool = False):
	# Locked for a try: PINs that are tried at the same moment all count.
	rows = frappe.db.sql(
		"select name, wrong, wrong_on from `tabDialer PIN` where person_doctype = %s and person = %s"
		+ (" for update" if locked else ""),
		(person_doctype, person),
		as_dict=True,
	)
	return frappe._dict(rows[0], person_doctype=person_doctype, person=person) if rows else None


def refusal(person_doctype: str, person: str, most: int = MOST_WRONG_A_DAY) -> str:
	"""Return why this person cannot be asked for a PIN: NO_PIN, PIN_LOCKED, or "" if they can.

	`most`: how many wrong attempts of a day lock it.
	"""
	row = row_of(person_doctype, person)
	if row is None:
		return NO_PIN
	return PIN_LOCKED if wrong_today(row) >= most else ""


def owners(people: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Return the (DocType, name) pairs among `people` that have a PIN. Runs one query."""
	if not people:
		return set()
	rows = frappe.db.sql(
		"select person_doctype, person from `tabDialer PIN` where person in %s",
		(tuple({name for _doctype, name in people}),),
	)
	return set(rows) & set(people)


def wrong_today(row) -> int:
	return row.wrong if row.wrong and row.wrong_on == today_of(row.person_doctype, row.person) else 0


def today_of(person_doctype: str, person: str) -> date:
	"""Return the day that it is now at the person's school: of several, until it has ended at each."""
	if not registry.is_district():
		return zones.today()
	if person_doctype == "User":
		schools = users.of_user(person) or ()
	else:
		children = children_of([(person_doctype, person)])
		schools = {
			*belonging.of_students(children).values(),
			*belonging.of_records(person_doctype, [person]).values(),
		}
	return min(map(zones.today, schools), default=zones.today())


def check_pin(person_doctype: str, person: str, secret: str, most: int = MOST_WRONG_A_DAY) -> str:
	"""Check a PIN and return RIGHT, WRONG or LOCKED. Counts a wrong attempt; `most` of a day lock it.

	Locks the row, so that simultaneous attempts are counted one at a time.
	"""
	row = row_of(person_doctype, person, locked=True)
	if row is None or wrong_today(row) >= most:
		return LOCKED
	try:
		check_password(row.name, secret, DOCTYPE, HASH, delete_tracker_cache=False)
		wrong = 0
	except frappe.AuthenticationError:
		wrong = wrong_today(row) + 1
	if wrong or row.wrong:
		values = {"wrong": wrong, "wrong_on": today_of(person_doctype, person)}
		frappe.db.set_value(DOCTYPE, row.name, values, update_modified=False)
	return WRONG if wrong else RIGHT


def owner_of(phone: str) -> tuple[str, str, str] | None:
	"""Return (DocType, name, full name) of the only person who was called at this number (E.164) and whose
	record still has it.

	Return None if there is no such person or more than one; staff decide then.
	"""
	rows = frappe.db.sql(
		"""select distinct person_doctype, person, person_name from `tabDialer Call Log`
		where phone = %s and direction = 'Outbound' and person_doctype is not null and person is not null
			and person != ''""",
		phone,
	)
	owners = {
		(doctype, name): full_name for doctype, name, full_name in rows if has_number(doctype, name, phone)
	}
	if len(owners) != 1:
		return None
	((doctype, name),) = owners
	return doctype, name, owners[doctype, name] or ""


def has_number(doctype: str, name: str, phone: str) -> bool:
	if not frappe.db.exists("DocType", doctype, cache=True) or not frappe.db.exists(doctype, name):
		return False
	doc = frappe.get_doc(doctype, name)
	values = [doc.get(field.fieldname) for field in doc.meta.fields if field.fieldtype in ("Data", "Phone")]
	values += [row.phone for row in doc.get("phone_nos") or ()]
	return any(phone in read_numbers(value).numbers for value in values)
