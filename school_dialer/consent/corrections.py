"""Take back an opt-out that was recorded by mistake. The ledger keeps both, and the reason.

Opt-outs that other events of the number recorded stay in force: the history is folded again without its
mistakes, and what remains of it is recorded again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.base.roles import AGENTS
from school_dialer.consent import chain, events, ledger, state
from school_dialer.consent.events import CORRECTED, Event, Evidence
from school_dialer.consent.integrity import stream
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.consent.replies import confirmation_requests
from school_dialer.consent.replies.answer_limits import NO_AGENTS

TO_UNDO = timedelta(seconds=60)
"""How long the member of staff who recorded an opt-out can undo it, and the text that confirms it waits."""
BY_STAFF = ("Agent", "E-mail", "Ticket", "Inbound Call", "Signed Form")
"""Sources of the opt-outs that staff record. Those of the person stand."""
OF_PERSON = ("Communication", "Dialer Consent Answer")
"""Records in which the person speaks. What the program read there, or staff accepted, is the person's."""
REMAINS = "System"
"""The source of what a correction records again. Staff did not choose it, so no correction takes it back."""
CLICKED = "A wrong click, undone within a minute."
IN_TIME = TO_UNDO + timedelta(seconds=15)
"""An undo that began in time may still wait for the number's lock."""


def undo(name: str) -> dict:
	"""Undo an opt-out that the user has just recorded. Return `event` and the masked `number`.

	Raises ValidationError after `TO_UNDO`, or once the text that confirms it is being sent.
	"""
	stop = _stop(name)
	in_time = clock.db_now() < stop.effective_at + TO_UNDO
	if stop.actor != frappe.session.user or not in_time:
		throw(_("This can no longer be undone. A manager can correct it, with a reason."))
	return _take_back(stop, CLICKED, while_unsent=True)


def correct(name: str, reason: str) -> dict:
	"""Take back an opt-out that staff recorded by mistake. Return `event` and the masked `number`."""
	if not reason.strip():
		throw(_("Give the reason of the correction."))
	return _take_back(_stop(name), reason.strip())


def _stop(name: str) -> frappe._dict:
	"""Return the opt-out with this name. Raises ValidationError for one that staff did not record."""
	fields = ["name", "phone", "kind", "source", "actor", "reference_doctype", "effective_at"]
	event = frappe.db.get_value("Consent Event", name, fields, as_dict=True)
	if not event or event.kind != events.OPT_OUT or not is_by_staff(event):
		throw(_("Only an opt-out that staff recorded can be corrected."))
	return event


def is_by_staff(event) -> bool:
	"""Return whether a member of staff chose what this Consent Event records."""
	return (
		event.source in BY_STAFF
		and event.reference_doctype not in OF_PERSON
		and event.actor not in NO_AGENTS
		and bool(set(AGENTS) & set(frappe.get_roles(event.actor)))
	)


def numbers_to_undo() -> list[str]:
	"""Return the numbers with an opt-out of the last minute that staff may still undo, or are undoing."""
	recent = frappe.get_all(
		"Consent Event",
		{
			"kind": events.OPT_OUT,
			"effective_at": (">", clock.db_now() - IN_TIME),
			"source": ("in", BY_STAFF),
		},
		["phone", "source", "actor", "reference_doctype"],
		order_by="phone",
	)
	return list(dict.fromkeys(event.phone for event in recent if is_by_staff(event)))


def _take_back(stop: frappe._dict, reason: str, while_unsent: bool = False) -> dict:
	# Two members of staff correct it once: the second one finds the first one's event.
	with number_lock([stop.phone]):
		if ledger.is_strangers(stop.phone):
			throw(_("The number was reported as someone else's. Verify it instead."))
		of_event = {"phone": stop.phone, "reference_doctype": CORRECTED, "reference_name": stop.name}
		if frappe.db.exists("Consent Event", {**of_event, "kind": events.OPT_IN}):
			throw(_("This opt-out was corrected already."))
		notice = frappe.db.get_value("Dialer Notice", {"consent_event": stop.name})
		unsent = not notice or confirmation_requests.take_back(notice)
		if while_unsent and not unsent:
			throw(_("The text that confirms it is on its way. A manager can correct it, with a reason."))
		evidence = Evidence(
			"Agent",
			actor=frappe.session.user,
			reference_doctype=CORRECTED,
			reference_name=stop.name,
			note=reason,
		)
		event = put_back(stop.phone, evidence, lambda name, _event: name == stop.name)
	return {"event": event, "number": mask(stop.phone)}


def put_back(phone: str, evidence: Evidence, is_left_out: Callable[[str, Event], bool]) -> str:
	"""Put a number's opt-outs back to what they were without some events. Returns the last event's name.

	Earlier corrections and the mistakes that they took back are left out, too: what they recorded again may
	come from this mistake. The caller holds the number's lock. Written consent counts as oral from now on, as
	after every opt-out. Runs the hook `dialer_opt_out_undone`. Raises NumberBusy if another event was
	committed since this transaction began to read.
	"""
	rows: state.Rows = {}
	for name, event in that_stand(_latest_events_of(phone)):
		if not is_left_out(name, event):
			state.apply(rows, event, name)
	remains = replace(evidence, source=REMAINS) if events.corrects(evidence) else evidence
	former = [
		Event(events.OPT_OUT, phone, remains, row.channel, row.purpose, row.opt_out_scope)
		for row in rows.values()
		if row.opt_out_scope
	]
	name = ledger.record_many([Event(events.OPT_IN, phone, evidence), *former])[-1]
	ledger.notify_listeners([phone], "dialer_opt_out_undone")
	return name


def that_stand(history: Iterable[tuple]) -> Iterator[tuple[str, Event]]:
	"""Yield the events of these stored rows with their names, without corrections and what they took back."""
	events_of = [(row[chain.NAME], stream.event_from_row(row)) for row in history]
	corrected = {event.evidence.reference_name for _name, event in events_of if _corrects(event)}
	for name, event in events_of:
		if not (name in corrected or _corrects(event)):
			yield name, event


def _latest_events_of(phone: str) -> list[tuple]:
	history = stream.events_of([phone])
	head = frappe.db.get_value("Consent Head", {"phone": phone})
	# Locked: nothing follows the events that were read until the correction is written.
	latest = head and frappe.db.get_value("Consent Head", head, "seq", for_update=True)
	if not history or latest != history[-1][chain.SEQ]:
		throw(_("Another process is working on this number. Please try again."), NumberBusy)
	return history


def _corrects(event: Event) -> bool:
	"""Return whether a correction recorded this. Staff may name any record as that of their own opt-outs."""
	by_correction = event.kind == events.OPT_IN or event.evidence.source == REMAINS
	return by_correction and event.evidence.reference_doctype == CORRECTED
