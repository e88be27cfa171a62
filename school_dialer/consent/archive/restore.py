"""Restore an exported ledger, so that earlier refusals are not forgotten.

A number's chain here may be the beginning of its chain in the file, usually because nothing is here yet. Then
the number gets the rest of the chain unchanged: same events, times and hashes. If that would break events or
anchors written since, or if the chain in the file is itself broken, only the number's opt-outs are recorded
again, as new events, and its earlier consents stay in the file. Restoring is idempotent.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import frappe

from school_dialer.base import clock
from school_dialer.consent import chain, events, keys, ledger, state, store
from school_dialer.consent.archive import export, ledger_file
from school_dialer.consent.archive.ledger_file import Contents, Number
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.integrity import anchors, rebuild, stream
from school_dialer.consent.lock import number_lock

CHUNK = 500
Person = tuple[str, str]
NO_ONE: Person = ("", "")


@dataclass
class Report:
	"""How many numbers of the file fall in each group, and how many anchors were restored.

	A number is `restored` in full, restored as `opt_outs_only`, or `known` already. `broken` counts the
	chains that are broken in the file.
	"""

	contents: Contents
	restored: int = 0
	opt_outs_only: int = 0
	known: int = 0
	broken: int = 0
	anchors: int = 0


def restore(path: Path, really: bool) -> Report:
	"""Verify the file and restore it. Without `really`, only count.

	Commits a few hundred numbers at a time. Raises `NotOurs`, before anything is written, when this site did
	not write the file or the file was changed.
	"""
	with path.open("rb") as source:
		report = Report(ledger_file.verify_file(source, export.key()))
		whole = _take_anchors(report, really)
		numbers = ledger_file.numbers(source)
		while chunk := list(islice(numbers, CHUNK)):
			frappe.db.commit()
			with number_lock([number.phone for number in chunk]):
				_take_numbers(chunk, whole, report, really)
				frappe.db.commit()
	return report


def _take_anchors(report: Report, really: bool) -> bool:
	"""Continue this site's anchors with those of the file. Returns whether whole chains may be restored.

	They may not when this site has signed other anchors, or has more anchors than the file and has events: no
	event may be inserted before an anchor that does not cover it.
	"""
	here, there = [each.signature for each in anchors.load()], report.contents.anchors
	wanted = [each.signature for each in there]
	if here != wanted[: len(here)] and wanted != here[: len(wanted)]:
		return False
	for anchor in there[len(here) :]:
		report.anchors += 1
		if really:
			anchors.add_anchor(anchor)
	return len(here) <= len(wanted) or not frappe.db.count("Consent Event")


def _take_numbers(chunk: Sequence[Number], whole: bool, report: Report, really: bool) -> None:
	key = keys.of_chain()
	here = dict(chain.by_phone(stream.events_of([number.phone for number in chunk])))
	rest: list[tuple] = []
	again: list[Event] = []
	for number in chunk:
		rows_here, sound = here.get(number.phone, []), number.sound(key)
		report.broken += not sound
		if ledger_file.is_prefix(number.rows, rows_here):
			report.known += 1
		elif sound and whole and ledger_file.is_prefix(rows_here, number.rows):
			report.restored += 1
			rest += number.rows[len(rows_here) :]
		elif forgotten := list(_forgotten(number, rows_here)):
			report.opt_outs_only += 1
			again += forgotten
		else:
			report.known += 1
	if really:
		_write(rest)
		ledger.record_many(again)


def _write(rows: Sequence[tuple]) -> None:
	"""Write events unchanged, with their heads and the state that follows from them."""
	tips = {row[chain.PHONE]: row for row in rows}
	if not tips:
		return
	heads = store.lock_heads(list(tips))
	for phone, last in tips.items():
		head = heads[phone]
		head.seq, head.at_utc, head.hash = last[chain.SEQ], last[chain.AT], last[chain.HASH]
	store.write_events(rows)
	rebuild.repair(list(heads.values()), {})
	ledger.notify_listeners(sorted(tips))


def _forgotten(number: Number, rows_here: Sequence[tuple]) -> Iterator[Event]:
	"""Yield the opt-outs that would be in force if both chains were one, and are not in force here."""
	ours = [stream.event_from_row(row) for row in rows_here]
	now, known_by = _fold(ours)
	try:
		then, stopped_by = _fold([*map(stream.event_from_row, number.rows), *ours])
	except (KeyError, ValueError, TypeError):
		# The file holds values that no event has. The refusals can no longer be read, so the number counts as
		# opted out.
		refused = Event(
			events.OPT_OUT, number.phone, Evidence("System"), at=clock.now(), scope=events.ALL_NON_EMERGENCY
		)
		then, stopped_by = _fold([*ours, refused])
	for row in then.values():
		current = now.get(row.key) or state.Row(row.phone, row.channel, row.purpose)
		wider = state.WIDTH[row.opt_out_scope] > state.WIDTH[current.opt_out_scope]
		for person in sorted(stopped_by[row.key] - (set() if wider else known_by[row.key])):
			yield _opt_out(row, row.opt_out_source, person)
		if row.carrier_blocked and not current.carrier_blocked:
			yield _opt_out(row, "Carrier", NO_ONE)


def _fold(history: Iterable[Event]) -> tuple[state.Rows, dict[state.Key, set[Person]]]:
	"""Return the state after these events, and whom those name that stop something in it.

	A stop is of the person whom it names, at all of their numbers, or else of those who have the number. What
	is left of a wide stop after one purpose was lifted is of those whose wide stop it was.
	"""
	rows: state.Rows = {}
	by: dict[state.Key, set[Person]] = defaultdict(set)
	for event in history:
		state.apply(rows, event, "")
		stopped = (row.key for row in rows.values() if row.opt_out_scope)
		by = defaultdict(set, {key: by[key] or by[key[0], events.ALL_PURPOSES] for key in stopped})
		purpose = event.purpose if event.scope in events.OF_ONE else events.ALL_PURPOSES
		named = {(event.person_doctype or "", event.person or "")}
		for key in ((channel, purpose) for channel in event.channels):
			if event.kind in (*events.STOPPING, events.RESCOPE):
				by[key] = named if event.kind == events.RESCOPE else by[key] | named
	return rows, by


def _opt_out(row: state.Row, source: str, person: Person) -> Event:
	note = "Taken in from the file of the ledger of before the app was installed again."
	scope = row.opt_out_scope or events.ALL_NON_EMERGENCY
	return Event(
		events.OPT_OUT,
		row.phone,
		Evidence(source, note=note),
		row.channel,
		row.purpose,
		scope,
		at=row.opted_out_at,
		person_doctype=person[0] or None,
		person=person[1] or None,
	)
