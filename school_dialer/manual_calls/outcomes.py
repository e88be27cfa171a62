"""What came of a call by a person, as they note it, and taking that back."""

from dataclasses import dataclass, replace
from datetime import datetime

import frappe
from frappe import _

from school_dialer.audience import on_record
from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import retries
from school_dialer.campaigns.call_order import REACHED as HEARD
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties.rows import (
	WAITING,
	lines_of,
	points_of,
	read,
	still_open,
	students_of,
)
from school_dialer.campaigns.retries import fields_of
from school_dialer.consent import by_staff, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.gate import planned
from school_dialer.manual_calls import claiming, listing, work
from school_dialer.manual_calls.listing import DOCTYPE
from school_dialer.outbound.attempts import after_commit

BY_PERSON = "by a person"
"""The outcome of a recipient whom a person reached."""
MOST_NOTE = 1_000


@dataclass(frozen=True, slots=True)
class Noted:
	"""What a member of staff says of a call.

	`later` is when to call again (aware), for `work.LATER`. `scope` is what the person asked to stop, one of
	`compliance.vocabulary.SCOPES`. `by_own_phone`: the call was made with another phone, without the app.
	"""

	outcome: str
	note: str = ""
	later: datetime | None = None
	scope: str = "all non-emergency"
	by_own_phone: bool = False


def note(name: str, user: str, noted: Noted) -> str:
	"""Record the outcome and give the family back or take it off the list. Return its status then.

	Raises `claiming.NotYours` if the family is not with the user, ValidationError for an outcome that cannot
	be noted. An opt-out or a wrong number is in the ledger before this returns. The caller commits.
	"""
	phone = frappe.db.get_value(DOCTYPE, name, "phone")
	with number_lock([phone or ""]):
		row, recipient = claiming.claimed_by_user(name, user)
		if claiming.in_call(row):
			throw(_("The call is not over yet. Hang up first."))
		calls = (row.attempts or 0) + int(noted.by_own_phone)
		was = f"{recipient.status}|{recipient.outcome or ''}"
		others = others_left(row, recipient, noted.outcome)
		following = next_of(row, noted, calls, bool(others))
		record(row, noted)
		next_line = fields_of(others[0]) if others else {}
		if others and others[0].owner != line_of(row).owner:
			calls = 0
		claiming.write(
			row,
			status=following.status,
			outcome=noted.outcome,
			note=noted.note.strip()[:MOST_NOTE] or row.note,
			not_before=clock.to_db(following.not_before) or row.not_before,
			attempts=calls,
			done_by=user,
			done_at=clock.db_now(),
			claimed_by=None,
			claimed_until=None,
			recipient_was=was[:140],
			**next_line,
		)
		set_result(row, noted.outcome)
		return following.status


def next_of(row, noted: Noted, calls: int, others: bool) -> work.Next:
	if others and noted.outcome in work.FINAL:
		return work.Next(work.WAITING, clock.now())
	try:
		return work.after(noted.outcome, row.purpose, calls, clock.now(), noted.later, other_number=others)
	except work.NotPossible:
		if noted.outcome == work.LATER:
			throw(_("Choose a time within the next seven days."))
		throw(_("Choose what came of the call."))


def others_left(row, recipient, outcome: str) -> list[ContactPoint]:
	"""Return whom of the household someone still has to tell after a call with this outcome."""
	if outcome == work.REACHED:
		return reach(row, recipient)
	if outcome == work.WRONG_NUMBER:
		return other_lines(row, lines_of(recipient))
	if outcome == work.STOP:
		people = points_of(still_open(read([recipient.name])[0].get(recipient.name, ()), (WAITING,)))
		return other_lines(row, [point for point in people if point.owner != line_of(row).owner])
	return []


def other_lines(row, lines: list[ContactPoint]) -> list[ContactPoint]:
	"""Return those of these numbers, besides the row's, that no one has opted out of or called wrong."""
	return not_refused([line for line in lines if line.phone != row.phone])


def not_refused(lines: list[ContactPoint]) -> list[ContactPoint]:
	said_at = ledger.read([line.phone for line in lines]) if lines else {}
	return [line for line in lines if not said_at[line.phone].opt_outs]


def record(row, noted: Noted) -> None:
	"""Write an opt-out or a wrong number to the ledger, as what the person said to a member of staff."""
	evidence = Evidence(
		source="Agent",
		actor=frappe.session.user,
		note=noted.note.strip()[:MOST_NOTE] or None,
		language=row.language,
		reference_doctype="Dialer Call Log" if row.call_log else None,
		reference_name=row.call_log,
	)
	if noted.outcome == work.WRONG_NUMBER:
		by_staff.wrong_number(row.phone, evidence)
	elif noted.outcome == work.STOP:
		# A row of a list names the list, which is no person.
		on_file = row.person_doctype in on_record.PHONE_FIELDS
		by_staff.opt_out(
			row.phone,
			evidence,
			scope=noted.scope,
			purpose=row.purpose,
			school=row.get("school"),
			person_doctype=row.person_doctype if on_file else None,
			person=row.person if on_file else None,
		)


def reach(row, recipient) -> list[ContactPoint]:
	"""Count as reached whom a person spoke with. Return whom of the recipient someone still has to tell.

	They are called next, by the machine too while it may. Without them, what waits for the household stops.
	"""
	if recipient.status in claiming.RINGING:
		throw(_("The machine is calling this family right now. Try again in a minute."))
	listing.permitted(frappe.get_cached_doc("Dialer Campaign", row.campaign), [row])
	left = not_refused(informing.inform_by_hand(row))
	status = frappe.db.get_value("Dialer Campaign", row.campaign, "status")
	values = retries.going_on(recipient, status, left) if left else {"status": states.REACHED}
	values |= {"outcome": BY_PERSON, "claim": None, "reasons": ""}
	frappe.db.set_value("Dialer Recipient", recipient.name, values, update_modified=False)
	if not left:
		frappe.db.sql(
			"update `tabDialer Recipient` set status = 'Cancelled' where fallback_of = %s and status in %s",
			(recipient.name, states.WAITING),
		)
	after_commit.complete(row.campaign)
	return left


def set_result(row, outcome: str) -> None:
	"""Write the result on the call's log. A call that no one answered keeps the carrier's own."""
	if row.call_log:
		frappe.db.sql(
			"update `tabDialer Call Log` set result = %s where name = %s and ifnull(result, '') = ''",
			(work.RESULTS.get(outcome, HEARD), row.call_log),
		)


def take_back(name: str, user: str) -> None:
	"""Undo the outcome that this user noted last, within `work.UNDO`. The family is with them again.

	Raises ValidationError if it is too late, or if the outcome is in the ledger, where only a new event can
	correct it.
	"""
	row, recipient = claiming.locked(name)
	if not row or row.done_by != user or not row.done_at:
		throw(_("Only who noted it can take it back."))
	if row.outcome in work.RECORDED:
		throw(_("This is in the consent ledger. Correct it in Contact Consent."))
	late = clock.from_db(row.done_at) + work.UNDO < clock.now()
	if late or row.status in work.WITH_PERSON or row.outcome not in work.OUTCOMES:
		throw(_("It is too late to take this back."))
	if recipient.status in claiming.RINGING:
		throw(_("The machine is calling this family right now. Try again in a minute."))
	if row.outcome == work.REACHED and recipient.outcome == BY_PERSON:
		put_back(row, recipient)
	if row.call_log:
		frappe.db.set_value("Dialer Call Log", row.call_log, "result", None, update_modified=False)
	claiming.write(
		row,
		status=work.CALLED,
		outcome=None,
		done_by=None,
		done_at=None,
		claimed_by=user,
		claimed_until=clock.to_db(clock.now() + work.LEASE),
	)


def put_back(row, recipient) -> None:
	status, _bar, outcome = (row.recipient_was or "").partition("|")
	ended = frappe.db.get_value("Dialer Campaign", row.campaign, "status") in states.ENDED
	if not status or (ended and status in states.WAITING):
		status = states.NOT_REACHED
	values = {"status": status, "outcome": outcome or None}
	informed = informing.take_back(recipient.name)
	if informed and informed[0].key != line_of(row).key:
		line = fields_of(replace(informed[0], students=students_of(informed)))
		values = planned.resealed(recipient, values | line)
		claiming.write(row, **line)
	frappe.db.set_value("Dialer Recipient", recipient.name, values, update_modified=False)


def give_up(name: str, user: str, note: str = "") -> None:
	"""Take a family off the list that no one is to phone any more, as a manager decides."""
	row, _recipient = claiming.locked(name)
	if not row or row.status == work.DONE or claiming.in_call(row):
		throw(_("This family is off the list, or on the phone."))
	claiming.write(
		row,
		status=work.DONE,
		outcome=work.GIVEN_UP,
		note=note.strip()[:MOST_NOTE] or row.note,
		done_by=user,
		done_at=clock.db_now(),
		claimed_by=None,
		claimed_until=None,
	)
