"""The rows of Dialer Party: one for each number of a recipient, each person at it, and each student.

A person who is called about no student, as a member of staff, has one row for each number. Each row carries
a seal (`gate.planned`): one that this app did not write tells no one anything.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import frappe

from school_dialer.campaigns.call_order import ContactPoint, by_person, from_json, line_of
from school_dialer.gate import planned

DOCTYPE = "Dialer Party"
WAITING, TOLD, WITHHELD, WITHDRAWN = "Waiting", "Told", "Withheld", "Withdrawn"
RESTRICTED = "RESTRICTED_CONTACT"
"""Why a student is not named at the number of someone from whom the student is kept."""
OPEN = (WAITING, WITHHELD)
"""The gate is asked again about whom it once refused: they may have agreed since."""
COLUMNS = ", ".join(("name", *planned.PARTY, "person_name", "language", "state", "call_log", "seal"))


def rows_of(
	campaign: str,
	recipient: str,
	points: Iterable[tuple[ContactPoint, str | None]],
	seal_of: Callable[[Mapping], str],
) -> Iterator[dict]:
	"""Yield a recipient's rows in calling order. Each point comes with why it is not told, or None."""
	place = 0
	for point, reason in points:
		for student in point.students or ("",):
			place += 1
			row = {
				"name": "",
				"parent": recipient,
				"parenttype": "Dialer Recipient",
				"idx": place,
				"campaign": campaign,
				"phone": point.phone,
				"person_doctype": point.person_doctype,
				"person": point.person,
				"person_name": point.person_name,
				"language": point.language,
				"student": student,
				"state": WAITING if reason is None else WITHHELD,
				"reason": reason and reason[:140],
			}
			yield planned.party(row, seal_of)


def read(recipients: Collection[str]) -> tuple[dict[str, list[frappe._dict]], set[str]]:
	"""Return ({recipient: rows in calling order}, recipients with a row that this app did not write).

	The rows are those of this app. Runs one query.
	"""
	if not recipients:
		return {}, set()
	rows = frappe.db.sql(
		f"select {COLUMNS} from `tabDialer Party` where parent in %s order by parent, idx, name",
		(tuple(recipients),),
		as_dict=True,
	)
	valid, others = planned.divided(rows, planned.PARTY)
	found: dict[str, list[frappe._dict]] = defaultdict(list)
	for row in valid:
		found[row.parent].append(row)
	return found, {row.parent for row in others}


def still_open(
	rows: Iterable[frappe._dict], states: Collection[str] = OPEN, heard: Collection[str] = ()
) -> list[frappe._dict]:
	"""Return the rows in these states about whom no one of the recipient was told yet.

	`heard` are students about whom someone was told just now.
	"""
	rows = list(rows)
	known = {*heard, *(row.student for row in rows if row.state == TOLD)}
	return [row for row in rows if row.state in states and row.student not in known]


def points_of(rows: Iterable[frappe._dict]) -> list[ContactPoint]:
	"""Return each person once at each number, with their students."""
	return by_person(
		ContactPoint(
			row.phone or "",
			row.person_doctype or "",
			row.person or "",
			row.person_name or "",
			row.language or "",
			(row.student,) if row.student else (),
		)
		for row in rows
	)


def students_of(points: Iterable[ContactPoint]) -> tuple[str, ...]:
	return tuple(dict.fromkeys(student for point in points for student in point.students))


def lines_of(recipients: Collection[frappe._dict]) -> dict[str, tuple[ContactPoint, ...]]:
	"""Return each recipient's lines in calling order, one for each person, with whom is still to be told.

	`recipients` are rows with the fields in `retries.READ`. Numbers that were dropped from the call order are
	left out.
	"""
	known, _strange = read([row.name for row in recipients])
	found = {}
	for row in recipients:
		order = from_json(row.call_order) or [line_of(row)]
		places = {line.phone: place for place, line in enumerate(order)}
		left = [one for one in still_open(known.get(row.name, ())) if one.phone in places]
		lines = sorted(points_of(left), key=lambda point: places[point.phone])
		found[row.name] = tuple(lines or order)
	return found


def forget(recipients: Collection[str]) -> None:
	"""Delete the parties of recipients whose personal data is removed."""
	if recipients:
		frappe.db.delete(DOCTYPE, {"parent": ("in", tuple(recipients))})
