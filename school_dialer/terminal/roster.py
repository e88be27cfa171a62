"""`bench --site SITE dialer roster`: check a roster's zip, or import it."""

from pathlib import Path

import click
import frappe

from school_dialer.desk.district import rosters
from school_dialer.roster_import import folder, imports
from school_dialer.roster_import.result_files import DOCTYPE
from school_dialer.terminal.command_line import (
	DONE,
	NO,
	as_json,
	as_user,
	command,
	confirm,
	example,
	show,
	yes,
)


@click.command(
	epilog=example(
		"roster export.zip",
		"roster export.zip --import --yes --json",
		"roster export.zip --import --yes --confirmed 412",
	)
)
@click.argument("zip_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
	"--import", "write", is_flag=True, help="Write the differences. By default they are only shown."
)
@click.option(
	"--confirmed", type=int, default=0, help="With --yes: the number, where the changes are unusual."
)
@as_user
@yes
@as_json
@command
def roster(zip_file: Path, write: bool, confirmed: int, yes: bool, as_json: bool) -> int:
	"""What would the OneRoster ZIP_FILE change in Education's records; with --import, change it.

	An import gives no consent. Exits 1 when the file cannot be imported, or is unusual and not confirmed.
	"""
	rosters.check_access("create", None)
	name = folder.made(zip_file.name, zip_file.read_bytes(), nightly=0)
	imports.check(name)
	made = frappe.get_doc(DOCTYPE, name)
	if made.state == imports.FAILED:
		show(answer(made), [made.message], as_json)
		return NO
	if not write:
		show(answer(made), lines(made), as_json)
		return NO if made.state == imports.STOPPED else DONE
	if not yes:
		click.echo("\n".join(lines(made)), err=True)
		confirm("Write these differences into Education's records?", yes)
		if made.brake_number:
			confirm(made.brake_reason, yes)
			confirmed = made.brake_number
	imports.start(name, confirmed, queue=False)
	# The Desk shows that it runs.
	frappe.db.commit()
	imports.run(name)
	made.reload()
	show(answer(made), [made.message or made.brake_reason or made.state], as_json)
	return DONE if made.state == imports.IMPORTED else NO


def answer(made) -> dict:
	fields = ("name", "state", "message", "brake_reason", "brake_number", "errors", "errors_file")
	return {**{field: made.get(field) for field in fields}, **frappe.parse_json(made.result or "{}")}


def lines(made) -> list[str]:
	"""Return the counts as a table, and what else there is to know."""
	counts = frappe.parse_json(made.result or "{}").get("counts", [])
	table = [f"{'':<24}{'new':>9}{'matched':>9}{'changed':>9}{'removed':>9}{'unchanged':>11}"]
	for each in counts:
		numbers = "".join(f"{each[action]:>9}" for action in ("new", "matched", "changed", "removed"))
		table.append(f"{each['kind']:<24}{numbers}{each['unchanged']:>11}")
	if made.errors:
		table.append(f"Rows with errors: {made.errors} ({made.errors_file})")
	return [*table, *([made.brake_reason] if made.brake_reason else []), f"{made.name}: {made.state}."]
