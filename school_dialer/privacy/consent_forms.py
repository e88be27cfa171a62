"""Retention and erasure of consent forms: what never counted goes, what was signed and counts stays.

A form that counts is the evidence of events in the ledger, and stays as long as they do.
"""

import json
from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.jobs import job
from school_dialer.consent_form import answers, requests
from school_dialer.privacy import holds, person
from school_dialer.privacy.person import Subject

EVIDENCE = (answers.COUNTS, answers.DECLINED)
ENDED = (
	{"status": answers.REJECTED},
	{"status": answers.EXPIRED, "person": ("is", "not set")},
	{"status": answers.EXPIRED, "choices": ("not like", answers.WITH_A_NO)},
)
"""Answers that keep nothing: what a person on record declined waits for a number of theirs (`refusals`)."""
ANSWERS_KEPT = timedelta(days=30)
"""How long a form that never counted is kept after it was signed."""
REQUESTS_KEPT = timedelta(days=400)
"""How long a request that no one answered is kept after its last day: into the next school year."""
CHUNK = 1_000


@job
def daily() -> None:
	"""Scheduler job: delete forms that never counted, and old requests without an answer, a chunk of each.

	Those of people and numbers under a legal hold stay. Commits.
	"""
	held = holds.in_force()
	over = dict.fromkeys(("proven_at", "declined_at"), ("is", "not set"))
	over["signed_at"] = ("<", clock.to_db(clock.now() - ANSWERS_KEPT))
	for ended in ENDED:
		delete_free(answers.DOCTYPE, over | ended, ["phone", "person_doctype", "person", "students"], held)
	past = {"status": ("in", (requests.EXPIRED, requests.WITHDRAWN))}
	past["expires_on"] = ("<", (clock.db_now() - REQUESTS_KEPT).date())
	delete_free(requests.DOCTYPE, past, ["people", "students"], held)
	frappe.db.commit()


def delete_free(doctype: str, due: dict, fields: list[str], held: holds.Held) -> None:
	"""Delete rows that are due, the oldest first, and that no legal hold is about."""
	rows = frappe.get_all(doctype, due, ["name", *fields], order_by="creation", limit=CHUNK)
	if free := [row.name for row in rows if row.get("phone") not in held.phones and not of_held(row, held)]:
		frappe.db.delete(doctype, {"name": ("in", free)})


def of_held(row: frappe._dict, held: holds.Held) -> bool:
	named = {(entry["doctype"], entry["name"]) for entry in json.loads(row.get("people") or "[]")}
	named |= {("Student", student) for student in json.loads(row.get("students") or "[]")}
	named.add((row.get("person_doctype"), row.get("person")))
	return bool(named & held.people)


def clear(subject: Subject, removed: list[str], kept: list[str], really: bool) -> None:
	"""Clear the subject's requests and answers, or only say what would be cleared, in sentences."""
	rows = person.rows_about(subject, answers.DOCTYPE, "status, proven_at, declined_at")
	evidence = [row.name for row in rows if row.status in EVIDENCE or row.proven_at or row.declined_at]
	others = [row.name for row in rows if row.name not in evidence]
	if evidence:
		kept.append(
			_("{0} signed consent forms: consent events name them as evidence.").format(len(evidence))
		)
	if others:
		removed.append(_("{0} consent forms that never counted.").format(len(others)))
	asked = person.rows_about(subject, requests.DOCTYPE, "status, people, students, person_doctype, person")
	if asked:
		removed.append(
			_("The name in {0} requests for consent. Their letters open nothing.").format(len(asked))
		)
	if not really:
		return
	if others:
		frappe.db.delete(answers.DOCTYPE, {"name": ("in", others)})
	requests.withdraw([row.name for row in asked])
	for row in asked:
		frappe.db.set_value(requests.DOCTYPE, row.name, without(row, subject), update_modified=False)


def without(row: frappe._dict, subject: Subject) -> dict:
	"""Return the columns of a request without the subject."""
	kind, name = subject.person
	people = [who for who in json.loads(row.people or "[]") if who != {"doctype": kind, "name": name}]
	students = [child for child in json.loads(row.students or "[]") if (kind, child) != ("Student", name)]
	values = {"people": json.dumps(people), "students": json.dumps(students), "answered_by": None}
	if (row.person_doctype, row.person) == subject.person:
		values |= {"person_doctype": None, "person": None}
	return values
