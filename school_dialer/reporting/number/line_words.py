"""What look-ups say about a number, in words for staff."""

from collections.abc import Collection, Sequence

import frappe
from frappe import _

from school_dialer.lines import record
from school_dialer.lines.answer import NO, NO_DATA, YES
from school_dialer.schools import rows as school_rows


def of_lookup(row) -> str:
	"""Describe one look-up: `verified_on`, `reassigned`, `line_type` and `error` of its row."""
	since = frappe.format(row.verified_on, "Date") if row.verified_on else ""
	sentence = {
		YES: _("Looked up: the number changed hands after {0}."),
		NO: _("Looked up: the number did not change hands after {0}."),
		NO_DATA: _("Looked up: there is no data whether the number changed hands after {0}."),
	}.get(row.reassigned)
	parts = [sentence.format(since) if sentence else _("Looked up.")]
	if row.line_type:
		parts.append(_("Line: {0}.").format(_(row.line_type)))
	if row.error:
		parts.append(_("No answer: {0}").format(_(row.error)))
	return " ".join(parts)


def read(phones: Sequence[str], most: int) -> Sequence:
	"""Return the look-ups of these numbers that the user may see, latest first."""
	return frappe.db.sql(
		"""select name, coalesce(asked_at, creation) as asked_at, verified_on, reassigned, line_type, error
		from `tabDialer Number Lookup` where phone in %s"""
		+ school_rows.narrowing(record.DOCTYPE)
		+ " order by asked_at desc, name limit %s",
		(tuple(phones), most),
		as_dict=True,
	)


def pills(phones: Collection[str]) -> dict[str, list[dict]]:
	"""Return {number: lines} for numbers that were looked up, with the keys of `standing.consent_lines`.

	The line's type and the day of the last look-up, and first of all whether the number changed hands. They
	are of no channel and no state of consent, which are "".
	"""
	rows, by_phone = record.rows_of(phones), {}
	facts = record.facts_of_rows(rows)
	for row in rows:
		day = frappe.format(row.asked_at.date(), "Date")
		kind = _("Line: {0} ({1})").format(_(row.line_type or "unknown"), day)
		line = facts[row.phone]
		by_phone[row.phone] = [
			*([pill(_("The number changed hands"), "red")] if line.reassigned else []),
			pill(kind, "orange" if line.no_texts else "gray"),
		]
	return by_phone


def of_number(phone: str) -> list[dict]:
	"""Return the lines of `pills` for one number (E.164), and first of all whether it gets no texts.

	The numbering plan may say so without any look-up. Empty where nothing is known.
	"""
	lines = pills([phone]).get(phone, [])
	return [*([pill(_("No texts"), "orange")] if record.takes_no_texts(phone) else []), *lines]


def pill(words: str, colour: str) -> dict:
	return {"text": words, "words": words, "colour": colour, "state": "", "channel": ""}
