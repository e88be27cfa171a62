"""People whose address leaves their place of residence uncertain.

They are called at fewer hours than necessary. Behind a military or diplomatic post office they are called
only in an emergency, unless their record has their time zone.
"""

from collections import Counter
from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.audience import student_access
from school_dialer.audience.base import country_code
from school_dialer.audience.columns import column as sql_column
from school_dialer.compliance import places
from school_dialer.reporting.table import above, column, figure
from school_dialer.schools import users

MOST = 5000
CHUNK = 500
PROBLEMS = {
	places.UNREADABLE_STATE: "State cannot be read",
	places.MILITARY_POST_OFFICE: "Military or diplomatic post office",
	places.STATE_AND_POSTAL_CODE_DISAGREE: "State and postal code disagree",
}

Address = tuple[str, str, str]


def execute(filters: dict | None = None) -> tuple[list, list, str | None, None, list, int]:
	wanted = (filters or {}).get("problem")
	rows = [row for row in found(MOST + 1) if not wanted or row["kind"] == wanted]
	if users.of_user() is not None:
		rows = [row for row, may in zip(rows, may_see(rows), strict=True) if may]
	listed = [row for row, may in zip(rows, may_see(rows), strict=True) if may]
	message = above(
		listed,
		_("No address needs correcting. If you chose a problem, clear the filter to see the others."),
		len(listed) > MOST and _("The first {0} are shown.").format(MOST),
		len(listed) < len(rows) and _("Students whose records you may not read are counted and not listed."),
	)
	return columns(), [shown(row) for row in listed[:MOST]], message, None, summary(rows), 1


def may_see(rows: list[dict]) -> list[bool]:
	"""Return whether the user may see each row. Students are listed only for users who may read them."""
	return student_access.visible((row["person_doctype"], row["person"], ()) for row in rows)


def columns() -> list[dict]:
	return [
		column("problem", _("Problem"), "Data", 240),
		column("person_name", _("Person"), "Data", 180),
		column("person_doctype", _("Kind of record"), "Data", 120),
		column("person", _("Record to correct"), "Dynamic Link", 200, options="person_doctype"),
		column("state", _("State"), "Data", 120),
		column("postal_code", _("Postal code"), "Data", 110),
		column("country", _("Country"), "Data", 120),
		column("effect", _("Until then"), "Data", 420),
	]


def found(most: int) -> Iterator[dict]:
	"""Yield people whose address has a problem, up to `most` for each chunk of addresses.

	Runs a fixed number of queries plus one for each chunk.
	"""
	for doctype, table, fields, name in tables():
		wrong = {address: kind for address in addresses(table, fields) if (kind := trouble(address))}
		listed = sorted(wrong)
		for start in range(0, len(listed), CHUNK):
			chunk = listed[start : start + CHUNK]
			for person, person_name, *address in people(table, fields, name, chunk, most):
				yield {
					"kind": PROBLEMS[wrong[tuple(address)]],
					"person_doctype": doctype,
					"person": person,
					"person_name": person_name,
					"address": address,
				}


def tables() -> Iterator[tuple[str, str, tuple[str, str, str], str]]:
	"""Yield what to query for each kind of record.

	Each tuple has the DocType, its table with the address, the columns for country, state and postal code,
	and the name column.
	"""
	home = country_code()
	if frappe.db.exists("DocType", "Guardian"):
		fields = [sql_column("Guardian", "person", field) for field in ("dialer_state", "dialer_postal_code")]
		yield "Guardian", "`tabGuardian` person", (frappe.db.escape(home), *fields), "person.guardian_name"
	if frappe.db.exists("DocType", "Student"):
		fields = tuple(f"person.{field}" for field in ("country", "state", "pincode"))
		yield "Student", "`tabStudent` person", fields, "person.student_name"
	joined = "`tabContact` person join `tabAddress` address on address.name = person.address"
	fields = tuple(f"address.{field}" for field in ("country", "state", "pincode"))
	yield "Contact", joined, fields, "concat_ws(' ', person.first_name, person.last_name)"


def addresses(table: str, fields: tuple[str, str, str]) -> list[Address]:
	"""Return each distinct address. Table and columns come only from ``tables``."""
	shown_fields = ", ".join(as_text(field) for field in fields)
	return [tuple(row) for row in frappe.db.sql(f"select distinct {shown_fields} from {table}")]


def people(
	table: str, fields: tuple[str, str, str], name: str, chunk: list[Address], most: int
) -> list[tuple]:
	shown_fields = ", ".join(as_text(field) for field in fields)
	return frappe.db.sql(
		f"""select person.name, {name}, {shown_fields} from {table}
		where ({shown_fields}) in %s order by person.name limit %s""",
		(chunk, most),
	)


def as_text(field: str) -> str:
	"""Return a binary expression, so that the exact address is matched regardless of collation."""
	return f"binary coalesce({field}, '')"


def trouble(address: Address) -> str:
	country, state, postal_code = (part.decode() if isinstance(part, bytes) else part for part in address)
	return places.trouble(country_code(country) if country else None, state, postal_code)


def title(kind: str) -> str:
	return {
		"State cannot be read": _("State cannot be read"),
		"Military or diplomatic post office": _("Military or diplomatic post office"),
		"State and postal code disagree": _("State and postal code disagree"),
	}[kind]


def shown(row: dict) -> dict:
	country, state, postal_code = (
		part.decode() if isinstance(part, bytes) else part for part in row["address"]
	)
	return {
		"problem": title(row["kind"]),
		"person_name": row["person_name"],
		"person_doctype": row["person_doctype"],
		"person": row["person"],
		"state": state,
		"postal_code": postal_code,
		"country": country,
		"effect": effect(row["kind"]),
	}


def effect(kind: str) -> str:
	if kind == PROBLEMS[places.STATE_AND_POSTAL_CODE_DISAGREE]:
		return _("Called only at hours that both places permit.")
	if kind == PROBLEMS[places.MILITARY_POST_OFFICE]:
		return _("Called and texted by the time zone on record. Without one, only in an emergency.")
	return _("Called only at hours that every time zone of the area code permits.")


def summary(rows: list[dict]) -> list[dict]:
	counts = Counter(row["kind"] for row in rows)
	return [
		figure(title(kind), counts[kind], "Red" if counts[kind] else "Green") for kind in PROBLEMS.values()
	]
