"""A signed receipt that someone presents: what it gives back to a database that lost the event.

Only what stops calls is entered again. The signature proves that this site had recorded the event, so that no
one has to be believed. A receipt of anything else, above all of consent, changes nothing: consent may have
been withdrawn after it.
"""

from dataclasses import dataclass

import frappe

from school_dialer.consent import events, journal, ledger
from school_dialer.consent.lock import number_lock
from school_dialer.consent.receipts import receipt, signed
from school_dialer.continuity import safe_mode
from school_dialer.continuity.safe_mode import DOCTYPE
from school_dialer.recovery import opt_outs


@dataclass(frozen=True, slots=True)
class Presented:
	"""A receipt that this site has signed.

	- `event`: the name of the event in the ledger that stands for it, or "" if there is none.
	- `entered`: the event is one that was entered just now.
	"""

	statement: signed.Statement
	event: str
	entered: bool


def present(text: str) -> Presented:
	"""Take a signed receipt, and enter its opt-out again if the ledger has lost it. The caller commits.

	Idempotent: a receipt that is presented again finds what it gave back. Raises `signed.NotSigned`, and
	`lock.NumberBusy`.
	"""
	statement = signed.read(text, receipt.signing_keys())
	with number_lock([statement.phone]):
		event = event_of(statement)
		if event or statement.kind not in journal.RECORDED:
			return Presented(statement, event, False)
		restored = restore_of_now()
		(name,) = ledger.record_many([draft(statement, restored)])
	if restored:
		count(restored)
	return Presented(statement, name, True)


def event_of(statement: signed.Statement) -> str:
	"""Return the event that the ledger has of this, as it was or as it was restored, or "".

	One that was restored without the person whom the receipt names is another one. Reads what was committed
	last, whatever older snapshot the transaction has.
	"""
	journal_note = opt_outs.NOTE.partition("{1}")[0].format(statement.event)
	rows = frappe.db.sql(
		"select name, note, person from `tabConsent Event` where phone = %s lock in share mode",
		statement.phone,
	)
	for name, note, person in rows:
		if name == statement.event:
			return name
		if statement.person not in ("", person):
			continue
		if (note or "") == opt_outs.RECEIPT_NOTE.format(statement.event) or (note or "").startswith(
			journal_note
		):
			return name
	return ""


def draft(statement: signed.Statement, restored: str) -> events.Event:
	"""Return the opt-out as an event of now that was said then.

	An answer to how much to stop is a stop too, which here never narrows an earlier one.
	"""
	evidence = events.Evidence(
		opt_outs.RECEIPT,
		reference_doctype=DOCTYPE if restored else None,
		reference_name=restored or None,
		note=opt_outs.RECEIPT_NOTE.format(statement.event),
	)
	return opt_outs.stop_as_said(statement, evidence, events.moment(statement.at))


def restore_of_now() -> str:
	"""Return the restore that lost what is presented now: the one in force, or the newest, or ""."""
	mode = safe_mode.current()
	if mode:
		return mode.name
	newest = frappe.get_all(DOCTYPE, pluck="name", order_by="noticed_at desc, name desc", limit=1)
	return newest[0] if newest else ""


def count(restored: str) -> None:
	"""Count one more that a receipt gave back on the Dialer Restore."""
	row = frappe.qb.DocType(DOCTYPE)
	counted = frappe.qb.update(row).set(row.opt_outs_receipts, row.opt_outs_receipts + 1)
	counted.where(row.name == restored).run()
