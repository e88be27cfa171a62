"""Whether a caller is connected to the office now, and to which number: that of the log's school, or else the
one in Dialer Settings, and no other.

The call to the office is to the school's own number, so it needs no consent, and no calling hours but the
office's own. It is noted on the log of the call that it belongs to: the call log stays one row per call with
a family, and everything that counts such calls stays right.
"""

from dataclasses import dataclass
from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.database.transactions import changed
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.calls.office.leg import BUSY_STATES, CLOSED, FULL, RINGING
from school_dialer.inbound.conversations import office_hours
from school_dialer.messages.spoken import dial
from school_dialer.messages.spoken.dial import Dial
from school_dialer.schools import registry
from school_dialer.settings import carrier_settings, school_numbers

RING_SECONDS, SHORTEST_RING, LONGEST_RING = 25, 5, 60
AT_ONCE = 3
OF_ONE_NUMBER, WITHIN = 4, timedelta(hours=1)
"""How often one number is connected within that time, so that a machine cannot keep the office busy."""
LONGEST = timedelta(seconds=dial.LONGEST_TALK + LONGEST_RING + 60)
"""A call to the office that began longer ago is over, whether or not its end was reported."""


@dataclass(frozen=True, slots=True)
class Line:
	"""The office's phone; `number` is "" if families are not connected. `of_school`: the school's own one."""

	number: str
	ring_seconds: int
	at_once: int
	of_school: bool = False


def line(school: str | None = None) -> Line:
	"""Return the phone of this school's office, or the district's."""
	doc = carrier_settings.settings()
	registered = registry.find(school)
	written = (registered and registered.office_number) or doc.office_number
	number = usable_number(written) if doc.connect_office else ""
	seconds = min(max(doc.office_ring_seconds or RING_SECONDS, SHORTEST_RING), LONGEST_RING)
	return Line(
		number, seconds, doc.office_calls_at_once or AT_ONCE, bool(registered and registered.office_number)
	)


def usable_number(written: str | None) -> str:
	"""Return the number in E.164, or "" if the office is not to be called there.

	Calls to a number from which the school calls would come back to this site.
	"""
	try:
		number = parse(written or "").e164
	except InvalidNumber:
		return ""
	return "" if number in calling_numbers() else number


def calling_numbers() -> set[str]:
	"""Return the numbers whose incoming calls reach this site."""
	doc = carrier_settings.settings()
	written = [*(row.phone_number for row in doc.sending_numbers), doc.opt_out_number]
	return {number for number in map(school_numbers.e164, written) if number} | school_numbers.seen_numbers()


def start(log) -> bool:
	"""Note on the log that the office is rung, or why it is not. Return whether it is.

	Every caller who asks waits for the one before, so that no two take the last free line.
	"""
	office = line(log.school)
	if not office.number:
		set_transfer_state(log.name, CLOSED)
		return False
	frappe.db.sql(
		"""select value from `tabSingles` where doctype = 'Dialer Settings' and field = 'office_number'
		for update"""
	)
	state = RINGING
	if not office_hours.read(log.school).is_open(clock.db_now()):
		state = CLOSED
	elif (
		busy_lines(log.school if office.of_school else None) >= office.at_once
		or calls_of_number(log.phone) >= OF_ONE_NUMBER
	):
		state = FULL
	return set_transfer_state(log.name, state) and state == RINGING


def busy_lines(school: str | None = None) -> int:
	"""Return how many calls are with the phone of this school's office, or without one the district's."""
	since = clock.to_db(clock.now() - LONGEST)
	with_offices = [
		registered.name
		for registered in registry.schools().values()
		if registered.office_number and registry.is_district()
	]
	filters = {"transfer_state": ("in", BUSY_STATES), "transfer_at": (">", since)}
	if school:
		filters["school"] = school
	elif with_offices:
		filters["school"] = ("not in", with_offices)
	return frappe.db.count("Dialer Call Log", filters)


def calls_of_number(phone: str | None) -> int:
	"""Return how many calls of this number were connected lately."""
	if not phone:
		return 0
	since = clock.to_db(clock.now() - WITHIN)
	rows = frappe.db.sql(
		"""select count(*) from `tabDialer Call Log`
		where phone = %s and placed_at > %s and transfer_at > %s and transfer_state not in (%s, %s)""",
		(phone, clock.to_db(clock.now() - WITHIN - LONGEST), since, CLOSED, FULL),
	)
	return rows[0][0]


def set_transfer_state(log_name: str, state: str) -> bool:
	"""Set the state of a log whose caller has not asked for the office before. Return whether it was set."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set transfer_state = %s, transfer_at = %s
		where name = %s and ifnull(transfer_state, '') = ''""",
		(state, clock.db_now(), log_name),
	)
	return changed() > 0


def dial_of(log, turn: int, about: str) -> Dial | None:
	"""Return the call to the office for this log, or None if there is no office to call any more."""
	office, sender = line(log.school), sender_of(log)
	if not office.number or not sender:
		return None
	return Dial(
		number=office.number,
		caller_id=sender,
		ring_seconds=office.ring_seconds,
		whisper_url=carrier_settings.webhook_url("office.whisper", log=log.name, about=about),
		leg_url=carrier_settings.webhook_url("office.leg_status", log=log.name),
		action_url=carrier_settings.webhook_url("office.ended", log=log.name, turn=turn),
	)


def sender_of(log) -> str:
	"""Return the number of ours that this call is with: the office sees the school's number."""
	if our_number := school_numbers.e164(log.sender):
		return our_number
	numbers = [number.phone_number for number in carrier_settings.sending_numbers("Voice")]
	return numbers[0] if numbers else ""
