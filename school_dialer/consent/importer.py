"""Import consents and opt-outs from a CSV file.

Every line is checked first. Then all are recorded in one transaction, or none. The importer does not speak
for the person: whatever the file says, its events have the source "Import", so a grant never lifts an
opt-out. Opt-outs in the file count fully, because another system's do-not-call list is imported this way.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.bounds import phone_field, plain_text
from school_dialer.base.bounds.spreadsheet import harmless
from school_dialer.base.counted import counted
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.compliance.vocabulary import ALL_PURPOSES, ANY_CHANNEL
from school_dialer.consent import events, ledger
from school_dialer.consent.events import Event, Evidence

MOST_LINES = 10_000
MOST_BYTES = 10_000_000
MOST_NAMED, LONGEST_NAMED = 5, 40
"""How many unknown columns the error message names, and how many characters of each."""
MOST_SHOWN = 20
"""How many wrong lines are shown before the import. The file of errors has all of them."""
ACTIONS = {
	**dict.fromkeys(("grant", "consent", "opt in", "opted in"), events.GRANT),
	**dict.fromkeys(
		("opt out", "optout", "opted out", "stop", "unsubscribe", "unsubscribed", "do not call", "dnc"),
		events.OPT_OUT,
	),
	"wrong number": events.WRONG_NUMBER,
}
"""What files of other systems call an action. "opt-out" and "OPT_OUT" are read as "opt out"."""
MONTH_FIRST = ("US", "PR", "GU", "VI", "AS", "MP")
"""Where 3/4/2026 is the fourth of March."""
MOMENTS = ("{0}", "{0} %H:%M", "{0} %H:%M:%S", "{0} %I:%M %p", "{0} %I:%M:%S %p")
SCOPES = tuple(scope for scope in events.SCOPES if scope != events.THIS_SCHOOL)
"""An opt-out of one school is not imported: other systems do not know our schools."""
COLUMNS = (
	"phone",
	"action",
	"channel",
	"purpose",
	"basis",
	"scope",
	"given_at",
	"expires_at",
	"wording",
	"language",
	"person_doctype",
	"person",
	"note",
)


class ImportRefused(frappe.ValidationError):
	"""The file cannot be imported. Nothing was recorded."""


@dataclass(frozen=True)
class CsvRow:
	"""A number in a line of the file, or an error; the line as an editor counts, and its cells by column."""

	number: int
	cells: dict[str, str]
	event: Event | None = None
	error: str = ""


def read_csv(content: bytes, default_country: str, reference: str) -> list[CsvRow]:
	"""Read and check all lines of a file.

	`reference` is the name of its File, which every event will reference. Raises `ImportRefused` when the
	file as a whole cannot be read. An error in one line is kept in that line's `error`.
	"""
	lines, seen = [], {}
	for number, cells in _cells(content):
		for line in _read_line(number, cells, default_country, reference):
			if line.event:
				key = (line.event.phone, line.event.kind, line.event.channel, line.event.purpose)
				if key in seen:
					line = CsvRow(
						number, cells, None, _("Line {0} says the same number again.").format(seen[key])
					)
				else:
					seen[key] = number
			lines.append(line)
	return lines


def _cells(content: bytes) -> list[tuple[int, dict[str, str]]]:
	if len(content) > MOST_BYTES:
		throw(_("The file is larger than {0} MB. Split it.").format(MOST_BYTES // 1_000_000), ImportRefused)
	try:
		text = content.decode("utf-8-sig")
	except UnicodeDecodeError:
		throw(_("The file is not in UTF-8. Save it as CSV UTF-8."), ImportRefused)
	heading = text.split("\n", 1)[0]
	delimiter = ";" if heading.count(";") > heading.count(",") else ","
	reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
	try:
		return _rows(reader)
	except csv.Error as error:
		throw(_("Line {0} is not CSV: {1}").format(reader.line_num, error), ImportRefused)


def _rows(reader) -> list[tuple[int, dict[str, str]]]:
	header = [cell.strip().lower().replace(" ", "_") for cell in next(reader, [])]
	if "phone" not in header:
		throw(_("The file has no column {0}.").format("phone"), ImportRefused)
	if unknown := [name for name in header if name not in COLUMNS]:
		throw(
			_("Unknown columns: {0}. Known are: {1}.").format(
				", ".join(plain_text.line(name[:LONGEST_NAMED]) for name in unknown[:MOST_NAMED]),
				", ".join(COLUMNS),
			),
			ImportRefused,
		)
	if len(set(header)) < len(header):
		throw(_("The file has a column twice."), ImportRefused)
	rows = []
	for values in reader:
		if any(value.strip() for value in values):
			cells = dict(zip(header, (value.strip() for value in values), strict=False))
			cells["_extra"] = "yes" if len(values) > len(header) else ""
			rows.append((reader.line_num, cells))
		if len(rows) > MOST_LINES:
			throw(_("The file has more than {0} lines. Split it.").format(MOST_LINES), ImportRefused)
	if not rows:
		throw(_("The file has no lines."), ImportRefused)
	return rows


def _read_line(number: int, cells: dict[str, str], default_country: str, reference: str) -> list[CsvRow]:
	try:
		if cells.pop("_extra"):
			raise events.EventError(_("The line has more cells than the heading."))
		phones = _phones(cells.get("phone", ""), default_country)
		return [CsvRow(number, cells, _event(cells, phone, default_country, reference)) for phone in phones]
	except (InvalidNumber, events.EventError, ValueError) as error:
		return [CsvRow(number, cells, None, translated(error, _))]


def _phones(cell: str, default_country: str) -> tuple[str, ...]:
	"""Return the numbers in the cell. Raises `InvalidNumber` if anything else may be a number."""
	written = phone_field.read(cell, default_country)
	if written.numbers and not written.unread and written.named == written.numbers:
		return written.numbers
	# Its error says why. Digits that may be divided into numbers in two ways have none, and are none.
	parse(cell, default_country)
	raise InvalidNumber("it is not a phone number")


def _event(cells: dict[str, str], phone: str, default_country: str, reference: str) -> Event:
	def cell(name: str) -> str:
		return cells.get(name, "")

	month_first = default_country in MONTH_FIRST
	action = " ".join(cell("action").lower().replace("-", " ").replace("_", " ").split()) or "grant"
	if action not in ACTIONS:
		raise events.EventError(
			_("Unknown action: {0}. Use grant, opt out or wrong number.").format(cell("action"))
		)
	evidence = Evidence(
		source="Import",
		actor=frappe.session.user,
		wording=cell("wording"),
		language=cell("language"),
		note=cell("note"),
		reference_doctype="File",
		reference_name=reference,
	)
	event = Event(
		kind=ACTIONS[action],
		phone=phone,
		evidence=evidence,
		channel=cell("channel").title() or ANY_CHANNEL,
		purpose=cell("purpose").title() or ALL_PURPOSES,
		scope=cell("scope").lower().replace("_", " ") or events.ALL_NON_EMERGENCY,
		basis=cell("basis").lower(),
		at=_moment(cell("given_at"), month_first),
		expires_at=_moment(cell("expires_at"), month_first),
		person_doctype=cell("person_doctype"),
		person=cell("person"),
	)
	_check_strictly(event, cells)
	return events.checked(event, clock.now())


def _check_strictly(event: Event, cells: dict[str, str]) -> None:
	"""Refuse in a file what the ledger would accept in an opt-out made right now."""
	if event.kind == events.GRANT:
		if not (cells.get("wording") or cells.get("note")):
			raise events.EventError(_("A consent needs evidence: fill wording or note."))
		if event.at is None:
			raise events.EventError(_("A consent needs the day on which it was given: fill given_at."))
		return
	if cells.get("basis") or cells.get("expires_at"):
		raise events.EventError(_("An opt-out has neither basis nor expiry."))
	if event.scope not in SCOPES:
		raise events.EventError(_("Unknown scope. Use one of {0}.").format(", ".join(SCOPES)))
	if event.channel not in (*events.CHANNELS, ANY_CHANNEL):
		raise events.EventError(_("Unknown channel. Use Voice, Text or Any."))
	if event.purpose not in (*events.PURPOSES, ALL_PURPOSES):
		raise events.EventError(
			_("Unknown purpose. Use All or one of {0}.").format(", ".join(events.PURPOSES))
		)
	if event.scope == events.THIS_PURPOSE and event.purpose == ALL_PURPOSES:
		raise events.EventError(_("The scope {0} needs a purpose.").format(events.THIS_PURPOSE))


def _moment(text: str, month_first: bool) -> datetime | None:
	"""Parse an ISO 8601 or a local date or time into an aware datetime.

	Without a zone it is in the site's. 3/4/2026 is read as the country of the numbers writes it.
	"""
	if not text:
		return None
	moment = _iso(text) or _local(text, month_first)
	if moment is None:
		example = "8/31/2026" if month_first else "31/8/2026"
		raise events.EventError(
			_("{0} is not a date. Write 2026-08-31 or {1}, with or without a time.").format(
				text[:30], example
			)
		)
	return moment if moment.tzinfo else clock.from_db(moment)


def _iso(text: str) -> datetime | None:
	try:
		return datetime.fromisoformat(text.replace("Z", "+00:00"))
	except ValueError:
		return None


def _local(text: str, month_first: bool) -> datetime | None:
	day = "%m/%d/%Y" if month_first else "%d/%m/%Y"
	written = text.replace(".", "/") if text.count(".") == 2 else text
	for pattern in MOMENTS:
		try:
			return datetime.strptime(written.strip().upper(), pattern.format(day))
		except ValueError:
			continue
	return None


def summary(lines: Sequence[CsvRow]) -> dict:
	"""Return counts for the person about to import: lines, errors, phones, and events by kind.

	`wrong` has the first lines with an error, each with its `line` number, `phone` cell and `error`.
	"""
	wrong = [line for line in lines if line.error]
	return {
		"lines": len({line.number for line in lines}),
		"errors": len(wrong),
		"wrong": [
			{"line": line.number, "phone": line.cells.get("phone", "")[:LONGEST_NAMED], "error": line.error}
			for line in wrong[:MOST_SHOWN]
		],
		"events": dict(Counter(line.event.kind for line in lines if line.event)),
		"phones": len({line.event.phone for line in lines if line.event}),
	}


def error_csv(lines: Sequence[CsvRow]) -> str:
	"""Return the wrong lines as CSV, with their original cells, line number and error.

	Safe to open in a spreadsheet.
	"""
	out = io.StringIO()
	writer = csv.writer(out)
	writer.writerow(("line", "error", *COLUMNS))
	for line in lines:
		if line.error:
			cells = (line.cells.get(column, "") for column in COLUMNS)
			writer.writerow((line.number, *map(harmless, (line.error, *cells))))
	return out.getvalue()


def record_rows(lines: Sequence[CsvRow], reference: str) -> int:
	"""Record all lines and return the number of events. The caller commits.

	Raises `ImportRefused`, and records nothing, when any line is wrong or the file was imported before.
	"""
	wrong = [line for line in lines if line.error]
	if wrong:
		throw(
			counted(
				len(wrong),
				_("Line {1} is wrong: {2} Nothing was imported."),
				_("{0} lines are wrong, the first is line {1}: {2} Nothing was imported."),
				wrong[0].number,
				plain_text.line(wrong[0].error),
			),
			ImportRefused,
		)
	if frappe.db.exists("Consent Event", {"reference_doctype": "File", "reference_name": reference}):
		throw(_("This file has been imported before."), ImportRefused)
	return len(ledger.record_many([line.event for line in lines]))
