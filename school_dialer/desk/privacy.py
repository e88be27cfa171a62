"""API for the Compliance Officer: privacy requests, legal holds and retention."""

from dataclasses import asdict

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.desk.support import access
from school_dialer.privacy import choices, erasure, holds, person, retention, student_rows
from school_dialer.schools import users
from school_dialer.schools.decisions import DECISIONS

OFFICER = "Dialer Compliance Officer"
MOST_DAYS = 36_500
"""A hundred years."""


@frappe.whitelist(methods=["POST"])
def export_person(
	contact_consent: str | None = None, doctype: str | None = None, name: str | int | None = None
) -> dict:
	"""Return everything the dialer keeps about a number or a person, and log the access.

	The subject is a Contact Consent's number or a person's record. `labels`: what the DocTypes and columns
	are called, see `labels_of`. Raises PermissionError if the export would
	reveal a child whose record the user may not read: an export with parts left out would be wrong.
	"""
	subject = subject_of(contact_consent, doctype, name and str(name))
	export = person.export(subject)
	check_children(export["kept"])
	erasure.log_access(subject, "Export of what is kept")
	return export | {"labels": {doctype: labels_of(doctype) for doctype in export["kept"]}}


@frappe.whitelist(methods=["POST"])
def erase_person(
	contact_consent: str | None = None,
	doctype: str | None = None,
	name: str | int | None = None,
	really: bool = False,
) -> dict:
	"""Return what an erasure removes and keeps, in sentences. Changes nothing without `really`."""
	access.only_for_district()
	subject = subject_of(contact_consent, doctype, name and str(name))
	report = erasure.erase(subject, really=really)
	if report.done:
		erasure.log_access(subject, "Erasure")
	return {"label": subject.label, **asdict(report)}


@frappe.whitelist(methods=["POST"])
def release_hold(name: str, reason: str) -> None:
	only_for_officer()
	access.get_record("Dialer Legal Hold", name).check_permission("write")
	holds.release(name, reason)


@frappe.whitelist(methods=["POST"])
def end_choice(name: str, reason: str) -> None:
	"""End a privacy choice. It stays on file."""
	only_for_officer()
	access.get_record("Dialer Privacy Choice", name).check_permission("write")
	choices.end_choice(name, reason)


@frappe.whitelist(methods=["POST"])
def count_retention(
	keep_call_logs_days: int = 0,
	keep_recipients_days: int = 0,
	keep_notices_days: int = 0,
	keep_audience_files_days: int = 0,
	remove_person_links: bool = False,
	keep_lookups_days: int = 0,
) -> dict:
	"""Count the rows that tonight's retention run would change with these numbers of days, by DocType.

	Changes nothing.
	"""
	access.may("write", "Dialer Settings")
	access.only_for_district()
	kept_days = {
		"keep_call_logs_days": keep_call_logs_days,
		"keep_recipients_days": keep_recipients_days,
		"keep_notices_days": keep_notices_days,
		"keep_audience_files_days": keep_audience_files_days,
		"keep_lookups_days": keep_lookups_days,
	}
	if not all(0 <= days <= MOST_DAYS for days in kept_days.values()):
		throw(_("A number of days is between 0 and {0}.").format(MOST_DAYS))
	return retention.count(kept_days, remove_person_links)


def labels_of(doctype: str) -> dict[str, str]:
	"""Return what a DocType, under its own name, and its columns are called in the user's language."""
	meta = frappe.get_meta(doctype)
	columns = [column.strip() for column in person.COLUMNS[doctype].split(",")]
	return {doctype: _(doctype)} | {column: _(meta.get_label(column)) for column in columns}


def only_for_officer() -> None:
	if OFFICER not in frappe.get_roles():
		throw(_("This is for the role {0}.").format(_(OFFICER)), frappe.PermissionError)


def check_children(kept: dict[str, list[dict]]) -> None:
	"""Raise PermissionError if any row is one that the user may not read. One query per DocType."""
	narrowed = student_rows.HELD.keys() | (DECISIONS.keys() if users.of_user() is not None else set())
	for doctype in narrowed & kept.keys():
		names = {row["name"] for row in kept[doctype]}
		filters = {"name": ("in", sorted(names))}
		seen = frappe.get_list(doctype, filters, pluck="name", order_by="name")
		if names - set(seen):
			throw(
				_(
					"This tells of students whose records you may not read. Ask a Compliance Officer who may "
					"read them."
				),
				frappe.PermissionError,
			)


def subject_of(contact_consent: str | None, doctype: str | None, name: str | None) -> person.Subject:
	only_for_officer()
	if contact_consent:
		doc = frappe.get_doc("Contact Consent", contact_consent)
		doc.check_permission("read")
		return person.of_phone(doc.phone)
	subject = person.of_record(doctype or "", name or "")
	frappe.get_doc(doctype, name).check_permission("read")
	return subject
