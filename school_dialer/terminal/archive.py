"""`bench --site SITE dialer export-ledger` and `restore-ledger`."""

from dataclasses import asdict
from pathlib import Path

import click
import frappe

from school_dialer.consent.archive import export, restore
from school_dialer.consent.archive.ledger_file import NotOurs
from school_dialer.terminal.command_line import (
	DONE,
	NO,
	Usage,
	as_json,
	command,
	example,
	print_refusal,
	show,
)


@click.command("export-ledger")
@as_json
@command
def export_ledger(as_json: bool) -> int:
	"""Write the consent ledger to a signed file in the site's private folder, and say where."""
	path, events, phones = export.write()
	show(
		{"file": str(path), "events": events, "phones": phones},
		[f"Consent events: {events}. Numbers: {phones}. Written to {path}"],
		as_json,
	)
	return DONE


@click.command("restore-ledger", epilog=example("restore-ledger FILE", "restore-ledger FILE --yes"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do it. Without this nothing is changed.")
@as_json
@command
def restore_ledger(file: Path, yes: bool, as_json: bool) -> int:
	"""Take in a ledger that was exported from this site, at an uninstall or by export-ledger.

	Exits 1 when the file is not this site's.
	"""
	file = file if file.is_absolute() else _from_here(file)
	if not file.is_file():
		raise Usage(f"There is no file {file}.")
	try:
		report = restore.restore(file, really=yes)
	except NotOurs as error:
		return print_refusal(error, NO)
	show({**_counts(report), "changed": yes}, list(_said(report, yes)), as_json)
	return DONE if not report.broken else NO


def _from_here(file: Path) -> Path:
	"""Resolve a relative path.

	`bench` changes to the folder `sites`, so the path may also be relative to the bench's own folder or to
	the folder of the ledger files.
	"""
	places = (Path.cwd(), Path(frappe.utils.get_bench_path()), export.folder())
	return next((place / file for place in places if (place / file).is_file()), file)


def _counts(report: restore.Report) -> dict:
	counts = asdict(report)
	contents = counts.pop("contents")
	return {
		"site": contents["site"],
		"written_utc": contents["written_utc"],
		"events": contents["events"],
		"phones": contents["phones"],
		**counts,
	}


def _said(report: restore.Report, yes: bool):
	contents = report.contents
	yield f"File of {contents.site}, {contents.written_utc}. The signature is right."
	yield f"Numbers: {contents.phones}. Events: {contents.events}."
	yield f"Numbers taken in with their whole history: {report.restored}"
	yield (
		"Numbers of which only opt-outs are recorded again, since events were written after it: "
		f"{report.opt_outs_only}"
	)
	yield f"Numbers that need nothing: {report.known}"
	yield f"Anchors taken in: {report.anchors}"
	if report.broken:
		yield f"Numbers whose chain was already broken when the file was written: {report.broken}"
	if not yes:
		yield "Nothing was changed. Repeat with --yes to do it."
