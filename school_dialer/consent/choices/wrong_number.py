"""A wrong number that was reported on the preference page, and the ten minutes to undo it.

Everything stops at once, by an ordinary opt-out. The report itself ends every consent of the number for good,
so it enters the ledger only when the time to undo is over (a step of the scheduler's tick), or before the
school says whose number it is. Until then the link opens nothing but the way back.
"""

from dataclasses import replace

import frappe

from school_dialer.base import clock
from school_dialer.compliance.vocabulary import EVERYTHING
from school_dialer.consent import events, ledger
from school_dialer.consent.choices.preference_link import DOCTYPE, TO_UNDO, end_link
from school_dialer.consent.corrections import put_back
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.lock import NumberBusy, number_lock

SOURCE = "Preference Page"
HELD = "Reported as a wrong number. This can be undone for ten minutes."
UNDONE = "The report of a wrong number was undone."
SETTLED = "The time to undo the report of a wrong number is over."
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
		held = Event(events.OPT_OUT, phone, replace(evidence, note=HELD), scope=EVERYTHING)
		return ledger.record_many([held])[0]


def undo(phone: str, link: str, evidence: Evidence) -> str:
	"""Put the opt-outs of a number back to what they were. Returns the name of the last event.

	What was reported over another link stays. The caller holds the number's lock.
	"""

	def is_undone(_name: str, event: Event) -> bool:
		return event.evidence.note in (HELD, UNDONE) and event.evidence.reference_name == link

	frappe.db.set_value(DOCTYPE, link, "wrong_at", None, update_modified=False)
	return put_back(phone, replace(evidence, note=UNDONE), is_undone)


def can_be_undone(link: str) -> bool:
	"""Return whether the number was reported over this link, and nothing was undone or settled yet.

	Locks the link's row.
	"""
	row = frappe.db.get_value(DOCTYPE, link, ["wrong_at", "ended_at"], as_dict=True, for_update=True)
	return bool(row and row.wrong_at and not row.ended_at)


def is_held(phone: str) -> bool:
	"""Return whether a report of the number can still be undone, over any link."""
	return bool(_held(phone=phone, wrong_at=("is", "set")))


def settle() -> None:
	"""Record the wrong numbers that were not undone (a step of the tick, which commits)."""
	for link in _held(wrong_at=("<=", clock.to_db(clock.now() - TO_UNDO))):
		try:
			_settle(link, timeout=1)
		except NumberBusy:
			frappe.clear_last_message()


def settle_now(phone: str) -> None:
	"""Record the report of a number that can still be undone.

	The school says whose number it is, and the report would come after its word and close what that opened;
	or the number's holder wants to turn something on other than over the link.
	"""
	for link in _held(phone=phone, wrong_at=("is", "set")):
		_settle(link)


def is_of_report(event: Event) -> bool:
	"""Return whether this was recorded because of a report, which is about the number and not about a person.

	What an undo puts back was said before, so it says nothing new either.
	"""
	return event.evidence.source == SOURCE and event.evidence.note in (HELD, UNDONE, SETTLED)


def _held(**which) -> list[frappe._dict]:
	held = {**which, "ended_at": ("is", "not set")}
	return frappe.get_all(DOCTYPE, held, ["name", "phone"], order_by="wrong_at", limit=PER_STEP)


def _settle(link: frappe._dict, timeout: float = 10) -> None:
	"""Let the wrong number take the place of the opt-out that held until now.

	Beside it, that opt-out would be one that the person wants even if the number is theirs, so the school
	could not reopen the number for emergencies.
	"""
	with number_lock([link.phone], timeout):
		if not can_be_undone(link.name):
			return
		evidence = _evidence_of(link)
		if not ledger.is_strangers(link.phone):
			put_back(
				link.phone, replace(evidence, note=SETTLED), lambda _name, event: event.evidence.note == HELD
			)
		ledger.wrong_number(link.phone, evidence=evidence)
		end_link(link.name)


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
		SOURCE,
		actor="person",
		reference_doctype=DOCTYPE,
		reference_name=link.name,
		**(pressed[0] if pressed else {}),
	)
