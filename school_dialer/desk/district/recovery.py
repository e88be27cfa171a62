"""API for Dialer Restore: Safe mode after a restore from a backup, and the reconcile with the carrier."""

import frappe
from frappe import _
from frappe.utils import format_datetime

from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.base.roles import MANAGER
from school_dialer.consent.receipts import receipt, signed
from school_dialer.continuity import safe_mode
from school_dialer.continuity.safe_mode import DOCTYPE
from school_dialer.desk.support.access import get_record, may, only_for, only_for_district
from school_dialer.recovery import ending, opt_outs, presented, reconcile

ROLES = (MANAGER,)


def check_access(name: str) -> None:
	"""Raise PermissionError unless the user may act on Safe mode, which concerns every school."""
	only_for(ROLES)
	only_for_district()
	get_record(DOCTYPE, name)
	may("read", DOCTYPE, name)


@frappe.whitelist(methods=["POST"])
def start_reconcile(restore: str) -> None:
	"""Ask the carrier in the background what the database forgot. Calls no one."""
	check_access(restore)
	reconcile.ask(restore)


@frappe.whitelist(methods=["POST"])
def add_journal(restore: str, file: str) -> int:
	"""Have the next reconcile read a copy of the journal that the user has uploaded.

	`file` is the name of the File. Returns how many opt-outs it holds. Raises a ValidationError if it holds
	none of this site.
	"""
	check_access(restore)
	return opt_outs.attach(restore, file)


@frappe.whitelist(methods=["POST"])
def enter_receipt(restore: str, text: str) -> str:
	"""Take a signed receipt that a family shows. A stop that the ledger has lost is entered again.

	Returns the result in a sentence. A receipt of consent enters nothing. Raises a ValidationError for
	a text that this site has not signed.
	"""
	check_access(restore)
	try:
		entry = presented.present(text)
	except signed.NotSigned:
		throw(_("This receipt is not complete, or this site did not sign it."))
	what, number = _(entry.statement.kind), mask(entry.statement.phone)
	said_at = format_datetime(receipt.stated(entry.statement).said_at)
	if entry.entered:
		return _("Entered again: {0}, of {1}, said on {2}.").format(what, number, said_at)
	if entry.event:
		return _("The ledger has this already: {0}, of {1}, said on {2}.").format(what, number, said_at)
	return _(
		"Nothing was entered. The site signed that it had recorded this: {0}, of {1}, said on {2}. "
		"But a receipt allows no calls or texts. Ask the family."
	).format(what, number, said_at)


@frappe.whitelist(methods=["GET"])
def progress(restore: str) -> dict:
	"""Return `state`, `stage` of `stages`, calls and texts `done`, and whether a job is `running`."""
	check_access(restore)
	state = frappe.db.get_value(DOCTYPE, restore, ["state", "stage", "done"], as_dict=True)
	return {**state, "stages": len(reconcile.STAGES), "running": reconcile.is_running()}


@frappe.whitelist(methods=["POST"])
def allow_emergencies(restore: str) -> None:
	"""Let emergencies leave although Safe mode is on."""
	check_access(restore)
	ending.allow_emergencies(restore)


@frappe.whitelist(methods=["POST"])
def end_safe_mode(restore: str, without_reconcile: int = 0) -> None:
	"""End Safe mode. Paused campaigns stay paused until a person resumes each."""
	check_access(restore)
	ending.end(restore, bool(without_reconcile))


def banner() -> dict | None:
	"""Return what the Desk shows on every page while Safe mode is on: `name` and `sentence`."""
	try:
		mode = safe_mode.current()
	except frappe.db.ProgrammingError as error:
		# A site that is being migrated has no such table yet.
		if not frappe.db.is_table_missing(error):
			raise
		return None
	return mode and {"name": mode.name, "sentence": safe_mode.sentence(mode.cause)}
