"""Claimed recipients who are not called after all, or not now, and why. One chunk at a time."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience.base import Source, source_of
from school_dialer.audience.filters.condition import Contacted
from school_dialer.base import states
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns import notifications, retries
from school_dialer.campaigns.call_order import UNUSABLE, ContactPoint, joined, line_of
from school_dialer.campaigns.parties import asking, informing
from school_dialer.campaigns.parties.rows import WAITING, points_of, read, still_open, students_of
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.gate import planned


def recheck_audience(campaign, rows: list) -> list:
	"""Return the rows that are still to be called, each with the students the reason still holds for.

	The others become Cancelled, with the reason.
	"""
	source = source_of(campaign)
	if not (rows and source.rechecks):
		return rows
	gone = source.withdrawn({student for row in rows for student in row.students})
	return drop_people(drop_students(rows, gone, (states.DIALING,)), source)


def drop_people(rows: list, source: Source) -> list:
	"""Return the rows without those whom the campaign leaves out by now, each person at a number alone."""
	people = [(row, point) for row in rows for point in row.get("parties") or [line_of(row)]]
	out = source.passed_over([[Contacted(point.phone, *point.owner)] for _row, point in people])
	left_out: dict[str, list[ContactPoint]] = defaultdict(list)
	for (row, point), yes in zip(people, out, strict=True):
		if yes:
			left_out[row.name].append(point)
	why = source.passed_over_because()
	informing.leave_out([row for row in rows if row.name in left_out], left_out, why)
	wanted, settled = [], []
	for row in rows:
		points = [point for point in row.get("parties") or () if point not in left_out[row.name]]
		if points and left_out[row.name]:
			row.parties, row.students = points, students_of(points)
		(settled if left_out[row.name] and not points else wanted).append(row)
	cancel_or_reach(move_to_other_people(settled, left_out, source), why, (states.DIALING,))
	return wanted


def move_to_other_people(
	rows: list, left_out: Mapping[str, Collection[ContactPoint]], source: Source
) -> list:
	"""Move rows to other people of their household whom the campaign still means. Return the other rows.

	`left_out` are those whom it left out just now, at the number where they were to be called.
	"""
	parties, _strange = read([row.name for row in rows])
	points = [
		(name, point)
		for name, rows_of_parties in parties.items()
		for point in points_of(still_open(rows_of_parties, (WAITING,)))
	]
	if not points:
		return rows
	out = source.passed_over([[Contacted(point.phone, *point.owner)] for _name, point in points])
	gone = {(name, point.owner) for name, left_out_points in left_out.items() for point in left_out_points}
	gone |= {(name, point.owner) for (name, point), yes in zip(points, out, strict=True) if yes}
	left: dict[str, list[ContactPoint]] = defaultdict(list)
	for name, point in points:
		if (name, point.owner) not in gone:
			left[name].append(point)
	moved, names = set(), {"name": ("in", [*left, ""]), "status": states.DIALING}
	for row in frappe.get_all("Dialer Recipient", names, list(retries.READ), order_by="name"):
		if fields := retries.next_line(row, joined(left[row.name]), UNUSABLE):
			frappe.db.set_value("Dialer Recipient", row.name, fields, update_modified=False)
			moved.add(row.name)
	return [row for row in rows if row.name not in moved]


def drop_students(rows: list, gone: dict[str, str], while_in: tuple[str, ...]) -> list:
	"""Return the rows that are about a student not in `gone`, and drop the `gone` students from them.

	`gone` maps a student to the reason why there is nothing left to report. The other rows become Cancelled
	with that reason, if their status is in `while_in`. If students are left whom a call to another
	number is about, they wait for it; if the family was informed about others already, they are reached.
	"""
	if not gone:
		return rows
	left = informing.withdraw([row.name for row in rows], gone)
	reasons: dict[str, list] = defaultdict(list)
	wanted = []
	for row in rows:
		if not (row.students and gone.keys() >= set(row.students)):
			row.students = tuple(student for student in row.students if student not in gone)
			row.parties = asking.spared(row.get("parties") or (), gone)
			wanted.append(row)
		elif row.name in left:
			fields = {**retries.fields_of(left[row.name][0]), "status": states.PENDING}
			write_instead(row, fields, while_in)
		else:
			reasons[gone[row.students[0]]].append(row)
	for why, rows_together in reasons.items():
		cancel_or_reach(rows_together, why, while_in)
	return wanted


def cancel_or_reach(rows: list, why: str, while_in: tuple[str, ...]) -> None:
	"""End recipients with no one left to call: Reached if someone there was informed, otherwise Cancelled."""
	informed = informing.informed_about([row.name for row in rows])
	for row in rows:
		if row.name in informed:
			fields = {"status": states.REACHED, "students": json.dumps(informed[row.name])}
			write_instead(row, fields, while_in)
	cancel([row.name for row in rows if row.name not in informed], why, while_in)


def write_instead(row, fields: dict, while_in: tuple[str, ...]) -> None:
	"""Write a recipient that is not called now, in these states. It is rare: most families have one line."""
	fields["claim"] = None
	frappe.db.set_value(
		"Dialer Recipient",
		{"name": row.name, "status": ("in", while_in)},
		planned.sealed(row, fields) if row.seal else fields,
		update_modified=False,
	)


def cancel(names: list[str], why: str, while_in: tuple[str, ...]) -> None:
	if names:
		frappe.db.sql(
			"""update `tabDialer Recipient` set status = 'Cancelled', outcome = %s, claim = null
			where name in %s and status in %s""",
			(why[:140], tuple(names), while_in),
		)


def return_to_other_school(rows: list, answers: dict[str, gate.EligibilityResult]) -> None:
	"""Return recipients to waiting whose call is by now in another school's name: its number takes them up.

	The caller's transaction holds the rows.
	"""
	update_each(
		"Dialer Recipient",
		{
			row.name: {"status": states.PENDING, "claim": None, "school": answers[row.name].school or None}
			for row in rows
		},
	)


def apply_refusals(rows: list, answers: dict[str, gate.EligibilityResult]) -> list[str]:
	"""Write the gate's new BLOCK or DEFER on the recipients.

	A recipient with another line moves to it instead. Returns those that end Blocked and whose number has
	left someone's record.
	"""
	blocked = [row.name for row in rows if answers[row.name].decision.verdict == "BLOCK"]
	elsewhere = retries.other_lines({name: answers[name].decision.codes for name in blocked})
	for name, fields in elsewhere.items():
		frappe.db.set_value("Dialer Recipient", name, fields, update_modified=False)
	seal_of = planned.signer()
	update_each(
		"Dialer Recipient",
		{
			row.name: planned.sealed(row, gate.as_fields(answers[row.name]) | {"claim": None}, seal_of)
			for row in rows
			if row.name not in elsewhere
		},
	)
	lost = [name for name in blocked if name not in elsewhere and answers[name].off_record]
	update_each("Dialer Recipient", {name: {"outcome": number_left()} for name in lost})
	return lost


def number_left() -> str:
	return _("The number has left the person's record.")


def alarm(campaign, lost: list[str]) -> None:
	"""Notify staff of people whose number has left their record: a person has to phone them.

	The machine calls what was planned and approved, and no number that someone entered since. In an emergency
	the first of a campaign are reported at once, and then all of some minutes together. Other campaigns
	report it once.
	"""
	if not lost:
		return
	before = {"campaign": campaign.name, "outcome": number_left(), "name": ("not in", lost)}
	urgent, first = campaign.purpose == EMERGENCY, not frappe.db.exists("Dialer Recipient", before)
	if urgent and first:
		notifications.notify_at_once(campaign.name, notifications.OFF_RECORD)
	elif urgent or first:
		notifications.notify_later(campaign.name, notifications.OFF_RECORD)


def block_missing_data(missing: dict[str, str]) -> None:
	"""Block recipients whose message cannot be rendered, with the reason.

	A message with missing data is never sent.
	"""
	blocked = {"status": states.BLOCKED, "reasons": "MISSING_DATA", "claim": None}
	update_each("Dialer Recipient", {name: blocked | {"outcome": why[:140]} for name, why in missing.items()})
