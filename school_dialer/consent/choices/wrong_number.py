"""A wrong number that was reported on the preference page, and the ten minutes to undo it.

Everything stops at once, by an ordinary opt-out. The report itself ends every consent of the number for good,
so it enters the ledger only when the time to undo is over (a step of the scheduler's tick). Until then the
link opens nothing but the way back.
"""

from dataclasses import replace

import frappe

from school_dialer import clock
from school_dialer.compliance.vocabulary import EVERYTHING
from school_dialer.consent import chain, events, ledger, state
from school_dialer.consent.choices.preference_link import DOCTYPE, TO_UNDO, end_link
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.integrity import stream
from school_dialer.consent.lock import NumberBusy, number_lock

HELD = "Reported as a wrong number. This can be undone for ten minutes."
UNDONE = "The report of a wrong number was undone."
PER_STEP = 100


def report(phone: str, link: str, evidence: Evidence) -> str:
	"""Stop everything for a number, and begin the time to undo it. Returns the name of the event.

	A number that counts as a stranger's already has nothing to undo. No text confirms the stop: the person
	has just said that our texts are not for them.
	"""
	with number_lock([phone]):
		if ledger.is_strangers(phone):
			return ledger.wrong_number(phone, evidence=evidence)
		if not can_be_undone(link):
			frappe.db.set_value(DOCTYPE, link, "wrong_at", clock.db_now(), update_modified=False)
		return ledger.record_many([_stop(phone, EVERYTHING, replace(evidence, note=HELD))])[0]


def undo(phone: str, link: str, evidence: Evidence) -> str:
	"""Put the opt-outs of a number back to what they were. Returns the name of the last event.

	The caller holds the number's lock. Written consent counts as oral from now on, as after every opt-out.
	"""
	frappe.db.set_value(DOCTYPE, link, "wrong_at", None, update_modified=False)
	undone = replace(evidence, note=UNDONE)
	former = [
		_stop(phone, row.opt_out_scope, undone, row.channel, row.purpose) for row in stops_before(phone)
	]
	return ledger.record_many([Event(events.OPT_IN, phone, undone), *former])[-1]


def stops_before(phone: str) -> list[state.Row]:
	"""Return the opt-outs that would be in force without the reports that can be undone."""
	rows: state.Rows = {}
	for _phone, events_of in chain.by_phone(stream.events_of([phone])):
		for row in events_of:
			event = stream.event_from_row(row)
			if not (event.kind == events.OPT_OUT and event.evidence.note == HELD):
				state.apply(rows, event, row[chain.NAME])
	return [row for row in rows.values() if row.opt_out_scope]


def can_be_undone(link: str) -> bool:
	"""Return whether the number was reported over this link, and nothing was undone or settled yet.

	Locks the link's row.
	"""
	row = frappe.db.get_value(DOCTYPE, link, ["wrong_at", "ended_at"], as_dict=True, for_update=True)
	return bool(row and row.wrong_at and not row.ended_at)


def settle() -> None:
	"""Record the wrong numbers that were not undone (a step of the tick, which commits)."""
	due = {"wrong_at": ("<=", clock.to_db(clock.now() - TO_UNDO)), "ended_at": ("is", "not set")}
	for link in frappe.get_all(DOCTYPE, due, ["name", "phone"], order_by="wrong_at", limit=PER_STEP):
		try:
			with number_lock([link.phone], timeout=1):
				if can_be_undone(link.name):
					ledger.wrong_number(link.phone, evidence=_evidence_of(link))
					end_link(link.name)
		except NumberBusy:
			frappe.clear_last_message()


def _evidence_of(link: frappe._dict) -> Evidence:
	"""Return the evidence of the press of the button."""
	pressed = frappe.get_all(
		"Consent Event",
		{"phone": link.phone, "reference_name": link.name, "note": HELD},
		["wording", "language", "ip"],
		order_by="seq desc",
		limit=1,
	)
	return Evidence(
		"Preference Page",
		actor="person",
		reference_doctype=DOCTYPE,
		reference_name=link.name,
		**(pressed[0] if pressed else {}),
	)


def _stop(
	phone: str,
	scope: str,
	evidence: Evidence,
	channel: str = events.ANY_CHANNEL,
	purpose: str = events.ALL_PURPOSES,
) -> Event:
	return Event(events.OPT_OUT, phone, evidence, channel, purpose, scope)
