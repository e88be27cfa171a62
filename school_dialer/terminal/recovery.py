"""`bench --site SITE dialer safe-mode` and `reconcile`."""

from pathlib import Path

import click
import frappe

from school_dialer.continuity import safe_mode
from school_dialer.desk.district import recovery as desk
from school_dialer.recovery import noticing, reconcile
from school_dialer.terminal.command_line import (
	DONE,
	NO,
	Usage,
	as_json,
	as_user,
	command,
	example,
	print_refusal,
	show,
)


@click.command("safe-mode", epilog=example("safe-mode", "safe-mode --json"))
@as_json
@command
def safe_mode_command(as_json: bool) -> int:
	"""Was this site restored, copied, or its clock set back? Compares its marks now. Exits 1 in Safe mode."""
	noticing.notice()
	mode = safe_mode.current()
	if not mode:
		show({"safe_mode": False}, ["Safe mode is off."], as_json)
		return DONE
	row = frappe.db.get_value(
		safe_mode.DOCTYPE,
		mode.name,
		["name", "state", "cause", "noticed_at", "known_until", "message", "emergencies_allowed"],
		as_dict=True,
	)
	lines = [
		safe_mode.sentence(mode.cause),
		f"{row.name}: {row.state}. The database knows what happened until {row.known_until}.",
		*filter(None, [row.message]),
	]
	show({"safe_mode": True, **row}, lines, as_json)
	return NO


@click.command(
	"reconcile", epilog=example("reconcile", "reconcile --journal /mnt/copy/opt-outs-2026-11.jsonl")
)
@click.option(
	"--journal",
	"journals",
	multiple=True,
	type=click.Path(path_type=Path),
	help="Another copy of the journal of opt-outs. May be repeated.",
)
@as_user
@as_json
@command
def reconcile_command(journals: tuple[Path, ...], as_json: bool) -> int:
	"""Ask the carrier what the database forgot, here and now. Calls no one. Exits 1 when it is incomplete.

	A Dialer Manager ends Safe mode in the Desk.
	"""
	mode = safe_mode.current()
	if not mode:
		return print_refusal("Safe mode is off.", NO)
	if missing := [path for path in journals if not path.is_file()]:
		raise Usage(f"There is no file {missing[0]}.")
	desk.check_access(mode.name)
	reconcile.begin(mode.name)
	# The Desk shows that it runs.
	frappe.db.commit()
	reconcile.run(mode.name, [str(path.resolve()) for path in journals])
	doc = frappe.get_doc(safe_mode.DOCTYPE, mode.name)
	if doc.state != reconcile.RECONCILED:
		return print_refusal(doc.message or doc.state, NO)
	fields = ("calls_adopted", "texts_adopted", "unmatched", "kept_back")
	fields += ("opt_outs_journal", "opt_outs_texts", "opt_outs_carrier", "opt_outs_receipts")
	fields += ("campaigns_stopped",)
	counts = {field: doc.get(field) for field in fields}
	lines = [f"{doc.meta.get_label(field)}: {count}" for field, count in counts.items()]
	show({"restore": doc.name, **counts}, [*lines, *doc.unknown.splitlines()], as_json)
	return DONE
