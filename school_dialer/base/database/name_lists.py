"""Lists of people in a column, as JSON, name records as they are called now: Frappe renames links alone.

Work goes on with these rows: a family is answered, phoned, or asked for consent. Evidence of what was said,
such as a call log, keeps the name of its day, and is looked up under earlier names too (`aliases`).
"""

import json

import frappe

from school_dialer.base.database.rows import update_each

STUDENTS, PEOPLE = "students", "people"
COLUMNS = {
	"Dialer Conversation": (STUDENTS,),
	"Dialer Manual Call": (STUDENTS,),
	"Dialer Consent Request": (STUDENTS, PEOPLE),
	"Dialer Consent Family": (STUDENTS, PEOPLE),
}
"""A list of students has names. One of people has them with their DocTypes, as pairs or as objects."""


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the lists that name this person name the record as it is called now (doc_events)."""
	if old == new:
		return
	for table, columns in COLUMNS.items():
		for column in columns:
			if column == PEOPLE or doc.doctype == "Student":
				rows = naming(table, column, old)
				later = {name: {column: renamed(text, doc.doctype, old, new)} for name, text in rows}
				update_each(table, later)


def naming(table: str, column: str, old: str) -> list[tuple[str, str]]:
	"""Return (name, list) of the rows whose list may name the record, locked until the commit."""
	return frappe.db.sql(
		f"select name, `{column}` from `tab{table}` where instr(`{column}`, %s) order by name for update",
		json.dumps(old),
	)


def renamed(text: str, doctype: str, old: str, new: str) -> str:
	"""Return a list as JSON with the record's new name in place of the old one, each once."""
	forms = ((old, new), ([doctype, old], [doctype, new]))
	entries = []
	for entry in json.loads(text):
		if isinstance(entry, dict) and (entry.get("doctype"), entry.get("name")) == (doctype, old):
			entry = {**entry, "name": new}
		later = next((form for before, form in forms if entry == before), entry)
		if later not in entries:
			entries.append(later)
	return json.dumps(entries)
