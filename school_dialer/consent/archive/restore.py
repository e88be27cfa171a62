"""Taking an exported ledger in again, so that what people refused before is not forgotten.

A number whose chain here is the beginning of its chain in the file, most often because nothing is here yet, gets the rest of it as it
was: same events, times and hashes. Where that would break what was written or signed since, and where the chain in the file is
broken itself, the number's opt-outs alone are recorded again, as new events; its earlier consents stay in the file. Doing it twice
changes nothing more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import frappe

from school_dialer import clock
from school_dialer.consent import events, ledger, state, store
from school_dialer.consent.archive import export, ledger_file
from school_dialer.consent.archive.ledger_file import Contents, Number
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.integrity import anchors, chain, keys, rebuild, stream
from school_dialer.consent.lock import number_lock

CHUNK = 500


@dataclass
class Report:
	"""How many numbers of the file: `restored` in full, `opt_outs_only`, `known` already, and `broken` in the file; and the
	anchors taken in."""

	contents: Contents
	restored: int = 0
	opt_outs_only: int = 0
	known: int = 0
	broken: int = 0
	anchors: int = 0


def restore(path: Path, really: bool) -> Report:
	"""Check the file and take it in; without `really` only count. Commits a few hundred numbers at a time.

	Raises `NotOurs`, before anything is written, when the file was not written by this site or is not as it was written.
	"""
	with path.open("rb") as source:
		report = Report(ledger_file.verify_file(source, export.key()))
		whole = _take_anchors(report, really)
		numbers = ledger_file.numbers(source)
		while some := list(islice(numbers, CHUNK)):
			frappe.db.commit()
			with number_lock([number.phone for number in some]):
				_take_numbers(some, whole, report, really)
				frappe.db.commit()
	return report


def _take_anchors(report: Report, really: bool) -> bool:
	"""Continue this site's anchors with those of the file. False when this site has signed others: then no event may be put before them."""
	here, there = [each.signature for each in anchors.load()], report.contents.anchors
	wanted = [each.signature for each in there]
	if here != wanted[: len(here)] and wanted != here[: len(wanted)]:
		return False
	for anchor in there[len(here) :]:
		report.anchors += 1
		if really:
			anchors.add_anchor(anchor)
	return len(here) <= len(wanted) or not frappe.db.count("Consent Event")


def _take_numbers(some: Sequence[Number], whole: bool, report: Report, really: bool) -> None:
	key = keys.of_chain()
	here = dict(chain.by_phone(stream.events_of([number.phone for number in some])))
	rest: list[tuple] = []
	again: list[Event] = []
	for number in some:
		own, sound = here.get(number.phone, []), number.sound(key)
		report.broken += not sound
		if ledger_file.is_prefix(number.rows, own):
			report.known += 1
		elif sound and whole and ledger_file.is_prefix(own, number.rows):
			report.restored += 1
			rest += number.rows[len(own) :]
		elif forgotten := list(_forgotten(number, own)):
			report.opt_outs_only += 1
			again += forgotten
		else:
			report.known += 1
	if really:
		_write(rest)
		ledger.record_many(again)


def _write(rows: Sequence[tuple]) -> None:
	"""Events as they were, with their heads and the state that follows from them."""
	tips = {row[chain.PHONE]: row for row in rows}
	if not tips:
		return
	heads = store.lock_heads(list(tips))
	for phone, last in tips.items():
		head = heads[phone]
		head.seq, head.at_utc, head.hash = last[chain.SEQ], last[chain.AT], last[chain.HASH]
	store.write_events(rows)
	rebuild.repair(list(heads.values()), {})
	ledger.tell_listeners(sorted(tips))


def _forgotten(number: Number, own: Sequence[tuple]) -> Iterator[Event]:
	"""The opt-outs that would be in force had all been written in one chain, and are not in force here."""
	now = rebuild.fold(own)
	try:
		then = rebuild.fold([*number.rows, *own])
	except (KeyError, ValueError, TypeError):
		# It holds what no event is. Who refused what can no longer be read, so all of it counts as refused.
		then = rebuild.fold(own)
		refused = Event(
			events.OPT_OUT, number.phone, Evidence("System"), at=clock.now(), scope=events.ALL_NON_EMERGENCY
		)
		state.apply(then, refused, "")
	for row in then.values():
		known = now.get(row.key) or state.Row(row.phone, row.channel, row.purpose)
		if state.WIDTH[row.opt_out_scope] > state.WIDTH[known.opt_out_scope]:
			yield _opt_out(row, row.opt_out_source)
		if row.carrier_blocked and not known.carrier_blocked:
			yield _opt_out(row, "Carrier")


def _opt_out(row: state.Row, source: str) -> Event:
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
		person_doctype=row.person_doctype or None,
		person=row.person or None,
	)
