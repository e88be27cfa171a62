"""The nightly import: the newest zip in the site's folder private/rosters, which the student system fills."""

import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.jobs import PLAN_QUEUE, alone, job
from school_dialer.roster_import import imports, result_files
from school_dialer.roster_import.reading.archive import Limits
from school_dialer.roster_import.result_files import DOCTYPE
from school_dialer.schools import staff

FOLDER = "rosters"
SETTLED = timedelta(minutes=2)
"""A file that changed later than this ago may still be on its way."""
KEEP = timedelta(days=30)
"""How long the files of an import that was not finished, and files of errors, are kept."""


def on() -> bool:
	return bool(cint(frappe.db.get_single_value("Dialer Settings", "roster_nightly")))


def path() -> Path:
	return Path(frappe.get_site_path("private", FOLDER))


@job
def nightly() -> None:
	"""Queue the nightly import, and delete old files (job of the scheduler)."""
	forget_old()
	if on():
		path().mkdir(mode=0o750, exist_ok=True)
		frappe.enqueue("school_dialer.roster_import.folder.take", queue=PLAN_QUEUE, timeout=imports.TIMEOUT)
	frappe.db.commit()


@job
def take() -> None:
	"""Import the newest zip of the folder if it was not taken before, and notify staff (a job)."""
	with alone("roster-folder") as mine:
		name = begin() if mine else None
	if not name:
		return
	imports.check(name)
	if frappe.db.get_value(DOCTYPE, name, "state") == imports.CHECKED:
		imports.start(name, 0, queue=False)
		# Staff see that it has begun: the run may take long.
		frappe.db.commit()
		imports.run(name)
	notify(name)
	frappe.db.commit()


def newest() -> tuple[str, bytes, str] | None:
	"""Return (name, content, identity) of the newest complete zip in the folder, or None.

	Links are not followed, so the folder cannot lead to another file of the server.
	"""
	if not path().is_dir():
		return None
	zips = []
	with os.scandir(path()) as entries:
		for entry in entries:
			if entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(".zip"):
				zips.append((entry.stat(follow_symlinks=False).st_mtime, entry.name))
	latest = max(zips, default=None)
	if not latest or clock.now().timestamp() - latest[0] < SETTLED.total_seconds():
		return None
	descriptor = os.open(path() / latest[1], os.O_RDONLY | os.O_NOFOLLOW)
	with os.fdopen(descriptor, "rb") as file:
		status = os.fstat(file.fileno())
		if not stat.S_ISREG(status.st_mode):
			return None
		return latest[1], file.read(Limits().packed + 1), f"{int(status.st_mtime)}"


def begin() -> str | None:
	"""Make an import of the newest zip; None if there is none, or if it was taken before."""
	zip_file = newest()
	if not zip_file:
		return None
	name, content, changed = zip_file
	shown = f"{plain_text.line(name, 100)} ({changed})"
	if frappe.db.exists(DOCTYPE, {"nightly": 1, "file_name": shown}):
		return None
	name = made(shown, content, nightly=1)
	# On record before it is read: a file that ends the job is not taken again each night.
	frappe.db.commit()
	return name


def made(file_name: str, content: bytes, nightly: int) -> str:
	"""Make an import of a file that was not uploaded, and return its name."""
	doc = frappe.new_doc(DOCTYPE)
	doc.update({"nightly": nightly, "file_name": plain_text.line(file_name, 140), "state": imports.NEW})
	doc.flags.from_folder = doc.flags.ignore_mandatory = True
	doc.insert()
	frappe.db.set_value(DOCTYPE, doc.name, "file", result_files.attach(doc.name, content, "zip"))
	return doc.name


def notify(name: str) -> None:
	"""Tell those who look after rosters how a nightly import went; nothing of one without a change."""
	doc = frappe.get_doc(DOCTYPE, name)
	if doc.state == imports.IMPORTED and not doc.done and not doc.errors:
		return
	subject = {
		imports.IMPORTED: _("The nightly roster was imported."),
		imports.STOPPED: _("The nightly roster was stopped: it changes unusually much. Please look."),
	}.get(doc.state, _("The nightly roster was not imported. Please look."))
	users = staff.with_roles(roles.OFFICER)
	if registrar := frappe.db.get_single_value("Dialer Settings", "registrar"):
		users.add(registrar)
	staff.notify(users, subject, DOCTYPE, name)


def forget_old() -> None:
	"""Delete the files of imports that ended or were left a month ago."""
	before: datetime = clock.db_now() - KEEP
	for doc in frappe.get_all(
		DOCTYPE,
		{"modified": ("<", before)},
		["name", "file", "errors_file"],
		or_filters={"file": ("is", "set"), "errors_file": ("is", "set")},
		order_by="creation",
	):
		for url in (doc.file, doc.errors_file):
			result_files.delete(doc.name, url)
		frappe.db.set_value(DOCTYPE, doc.name, {"file": None, "errors_file": None}, update_modified=False)
