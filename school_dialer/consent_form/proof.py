"""What becomes of an answer: events in the ledger once its number is proven, or a task for the office.

A yes counts only for a person whom the request names, with a proven number that is not on the record of
another family and was not reported as a stranger's. Anything else is for the registrar. A no counts at once.
"""

import json
from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.audience import on_record, whose_number
from school_dialer.compliance.vocabulary import (
	ALL_NON_EMERGENCY,
	ANY_CHANNEL,
	CHANNELS,
	EXPRESS_WRITTEN,
	TEXT,
	THIS_PURPOSE,
)
from school_dialer.consent import events, ledger
from school_dialer.consent.choices import preference_link, preferences, wrong_number
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import reviews
from school_dialer.consent_form import answers, office_reasons, requests
from school_dialer.lines.record import takes_no_texts
from school_dialer.refusal import throw

SOURCE = "Signed Form"
STAFF = "Staff"


class Outdated(Exception):
	"""Something was recorded for the number after the form was signed. It has to be signed again."""


def proven(name: str, phone: str, by: str = "") -> str:
	"""Record an answer whose number was just proven. Return its status, `COUNTS` or `FOR_OFFICE`.

	`phone` is the row's. `by` is STAFF if a member of staff witnessed the signature; otherwise the row says
	how the code was sent. Raises `Outdated`, and `lock.NumberBusy`. The caller has no older snapshot open,
	and commits.
	"""
	with number_lock([phone]):
		row = answers.named(name, for_update=True)
		if row.status != answers.UNPROVEN:
			return row.status
		if not by and row.state_mark != preferences.state_mark(phone, locked=True):
			answers.update(row, status=answers.REJECTED)
			raise Outdated
		wrong_number.settle_now(phone)
		answers.update(row, proven_at=clock.db_now(), proven_by=by or row.proven_by)
		why = reasons_for_office(row)
		record(row, yes=not why)
		issue_link(row)
		answers.update(row, status=answers.FOR_OFFICE if why else answers.COUNTS)
		if why or not is_on_record(row):
			ask_office(row, why or ["new"])
	if row.request and row.person:
		requests.answered(row.request, row.signature, declined=False)
	return row.status


def declined(name: str) -> str:
	"""Record that everything was declined. Return the answer's status, `DECLINED` or `FOR_OFFICE`.

	No number is needed to say no. The numbers on the record of a person whom the letter names are opted out
	at once, and so is the one that was given, which the school may enter later, unless it is another
	family's. Each gets the one text that confirms an opt-out, because the letter alone proves no one. What
	another adult declines is for the office. The caller commits.
	"""
	row = answers.named(name, for_update=True)
	if row.status != answers.UNPROVEN:
		return row.status
	if not row.person:
		answers.update(row, status=answers.FOR_OFFICE)
		with number_lock([row.phone] if row.phone else []):
			ask_office(row, ["adult"])
		return row.status
	known = {known.phone for known in on_record.numbers_of(row.person_doctype, [row.person])}
	numbers = sorted(known | ({row.phone} if row.phone and not others_with(row) else set()))
	with number_lock(numbers):
		for phone in numbers:
			ledger.opt_out(
				phone,
				scope=ALL_NON_EMERGENCY,
				channel=ANY_CHANNEL,
				evidence=evidence_of(row, answers.words(row)[0]),
				person_doctype=row.person_doctype,
				person=row.person,
			)
	answers.update(row, status=answers.DECLINED)
	if row.request:
		requests.answered(row.request, row.signature, declined=True)
	return row.status


def reasons_for_office(row: frappe._dict) -> list[str]:
	"""Return why the office has to look before a yes counts: keys of `office_reasons.REASONS`."""
	found = [] if row.person else ["adult"]
	if ledger.is_strangers(row.phone):
		found.append("stranger")
	if others_with(row):
		found.append("others")
	return found


def others_with(row: frappe._dict) -> set[tuple[str, str]]:
	"""Return the people of other families on whose record the number is."""
	return set(whose_number.people(row.phone)) - own_people(row)


def is_on_record(row: frappe._dict) -> bool:
	"""Return whether the signer's record has the number. Only numbers on record are called."""
	return row.phone in {known.phone for known in on_record.numbers_of(row.person_doctype, [row.person])}


def own_people(row: frappe._dict) -> set[tuple[str, str]]:
	"""Return whose record the number may be on: the signer's, the letter's people's and their children's.

	The child of an application becomes a student with its number only when the school enrolls the child.
	"""
	people = frappe.db.get_value(requests.DOCTYPE, row.request, "people") if row.request else None
	own = {(one["doctype"], one["name"]) for one in json.loads(people or "[]")}
	own |= {("Student", name) for name in json.loads(row.students or "[]")}
	own |= {(row.person_doctype, row.person)} if row.person else set()
	return own | {("Student", name) for name in children_of(row.person_doctype, row.person)}


def children_of(doctype: str | None, person: str | None) -> list[str]:
	if doctype != "Guardian" or not frappe.db.exists("DocType", "Student Guardian", cache=True):
		return []
	theirs = {"guardian": person, "parenttype": "Student"}
	return frappe.get_all("Student Guardian", theirs, pluck="parent", order_by="parent")


def record(row: frappe._dict, yes: bool = True, no: bool = True) -> list[str]:
	"""Write the answer's events, effective when the number was proven. Return their names."""
	return ledger.record_many(list(events_of(row, yes, no)))


def events_of(row: frappe._dict, yes: bool, no: bool) -> Iterator[Event]:
	"""Yield one event for each purpose and answer: for both channels at once if they were answered alike.

	A landline gets no texts, so a yes to them gives no consent.
	"""
	given, (statement, words) = answers.choices(row), answers.words(row)
	landline, at = takes_no_texts(row.phone), clock.from_db(row.proven_at)
	for purpose in answers.ASKED:
		for wanted in (True, False):
			if not (yes if wanted else no):
				continue
			channels = [one for one in CHANNELS if given.get((one, purpose)) is wanted]
			said = "\n".join(filter(None, (words.get((one, purpose)) for one in channels)))
			if wanted and landline:
				channels = [one for one in channels if one != TEXT]
			if not channels:
				continue
			yield Event(
				events.GRANT if wanted else events.OPT_OUT,
				row.phone,
				evidence_of(row, f"{said}\n{statement}".strip()),
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


def issue_link(row: frappe._dict) -> None:
	"""Give the person who proved the number the address of its choices, where all of it can be stopped.

	Staff may have handed out the address of the answer, or mailed it. So who opens it later need not hold the
	phone, and turns nothing on there.
	"""
	link = preference_link.issue(row.phone, language=row.language or "", sent_by=preference_link.PAGE)
	answers.update(row, preference_link=link)


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


def accept(name: str, person_doctype: str, person: str) -> None:
	"""Let an answer count for this person, as the office decided. The caller checks who decides, and commits.

	A yes counts from when the number was proven, so an opt-out since then stays. Raises ValidationError for
	an answer that does not wait for the office.
	"""
	row = waiting_for_office(name)
	answers.update(row, person_doctype=person_doctype, person=person)
	if row.proven_at:
		with number_lock([row.phone]):
			record(row, no=False)
		answers.update(row, status=answers.COUNTS, decided_by=frappe.session.user)
	else:
		answers.update(row, status=answers.UNPROVEN, decided_by=frappe.session.user)
		declined(name)
	if row.proven_at and row.request:
		requests.answered(row.request, row.signature, declined=False)
	close_task(row)


def reject(name: str) -> None:
	"""End an answer that the office does not accept. What it declined stays. The caller commits."""
	row = waiting_for_office(name)
	answers.update(row, status=answers.REJECTED, decided_by=frappe.session.user)
	close_task(row)


def close_task(row: frappe._dict) -> None:
	task = {"reference_doctype": answers.DOCTYPE, "reference_name": row.name, "status": "Open"}
	for name in frappe.get_all(reviews.DOCTYPE, task, pluck="name", order_by="name"):
		reviews.close(name, f"{answers.DOCTYPE}: {row.status}")


def waiting_for_office(name: str) -> frappe._dict:
	row = answers.named(name, for_update=True)
	if row is None or row.status != answers.FOR_OFFICE:
		throw(_("This answer does not wait for the office."))
	return row
