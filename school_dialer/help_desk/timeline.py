"""Calls and texts in the timeline of a person's record, computed when it is opened.

No timeline entry is stored per call.
"""

import frappe
from frappe import _
from frappe.utils import escape_html, get_link_to_form

from school_dialer.base.database import aliases
from school_dialer.reporting.number.number_history import CALL_FIELDS, of_calls

LATEST = 50
ICONS = {"Voice": "call", "Text": "small-message"}


def of_person(doctype: str, name: str) -> list[dict]:
	"""Return timeline entries (hook `additional_timeline_content`).

	They show only masked numbers, and only call logs that the user may read.
	"""
	if not frappe.has_permission("Dialer Call Log", "read"):
		return []
	named = {"person_doctype": doctype, "person": name}
	logs = read_logs(named)
	if doctype == "Student":
		about = frappe.get_all(
			"Dialer Disclosure",
			{"student": ("in", sorted(aliases.earlier(doctype, [name])))},
			pluck="call_log",
			order_by="disclosed_at desc",
			limit=LATEST,
		)
		logs += read_logs({"name": ("in", about)}) if about else []
	logs = list({log.name: log for log in logs}.values())
	return [entry(log, text) for log, text in zip(logs, of_calls(logs), strict=True)]


def read_logs(filters: dict) -> list[frappe._dict]:
	return frappe.get_list(
		"Dialer Call Log",
		filters,
		["name", "creation", "phone_masked", *CALL_FIELDS],
		order_by="creation desc",
		limit=LATEST,
	)


def entry(log, text: str) -> dict:
	link = get_link_to_form("Dialer Call Log", log.name, escape_html(text))
	return {
		"icon": ICONS.get(log.channel, "call"),
		"creation": log.placed_at or log.creation,
		"is_card": False,
		"content": _("{0} Number {1}.").format(link, escape_html(log.phone_masked or "")),
	}
