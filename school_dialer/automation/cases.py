"""What a rule has noticed: one row per thing to call about.

The row's name is derived from the rule and the thing, so neither two schedulers nor a second submission of
the same absence can cause a second call about it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

import frappe

from school_dialer.automation.kind import Trigger
from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.campaigns.call_order import REACHED

WAITING, IN_CAMPAIGN = "Waiting", "In Campaign"
WITHDRAWN, DROPPED, TOO_LATE, SKIPPED = "Withdrawn", "Dropped", "Too Late", "Skipped"
LENGTH = 140


def name_of(rule: str, key: str) -> str:
	return hashlib.sha256(f"{rule}\n{key}".encode()).hexdigest()[:40]


def notice(run, occasions: Collection[Trigger], wait: timedelta) -> None:
	"""Add the new occasions, in one statement.

	A case that was withdrawn and is true again goes back to Waiting; all other cases stay as they are, with
	the records that show them now. ``wait`` counts from the occasion's ``since``.
	"""
	if not occasions:
		return
	moment = clock.now()
	rows = [
		{
			"name": name_of(run.rule, trigger.key),
			**stamp(),
			"rule": run.rule,
			"run": run.name,
			"day": run.day,
			"status": WAITING,
			"student": trigger.student,
			"occasion": trigger.key[:LENGTH],
			"details": trigger.details[:LENGTH],
			"record_doctype": trigger.record_doctype or None,
			"records": trigger.written(),
			"due_at": clock.to_db((trigger.since or moment) + wait),
		}
		for trigger in occasions
	]
	insert(
		"Dialer Rule Case",
		rows,
		more=""" on duplicate key update
			record_doctype = values(record_doctype),
			records = values(records),
			run = if(status = 'Withdrawn', values(run), run),
			day = if(status = 'Withdrawn', values(day), day),
			due_at = if(status = 'Withdrawn', values(due_at), due_at),
			campaign = if(status = 'Withdrawn', null, campaign),
			reason = if(status = 'Withdrawn', null, reason),
			status = if(status = 'Withdrawn', 'Waiting', status)""",
	)


def of_run(run: str) -> list[frappe._dict]:
	"""Return all cases of a run, earliest due first. Their rows stay locked until commit."""
	return frappe.db.sql(
		"""select name, student, occasion, details, status, due_at, campaign, reason
			from `tabDialer Rule Case`
		where run = %s order by due_at, name for update""",
		run,
		as_dict=True,
	)


def settle_cases(
	names: Iterable[str], status: str, reason: str | None = None, campaign: str | None = None
) -> None:
	if names := tuple(names):
		frappe.db.sql(
			"""update `tabDialer Rule Case` set status = %s, reason = %s, campaign = ifnull(%s, campaign),
				modified = %s
			where name in %s""",
			(status, (reason or "")[:LENGTH] or None, campaign, frappe.utils.now(), names),
		)


def runs_waiting_before(day: date) -> list[str]:
	"""Return the runs of earlier days with cases that still wait, except those that wait for a person."""
	return frappe.db.sql_list(
		"""select distinct case_.run from `tabDialer Rule Case` case_
		join `tabDialer Rule Run` run on run.name = case_.run and run.status != 'Needs Review'
		where case_.status = 'Waiting' and case_.day < %s order by case_.run""",
		day,
	)


def withdraw(campaign: str, gone: Mapping[str, tuple[str, str]]) -> None:
	"""Withdraw cases whose reason for a call has gone. ``gone`` is {case: (student, why)}.

	The case of a student about whom someone heard, or may have, stays In Campaign, so there is no second call
	if the reason comes back. After calls that no one answered, the rule calls again if it comes back.
	"""
	if not gone:
		return
	heard = students_heard_of(campaign)
	alike: dict[tuple[str, str], list[str]] = defaultdict(list)
	for name, (student, why) in gone.items():
		alike[IN_CAMPAIGN if student in heard else WITHDRAWN, why].append(name)
	for (status, why), names in alike.items():
		settle_cases(names, status, why)


def keep_records(shown: Iterable[tuple[str, Trigger]]) -> None:
	"""Keep the records that show these cases now, such as a result that was amended and is low again."""
	for name, trigger in shown:
		frappe.db.sql(
			"update `tabDialer Rule Case` set record_doctype = %s, records = %s where name = %s",
			(trigger.record_doctype or None, trigger.written(), name),
		)


def students_heard_of(campaign: str) -> set[str]:
	"""Return the students of whom someone heard in a call or text, or may hear or have heard.

	A call without a result has not ended, or was lost.
	"""
	rows = frappe.db.sql(
		"""select distinct students from `tabDialer Call Log`
		where campaign = %(campaign)s and status != 'refused' and ifnull(result, '') in ('', %(reached)s)
		union select json_array(student) from `tabDialer Party`
		where campaign = %(campaign)s and state = 'Informed'""",
		{"campaign": campaign, "reached": REACHED},
	)
	return {student for (students,) in rows for student in frappe.parse_json(students or "[]") if student}


def without_guardian(students: Collection[str]) -> set[str]:
	if not students:
		return set()
	rows = frappe.db.sql(
		"""select distinct link.parent from `tabStudent Guardian` link
		join `tabGuardian` guardian on guardian.name = link.guardian
		join `tabStudent` student on student.name = link.parent and student.enabled = 1
		where link.parenttype = 'Student' and link.parent in %s""",
		(tuple(students),),
	)
	return set(students) - {student for (student,) in rows}


def is_due(case, now: datetime) -> bool:
	return case.due_at <= now
