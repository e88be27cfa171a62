"""Calls to the office whose end the carrier did not report, and prices, which it knows some minutes later.

Only the office's own key shows whether the two were connected, so a call that was picked up without it counts
as not taken.
"""

from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.database.transactions import RETRIED
from school_dialer.base.jobs import alone, job
from school_dialer.calls.office import leg
from school_dialer.calls.office.leg import Report
from school_dialer.calls.office.line import LONGEST
from school_dialer.carriers.base import Carrier, CarrierError, Placed
from school_dialer.settings import carrier_settings

SILENT = timedelta(minutes=5)
"""The carrier is asked this long after the call to the office began, and again each time it passes."""
PRICED, PRICED_AGAIN, PRICED_UNTIL = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
GIVE_UP = 2 * LONGEST
MOST = 100


@job
def run() -> None:
	"""Ask the carrier about calls to the office (scheduler job). Only one runs at a time."""
	with alone("office-calls") as mine:
		if mine and (logs := [*silent_calls(), *unpriced_calls()]):
			carriers = carrier_settings.Carriers()
			for log in logs:
				if carrier := carriers.known(log.carrier_account):
					try_to_ask(carrier, log)


def silent_calls() -> list:
	before = clock.to_db(clock.now() - SILENT)
	return read_calls(
		"transfer_state in %(states)s and transfer_at < %(before)s"
		" and (transfer_asked_at is null or transfer_asked_at < %(before)s)",
		{"states": leg.BUSY_STATES, "before": before},
	)


def unpriced_calls() -> list:
	now = clock.now()
	return read_calls(
		"transfer_state in %(states)s and transfer_price is null and transfer_sid is not null"
		" and transfer_at between %(first)s and %(last)s"
		" and (transfer_asked_at is null or transfer_asked_at < %(again)s)",
		{
			"states": leg.PICKED_UP,
			"first": clock.to_db(now - PRICED_UNTIL),
			"last": clock.to_db(now - PRICED),
			"again": clock.to_db(now - PRICED_AGAIN),
		},
	)


def read_calls(where: str, values: dict) -> list:
	return frappe.db.sql(
		"select name, carrier_account, carrier_sid, transfer_sid, transfer_at "
		"from `tabDialer Call Log` where " + where + f" order by transfer_at limit {MOST}",
		values,
		as_dict=True,
	)


def try_to_ask(carrier: Carrier, log) -> None:
	"""Ask about one call and commit. What fails now is tried again next time."""
	try:
		ask_about(carrier, log)
		frappe.db.commit()
	except CarrierError as error:
		frappe.db.rollback()
		frappe.logger("school_dialer").warning("the carrier does not tell of a call to the office: %s", error)
	except RETRIED:
		frappe.db.rollback()


def ask_about(carrier: Carrier, log) -> None:
	"""Ask about one call. The office's line is free again if the carrier has no such call."""
	leg.note_asked(log.name)
	calls = list_calls(carrier, log)
	for call in calls or ():
		leg.apply(log.name, report_of(call))
	if calls == [] or clock.from_db(log.transfer_at) < clock.now() - GIVE_UP:
		leg.give_up(log.name)


def list_calls(carrier: Carrier, log) -> list[Placed] | None:
	"""Return the call to the office as the carrier has it: by its id, or as part of the caller's call.

	None if this carrier cannot be asked.
	"""
	if log.transfer_sid:
		call = carrier.fetch_status("Voice", log.transfer_sid)
		return [call] if call else []
	return list(carrier.list_dialed(log.carrier_sid)) if hasattr(carrier, "list_dialed") else None


def report_of(call: Placed) -> Report:
	return Report(
		call.status, sid=call.sid, seconds=call.duration, error_code=call.error_code, price=call.price
	)
