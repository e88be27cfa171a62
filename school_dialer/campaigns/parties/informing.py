"""Which call informed whom, and who is still waiting. A student counts only if a call named them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import frappe

from school_dialer.base.database import aliases
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties.rows import (
	DOCTYPE,
	INFORMED,
	OPEN,
	WAITING,
	WITHDRAWN,
	WITHHELD,
	about,
	key_of,
	points_of,
	read,
	still_open,
)
from school_dialer.gate import planned

BY_HAND = "by a person"


def note(rows: Collection[frappe._dict]) -> None:
	"""Write on the parties' rows which call speaks for them, and who is left out of it and why.

	`rows` were asked about, and have their `log`. Of a recipient with one party that leaves no one out, the
	call log has the person and the students: nothing is written.
	"""
	changes = {}
	for row in rows:
		if len(row.parties) > 1 or row.refused:
			speaks = {(point.key, student) for point in row.parties for student in about(point)}
			for party in row.party_rows:
				key = (key_of(party), party.student)
				if key in speaks:
					changes[party.name] = {"state": WAITING, "reason": None, "call_log": row.log}
				elif key in row.refused:
					changes[party.name] = {"state": WITHHELD, "reason": row.refused[key], "call_log": None}
	update_each(DOCTYPE, changes)


def heard(
	attempts: Collection, rows_of: Mapping[str, list[frappe._dict]]
) -> tuple[list[frappe._dict], dict[str, list[ContactPoint]]]:
	"""Return (the parties whom these calls reached, {recipient: who is still to be informed}).

	`attempts` are rows of `results.read_attempts`, and `rows_of` has the recipients' parties. Who takes
	the recipients' rows takes them before those of their parties (`mark_informed`), as a dispatcher does.
	"""
	now: list[frappe._dict] = []
	left = {}
	for attempt in attempts:
		rows = rows_of.get(attempt.name, ())
		spoken = informed_by(attempt, rows)
		now += spoken
		rest = still_open(rows, (WAITING,), spoken)
		if spoken and rest:
			left[attempt.name] = points_of(rest)
	return now, left


def inform_by_hand(row: frappe._dict) -> list[ContactPoint]:
	"""Mark as informed whom a member of staff may inform now. Return who is still to be informed.

	`row` was asked about. A person informed by hand before stays so (`take_back`).
	"""
	may = {(point.key, student) for point in row.parties for student in about(point)}
	rows = read([row.recipient])[0].get(row.recipient, [])
	mark_informed([party for party in rows if party.state == INFORMED and party.reason == BY_HAND])
	spoken = [party for party in rows if (key_of(party), party.student) in may]
	mark_informed(spoken, BY_HAND)
	return points_of(still_open(rows, (WAITING,), spoken)) if spoken else []


def take_back(recipient: str) -> list[ContactPoint]:
	"""Undo the last `inform_by_hand`. Return whom it informed."""
	rows_of, _strange = read([recipient])
	informed = [
		party for party in rows_of.get(recipient, ()) if party.state == INFORMED and party.reason == BY_HAND
	]
	update_each(DOCTYPE, {party.name: {"state": WAITING, "reason": None} for party in informed})
	return points_of(informed)


def mark_informed(rows: Collection[frappe._dict], how: str | None = None) -> None:
	if rows:
		frappe.db.sql(
			"update `tabDialer Party` set state = 'Informed', reason = %s where name in %s",
			(how, tuple(row.name for row in rows)),
		)


def unmark_informed(attempts: Collection) -> dict[str, list[ContactPoint]]:
	"""Take back the marks of these attempts, which did not arrive after all. Rows as for `heard`.

	Returns, by recipient, who is still to be informed.
	"""
	rows_of, _strange = read([attempt.name for attempt in attempts])
	informed = [
		row
		for attempt in attempts
		for row in informed_by(attempt, rows_of.get(attempt.name, ()))
		if row.state == INFORMED and not row.reason
	]
	update_each(DOCTYPE, {row.name: {"state": WAITING} for row in informed})
	for row in informed:
		row.state = WAITING
	left = {row.parent: still_open(rows_of[row.parent], (WAITING,)) for row in informed}
	return {name: points_of(rows) for name, rows in left.items() if rows}


def informed_by(attempt, rows: Collection[frappe._dict]) -> list[frappe._dict]:
	"""Return the parties for whom this call spoke: those on which it is noted, or that of the one called."""
	students = names_now(json.loads(attempt.about_students or "[]"), rows) or [""]
	called = called_by(attempt)
	if noted := [row for row in rows if row.call_log == attempt.log]:
		return [row for row in noted if row.student in (*students, "")]
	return [row for row in rows if row.student in students and key_of(row) == called]


def names_now(students: list[str], rows: Collection[frappe._dict]) -> list[str]:
	"""Return these students of a call log by the names that their records, and the parties, have by now."""
	informed = {row.student for row in rows}
	if not informed or informed.issuperset(students):
		return students
	return aliases.students_now(students)


def called_by(attempt) -> tuple[str, ...]:
	"""Return the `ContactPoint.key` of the one called."""
	return (attempt.called, attempt.called_doctype or "", attempt.called_person or "")


def all_informed(rows: list[frappe._dict]) -> bool:
	"""Return whether someone of a recipient was informed, and no one is left to be informed."""
	return any(row.state == INFORMED for row in rows) and not still_open(rows, (WAITING,))


def informed_about(recipients: Collection[str]) -> dict[str, tuple[str, ...]]:
	"""Return the students about whom someone was informed, by recipient, where someone was."""
	rows_of, _strange = read(recipients)
	informed = {
		name: [row.student for row in rows if row.state == INFORMED] for name, rows in rows_of.items()
	}
	return {
		name: tuple(dict.fromkeys(filter(None, students))) for name, students in informed.items() if students
	}


def withdraw(recipients: Collection[str], gone: dict[str, str]) -> dict[str, list[ContactPoint]]:
	"""Take students back about whom there is nothing left to report. `gone` maps them to the reason.

	Returns, by recipient, who is still to be informed.
	"""
	rows_of, _strange = read(recipients)
	changes, left = {}, {}
	for name, rows in rows_of.items():
		for row in rows:
			if row.state in OPEN and row.student in gone:
				changes[row.name] = {"state": WITHDRAWN, "reason": gone[row.student][:140]}
		rest = [row for row in still_open(rows, (WAITING,)) if row.student not in gone]
		if rest:
			left[name] = points_of(rest)
	update_each(DOCTYPE, changes)
	return left


def leave_out(rows: Collection, left_out: Mapping[str, Collection[ContactPoint]], why: str) -> None:
	"""Take back these people at the numbers of recipients that were asked about (`asking.attach`)."""
	changes = {}
	for row in rows:
		keys = {point.key for point in left_out[row.name]}
		changes |= {
			party.name: {"state": WITHDRAWN, "reason": why[:140]}
			for party in row.get("party_rows") or ()
			if key_of(party) in keys
		}
	update_each(DOCTYPE, changes)


def withdraw_waiting(campaign: str, statuses: Collection[str], why: str) -> None:
	"""Take back whom the campaign's recipients in these states were still to tell."""
	frappe.db.sql(
		"""update `tabDialer Party` party
		join `tabDialer Recipient` recipient on recipient.name = party.parent
		set party.state = 'Withdrawn', party.reason = %s
		where recipient.campaign = %s and recipient.status in %s and party.state in %s""",
		(why[:140], campaign, tuple(statuses), OPEN),
	)


def concerning(campaign: str, student: str, statuses: Collection[str], fields: Iterable[str]) -> list:
	"""Return the campaign's recipients in these states that have this student to tell about.

	`students` are all whom each of them is still about, `party_rows` their parties, and `seal` is None if it
	is not valid.
	"""
	columns = ", ".join(f"recipient.{field}" for field in fields)
	rows = frappe.db.sql(
		f"""select {columns} from `tabDialer Recipient` recipient
		where recipient.status in %(statuses)s and recipient.name in (
			select party.parent from `tabDialer Party` party
			where party.campaign = %(campaign)s and party.student = %(student)s and party.state in %(open)s)
		order by recipient.name""",
		{"campaign": campaign, "student": student, "statuses": tuple(statuses), "open": OPEN},
		as_dict=True,
	)
	for row in planned.divided(rows)[1]:
		row.seal = None
	rows_of, _strange = read([row.name for row in rows])
	for row in rows:
		row.party_rows = rows_of.get(row.name, [])
		row.students = tuple(dict.fromkeys(party.student for party in still_open(row.party_rows)))
	return rows


def leaves_out(row: frappe._dict, student: str) -> bool:
	"""Return whether the latest call to a recipient of `concerning` does not name this student.

	One on which no party is noted is about all who are called at its number (`note`). Records are renamed in
	the parties and not in the log, whose students are not asked. In doubt a call names the student.
	"""
	parties = [party for party in row.party_rows if party.student == student]
	spoken = [party for party in row.party_rows if party.call_log and party.call_log == row.last_call_log]
	named = spoken or [party for party in row.party_rows if party.phone == row.phone]
	return bool(parties and named) and not any(party in named for party in parties)


def of_logs(logs: Iterable) -> dict[str, dict[str, frappe._dict]]:
	"""Return whom calls informed about each student, where it was another person than the one called.

	`logs` have `name`, `recipient`, `person_doctype`, and `person`. The result is {log: {student: party}}.
	"""
	by_name = {log.name: log for log in logs}
	rows_of, _strange = read({log.recipient for log in by_name.values() if log.recipient})
	by_log: dict[str, dict[str, frappe._dict | None]] = defaultdict(dict)
	for rows in rows_of.values():
		for row in rows:
			log = by_name.get(row.call_log)
			if log and key_of(row)[1:] == (log.person_doctype or "", log.person or ""):
				by_log[log.name][row.student] = None
			elif log:
				by_log[log.name].setdefault(row.student, row)
	return {log: {student: row for student, row in rows.items() if row} for log, rows in by_log.items()}
