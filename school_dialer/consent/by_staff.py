"""What staff record about a number for a person, from whichever form or record they have open, and the answer
they get.

The methods of `desk.consent` and `help_desk.actions` check who asks and which number is meant, and hand over
here. No answer holds a number.
"""

import frappe
from frappe import _

from school_dialer.consent import corrections, ledger
from school_dialer.consent.choices.wrong_number import settle_now
from school_dialer.consent.events import Evidence
from school_dialer.phone import mask
from school_dialer.schools import opting_out

TICKETS = ("Issue", "HD Ticket")


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


def consent(number: str, evidence: Evidence, **choices) -> dict:
	"""Record consent. Return `event`, the masked `number`, and whether an opt-out is still in force
	(`opted_out`).

	``choices`` are those of `ledger.grant`: channel, purpose, basis, at, expires_at, person_doctype and
	person.
	"""
	settle_now(number)
	event = ledger.grant(number, evidence=evidence, **choices)
	return {"event": event, "number": mask(number), "opted_out": bool(ledger.read([number])[number].opt_outs)}


def wrong_number(number: str, evidence: Evidence) -> dict:
	"""Record that the number belongs to another person. Return `event` and the masked `number`."""
	settle_now(number)
	return {"event": ledger.wrong_number(number, evidence=evidence), "number": mask(number)}
