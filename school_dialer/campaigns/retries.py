"""What an attempt that reached nobody makes of its recipient: the same number later, the next number, the next guardian, or the end.

A line not yet tried is called at once; before the same one is dialed again the delay of the last result passes.
"""

import json
from collections import Counter
from typing import Any

import frappe

from school_dialer import clock, states
from school_dialer.campaigns.call_order import (
	BUSY,
	FAILED,
	HUNG_UP,
	NO_ANSWER,
	NOT_ACKNOWLEDGED,
	NOT_CONFIRMED,
	NOT_FETCHED,
	UNUSABLE,
	VOICEMAIL,
	ContactPoint,
	following,
	from_json,
	to_json,
)
from school_dialer.phone import mask

DELAY_FIELDS = {
	BUSY: "busy_after_minutes",
	NO_ANSWER: "retry_after_minutes",
	NOT_ACKNOWLEDGED: "retry_after_minutes",
	NOT_CONFIRMED: "retry_after_minutes",
	HUNG_UP: "retry_after_minutes",
	NOT_FETCHED: "retry_after_minutes",
	VOICEMAIL: "voicemail_after_minutes",
	FAILED: "failed_after_minutes",
}
"""Where Dialer Settings say when the same number may be dialed again."""
OPTED_OUT = "OPTED_OUT"


def fields_of(line: ContactPoint) -> dict[str, Any]:
	"""As fields of a recipient."""
	return {
		"phone": line.phone,
		"phone_masked": mask(line.phone),
		"person_doctype": line.person_doctype,
		"person": line.person,
		"person_name": line.person_name,
		"language": line.language,
		"students": json.dumps(line.students),
	}


def after(recipient, result: str) -> dict[str, Any]:
	"""What becomes of a recipient (a row with `READ`) whose attempt had this result, as fields to set."""
	current = line_of(recipient)
	order = from_json(recipient.call_order) or [current]
	if recipient.call_order:
		tries = tries_of(recipient.name)
		taken = taken_by_others(recipient, order)
	else:
		tries, taken = Counter({current.key: recipient.attempts}), set()
	values: dict[str, Any] = {}
	if result == UNUSABLE and len(order) > 1:
		order = [line for line in order if line.phone != current.phone]
		values["call_order"] = to_json(order)
	most = recipient.max_attempts or 1
	chosen = following(order, current, tries, most, result, taken, hung_up_before(recipient))
	if chosen is None:
		return {"status": states.NOT_REACHED}
	values |= {"status": states.RETRY, "not_before": next_attempt_at(result if tries[chosen.key] else None)}
	if chosen.key != current.key:
		values |= fields_of(chosen)
	return values


def next_attempt_at(result: str | None):
	"""Site time as stored: now for a line not yet tried, else after the delay of the last result."""
	minutes = 0
	if result:
		field = DELAY_FIELDS.get(result, DELAY_FIELDS[NO_ANSWER])
		minutes = frappe.get_cached_doc("Dialer Settings").get(field) or 0
	return frappe.utils.add_to_date(clock.db_now(), minutes=minutes, as_datetime=True)


READ = (
	"name",
	"campaign",
	"channel",
	"phone",
	"person_doctype",
	"person",
	"person_name",
	"language",
	"students",
	"attempts",
	"max_attempts",
	"call_order",
)


def line_of(row) -> ContactPoint:
	students = row.students if isinstance(row.students, tuple) else tuple(json.loads(row.students or "[]"))
	return ContactPoint(
		row.phone,
		row.person_doctype or "",
		row.person or "",
		row.person_name or "",
		row.language or "",
		students,
	)


def tries_of(recipient: str) -> Counter:
	"""Attempts that reached the carrier, or may have, by `Line.key`. Those taken back have no attempt key."""
	rows = frappe.db.sql(
		"""select phone, ifnull(person_doctype, ''), ifnull(person, ''), count(*) from `tabDialer Call Log`
		where attempt_key like %s group by phone, person_doctype, person""",
		recipient + ":%",
	)
	return Counter({tuple(key): count for *key, count in rows})


def hung_up_before(recipient) -> set[tuple[str, ...]]:
	"""Who hung up early in an attempt before the latest one, as `Line.owner`. No query after a first attempt."""
	if recipient.attempts < 2:
		return set()
	rows = frappe.db.sql(
		"""select ifnull(person_doctype, ''), ifnull(person, '') from `tabDialer Call Log`
		where attempt_key like %s and attempt < %s and result = %s""",
		(recipient.name + ":%", recipient.attempts, HUNG_UP),
	)
	return set(rows)


def taken_by_others(recipient, order: list[ContactPoint]) -> set[str]:
	"""A shared line is called once in a campaign, and texted once."""
	if not order:
		return set()
	rows = frappe.db.sql(
		"""select phone from `tabDialer Recipient`
		where phone in %s and campaign = %s and channel = %s and name != %s and status not in ('Blocked', 'Cancelled')""",
		(tuple(line.phone for line in order), recipient.campaign, recipient.channel, recipient.name),
	)
	return {phone for (phone,) in rows}


def other_lines(blocked: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
	"""For recipients that the gate just turned away, with the reasons: those that have another line to try, as fields to set.

	Whoever opted out is not called at another number of theirs instead: that would be no opt-out.
	"""
	if not blocked:
		return {}
	rows = frappe.get_all(
		"Dialer Recipient",
		{"name": ("in", list(blocked)), "call_order": ("is", "set")},
		list(READ),
		order_by="name",
		limit_page_length=0,
	)
	found = {}
	for row in rows:
		current = line_of(row)
		order = [
			line
			for line in from_json(row.call_order)
			if line.phone != current.phone
			and not (OPTED_OUT in blocked[row.name] and line.owner == current.owner)
		]
		chosen = following(
			order, current, tries_of(row.name), row.max_attempts or 1, UNUSABLE, taken_by_others(row, order)
		)
		if chosen:
			found[row.name] = {
				**fields_of(chosen),
				"call_order": to_json(order),
				"status": states.PENDING,
				"not_before": clock.db_now(),
				"claim": None,
			}
	return found
