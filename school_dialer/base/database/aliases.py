"""Earlier names of people: records are renamed and merged, and what was written about them is not.

A consent, a disclosure, and a list of students keep the name of their day. Code that looks for a person asks
here for the earlier names too. The rows are only ever added (hook `after_rename`).
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable

import frappe

from school_dialer.base import clock
from school_dialer.base.database import doctypes
from school_dialer.base.database.rows import insert, stamp

DOCTYPE = "Dialer Alias"
MOST_STEPS = 50
"""A name that leads to itself, as when two records exchange theirs, ends here."""


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Record that this record has another name now, or that another one took it over (doc_events)."""
	if old == new:
		return
	row = {
		"name": secrets.token_hex(10),
		**stamp(),
		"record_doctype": doc.doctype,
		"earlier_name": old,
		"later_name": new,
		"merged": int(merge),
		"renamed_at": clock.db_now(),
		"renamed_by": frappe.session.user,
	}
	insert(DOCTYPE, [row])


def earlier(doctype: str | None, names: Iterable[str], taken: bool = False) -> set[str]:
	"""Return these names of records and all that they had before, or that were merged into them.

	Without a DocType, records of all kinds count. A name that another record has taken since stands for that
	record, and is left out unless `taken`.
	"""
	every = last = set(names)
	for _step in range(MOST_STEPS):
		if not last:
			break
		rows = frappe.db.sql(
			"""select record_doctype, earlier_name from `tabDialer Alias`
			where ifnull(%(doctype)s, record_doctype) = record_doctype and later_name in %(names)s""",
			{"doctype": doctype, "names": tuple(last)},
		)
		before = {(kind, name) for kind, name in rows if name not in every}
		last = {name for _kind, name in (before if taken else before - _existing(before))}
		every = every | last
	return every


def of_people(people: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Return these people, as (DocType, name), by all names they ever had, even if others have them now."""
	all_names = set()
	for doctype, names in by_doctype(people).items():
		all_names |= {(doctype, name) for name in earlier(doctype, names, taken=True)}
	return all_names


def students_now(students: Iterable[str]) -> list[str]:
	"""Return students by the names that their records have now, each once."""
	listed = [("Student", student) for student in students]
	later = current(listed)
	return list(dict.fromkeys(later.get(record, record[1]) for record in listed))


def current(people: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
	"""Return the present names of those of these people, as (DocType, name), who have another name now.

	A name that another record has taken since stands for that record.
	"""
	now = {person: person for person in people if all(person)}
	for _step in range(MOST_STEPS):
		later = _later(set(now.values()))
		if not later:
			break
		now = {first: (last[0], later.get(last, last[1])) for first, last in now.items()}
	return {first: name for first, (_doctype, name) in now.items() if name != first[1]}


def _later(people: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
	"""Return the next name of those who were renamed. The newest counts."""
	if not people:
		return {}
	rows = frappe.db.sql(
		"""select record_doctype, earlier_name, later_name from `tabDialer Alias`
		where earlier_name in %s order by creation, name""",
		(tuple({name for _doctype, name in people}),),
	)
	later = {(doctype, old): new for doctype, old, new in rows if (doctype, old) in people}
	taken = _existing(later)
	return {person: new for person, new in later.items() if person not in taken}


def _existing(people: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Return those of these names, as (DocType, name), that a record has now."""
	existing = set()
	for doctype, names in by_doctype(people).items():
		if doctypes.exists(doctype):
			has_name = {"name": ("in", names)}
			rows = frappe.get_all(doctype, has_name, pluck="name", order_by="name")
			existing |= {(doctype, name) for name in rows}
	return existing


def by_doctype(people: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
	"""Return the names of these people, as (DocType, name), by DocType."""
	names: dict[str, list[str]] = defaultdict(list)
	for doctype, name in people:
		names[doctype].append(name)
	return names
