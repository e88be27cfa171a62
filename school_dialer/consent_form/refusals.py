"""What an answer declines. It counts at once: no number has to be proven to say no.

The numbers on the record of a person whom the letter names are opted out, and so is the one that was given,
which the school may enter later, unless it is another family's. While no number is known, the answer keeps
what it declines until the person's record has one.
"""

import frappe

from school_dialer import clock
from school_dialer.audience import on_record
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, ANY_CHANNEL
from school_dialer.consent import ledger
from school_dialer.consent.choices import preferences
from school_dialer.consent.lock import number_lock
from school_dialer.consent_form import answers, requests
from school_dialer.consent_form.answers import DOCTYPE, QUESTIONS
from school_dialer.consent_form.recording import ask_office, evidence_of, others_with, record
from school_dialer.jobs import job

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
		send_to_office(row)
		return row.status
	refuse(row)
	agreed = any(answers.choices(row).values())
	answers.update(row, status=answers.EXPIRED if agreed else answers.DECLINED)
	if row.request and not agreed:
		requests.answered(row.request, row.signature, declined=is_everything(row))
	return row.status


def declined_in_part(name: str) -> None:
	"""Record what an answer declines whose number is still to be proven. The caller commits."""
	row = answers.named(name, for_update=True)
	if row.person and row.status == answers.UNPROVEN:
		refuse(row)


def send_to_office(row: frappe._dict) -> None:
	answers.update(row, status=answers.FOR_OFFICE)
	with number_lock([row.phone] if row.phone else []):
		ask_office(row, ["adult"])


def is_everything(row: frappe._dict) -> bool:
	"""Return whether every question of the form was answered with no."""
	given = answers.choices(row)
	return all(given.get(question) is False for question in QUESTIONS)


def refuse(row: frappe._dict) -> None:
	"""Opt the signer's numbers out of what the answer declines, once one is known.

	A no to everything gets the one text that confirms an opt-out, because the letter alone proves no one. The
	number may still be proven afterward, unless something else was recorded for it since the signature.
	"""
	numbers = numbers_of(row)
	if not numbers or all(answers.choices(row).values()):
		return
	with number_lock(numbers):
		unchanged = row.phone and row.state_mark == preferences.state_mark(row.phone, locked=True)
		if is_everything(row):
			stop(row, numbers)
		else:
			record(row, numbers, no=True)
		mark = preferences.state_mark(row.phone, locked=True) if unchanged else row.state_mark
	answers.update(row, declined_at=clock.db_now(), state_mark=mark)


def numbers_of(row: frappe._dict) -> list[str]:
	known = {known.phone for known in on_record.numbers_of(row.person_doctype, [row.person])}
	return sorted(known | ({row.phone} if row.phone and not others_with(row) else set()))


def stop(row: frappe._dict, numbers: list[str]) -> None:
	for phone in numbers:
		ledger.opt_out(
			phone,
			scope=ALL_NON_EMERGENCY,
			channel=ANY_CHANNEL,
			evidence=evidence_of(row, answers.words(row)[0]),
			received_at=clock.from_db(row.signed_at),
			person_doctype=row.person_doctype,
			person=row.person,
		)


def on_person(doc, method: str | None = None) -> None:
	"""Record what this person declined before their record had a number (doc_events `on_update`)."""
	record_kept(doc.doctype, doc.name)


def record_kept(doctype: str | None = None, person: str | None = None) -> None:
	"""Record what answers of this person, or of everyone, keep for want of a number, as far as one is known.

	An answer that counted later takes the place of those before it.
	"""
	answer, later = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(DOCTYPE).as_("later")
	query = frappe.qb.from_(answer).select(answer.name).orderby(answer.signed_at)
	query = query.left_join(later).on(
		(later.person == answer.person)
		& (later.person_doctype == answer.person_doctype)
		& (later.status == answers.COUNTS)
		& (later.signed_at >= answer.signed_at)
	)
	query = query.where(later.name.isnull() & answer.declined_at.isnull() & answer.status.isin(KEPT))
	query = query.where(answer.person.isnotnull() & answer.choices.like(answers.WITH_A_NO))
	if person:
		query = query.where((answer.person_doctype == doctype) & (answer.person == person))
	for name in query.run(pluck=True):
		refuse(answers.named(name, for_update=True))


@job
def daily() -> None:
	"""Scheduler job: record what answers keep, and give the office what an unnamed adult declined. Commits.

	Such an answer waits for the proof of its number first, which the office needs to accept a yes.
	"""
	record_kept()
	frappe.db.commit()
	late = ("<", clock.to_db(clock.now() - answers.PROVABLE_FOR))
	unnamed = {"status": answers.UNPROVEN, "signed_at": late, "person": ("is", "not set")}
	unnamed["choices"] = ("like", answers.WITH_A_NO)
	for name in frappe.get_all(DOCTYPE, unnamed, pluck="name", order_by="name"):
		row = answers.named(name, for_update=True)
		if row.status == answers.UNPROVEN:
			send_to_office(row)
		frappe.db.commit()
