"""Write the changes of a roster into Education's records, in units that are whole by themselves.

A unit is one document with all its rows: a student with their guardians, a group with its members. Its record
in Dialer Roster Record is written in the same transaction. So an import that was killed between two commits
leaves nothing half-written, and the next one finds what is left to do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import frappe
from frappe.utils import strip_html

from school_dialer.base.bounds import plain_text
from school_dialer.base.wording import Wording as _
from school_dialer.roster_import import documents
from school_dialer.roster_import.differences import FILES, REMOVED, VIA, Change
from school_dialer.roster_import.kinds import DOCTYPES, ROWS, Key, apart
from school_dialer.roster_import.known import ACTIVE, Digests, Known, save
from school_dialer.roster_import.known import REMOVED as GONE
from school_dialer.roster_import.reading.csv_rows import RowError
from school_dialer.roster_import.unit import Unit, units_of
from school_dialer.roster_import.writing import NotWritten, Site

CHUNK = 100
"""Documents in one transaction."""
SAVEPOINT = "roster"
LONGEST_PROBLEM = 300


@dataclass(slots=True)
class Applied:
	"""What came of an import: errors of records that could not be written, and how many units were."""

	errors: list[RowError] = field(default_factory=list)
	written: int = 0


def apply(
	changes: list[Change],
	records: Mapping[Key, Known],
	site: Site,
	commit: Callable[[int, int], None],
) -> Applied:
	"""Write all changes. `commit` is called after each chunk with how many units are done, of how many."""
	todo, digests, applied = list(units_of(changes)), Digests(), Applied()
	for start in range(0, len(todo), CHUNK):
		kept: list[Known] = []
		for unit in todo[start : start + CHUNK]:
			kept.extend(_write(unit, records, site, digests, applied))
		save(kept, digests)
		commit(min(start + CHUNK, len(todo)), len(todo))
	applied.errors.extend(_error(key, column, problem) for key, column, problem in site.notes)
	return applied


def _write(unit: Unit, records, site: Site, digests: Digests, applied: Applied) -> list[Known]:
	"""Write one unit and return its records; none, with an error noted, if Education refuses it."""
	notes = len(site.notes)
	# What Education refuses may be written in part by then.
	frappe.db.savepoint(SAVEPOINT)
	try:
		name, rows = documents.WRITERS[unit.kind](unit, records, site)
	except NotWritten as error:
		problem = (error.column, error.problem)
	except (frappe.ValidationError, frappe.LinkValidationError, frappe.NameError) as error:
		frappe.clear_messages()
		words = plain_text.line(strip_html(str(error)), LONGEST_PROBLEM)
		problem = ("", _("{0} refused it: {1}", DOCTYPES[unit.kind], words))
	else:
		applied.written += 1
		if name:
			site.names[unit.kind, unit.sourced_id] = name
		failed = {tie.key for tie in unit.ties} - set(rows)
		return [
			_known(change, name, rows.get(change.key, ""), records, digests)
			for change in unit.changes
			if change.key not in failed
		]
	frappe.db.rollback(save_point=SAVEPOINT)
	del site.notes[notes:]
	applied.errors.append(_error((unit.kind, unit.sourced_id), *problem))
	return []


def _known(change: Change, name: str, row: str, records, digests: Digests) -> Known:
	before = records.get(change.key)
	digested = dict(before.said) if before else {}
	digested |= {value: digests(text) for value, text in change.values.items() if value != VIA}
	return Known(
		change.kind,
		change.sourced_id,
		name or (before.name if before else ""),
		row or (before.row if before else ""),
		GONE if change.action == REMOVED else ACTIVE,
		change.every.get(VIA) or (before.via if before else ""),
		digested,
	)


def _error(key: Key, column: str, problem: str) -> RowError:
	kind, sourced_id = key
	shown = apart(sourced_id)[0] if kind in ROWS else sourced_id
	return RowError(f"{FILES[kind]}.csv", 0, shown, column, problem)
