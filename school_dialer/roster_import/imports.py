"""An import from its file to its end: check, then write. Both are jobs, and only one runs at a time.

New -> Checking -> Checked, or Stopped where a person has to confirm; then Importing -> Imported. Failed says
why. An import that was killed stays Importing and is continued: its plan is made again from what was written.
"""

import json

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.jobs import PLAN_QUEUE, alone, is_held, job
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.roster_import import applying, plan, result_files
from school_dialer.roster_import.brake import Brake
from school_dialer.roster_import.plan import Plan
from school_dialer.roster_import.reading.refused import RosterRefused
from school_dialer.roster_import.result_files import DOCTYPE
from school_dialer.roster_import.writing import Site

NEW, CHECKING, CHECKED, STOPPED = "New", "Checking", "Checked", "Stopped"
IMPORTING, IMPORTED, FAILED = "Importing", "Imported", "Failed"
STARTED_FROM = (CHECKED, STOPPED, FAILED, IMPORTING)
LOCK = "roster"
TIMEOUT = 4 * 3600


class NotConfirmed(frappe.ValidationError):
	"""The import is unusual and the number was not confirmed. The message is the question."""


def validate(doc) -> None:
	"""Keep what an import was; take a new one's file only from a user who may read it."""
	if not doc.is_new():
		if doc.has_value_changed("file"):
			throw(_("The file of an import is not changed. Start a new one."))
		return
	doc.state = NEW
	if doc.flags.from_folder:
		return
	for field in doc.meta.fields:
		if field.read_only and field.fieldname != "state":
			doc.set(field.fieldname, None)
	doc.file_name = plain_text.line(result_files.readable(doc.file).file_name, 140)
	if not doc.file_name.lower().endswith(".zip"):
		throw(_("A roster is a zip file."))


def take_upload(doc) -> None:
	"""Give a new import a file of its own, in place of the uploaded one."""
	if not doc.flags.from_folder:
		doc.db_set("file", result_files.copy_upload(doc.name, doc.file), update_modified=False)


def refuse_deletion(doc) -> None:
	if doc.state == IMPORTING and running():
		throw(_("This import is running."))


def running() -> bool:
	return is_held(LOCK)


def ask_check(name: str) -> None:
	_set(name, state=CHECKING, message=None)
	frappe.enqueue(
		"school_dialer.roster_import.imports.check",
		queue=PLAN_QUEUE,
		timeout=TIMEOUT,
		enqueue_after_commit=True,
		name=name,
	)


def start(name: str, confirmed: int, queue: bool = True) -> None:
	"""Begin the writing of a checked import, or of one that was killed, and queue its job.

	Raises `NotConfirmed` for a stopped one unless `confirmed` is the number that is asked about.
	"""
	# Locked: a check that ends at this moment changes the number that is confirmed.
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	if doc.state not in STARTED_FROM or not doc.checked_at:
		throw(_("Check the file first."))
	if doc.state == STOPPED:
		if cint(confirmed) != doc.brake_number:
			throw(doc.brake_reason, NotConfirmed, title=_("Unusually many"))
		_set(name, confirmed_by=frappe.session.user, confirmed_number=doc.brake_number)
	_set(name, state=IMPORTING, started_by=frappe.session.user, started_at=clock.db_now(), message=None)
	if queue:
		frappe.enqueue(
			"school_dialer.roster_import.imports.run",
			queue=PLAN_QUEUE,
			timeout=TIMEOUT,
			enqueue_after_commit=True,
			name=name,
		)


def failed(name: str) -> None:
	"""Say that a job of this import failed (the job's `report_to`)."""
	_end(name, FAILED, _("An error of the program. The Error Log says where. Import again to go on."))
	frappe.db.commit()


@job(report_to=failed)
def check(name: str) -> None:
	"""Check an import: write what it would do (a job)."""
	with alone(LOCK) as mine:
		if not mine:
			_set(name, state=NEW, message=_("Another import is running. Check again when it has ended."))
		elif planned := _plan(name):
			show(name, planned)
			_set(name, state=STOPPED if planned.brake else CHECKED)
		frappe.db.commit()


@job(report_to=failed)
def run(name: str) -> None:
	"""Write an import's changes (a job). Does nothing while another runs."""
	with alone(LOCK) as mine:
		if mine and frappe.db.get_value(DOCTYPE, name, "state") == IMPORTING and (planned := _plan(name)):
			write(name, planned)
		frappe.db.commit()


def _plan(name: str) -> Plan | None:
	"""Make the plan of an import; None, with the reason written, if it cannot be."""
	try:
		return plan.make(result_files.content_of(frappe.get_doc(DOCTYPE, name)))
	except (RosterRefused, frappe.ValidationError) as error:
		frappe.clear_messages()
		_end(name, FAILED, translated(error, _))
		return None


def show(name: str, planned: Plan) -> None:
	"""Write the differences of a plan, and its rows with errors, into the import."""
	_errors(name, planned.errors)
	reason = planned.brake and sentence(planned.brake)
	_set(
		name,
		checked_at=clock.db_now(),
		result=json.dumps(planned.summary()),
		brake_reason=reason,
		brake_number=planned.brake.number if planned.brake else 0,
		message=_("The roster and Education agree. There is nothing to import.")
		if planned.nothing_to_do
		else None,
	)


def sentence(brake: Brake) -> str:
	parts = "; ".join(translated(part, _) for part in brake.parts)
	return _("This import would remove or change unusually many: {0}. Is the export complete?").format(parts)


def write(name: str, planned: Plan) -> None:
	"""Write a plan. One that is more unusual than what was confirmed is stopped instead."""
	confirmed = cint(frappe.db.get_value(DOCTYPE, name, "confirmed_number"))
	if planned.brake and planned.brake.number > confirmed:
		show(name, planned)
		_set(name, state=STOPPED)
		return

	def commit(done: int, total: int) -> None:
		_set(name, done=done, total=total)
		# A job that is killed keeps what it has written.
		frappe.db.commit()

	site = Site.read(planned.names, str(clock.db_now().date()))
	applied = applying.apply(planned.changes, planned.records, site, commit)
	_errors(name, [*planned.errors, *applied.errors])
	url = frappe.db.get_value(DOCTYPE, name, "file")
	result_files.delete(name, url)
	_set(name, file=None)
	_end(name, IMPORTED, _("Records written: {0}.").format(applied.written))


def _errors(name: str, errors: list) -> None:
	result_files.delete(name, frappe.db.get_value(DOCTYPE, name, "errors_file"))
	url = result_files.write_errors(name, errors) if errors else None
	_set(name, errors=len(errors), errors_file=url)


def _end(name: str, state: str, message: str) -> None:
	_set(name, state=state, message=message, ended_at=clock.db_now())


def _set(name: str, **values) -> None:
	frappe.db.set_value(DOCTYPE, name, values)
