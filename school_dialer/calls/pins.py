"""PINs that open an educational message on the telephone: one a person. Staff make the first one, for a person whom they know; the
preference page changes it. A link to that page proves who holds a telephone, and a telephone may be shared: it gives no first PIN.

Only a slow, salted hash is kept, by passlib in Frappe's own table of passwords, which follows the record when it is deleted. Tries
are counted for each person and day, over all calls. `Dialer PIN` tells staff who has one.
"""

import secrets
from collections.abc import Collection

import frappe
from frappe import _
from frappe.utils.password import check_password, update_password

from school_dialer import clock
from school_dialer.audience.base import country_code
from school_dialer.messages.spoken.ivr_state import (
	LOCKED,
	NO_PIN,
	PIN_DIGITS,
	PIN_LOCKED,
	RIGHT,
	STOP_SCOPES,
	WRONG,
)
from school_dialer.phone import InvalidNumber, parse
from school_dialer.rows import stamp

DOCTYPE, HASH = "Dialer PIN", "pin"
MOST_WRONG_A_DAY = 6
MADE_DIGITS = 6
RUNS = "01234567890", "09876543210"


class WeakPin(frappe.ValidationError):
	"""Too short, too long, or the first that anybody would try."""


def make_pin(person_doctype: str, person: str, person_name: str) -> str:
	"""A new PIN for this person, which ends an older one and its lock. Returned this once: tell it to them alone."""
	while True:
		pin = "".join(secrets.choice("0123456789") for _digit in range(MADE_DIGITS))
		if not is_weak(pin):
			keep_pin(person_doctype, person, person_name, pin, frappe.session.user)
			return pin


def choose(person_doctype: str, person: str, person_name: str, pin: str, present: str) -> str:
	"""A person's own choice: RIGHT when it holds now, NO_PIN for a person whom the office has given none yet. Who has one must know
	it to change it, so that a borrowed or shared telephone changes nothing (34 CFR 99.31(c)). Raises `WeakPin`."""
	if is_weak(pin):
		raise WeakPin(_("Choose 4 to 8 digits that nobody would guess. The first may not be 7, 8 or 9."))
	if standing(person_doctype, person) == NO_PIN:
		return NO_PIN
	verdict = check_pin(person_doctype, person, present)
	if verdict == RIGHT:
		keep_pin(person_doctype, person, person_name, pin, "Preference Page")
	return verdict


def is_weak(pin: str) -> bool:
	"""Or one that begins with a key that stops the calls: entered too slowly, it would."""
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
	rows = frappe.db.sql(
		"select name, wrong, wrong_on from `tabDialer PIN` where person_doctype = %s and person = %s"
		+ (" for update" if locked else ""),
		(person_doctype, person),
		as_dict=True,
	)
	return rows[0] if rows else None


def standing(person_doctype: str, person: str) -> str:
	"""Why this person's PIN cannot be asked for: NO_PIN, PIN_LOCKED, or "" when it can."""
	row = row_of(person_doctype, person)
	if row is None:
		return NO_PIN
	return PIN_LOCKED if wrong_today(row) >= MOST_WRONG_A_DAY else ""


def owners(people: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Those of these (DocType, name) who have a PIN. One query."""
	if not people:
		return set()
	rows = frappe.db.sql(
		"select person_doctype, person from `tabDialer PIN` where person in %s",
		(tuple({name for _doctype, name in people}),),
	)
	return set(rows) & set(people)


def wrong_today(row) -> int:
	return row.wrong if row.wrong_on == clock.db_now().date() else 0


def check_pin(person_doctype: str, person: str, secret: str) -> str:
	"""RIGHT, WRONG or LOCKED; a wrong one is counted. The row is locked, so that tries at once count one by one."""
	row = row_of(person_doctype, person, locked=True)
	if row is None or wrong_today(row) >= MOST_WRONG_A_DAY:
		return LOCKED
	try:
		check_password(row.name, secret, DOCTYPE, HASH, delete_tracker_cache=False)
		wrong = 0
	except frappe.AuthenticationError:
		wrong = wrong_today(row) + 1
	if wrong or row.wrong:
		values = {"wrong": wrong, "wrong_on": clock.db_now().date()}
		frappe.db.set_value(DOCTYPE, row.name, values, update_modified=False)
	return WRONG if wrong else RIGHT


def owner_of(phone: str) -> tuple[str, str, str] | None:
	"""(DocType, name, full name) of the one person who was called at this number (E.164) and on whose record it still stands. None when
	there is none or several: then staff decide."""
	rows = frappe.db.sql(
		"""select distinct person_doctype, person, person_name from `tabDialer Call Log`
		where phone = %s and direction = 'Outbound' and person_doctype is not null and person is not null and person != ''""",
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
	doc, country = frappe.get_doc(doctype, name), country_code()
	values = [doc.get(field.fieldname) for field in doc.meta.fields if field.fieldtype in ("Data", "Phone")]
	values += [row.phone for row in doc.get("phone_nos") or ()]
	return any(is_same(value, phone, country) for value in values if value)


def is_same(value: str, phone: str, country: str) -> bool:
	try:
		return parse(value, country).e164 == phone
	except InvalidNumber:
		return False
