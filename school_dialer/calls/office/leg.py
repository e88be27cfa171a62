"""The call to the office, as its call log keeps it: state, seconds, price, and why it failed.

The carrier reports its end twice, to the action of the <Dial> and as a status callback, in any order. Both
come to the same state, so the first is enough and the second changes nothing. Only the action knows for sure
whether the two were connected; before it arrives, the key that the office pressed says so.
"""

from dataclasses import dataclass

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import changed
from school_dialer.settings import carrier_faults

RINGING, TALKING = "Ringing", "Talking"
CONNECTED, NOT_TAKEN, BUSY, NO_ANSWER = "Connected", "Not taken", "Busy", "No answer"
FAILED, HUNG_UP, NOT_KNOWN = "Failed", "Caller hung up", "Not known"
CLOSED, FULL = "Office closed", "Lines full"
BUSY_STATES = (RINGING, TALKING)
"""The office's phone rings or someone talks there."""
PICKED_UP = (CONNECTED, NOT_TAKEN)
MISTAKEN = (NOT_TAKEN, NOT_KNOWN)
"""Ends that a later report of a conversation replaces."""
OF_STATUS = {"busy": BUSY, "no-answer": NO_ANSWER, "failed": FAILED, "canceled": HUNG_UP}


@dataclass(frozen=True, slots=True)
class Report:
	"""What the carrier says of the call to the office. Empty values are unknown.

	`status` is a call's status, `bridged` whether the two were connected (None: not said). `seconds` count
	from when it was picked up.
	"""

	status: str
	sid: str = ""
	bridged: bool | None = None
	seconds: int | None = None
	error_code: str = ""
	price: str = ""


def apply(log_name: str, report: Report) -> bool:
	"""Apply a report. Return whether the state changed. Does not commit."""
	fill(log_name, report)
	if report.status not in states.RANK or not states.is_final(report.status):
		return False
	end = end_of(log_name, report)
	frappe.db.sql(
		"""update `tabDialer Call Log` set transfer_state = %(end)s, transfer_error = %(why)s
		where name = %(log)s and (transfer_state in %(busy)s
			or (%(end)s = %(connected)s and transfer_state in %(mistaken)s))""",
		{
			"end": end,
			"why": reason_of(report) if end == FAILED else None,
			"log": log_name,
			"busy": BUSY_STATES,
			"connected": CONNECTED,
			"mistaken": MISTAKEN,
		},
	)
	return changed() > 0


def fill(log_name: str, report: Report) -> None:
	"""Write what is known of a call that was begun, and keep what was known before."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set
			transfer_sid = coalesce(transfer_sid, %(sid)s),
			transfer_seconds = if(ifnull(transfer_seconds, 0) > 0, transfer_seconds, %(seconds)s),
			transfer_price = coalesce(%(price)s, transfer_price)
		where name = %(log)s and transfer_state in %(begun)s""",
		{
			"sid": report.sid or None,
			"seconds": report.seconds or 0,
			"price": report.price or None,
			"log": log_name,
			"begun": (*BUSY_STATES, *PICKED_UP, *OF_STATUS.values(), NOT_KNOWN),
		},
	)


def end_of(log_name: str, report: Report) -> str:
	if report.status != "completed":
		return OF_STATUS.get(report.status, FAILED)
	bridged = report.bridged if report.bridged is not None else state_of(log_name) == TALKING
	return CONNECTED if bridged else NOT_TAKEN


def state_of(log_name: str) -> str:
	return frappe.db.get_value("Dialer Call Log", log_name, "transfer_state") or ""


def reason_of(report: Report) -> str | None:
	fault = carrier_faults.fault_of(report.error_code) if report.error_code else None
	return (
		carrier_faults.explained(report.error_code, fault)[:140] if fault else report.error_code[:20] or None
	)


def pick_up(log_name: str, sid: str) -> bool:
	"""Note that the office pressed the key. Return whether the two may be connected; a repeat is the same."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set transfer_state = %s, transfer_sid = coalesce(transfer_sid, %s)
		where name = %s and transfer_state = %s""",
		(TALKING, sid, log_name, RINGING),
	)
	return state_of(log_name) == TALKING


def give_up(log_name: str) -> None:
	frappe.db.sql(
		"update `tabDialer Call Log` set transfer_state = %s where name = %s and transfer_state in %s",
		(NOT_KNOWN, log_name, BUSY_STATES),
	)


def note_asked(log_name: str) -> None:
	frappe.db.set_value(
		"Dialer Call Log", log_name, "transfer_asked_at", clock.db_now(), update_modified=False
	)
