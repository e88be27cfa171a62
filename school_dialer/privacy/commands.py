"""`bench --site SITE dialer export-person` and `erase-person`: a person's requests from the command line."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
import frappe
from frappe.commands import get_site, pass_context

from school_dialer.privacy import erasure, person


def who(command: Callable) -> Callable:
	"""The options that say whose data it is."""
	for option in (
		click.option("--name", help="With --doctype: the name of the person's record."),
		click.option("--doctype", help="The kind of the person's record, such as Guardian."),
		click.option("--phone", help="A telephone number, in international or national form."),
	):
		command = option(command)
	return command


@click.command("export-person")
@who
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_context
def export_person(context, phone: str | None, doctype: str | None, name: str | None, as_json: bool) -> None:
	"""Print everything the dialer keeps about a number or person."""
	with site(context):
		subject = subject_of(phone, doctype, name)
		found = person.export(subject)
		erasure.note(subject, "Export of what is kept")
		frappe.db.commit()
	click.echo(json.dumps(found, indent=1, ensure_ascii=False) if as_json else "\n".join(as_lines(found)))


@click.command("erase-person")
@who
@click.option("--yes", is_flag=True, help="Do it. Without this nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_context
def erase_person(
	context, phone: str | None, doctype: str | None, name: str | None, yes: bool, as_json: bool
) -> None:
	"""Remove what the dialer may remove of a number or person, and say what stays and why. Exits 1 under a legal hold."""
	with site(context):
		subject = subject_of(phone, doctype, name)
		report = erasure.erase(subject, really=yes)
		if report.done:
			erasure.note(subject, "Erasure")
			frappe.db.commit()
	if as_json:
		click.echo(json.dumps(asdict(report), indent=1, ensure_ascii=False))
	else:
		click.echo("Removed:" if yes and not report.held else "Would be removed:")
		click.echo("\n".join(f"  {sentence}" for sentence in report.removed or ["Nothing."]))
		click.echo("Kept:")
		click.echo("\n".join(f"  {sentence}" for sentence in report.kept or ["Nothing."]))
		if not yes and not report.held:
			click.echo("Nothing was changed. Repeat with --yes to do it.")
	sys.exit(1 if report.held else 0)


def subject_of(phone: str | None, doctype: str | None, name: str | None) -> person.Subject:
	if bool(phone) == bool(doctype or name) or bool(doctype) != bool(name):
		raise click.UsageError("Give --phone, or --doctype and --name.")
	try:
		return person.of_phone(phone) if phone else person.of_record(doctype, name)
	except person.NotFound as error:
		raise click.ClickException(str(error)) from None


@contextmanager
def site(context) -> Iterator[None]:
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()


def as_lines(found: dict) -> Iterator[str]:
	for doctype, rows in found["kept"].items():
		yield f"{doctype}: {len(rows)}"
		for row in rows:
			yield "  " + "; ".join(f"{key} {value}" for key, value in row.items() if key != "name")
	if not found["kept"]:
		yield "Nothing is kept."
	yield from found["notes"]
