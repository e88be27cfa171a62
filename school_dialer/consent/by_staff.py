"""What staff record about a number for a person, from whichever form or record they have open, and the answer
they get.

The methods of `desk.consent` and `help_desk.actions` check who asks and which number is meant, and hand over
here. No answer holds a number.
"""

from dataclasses import replace

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.consent import corrections, ledger
from school_dialer.consent.choices.wrong_number import settle_now
from school_dialer.consent.events import CORRECTED, GRANT, Evidence, moment
from school_dialer.schools import approvers, opting_out, rows, staff

TICKETS = ("Issue", "HD Ticket")
SIGNED_FORM, UNCONFIRMED = "Signed Form", "Agent"
"""Sources of a consent in a form: as the person's own word, and as long as one member of staff says so."""


def opt_out(number: str, evidence: Evidence, **choices) -> dict:
	"""Record that the person does not want to be called or texted. Return `event` and the masked `number`.

	``choices`` are those of `ledger.opt_out`: scope, school, channel, purpose, received_at, person_doctype
	and person. Raises ValidationError for the scope of one school without a school of a district. The user
	can undo it for `undo` seconds (`take_back`).
	"""
	choices["school"] = opting_out.chosen(choices.get("scope"), choices.get("school"))
	event = ledger.opt_out(number, evidence=evidence, **choices)
	seconds = int(corrections.TO_UNDO.total_seconds()) if corrections.is_by_staff(evidence) else 0
	return {"event": event, "number": mask(number), "undo": seconds}


def take_back(name: str, reason: str | None = None) -> dict:
	"""Take back an opt-out: with a reason, or, without one, the user's own of the last minute.

	Return `event` and the masked `number`. Raises as `corrections` does.
	"""
	answer = corrections.undo(name) if reason is None else corrections.correct(name, reason)
	on = frappe.db.get_value("Consent Event", name, ["reference_doctype", "reference_name"])
	say_on_ticket(
		*on, _("Took back an opt-out for {0} that was recorded by mistake.").format(answer["number"])
	)
	return answer


def say_on_ticket(doctype: str | None, name: str | None, text: str) -> None:
	"""Leave a note in a ticket's timeline, for the next person who opens it."""
	if doctype in TICKETS and frappe.db.exists(doctype, name):
		frappe.get_doc(doctype, name).add_comment("Info", text)


def consent(number: str, evidence: Evidence, elsewhere: bool = False, **choices) -> dict:
	"""Record consent. Return `event`, the masked `number`, and whether an opt-out is still in force
	(`opted_out`).

	A signed form that would lift an opt-out counts as the person's own word only once another manager has
	looked at it (`confirm_form`); `second_person` in the result says so. `elsewhere`: the person stopped
	something at another number. ``choices`` are those of `ledger.grant`: channel, purpose, basis, at,
	expires_at, person_doctype and person.
	"""
	settle_now(number)
	waits = evidence.source == SIGNED_FORM and (elsewhere or is_stopped(number))
	if waits and not evidence.attachment:
		throw(_("Attach the signed form, so that a second person can look at it."), ledger.LedgerError)
	if waits:
		evidence = replace(evidence, source=UNCONFIRMED)
	event = ledger.grant(number, evidence=evidence, **choices)
	if waits:
		users = rows.readers(staff.with_roles(*roles.MANAGERS), CORRECTED, event) - {frappe.session.user}
		subject = _("A signed form that would undo an opt-out waits for a second person to look at it.")
		staff.notify(users, subject, CORRECTED, event)
	answer = {"event": event, "number": mask(number), "opted_out": is_stopped(number)}
	return {**answer, "second_person": True} if waits else answer


def is_stopped(number: str) -> bool:
	return bool(ledger.read([number])[number].opt_outs)


def confirm_form(name: str) -> dict:
	"""Record, as a second person, that a consent's attached form is the person's. Return as `consent`.

	It counts as of when the person gave it: what they stopped later stays stopped. Raises ValidationError for
	another event, and PermissionError for who recorded it.
	"""
	row = frappe.db.get_value("Consent Event", name, ["*"], as_dict=True)
	if not row or not awaits_second_person(row):
		throw(_("There is no signed form to look at, or it was confirmed already."))
	if approvers.is_one_person(row.actor or "", frappe.session.user):
		throw(_("You recorded this form yourself. Another person has to look at it."), frappe.PermissionError)
	evidence = Evidence(
		SIGNED_FORM,
		actor=frappe.session.user,
		wording=row.wording,
		language=row.language,
		attachment=row.attachment,
		reference_doctype=CORRECTED,
		reference_name=name,
	)
	event = ledger.grant(
		row.phone,
		evidence=evidence,
		channel=row.channel,
		purpose=row.purpose,
		basis=row.basis,
		at=moment(row.received_utc),
		expires_at=moment(row.expires_utc),
		person_doctype=row.person_doctype or None,
		person=row.person or None,
	)
	return {"event": event, "number": mask(row.phone), "opted_out": is_stopped(row.phone)}


def awaits_second_person(event) -> bool:
	"""Return whether this Consent Event is a consent with a form that one member of staff recorded."""
	if event.kind != GRANT or event.source != UNCONFIRMED or not event.attachment:
		return False
	confirmed = {"kind": GRANT, "reference_doctype": CORRECTED, "reference_name": event.name}
	return not frappe.db.exists("Consent Event", {**confirmed, "phone": event.phone})


def wrong_number(number: str, evidence: Evidence) -> dict:
	"""Record that the number belongs to another person. Return `event` and the masked `number`."""
	settle_now(number)
	return {"event": ledger.wrong_number(number, evidence=evidence), "number": mask(number)}
