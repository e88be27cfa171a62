"""What an answer declines. It counts at once: no number has to be proven to say no.

The numbers on the record of a person whom the letter names are opted out, and so is the one that was given,
which the school may enter later, unless it is another family's. While no number is known, the answer keeps
what it declines until the person's record has one. What the person turned on meanwhile stays on, and a number
that is on the record of another family too is for the office: who entered it is not who signed.
"""

from collections.abc import Sequence
from functools import partial

import frappe

from school_dialer.audience import on_record
from school_dialer.base import clock
from school_dialer.base.database.listeners import tell
from school_dialer.base.jobs import job, note
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, ANY_CHANNEL
from school_dialer.consent import events, ledger
from school_dialer.consent.choices import preferences
from school_dialer.consent.events import Event
from school_dialer.consent.lock import number_lock
from school_dialer.consent_form import answers, requests
from school_dialer.consent_form.answers import DOCTYPE, QUESTIONS, Question
from school_dialer.consent_form.recording import ask_office, events_of, evidence_of, others_with

KEPT = (answers.UNPROVEN, answers.DECLINED, answers.EXPIRED)
"""Statuses in which what an answer declines may still wait for a number."""


def declined(name: str) -> str:
	"""Record an answer without a yes, or one whose number is not to be proven any more. Return its status.

	What another adult declines is for the office. The caller commits.
	"""
	row = answers.named(name, for_update=True)
	if row.status != answers.UNPROVEN:
		return row.status
	if not row.person:
		send_to_office(row, "adult")
		return row.status
	refuse(row, numbers_of(row))
	settle(row)
	return row.status


def settle(row: frappe._dict) -> None:
	"""Set the status of an answer whose number is not to be proven any more."""
	agreed = any(answers.choices(row).values())
	answers.update(row, status=answers.EXPIRED if agreed else answers.DECLINED)
	if row.request and not agreed:
		requests.answered(row.request, row.signature, declined=is_everything(row))


def declined_in_part(name: str) -> None:
	"""Record what an answer declines whose number is still to be proven. The caller commits."""
	row = answers.named(name, for_update=True)
	if row.person and row.status == answers.UNPROVEN:
		refuse(row, numbers_of(row))


def send_to_office(row: frappe._dict, why: str) -> None:
	answers.update(row, status=answers.FOR_OFFICE)
	with number_lock([row.phone] if row.phone else []):
		ask_office(row, [why])


def is_everything(row: frappe._dict) -> bool:
	"""Return whether every question of the form was answered with no."""
	given = answers.choices(row)
	return all(given.get(question) is False for question in QUESTIONS)


def refuse(row: frappe._dict, numbers: Sequence[str]) -> None:
	"""Opt these numbers of the signer out of what the answer declines, if there are any.

	A no to everything gets the one text that confirms an opt-out, because the letter alone proves no one. The
	number may still be proven afterward, unless something else was recorded for it since the signature.
	"""
	if not numbers or all(answers.choices(row).values()):
		return
	# Nothing else is recorded between the comparison of the mark and the stops.
	with number_lock(numbers):
		unchanged = row.phone and row.state_mark == preferences.state_mark(row.phone, locked=True)
		turned_on = turned_on_since(row)
		for phone in numbers:
			stop(row, phone, turned_on)
		mark = preferences.state_mark(row.phone, locked=True) if unchanged else row.state_mark
	answers.update(row, declined_at=clock.db_now(), state_mark=mark)


def numbers_of(row: frappe._dict) -> list[str]:
	phones = {number.phone for number in on_record.numbers_of(row.person_doctype, [row.person])}
	return sorted(phones | ({row.phone} if row.phone and not others_with(row) else set()))


def stop(row: frappe._dict, phone: str, turned_on: set[Question]) -> None:
	"""Record what the answer declines and neither its signer nor this number has turned on since."""
	declines = {question: False for question, yes in answers.choices(row).items() if not yes}
	stops = [everything(row, phone)] if is_everything(row) else list(events_of(row, phone, declines))
	left = dict.fromkeys(declines.keys() & ledger.holding(phone, stops) - turned_on, False)
	if not is_everything(row) or len(left) < len(declines):
		ledger.record_many(list(events_of(row, phone, left)))
		return
	ledger.opt_out(
		phone,
		scope=ALL_NON_EMERGENCY,
		channel=ANY_CHANNEL,
		evidence=stops[0].evidence,
		received_at=stops[0].at,
		person_doctype=row.person_doctype,
		person=row.person,
	)


def everything(row: frappe._dict, phone: str) -> Event:
	evidence = evidence_of(row, answers.words(row)[0])
	return Event(events.OPT_OUT, phone, evidence, scope=ALL_NON_EMERGENCY, at=clock.from_db(row.signed_at))


def turned_on_since(row: frappe._dict) -> set[Question]:
	"""Return what the person agreed to on a form that was signed later, and counts."""
	later = {"person_doctype": row.person_doctype, "person": row.person, "status": answers.COUNTS}
	later["signed_at"] = (">=", row.signed_at)
	forms = frappe.get_all(DOCTYPE, later, ["choices"], order_by="signed_at")
	return {question for form in forms for question, yes in answers.choices(form).items() if yes}


def on_person(doc, method: str | None = None) -> None:
	"""Record what this person declined before their record had a number (doc_events `on_update`).

	The record is saved in any case. What cannot be recorded now is left to the daily job, as it is while the
	tables are being changed.
	"""
	if not (frappe.flags.in_migrate or frappe.flags.in_install):
		tell([partial(record_kept, name) for name in kept(doc.doctype, doc.name)], "a no that was kept")


def kept(doctype: str | None = None, person: str | None = None) -> list[str]:
	"""Return the answers of this person, or of everyone, that keep a no of which nothing is recorded yet."""
	answer = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(answer).select(answer.name).orderby(answer.signed_at)
	query = query.where(answer.declined_at.isnull() & answer.status.isin(KEPT))
	query = query.where(answer.person.isnotnull() & answer.choices.like(answers.WITH_A_NO))
	if person:
		query = query.where((answer.person_doctype == doctype) & (answer.person == person))
	return query.run(pluck=True)


def record_kept(name: str) -> None:
	"""Record what an answer keeps, for the numbers on record by now that no other family shares.

	Where all are shared, the office decides, once the number is not to be proven any more.
	"""
	# Locked: the number may be proven at this moment.
	row = answers.named(name, for_update=True)
	if row is None or row.declined_at or row.status not in KEPT:
		return
	numbers = numbers_of(row)
	unshared = [phone for phone in numbers if not others_with(row, phone)]
	refuse(row, unshared)
	if row.declined_at and row.status == answers.UNPROVEN and not any(answers.choices(row).values()):
		settle(row)
	if numbers and not unshared and row.status != answers.UNPROVEN:
		send_to_office(row, "others")


def record_all_kept() -> None:
	"""Record what answers of everyone keep, as far as it can be. Commits after each."""
	for name in kept():
		try:
			record_kept(name)
		except frappe.ValidationError as error:
			frappe.db.rollback()
			frappe.clear_last_message()
			note("a no that was kept", error)
		frappe.db.commit()


@job
def daily() -> None:
	"""Scheduler job: record what answers keep, and give the office what an unnamed adult declined. Commits.

	Such an answer waits for the proof of its number first, which the office needs to accept a yes.
	"""
	record_all_kept()
	late = ("<", clock.to_db(clock.now() - answers.PROVABLE_FOR))
	unnamed = {"status": answers.UNPROVEN, "signed_at": late, "person": ("is", "not set")}
	unnamed["choices"] = ("like", answers.WITH_A_NO)
	for name in frappe.get_all(DOCTYPE, unnamed, pluck="name", order_by="name"):
		row = answers.named(name, for_update=True)
		if row.status == answers.UNPROVEN:
			send_to_office(row, "adult")
		frappe.db.commit()
