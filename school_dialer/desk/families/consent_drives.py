"""Consent drives from the Desk: preview, start and the rest, letters, progress, and a card at enrollment."""

import frappe
from frappe import _

from school_dialer.audience import student_access
from school_dialer.base.jobs import PLAN_QUEUE
from school_dialer.base.refusal import throw
from school_dialer.base.roles import MANAGERS
from school_dialer.consent_drive import actions, letters, preview, progress
from school_dialer.consent_drive.pages import LETTERS
from school_dialer.consent_drive.scope import DOCTYPE
from school_dialer.desk.support.access import get_record, may, not_too_often, only_for

PREVIEWS_A_MINUTE = 20
CARDS_A_MINUTE = 30


def check_access(permission: str, doctype: str, name: str):
	"""Return the record. Raise PermissionError unless the user may do this, DoesNotExistError without it."""
	only_for(MANAGERS)
	record = get_record(doctype, name)
	may(permission, doctype, name)
	return record


@frappe.whitelist(methods=["GET"])
def count(drive: str) -> dict:
	"""Return what a draft would do, as `consent_drive.preview.count`. Changes nothing."""
	draft = check_access("read", DOCTYPE, drive)
	not_too_often("consent drive preview", PREVIEWS_A_MINUTE)
	return preview.count(draft)


@frappe.whitelist(methods=["POST"])
def start(drive: str, families: int) -> None:
	"""Start a draft. `families` is the number that the user saw and confirmed."""
	check_access("write", DOCTYPE, drive)
	actions.start(drive, families)


@frappe.whitelist(methods=["POST"])
def change(drive: str, action: str) -> None:
	"""Pause, resume or end a drive, or ask those that its last wave left out (`again`)."""
	check_access("write", DOCTYPE, drive)
	if action == "again":
		actions.make_again(drive)
	else:
		actions.change(drive, action)


@frappe.whitelist(methods=["GET"])
def state(drive: str) -> dict:
	"""Return how far a drive is, as `consent_drive.progress.progress_of`."""
	check_access("read", DOCTYPE, drive)
	return progress.progress_of(drive)


@frappe.whitelist(methods=["POST"])
def refresh(drive: str) -> None:
	"""Read a drive's answers and count its coverage again, in the background."""
	check_access("write", DOCTYPE, drive)
	# Not after the commit: this request writes nothing, and Frappe then commits nothing.
	frappe.enqueue("school_dialer.consent_drive.jobs.count", queue=PLAN_QUEUE, timeout=3600, name=drive)


@frappe.whitelist(methods=["POST"])
def change_letters(letters_name: str, action: str) -> None:
	"""Note that letters were handed out (`hand_out`) or not after all (`take_back`), or `cancel` them."""
	check_access("read", LETTERS, letters_name)
	may("print", LETTERS, letters_name)
	if action == "cancel":
		letters.cancel(letters_name)
	elif action in ("hand_out", "take_back"):
		letters.hand_out(letters_name, undo=action == "take_back")
	else:
		throw(_("There is no such action."))


@frappe.whitelist(methods=["POST"])
def card(student: str, language: str | None = None) -> str:
	"""Make one family's letter at enrollment. Return the name of its Dialer Consent Letters."""
	only_for(MANAGERS)
	may("print", LETTERS)
	if not frappe.db.exists("DocType", "Student") or not exists_and_readable(student):
		throw(_("There is no such student."), frappe.DoesNotExistError)
	not_too_often("consent card", CARDS_A_MINUTE)
	return actions.card(student, language or "")


def exists_and_readable(student: str) -> bool:
	return bool(frappe.db.exists("Student", student)) and student in student_access.readable([student])
