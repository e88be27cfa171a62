"""Calls that the carrier received while this site did not answer, as its list has them.

The caller heard the carrier's apology, or the words of the number's fallback URL, and no menu. Whether they
wanted the calls to stop cannot be known, so a person calls a family back.
"""

from collections.abc import Collection
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.database.transactions import RETRIED
from school_dialer.base.jobs import report
from school_dialer.calls import inbound
from school_dialer.carriers.base import Carrier, ReceivedCall
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.inbound.conversations import received
from school_dialer.inbound.conversations.conversation import CALL_BACK
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.messages.spoken.menu_state import OVER
from school_dialer.settings import school_numbers

CALL_LOG = "Dialer Call Log"


def list_missing(
	carrier: Carrier, numbers: Collection[str], since: datetime, until: datetime
) -> list[ReceivedCall]:
	"""Return the calls in the carrier's list that are not on record. Raises `CarrierError`.

	A number at which this site never answered a call is left out: another system may answer there.
	"""
	answered_numbers = school_numbers.answered_numbers().intersection(numbers)
	if not answered_numbers or not hasattr(carrier, "list_received_calls"):
		return []
	calls = [call for call in carrier.list_received_calls(answered_numbers, since) if call.at <= until]
	sids_on_record = frappe.get_all(
		CALL_LOG,
		{"carrier_sid": ("in", [*(call.sid for call in calls), ""]), "direction": "Inbound"},
		pluck="carrier_sid",
		order_by="name",
	)
	return [call for call in calls if call.sid not in sids_on_record]


def handle(calls: Collection[ReceivedCall]) -> bool:
	"""Keep calls, each in its own transaction, and return whether all of them are on record now."""
	# A new transaction: a webhook may have handled a call since the records were read.
	frappe.db.commit()
	done = True
	for call in calls:
		try:
			keep_call(call)
			frappe.db.commit()
		except (*RETRIED, NumberBusy):
			frappe.db.rollback()
			done = False
		except Exception as error:
			report("a call from the carrier's list", error)
			done = False
	return done


def keep_call(given: ReceivedCall) -> None:
	"""Log a call, and let a family that the site has called or texted before wait for a call back."""
	number = inbound.known_number(given.phone)
	more = {
		"placed_at": clock.to_db(given.at),
		"dialogue": State(OVER).text,
		"error_message": _("Read from the carrier's list."),
	}
	if number is None:
		inbound.log_inbound(given.sid, None, given.to, "Voice", **more)
		return
	with number_lock([number]):
		log = inbound.log_inbound(given.sid, number, given.to, "Voice", **more)
		if log and not school_numbers.is_own(number, given.to) and is_known(number):
			received.keep(as_received(number, log, given.at))


def is_known(number: str) -> bool:
	return bool(frappe.db.exists(CALL_LOG, {"phone": number, "direction": "Outbound"}))


def as_received(number: str, log: str, at: datetime) -> received.Received:
	return received.Received(
		number,
		_("Called while this site did not answer, and heard no menu. Please call back."),
		source=f"{CALL_LOG}:{log}",
		language=inbound.language_of(number),
		channel=CALL_BACK,
		reference_doctype=CALL_LOG,
		reference_name=log,
		said_at=at,
	)
