"""Nightly retention: remove personal data from expired rows in chunks, and keep the evidence.

`scrub` decides what is removed and what stays. The consent ledger is not touched: it proves consent, and an
opt-out is honored as long as the number may be called (47 USC 227, 28 USC 1658, 47 CFR 64.1200(d)(6): five
years and more). The disclosure log is not touched either (34 CFR 99.32(a)(2): as long as the student's
records). Anything under a legal hold stays complete.

A number that is removed leaves a digest behind, so that calls and recipients that still have theirs are found
by its index: a night reads what was not cleared yet, and not the years before. What is left over without a
number, such as links to people after the setting about them changed, is found once a week.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import frappe
from frappe.utils import getdate

from school_dialer.base import clock, site_values, states
from school_dialer.base.jobs import job
from school_dialer.base.without_permission import delete_for_good
from school_dialer.calls import recording_retention
from school_dialer.gate import site_policies
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.conversations import conversation
from school_dialer.privacy import holds, lookups, scrub

CHUNK = 200
SECONDS = 1200
"""The most time for one night, in seconds. The next night continues."""
WHOLE = "dialer_retention_whole"
"""Key of the day on which the last night ended that read everything."""
WHOLE_DAYS = 7
LEAST_DAYS = 60
"""The gate reads the attempts of 31 days, and answers to a confirmation are understood for 14."""


@dataclass(frozen=True)
class Kind:
	"""Rows of one DocType, their retention setting, and when they expire.

	`setting` is the field of Dialer Settings with the days, counted from the column `since`. `over` is SQL
	for rows that are final. `index` begins with the number, of a table that grows with every call.
	"""

	doctype: str
	setting: str
	since: str
	over: str
	index: str = ""


KINDS = (
	Kind(
		"Dialer Call Log",
		"keep_call_logs_days",
		"placed_at",
		f"status_rank >= {states.FINAL_RANK}",
		"dialer_history",
	),
	Kind("Dialer Recipient", "keep_recipients_days", "creation", "status not in %(open)s", "dialer_phone"),
	Kind("Dialer Manual Call", "keep_recipients_days", "creation", "status = 'Done'"),
	Kind("Dialer Answer", "keep_call_logs_days", "answered_at", "answered_at is not null"),
	Kind(absences.DOCTYPE, "keep_recipients_days", "to_day", "to_day is not null"),
	Kind("Dialer Rule Case", "keep_recipients_days", "creation", "status != 'Waiting'"),
	Kind("Dialer Notice", "keep_notices_days", "creation", "status in ('Sent', 'Not Sent')"),
	Kind("Dialer Review", "keep_notices_days", "creation", "status = 'Done'"),
	Kind(conversation.MESSAGE, "keep_notices_days", "said_at", conversation.MESSAGE_IS_OVER),
	Kind(conversation.DOCTYPE, "keep_notices_days", "last_at", conversation.IS_OVER),
)
FILES_SETTING = "keep_audience_files_days"
SETTINGS = (*dict.fromkeys(kind.setting for kind in KINDS), FILES_SETTING, lookups.SETTING)


def days() -> dict[str, int]:
	settings = frappe.get_cached_doc("Dialer Settings")
	return {name: int(settings.get(name) or 0) for name in SETTINGS}


@job
def nightly() -> None:
	"""Scheduled job: run retention if it is enabled in Dialer Settings. Commits after each chunk."""
	settings = frappe.get_cached_doc("Dialer Settings")
	if not settings.retention_on:
		return
	end, whole = time.monotonic() + SECONDS, is_due_whole()
	for work in purge(days(), bool(settings.remove_person_links), whole):
		frappe.db.commit()
		if work and time.monotonic() > end:
			break
	else:
		if whole:
			site_values.write(WHOLE, str(clock.db_now().date()))
	recording_retention.delete_soon()
	frappe.db.commit()


def is_due_whole() -> bool:
	"""Return whether this night reads everything."""
	last = site_values.read(WHOLE)
	return not last or clock.db_now().date() - getdate(last) >= timedelta(days=WHOLE_DAYS)


def purge(kept_days: dict[str, int], unlink: bool, whole: bool = True) -> Iterator[int]:
	"""Scrub all due rows. Yields the number of rows after each chunk, for the caller to commit.

	0 days means keep forever. Unless `whole`, rows of large tables that have no number are left.
	"""
	held, least = holds.in_force(), least_days()
	for kind in KINDS:
		if kept_days[kind.setting] <= 0:
			continue
		by_number = bool(kind.index) and not whole
		yield from purge_kind(kind, max(kept_days[kind.setting], least), unlink, held, by_number)
	while gone := lookups.delete_due(kept_days.get(lookups.SETTING, 0), held, CHUNK):
		yield gone
	if kept_days[FILES_SETTING] > 0:
		for file in files_due(kept_days[FILES_SETTING], held):
			remove_file(file)
			yield 1


def least_days() -> int:
	"""Return the fewest days that rows are kept: every attempt that a cap of an enabled policy counts."""
	enabled = site_policies.stored_policies({"enabled": 1}).values()
	return max([LEAST_DAYS, *(policy.longest_cap.days + 1 for policy in enabled)])


def purge_kind(kind: Kind, kept_days: int, unlink: bool, held: holds.Held, by_number: bool) -> Iterator[int]:
	"""Scrub due rows of one kind in the order of their numbers or of their names, a chunk at a time."""
	after, more = "", True
	while more:
		rows = due_rows(kind, kept_days, unlink, held, after, by_number)
		scrub.scrub_rows(kind.doctype, rows, unlink)
		yield len(rows)
		more = len(rows) == CHUNK
		if more:
			# Of the last number more rows may be left. Those that were scrubbed do not come back.
			after = rows[-1].phone if by_number else rows[-1].name


def due_rows(
	kind: Kind, kept_days: int, unlink: bool, held: holds.Held, after: str, by_number: bool = False
) -> list:
	where, values = conditions(kind, kept_days, unlink, held)
	order, start = "name", "` where name > %(after)s and "
	if by_number:
		order = "phone"
		start = "` force index (" + kind.index + ") where phone like '+%%' and phone >= %(after)s and "
	return frappe.db.sql(
		"select "
		+ scrub.COLUMNS[kind.doctype]
		+ " from `tab"
		+ kind.doctype
		+ start
		+ where
		+ " order by "
		+ order
		+ " limit %(most)s",
		{**values, "after": after, "most": CHUNK},
		as_dict=True,
	)


def conditions(kind: Kind, kept_days: int, unlink: bool, held: holds.Held) -> tuple[str, dict]:
	parts = [f"{kind.since} < %(limit)s", kind.over, scrub.still_personal(kind.doctype, unlink)]
	spared, values = holds.condition(held, kind.doctype)
	if spared:
		parts.append(spared)
	limit = clock.db_now() - timedelta(days=kept_days)
	return " and ".join(parts), {**values, "limit": limit, "open": states.OPEN}


def count(kept_days: dict[str, int], unlink: bool) -> dict[str, int]:
	"""Return how many rows of each DocType the next run would change and how many files it would delete.

	Changes nothing.
	"""
	held, least = holds.in_force(), least_days()
	counts = {}
	for kind in KINDS:
		counts[kind.doctype] = 0
		if kept_days[kind.setting] > 0:
			where, values = conditions(kind, max(kept_days[kind.setting], least), unlink, held)
			query = "select count(*) from `tab" + kind.doctype + "` where " + where
			counts[kind.doctype] = frappe.db.sql(query, values)[0][0]
	if lookups.SETTING in kept_days:
		counts[lookups.DOCTYPE] = lookups.count(kept_days[lookups.SETTING], held)
	kept = kept_days[FILES_SETTING]
	counts["File"] = len(files_due(kept, held)) if kept > 0 else 0
	return counts


def files_due(kept_days: int, held: holds.Held) -> list[frappe._dict]:
	"""Return the list files of campaigns that ended long ago.

	Returns none while any hold is in force, because a list may name anyone.
	"""
	if held:
		return []
	limit = clock.db_now() - timedelta(days=kept_days)
	return frappe.db.sql(
		"""select campaign.name campaign, file.name file from `tabDialer Campaign` campaign
		join `tabFile` file on file.file_url = campaign.audience_file
		where campaign.ended_at < %s and campaign.status in %s order by campaign.name""",
		(limit, states.ENDED),
		as_dict=True,
	)


def remove_file(row: frappe._dict) -> None:
	"""Detach the campaign's list file, and delete it unless an open campaign uses it."""
	url = frappe.db.get_value("File", row.file, "file_url")
	others = frappe.db.exists("Dialer Campaign", {"audience_file": url, "status": ("not in", states.ENDED)})
	frappe.db.set_value("Dialer Campaign", row.campaign, "audience_file", None, update_modified=False)
	if url and not others:
		delete_for_good("File", row.file)
