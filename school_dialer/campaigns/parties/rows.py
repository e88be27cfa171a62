"""The rows of Dialer Party: one for each number of a recipient, each person at it, and each student.

A person who is called about no student, as a member of staff, has one row for each number. A student of whom
a person may not hear has a row too, which is Withheld: staff see who is left out. Each row carries a seal
(`gate.planned`): one that this app did not write tells no one anything.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import frappe

from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns.call_order import ContactPoint, by_person, joined, line_of
from school_dialer.gate import planned

DOCTYPE = "Dialer Party"
WAITING, INFORMED, WITHHELD, DROPPED, WITHDRAWN = "Waiting", "Informed", "Withheld", "Dropped", "Withdrawn"
OPEN = (WAITING, WITHHELD)
"""The gate is asked again about whom it once refused: they may have agreed since. No approver saw who was
added later (`planned.ADDED`): they stay left out, whatever the gate says."""
REACH = """(select reach from `tabDialer Campaign` campaign
	where campaign.name = `tabDialer Party`.campaign) reach"""
"""Who has to be reached, in SQL."""
COLUMNS = ", ".join(
	(
		"name",
		planned.OF_PARTY,
		*planned.PARTY,
		"person_name",
		"language",
		"state",
		"reason",
		"call_log",
		REACH,
	)
)


def rows_of(
	campaign: str,
	recipient: str,
	points: Iterable[tuple[ContactPoint, str | None]],
	seal_of: Callable[[Mapping], str],
) -> Iterator[dict]:
	"""Yield a recipient's rows in calling order. Each point comes with why it is not informed, or None."""
	place = 0
	for point, reason in points:
		row = {
			"name": "",
			"parent": recipient,
			"idx": 0,
			"campaign": campaign,
			"phone": point.phone,
			"person_doctype": point.person_doctype,
			"person": point.person,
			"person_name": point.person_name,
			"language": point.language,
			"student": "",
			"state": WAITING if reason is None else WITHHELD,
			"reason": reason and reason[:140],
		}
		for student in about(point):
			place += 1
			row["idx"], row["student"] = place, student
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
	by_recipient: dict[str, list[frappe._dict]] = defaultdict(list)
	for row in valid:
		by_recipient[row.parent].append(row)
	return by_recipient, {row.parent for row in others}


def still_open(
	rows: Iterable[frappe._dict], states: Collection[str] = OPEN, informed: Iterable[frappe._dict] = ()
) -> list[frappe._dict]:
	"""Return the recipient's rows in these states still to be informed. `informed` were so just now."""
	rows = list(rows)
	informed_as = {heard_as(row) for row in (*informed, *(row for row in rows if row.state == INFORMED))}
	return [
		row
		for row in rows
		if row.state in states and heard_as(row) not in informed_as and row.reason != planned.ADDED
	]


def heard_as(row: frappe._dict) -> tuple[str, ...]:
	"""Return what the rows have in common of which one is enough: the person, at any number, and the student.

	Where one guardian of each student is enough, it is the student alone.
	"""
	return heard_by((row.person_doctype or "", row.person or ""), row.student or "", row.reach)


def heard_by(owner: tuple[str, ...], student: str, reach: str | None) -> tuple[str, ...]:
	"""Return the same for a person, a student or "", and who has to be reached."""
	return (student,) if student and reach == ONE_GUARDIAN else (*owner, student)


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


def about(point: ContactPoint) -> tuple[str, ...]:
	"""Return the students of a point's rows: one row without a student for a person who has none."""
	return point.students or ("",)


def students_of(points: Iterable[ContactPoint]) -> tuple[str, ...]:
	return tuple(dict.fromkeys(student for point in points for student in point.students))


def lines(rows: Iterable[frappe._dict]) -> list[ContactPoint]:
	"""Return the numbers to call, in order, each with its first person and whom the call is about.

	`rows` are those of one recipient. Numbers that were dropped are left out.
	"""
	return joined(points_of(still_open(rows, (WAITING,))))


def lines_of(row: frappe._dict) -> list[ContactPoint]:
	"""Return the same of a recipient's row; its own number alone if none is to be called any more."""
	listed, _strange = read([row.name])
	return lines(listed.get(row.name, ())) or [line_of(row)]


def drop(rows: Collection[frappe._dict], reason: str) -> None:
	"""Take people at numbers that are no use out of the order in which a recipient is called."""
	update_each(
		DOCTYPE, {row.name: {"state": DROPPED, "reason": reason[:140]} for row in rows if row.state in OPEN}
	)


def restore(rows: Iterable[frappe._dict], reason: str) -> None:
	"""Undo `drop` for those of these rows that were dropped for this reason, in the rows as read too."""
	changes = {}
	for row in rows:
		if row.state == DROPPED and row.reason == reason:
			changes[row.name] = {"state": WAITING, "reason": None}
			row.update(changes[row.name])
	update_each(DOCTYPE, changes)


def key_of(row: frappe._dict) -> tuple[str, ...]:
	return (row.phone or "", row.person_doctype or "", row.person or "")


def forget(recipients: Collection[str]) -> None:
	"""Delete the parties of recipients whose personal data is removed."""
	if recipients:
		frappe.db.delete(DOCTYPE, {"parent": ("in", tuple(recipients))})
