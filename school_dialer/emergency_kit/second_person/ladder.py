"""Ask the people on call one after another, until the emergency is decided.

The next person is asked when one has not answered in their time, or their call ended without a decision. Who
follows the start on the page hastens that, and the scheduler's tick does the same without a page. After three
rounds the page says that no one answered.
"""

from collections import Counter
from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import EMERGENCY_QUEUE, alone, job
from school_dialer.calls import pins
from school_dialer.calls.own_number import record
from school_dialer.emergency_kit.second_person import asking, asks, on_call
from school_dialer.emergency_kit.second_person.on_call import Person
from school_dialer.messages.spoken.ivr_state import NO_PIN
from school_dialer.schools import approvers

START = "Dialer Emergency Start"
FIELDS = ("name", "title", "school", "campaign", "started_by", "received_at", "drill")
MOST_ROUNDS, MOST_WRONG_PINS = 3, 3
LOOKED_FOR = timedelta(hours=2)
"""How long after its start an emergency's list is gone through."""


def enqueue(start: str) -> None:
	"""Enqueue the job that asks the next person. An extra job exits at once."""
	frappe.enqueue(
		"school_dialer.emergency_kit.second_person.ladder.run",
		queue=EMERGENCY_QUEUE,
		at_front=True,
		enqueue_after_commit=True,
		start=start,
	)


@job
def run(start: str) -> None:
	"""Ask the next person who can be asked, if it is time for that (background job). Commits."""
	with alone(f"ask-{start}") as mine:
		while mine and (ask := retried(lambda: step(start))):
			if asking.send(ask):
				return


def step(start: str) -> str | None:
	"""Write the next try and commit. Return its name, or None if no one is to be asked now."""
	row = frappe.db.get_value(START, start, FIELDS, as_dict=True, for_update=True)
	next_one = row and not row.drill and next_try(row)
	name = None
	if next_one:
		person, why = next_one
		outcome = asks.NOT_ASKED if why else asks.ASKED
		name = asks.write_ask(row, person, digest_of(row.campaign), outcome, why)
	frappe.db.commit()
	return step(start) if next_one and next_one[1] else name


def next_try(row) -> tuple[Person, str] | None:
	"""Return who is next, and why they cannot be asked or "". None if the try before still counts."""
	if not waits(row.campaign):
		asks.end_others(row.name)
		return None
	tries = [settled(ask) for ask in asks.of_start(row.name)]
	if any(asks.is_waited_for(ask, clock.db_now()) for ask in tries):
		return None
	person = after(row, tries)
	return (person, why_not(person, row)) if person else None


def waits(campaign: str) -> bool:
	return frappe.db.get_value("Dialer Campaign", campaign, "status") == states.AWAITING


def digest_of(campaign: str) -> str:
	return frappe.db.get_value("Dialer Campaign", campaign, "asked_digest") or ""


def after(row, tries: list) -> Person | None:
	"""Return who is asked after these tries: who was asked least, in the order of the list."""
	listed = on_call.people(row.school)
	passed = {ask.user for ask in tries if ask.outcome in (asks.NOT_ASKED, asks.LOCKED)}
	times = Counter(ask.user for ask in tries)
	left = [person for person in listed if person.user not in passed and times[person.user] < MOST_ROUNDS]
	return min(left, key=lambda person: times[person.user], default=None)


def settled(ask):
	"""Close a try whose time is over or whose call ended without a decision, and return it as it is now."""
	if ask.outcome == asks.ASKED and (clock.db_now() >= ask.ends_at or has_ended(ask)):
		if asks.close(ask.name, asks.NO_ANSWER, sources=(asks.ASKED,)):
			ask.outcome = asks.NO_ANSWER
	return ask


def has_ended(ask) -> bool:
	"""Return whether the call is over, or the text did not arrive."""
	if not ask.call_log:
		return False
	status = frappe.db.get_value("Dialer Call Log", ask.call_log, "status") or ""
	if ask.way == on_call.TEXT:
		return status in ("failed", "undelivered", states.REFUSED)
	return states.is_final(status)


def why_not(person: Person, row) -> str:
	"""Return why this person cannot be asked about this start, or ""."""
	if approvers.is_one_person(person.user, row.started_by):
		return _("Started it")
	if not frappe.db.get_value("User", person.user, "enabled") or not approvers.may(person.user, row.school):
		return _("May not approve emergencies of this school")
	if person.way == on_call.EMAIL:
		return "" if frappe.db.get_value("User", person.user, "email") else _("Has no e-mail address")
	if record.verified(person.user) is None:
		return _("Has verified no phone")
	if person.way == on_call.TEXT:
		return ""
	refused = pins.refusal("User", person.user, MOST_WRONG_PINS)
	if not refused:
		return ""
	return _("Has no PIN") if refused == NO_PIN else _("PIN locked")


def nudge(start: str) -> None:
	"""Enqueue the job if someone is to be asked now. Reads only, so that a page may call it often."""
	row = frappe.db.get_value(START, start, FIELDS, as_dict=True)
	if not row or row.drill or not waits(row.campaign) or clock.db_now() > row.received_at + LOOKED_FOR:
		return
	tries = asks.of_start(start)
	if any(asks.is_waited_for(ask, clock.db_now()) and not has_ended(ask) for ask in tries):
		return
	if after(row, tries):
		enqueue(start)


def look() -> None:
	"""Nudge each start that waits for a second person (step of the scheduler's tick)."""
	waiting = frappe.db.sql(
		"""select start.name from `tabDialer Emergency Start` start
		join `tabDialer Campaign` campaign on campaign.name = start.campaign
		where start.received_at > %s and start.drill = 0 and campaign.status = %s
		order by start.received_at""",
		(clock.to_db(clock.now() - LOOKED_FOR), states.AWAITING),
	)
	for (name,) in waiting:
		nudge(name)


def progress_of(start: str, school: str | None) -> dict:
	"""Return what the starter sees: `asks` with name, way, outcome, reason and time, and `listed`, how many
	are on the list.
	"""
	return {
		"asks": [
			{
				"name": frappe.utils.get_fullname(ask.user),
				"way": ask.way,
				"outcome": ask.outcome,
				"reason": ask.reason or "",
				"at": str(ask.asked_at),
			}
			for ask in asks.of_start(start)
		],
		"listed": len(on_call.people(school)),
	}
