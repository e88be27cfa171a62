"""`bench --site SITE dialer export-person` and `erase-person`: personal data requests by command line."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

import click

from school_dialer.privacy import erasure, person
from school_dialer.terminal.command_line import DONE, NO, Usage, as_json, command, example, show


def who(method: Callable) -> Callable:
	"""Add the options that say whose data it is."""
	for option in (
		click.option("--name", help="With --doctype: the name of the person's record."),
		click.option("--doctype", help="The kind of the person's record, such as Guardian."),
		click.option("--phone", help="A telephone number; with - it is read from standard input."),
	):
		method = option(method)
	return method


@click.command(
	"export-person",
	epilog=example(
		"export-person --phone - --json < number.txt",
		"export-person --doctype Guardian --name EDU-GRD-2026-00012",
	),
)
@who
@as_json
@command
def export_person(phone: str | None, doctype: str | None, name: str | None, as_json: bool) -> int:
	"""Print everything the dialer keeps about a number or person, with numbers and names in full."""
	subject = subject_of(phone, doctype, name)
	kept = person.export(subject)
	erasure.log_access(subject, "Export of what is kept")
	show(kept, list(as_lines(kept)), as_json)
	return DONE


@click.command(
	"erase-person",
	epilog=example(
		"erase-person --phone '+1 312 555 0142'",
		"erase-person --doctype Guardian --name EDU-GRD-2026-00012 --yes",
	),
)
@who
@click.option("--yes", is_flag=True, help="Do it. Without this nothing is changed.")
@as_json
@command
def erase_person(phone: str | None, doctype: str | None, name: str | None, yes: bool, as_json: bool) -> int:
	"""Remove what the dialer may remove of a number or person, and say what stays and why.

	Exits 1 under a legal hold.
	"""
	subject = subject_of(phone, doctype, name)
	report = erasure.erase(subject, really=yes)
	if report.done:
		erasure.log_access(subject, "Erasure")
	show(asdict(report), said(report, yes), as_json)
	return NO if report.held else DONE


def subject_of(phone: str | None, doctype: str | None, name: str | None) -> person.Subject:
	"""Return the subject of the request.

	Raises `Usage` without repeating the input, which may be a number.
	"""
	if bool(phone) == bool(doctype or name) or bool(doctype) != bool(name):
		raise Usage("Give --phone, or --doctype and --name.")
	try:
		if doctype:
			return person.of_record(doctype, name)
		return person.of_phone(sys.stdin.readline().strip() if phone == "-" else phone)
	except person.NotFound as error:
		raise Usage(str(error)) from None


def said(report: erasure.Report, yes: bool) -> list[str]:
	lines = ["Removed:" if report.done else "Would be removed:", *indented(report.removed)]
	lines += ["Kept:", *indented(report.kept)]
	if not yes and not report.held:
		lines.append("Nothing was changed. Repeat with --yes to do it.")
	return lines


def indented(sentences: list[str]) -> list[str]:
	return [f"  {sentence}" for sentence in sentences or ["Nothing."]]


def as_lines(kept: dict) -> Iterator[str]:
	for doctype, rows in kept["kept"].items():
		yield f"{doctype}: {len(rows)}"
		for row in rows:
			yield "  " + "; ".join(f"{key} {value}" for key, value in row.items() if key != "name")
	if not kept["kept"]:
		yield "Nothing is kept."
	yield from kept["notes"]
