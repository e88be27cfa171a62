"""Background jobs of drives."""

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.jobs import alone, job
from school_dialer.consent_drive import covered, letters, stopping, waves
from school_dialer.consent_drive.actions import RUNNING, queue
from school_dialer.consent_drive.by_phone import campaigns
from school_dialer.consent_drive.pages import LETTERS
from school_dialer.consent_drive.progress import lock_of
from school_dialer.consent_drive.scope import DOCTYPE
from school_dialer.consent_form.requests import VALID_FOR


def failed(name: str) -> None:
	"""Say on the drive that its job failed (the job's `report_to`)."""
	words = _("An error of the program. The Error Log says where. Pause and resume the drive to go on.")
	frappe.db.set_value(DOCTYPE, name, "message", words, update_modified=False)
	frappe.db.commit()


@job(report_to=failed)
def run(name: str) -> None:
	"""Bring one drive up to date (background job). Does nothing while another process does it."""
	with alone(lock_of(name)) as mine:
		if mine and frappe.db.exists(DOCTYPE, name):
			waves.advance(name)


@job(report_to=failed)
def count(name: str) -> None:
	"""Read a drive's answers and count its coverage again, without asking anyone (background job)."""
	with alone(lock_of(name)) as mine:
		if mine and frappe.db.exists(DOCTYPE, name):
			campaigns.sync(name)
			stopping.sync(frappe.get_doc(DOCTYPE, name))
			covered.keep(name)
			frappe.db.commit()


@job
def daily() -> None:
	"""Scheduler job: queue each running drive, and delete files of letters whose day is over."""
	for name in frappe.get_all(DOCTYPE, {"state": RUNNING}, pluck="name", order_by="creation"):
		queue(name)
	over = {"made_at": ("<", clock.db_now() - VALID_FOR), "file": ("is", "set")}
	for name in frappe.get_all(LETTERS, over, pluck="name"):
		letters.delete_files(name)
		frappe.db.set_value(LETTERS, name, "file", None)
	frappe.db.commit()
