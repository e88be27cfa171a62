"""What an answer writes: its events in the ledger, with their evidence, and a task for the office."""

import json
from collections.abc import Iterable, Iterator

import frappe

from school_dialer.audience import on_record, whose_number
from school_dialer.base import clock
from school_dialer.compliance.vocabulary import ANY_CHANNEL, CHANNELS, EXPRESS_WRITTEN, TEXT, THIS_PURPOSE
from school_dialer.consent import events, ledger
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.replies import reviews
from school_dialer.consent_form import answers, office_reasons, requests
from school_dialer.consent_form.answers import Question
from school_dialer.lines.record import takes_no_texts

SOURCE = "Signed Form"
STAFF = "Staff"


def others_with(row: frappe._dict, phone: str = "") -> set[tuple[str, str]]:
	"""Return the people of other families on whose record this number is, by default the answer's."""
	return set(whose_number.people(phone or row.phone)) - own_people(row)


def is_on_record(row: frappe._dict) -> bool:
	"""Return whether the signer's record has the number. Only numbers on record are called."""
	numbers = on_record.numbers_of(row.person_doctype, [row.person])
	return row.phone in {number.phone for number in numbers if not number.gone}


def own_people(row: frappe._dict) -> set[tuple[str, str]]:
	"""Return whose record the number may be on: the signer's, the letter's people's and their children's.

	The child of an application becomes a student with its number only when the school enrolls the child.
	"""
	people = frappe.db.get_value(requests.DOCTYPE, row.request, "people") if row.request else None
	own_records = {(person["doctype"], person["name"]) for person in json.loads(people or "[]")}
	own_records |= {("Student", name) for name in json.loads(row.students or "[]")}
	own_records |= {(row.person_doctype, row.person)} if row.person else set()
	return own_records | {("Student", name) for name in children_of(row.person_doctype, row.person)}


def children_of(doctype: str | None, person: str | None) -> list[str]:
	if doctype != "Guardian" or not frappe.db.exists("DocType", "Student Guardian", cache=True):
		return []
	theirs = {"guardian": person, "parenttype": "Student"}
	return frappe.get_all("Student Guardian", theirs, pluck="parent", order_by="parent")


def record(row: frappe._dict, phones: Iterable[str], *, yes: bool = False, no: bool = False) -> None:
	"""Write the answer's events for these numbers: effective when the number was proven, or else signed."""
	given = {question: wanted for question, wanted in answers.choices(row).items() if (yes if wanted else no)}
	ledger.record_many([event for phone in phones for event in events_of(row, phone, given)])


def events_of(row: frappe._dict, phone: str, given: dict[Question, bool]) -> Iterator[Event]:
	"""Yield one event for each purpose and answer: for both channels at once if they were answered alike.

	`given` is what the row answered, or some of it. A landline gets no texts, so a yes to them gives no
	consent.
	"""
	statement, words = answers.words(row)
	landline, at = takes_no_texts(phone), clock.from_db(row.proven_at or row.signed_at)
	for purpose in answers.ASKED:
		for wanted in (True, False):
			channels = [channel for channel in CHANNELS if given.get((channel, purpose)) is wanted]
			answered = "\n".join(filter(None, (words.get((channel, purpose)) for channel in channels)))
			if wanted and landline:
				channels = [channel for channel in channels if channel != TEXT]
			if not channels:
				continue
			yield Event(
				events.GRANT if wanted else events.OPT_OUT,
				phone,
				evidence_of(row, f"{answered}\n{statement}".strip()),
				ANY_CHANNEL if len(channels) == len(CHANNELS) else channels[0],
				purpose,
				scope="" if wanted else THIS_PURPOSE,
				basis=EXPRESS_WRITTEN if wanted else "",
				at=at,
				person_doctype=row.person_doctype or None,
				person=row.person or None,
			)


def evidence_of(row: frappe._dict, wording: str) -> Evidence:
	"""Return the evidence of an answer: the words, and the digests of the whole text and of the form.

	The note is stored in the ledger, so it is never translated.
	"""
	how = f"Number proven: {row.proven_by}." if row.proven_at else "Number not proven."
	note = (
		f"Signed: {row.signature}. {how} Form {row.form_version or 'not known'}. "
		f"Whole text SHA-256 {row.digest} in {answers.DOCTYPE} {row.name}."
	)
	by_staff = row.proven_by == STAFF and row.proven_at
	return Evidence(
		source=SOURCE,
		actor=frappe.session.user if by_staff else "person",
		wording=wording[: events.LONG_TEXT],
		language=row.language,
		ip=row.ip,
		reference_doctype=answers.DOCTYPE,
		reference_name=row.name,
		note=note,
	)


def ask_office(row: frappe._dict, why: list[str]) -> None:
	"""Make a task for the registrar. It names the answer and holds no number."""
	answers.update(row, why_office=office_reasons.stored(why))
	reviews.ask_for_review(
		reviews.FORM,
		reference_doctype=answers.DOCTYPE,
		reference_name=row.name,
		phone=row.phone or None,
		words=row.why_office,
	)
