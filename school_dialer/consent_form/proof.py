"""What becomes of an answer: events in the ledger once its number is proven, or a task for the office.

A yes counts only for a person whom the request names, with a proven number that is not on the record of
another family and was not reported as a stranger's. Anything else is for the registrar. A no needs
no proof (`refusals`).
"""

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, preferences, wrong_number
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import reviews
from school_dialer.consent_form import answers, refusals, requests
from school_dialer.consent_form.recording import ask_office, is_on_record, others_with, record


class Outdated(Exception):
	"""Something was recorded for the number after the form was signed. It has to be signed again."""


def proven(name: str, phone: str, by: str = "") -> str:
	"""Record an answer whose number was just proven. Return its status, `COUNTS` or `FOR_OFFICE`.

	`phone` is the row's. `by` is `recording.STAFF` if a member of staff witnessed the signature; otherwise
	the row says how the code was sent. Raises `Outdated`, and `lock.NumberBusy`. The caller has no older
	snapshot open, and commits.
	"""
	with number_lock([phone]):
		row = answers.named(name, for_update=True)
		if row.status != answers.UNPROVEN:
			return row.status
		if not by and row.state_mark != preferences.state_mark(phone, locked=True):
			answers.update(row, status=answers.REJECTED)
			raise Outdated
		wrong_number.settle_now(phone)
		answers.update(row, proven_at=clock.db_now(), proven_by=by or row.proven_by)
		why = reasons_for_office(row)
		record(row, [phone], yes=not why, no=answers.last_event(row) is None)
		issue_link(row)
		answers.update(row, status=answers.FOR_OFFICE if why else answers.COUNTS)
		if why or not is_on_record(row):
			ask_office(row, why or ["new"])
	if row.request and row.person:
		requests.answered(row.request, row.signature, declined=False)
	return row.status


def reasons_for_office(row: frappe._dict) -> list[str]:
	"""Return why the office has to look before a yes counts: keys of `office_reasons.REASONS`."""
	reasons = [] if row.person else ["adult"]
	if ledger.is_strangers(row.phone):
		reasons.append("stranger")
	if others_with(row):
		reasons.append("others")
	return reasons


def issue_link(row: frappe._dict) -> None:
	"""Give the person who proved the number the address of its choices, where all of it can be stopped.

	Staff may have handed out the address of the answer, or mailed it. So who opens it later need not hold the
	phone, and turns nothing on there.
	"""
	link = preference_link.issue(row.phone, language=row.language or "", sent_by=preference_link.PAGE)
	answers.update(row, preference_link=link)


def accept(name: str, person_doctype: str, person: str) -> None:
	"""Let an answer count for this person, as the office decided. The caller checks who decides, and commits.

	A yes counts from when the number was proven, so an opt-out since then stays. Where it never was, what was
	declined counts alone. Raises ValidationError for an answer that does not wait for the office.
	"""
	row = waiting_for_office(name)
	answers.update(row, person_doctype=person_doctype, person=person)
	if row.proven_at:
		with number_lock([row.phone]):
			record(row, [row.phone], yes=True)
		answers.update(row, status=answers.COUNTS, decided_by=frappe.session.user)
	else:
		answers.update(row, status=answers.UNPROVEN, decided_by=frappe.session.user)
		refusals.declined(name)
	if row.proven_at and row.request:
		requests.answered(row.request, row.signature, declined=False)
	close_task(row)


def reject(name: str) -> None:
	"""End an answer that the office does not accept. What it declined stays. The caller commits."""
	row = waiting_for_office(name)
	answers.update(row, status=answers.REJECTED, decided_by=frappe.session.user)
	close_task(row)


def close_task(row: frappe._dict) -> None:
	task = {"reference_doctype": answers.DOCTYPE, "reference_name": row.name, "status": "Open"}
	for name in frappe.get_all(reviews.DOCTYPE, task, pluck="name", order_by="name"):
		reviews.close(name, f"{answers.DOCTYPE}: {row.status}")


def waiting_for_office(name: str) -> frappe._dict:
	# Locked: two people in the office decide once.
	row = answers.named(name, for_update=True)
	if row is None or row.status != answers.FOR_OFFICE:
		throw(_("This answer does not wait for the office."))
	return row
