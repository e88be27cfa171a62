"""The app's only ways around Frappe's permissions, each with its reason.

`tests/unit/dev/rules/test_without_permission.py` fails if there is another.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe


def write_notice(values: dict) -> None:
	"""Insert a notice from the app to staff: a notification, a ToDo, a comment on a ticket.

	The user whose action caused the notice (a job, a family by keypress or text, an agent) may lack the right
	to create such a document, and the notice holds nothing that they entered.
	"""
	frappe.get_doc(values).insert(ignore_permissions=True)


def write_leave(values: dict) -> str:
	"""Insert the draft of a Student Leave Application that a guardian asked for, and return its name.

	The guardian has no user. The app has checked that they may ask for this student.
	"""
	return frappe.get_doc(values).insert(ignore_permissions=True).name


def change_leave(doc, method: str) -> None:
	"""Submit or cancel such a leave: by the school's setting, or because its report was settled.

	`desk.inbox.absences` has checked the rights of a member of staff.
	"""
	doc.flags.ignore_permissions = True
	doc.submit() if method == "submit" else doc.cancel()


def write_teacher_message(values: dict):
	"""Insert the campaign of a teacher's message, and return it.

	A teacher has no right on any record of the app. `campaigns.teacher_messages` has checked that they teach
	the group and may use the message.
	"""
	return frappe.get_doc(values).insert(ignore_permissions=True)


def write_drive_record(values: dict):
	"""Insert the draft of a campaign by which a consent drive asks, or its message, and return it.

	A Compliance Officer may start a drive and has no right to make campaigns. A draft reaches no one: a user
	with that right starts it. `consent_drive.actions` has checked that the drive was started.
	"""
	return frappe.get_doc(values).insert(ignore_permissions=True)


def write_kit_campaign(values: dict):
	"""Insert the campaign of an emergency kit item, and return it.

	Those on duty may have no right on campaigns. `emergency_kit.starting` has checked that they may start
	the item and that it is approved.
	"""
	return frappe.get_doc(values).insert(ignore_permissions=True)


def write_roster(doc) -> None:
	"""Insert or save a record of Education, or a school, as a roster names it.

	Those who import rosters look after consent and the site and have no roles in Education.
	`desk.district.rosters` has checked their right to import; the nightly import was switched on by such a
	person.
	"""
	doc.flags.ignore_permissions = True
	doc.save()


def delete_for_good(doctype: str, name: str) -> None:
	"""Delete permanently; Frappe keeps no copy among its deleted documents.

	Called by the nightly retention, by an officer whose right `desk.privacy` has checked, and by the
	uninstall.
	"""
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, delete_permanently=True)


def note_access(doctype: str, document: str | None, what: str) -> None:
	"""Record in Frappe's Access Log what the current user does with a record, in the transaction in which it
	is done.

	Users may not write to that log, so that it can be trusted. Frappe's own function commits the open
	transaction on v15; on v16 it keeps the entry in the cache for up to a quarter of an hour, where it may be
	lost.
	"""
	log = {
		"user": frappe.session.user,
		"export_from": doctype,
		"reference_document": document,
		"method": what,
	}
	frappe.get_doc({"doctype": "Access Log", **log}).db_insert()


def is_unchecked(doc) -> bool:
	"""Return whether this app's own code or another app writes a document without a check of permissions.

	Whose user writes it then says nothing about what may be in it, so that their schools are not looked at.
	"""
	return bool(doc.flags.ignore_permissions)


@contextmanager
def as_administrator() -> Iterator[None]:
	"""Run a block of a background job as Administrator, then as the previous user again.

	A ticket's own app saves the ticket, with the rights of the session's user, when a communication is added
	to it or someone is assigned. The job was caused by a family's message, whose session is a guest's.
	"""
	user = frappe.session.user
	frappe.set_user("Administrator")
	try:
		yield
	finally:
		frappe.set_user(user)


@contextmanager
def as_person(user: str) -> Iterator[None]:
	"""Run a block as this user, then as the previous one again, with the request's own session.

	A link to the user's own phone or mailbox, or their PIN in a call to it, has proven who decides about an
	emergency; `emergency_kit.second_person` has checked that. The user's own rights hold in the block.
	"""
	session, form, before = frappe.local.session, frappe.local.form_dict, frappe.session.user
	kept = session.sid, session.data
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(before)
		session.sid, session.data = kept
		frappe.local.form_dict = form
