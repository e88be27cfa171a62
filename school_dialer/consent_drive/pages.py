"""The pages of a batch of letters: what each family's letter says, in its language, with its secrets.

The secrets are derived when the letters are printed, and are not stored in the database.
"""

import json
from collections.abc import Sequence
from datetime import date

import frappe
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.consent_drive import qr, words
from school_dialer.consent_drive.outcomes import LAPSING
from school_dialer.consent_form import requests
from school_dialer.reporting.coverage import LAPSED

LETTERS = "Dialer Consent Letters"
MADE, HANDED_OUT, CANCELED = "Made", "Handed Out", "Canceled"
RENEWED = (LAPSED, LAPSING)


def pages_of(letters) -> list[dict]:
	"""Return a page for each family of a batch, for the print format.

	Raises PermissionError for a user who may not print letters, and ValidationError for canceled ones.
	"""
	letters.check_permission("print")
	if letters.state == CANCELED:
		throw(_("These letters were canceled. Their addresses and codes open nothing."))
	return written(json.loads(letters.requests or "[]"), letters.drive, letters.wave)


def written(names: Sequence[str], drive: str | None, wave: int) -> list[dict]:
	"""Return what the letters or e-mails of these requests say, in this order.

	Runs a fixed number of queries. Each has the words by key, filled in, and `language`, `direction`,
	`student_group`, `person`, `url`, `code` and `qr` (SVG).
	"""
	fields = ["name", "school", "language", "people", "students", "expires_on"]
	rows = {row.name: row for row in frappe.get_all(requests.DOCTYPE, {"name": ("in", list(names))}, fields)}
	asked = {name: json.loads(row.people or "[]") for name, row in rows.items()}
	children = {name: json.loads(row.students or "[]") for name, row in rows.items()}
	shown = names_of("Student", "student_name", {child for pupils in children.values() for child in pupils})
	adults = names_of(
		"Guardian", "guardian_name", {adult["name"] for adults in asked.values() for adult in adults[:1]}
	)
	of_family = families_of(drive, names)
	usual = frappe.get_cached_doc("Dialer Settings").school_name or _("The school")
	sheets = []
	for name in names:
		row, family = rows[name], of_family.get(name, frappe._dict())
		texts = words.of(row.language or "")
		values = {
			"school": row.school or usual,
			"person": adults.get(asked[name][0]["name"], "") if asked[name] else "",
			"children": ", ".join(filter(None, (shown.get(child) for child in children[name]))),
			"day": day_in(row.expires_on, texts["language"]),
			"address": requests.address(),
		}
		page = {key: filled(text, values) for key, text in texts.items()}
		page["before"] = page["before"] if family.standing in RENEWED else ""
		page["reminder"] = page["reminder"] if wave > 1 else ""
		url = requests.link(name)
		page |= {"url": url, "code": requests.typed_code(name), "qr": qr.svg(url)}
		sheets.append({**page, "student_group": family.student_group or "", "person": values["person"]})
	return sheets


def filled(text: str, values: dict[str, str]) -> str:
	"""Replace {key} by values, which are not read again: a name may hold braces."""
	out, rest = "", text
	while rest:
		before, brace, after = rest.partition("{")
		key, closing, beyond = after.partition("}")
		if not (brace and closing and key in values):
			return out + rest
		out, rest = out + before + values[key], beyond
	return out


def day_in(day: date | None, language: str) -> str:
	if not day:
		return ""
	try:
		return format_date(day, "long", Locale.parse(language))
	except (UnknownLocaleError, ValueError):
		return str(day)


def names_of(doctype: str, field: str, names: set[str]) -> dict[str, str]:
	rows = frappe.get_all(doctype, {"name": ("in", sorted(names))}, ["name", field], order_by=None)
	return {row.name: row[field] or row.name for row in rows}


def families_of(drive: str | None, names: Sequence[str]) -> dict[str, frappe._dict]:
	"""Return the family of each of these requests: its class and how it stood when the drive began."""
	if not drive:
		return {}
	fields = ["request", "student_group", "standing"]
	rows = frappe.get_all("Dialer Consent Family", {"drive": drive, "request": ("in", list(names))}, fields)
	return {row.request: row for row in rows}
