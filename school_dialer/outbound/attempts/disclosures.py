"""Disclosures: one row for each student of a call or text that disclosed something about the student.

A row says what was disclosed, to which person, and when. 34 CFR 99.32 requires a record of disclosures to
third parties, kept as long as the student's own records. Disclosures to parents and eligible students need
none (99.32(d)); they are recorded anyway, so that a school can answer "what did you say to whom". A row holds
the names of fields, never their values. It is written when a call or text ends, from what its log says was
heard or delivered, so what was only planned or rehearsed is not recorded. Rows are never changed or deleted:
the database refuses (`consent.integrity.triggers`).
"""

import json

import frappe

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties import informing
from school_dialer.messages import catalogue
from school_dialer.messages.field import ABOUT_RECORDS, EDUCATIONAL
from school_dialer.messages.providers import family
from school_dialer.messages.spoken.voice import FULL

SPOKEN, VOICEMAIL, TEXT, EMAIL, BY_HAND = "Spoken", "Voicemail", "Text", "E-mail", "By Hand"
CERTAIN, PROBABLE = "Certain", "Probable"
EMERGENCY_BASIS = "Health or Safety Emergency (34 CFR 99.36)"
OF_LOG = (
	"person_doctype",
	"person",
	"person_name",
	"phone_masked",
	"campaign",
	"purpose",
	"template",
	"template_version",
	"language",
)
"""Columns copied from the call log."""


def record_calls(attempts: list) -> None:
	"""Record the disclosures of ended calls and texts, given as rows of `results.read_attempts`.

	Idempotent. Runs no query if nothing about a student was disclosed.
	"""
	disclosed = {
		attempt.log: fields for attempt in attempts if (fields := fields_disclosed(attempt)) is not None
	}
	if not disclosed:
		return
	logs = frappe.db.sql(
		"select name, recipient, students, channel, answered_by, status, "
		"coalesce(answered_at, ended_at, placed_at) disclosed_at, "
		+ ", ".join(OF_LOG)
		+ " from `tabDialer Call Log` where name in %s order by name",
		(tuple(disclosed),),
		as_dict=True,
	)
	may_have_records, informed = links_of(logs, disclosed), informing.of_logs(logs)
	rows = []
	for log in logs:
		for place, student in enumerate(json.loads(log.students)):
			person = informed.get(log.name, {}).get(student, log)
			fields = fields_of_student(person, student, disclosed[log.name], may_have_records)
			if fields is not None:
				rows.append(row_of(log, place, student, fields, person))
	insert("Dialer Disclosure", rows, ignore=True)


def record_mails(campaign, mails: list[tuple[str, ContactPoint, tuple[str, ...]]]) -> None:
	"""Record the disclosures of emails that replace a call, when they are queued.

	`mails` holds (household, recipient, names of the fields in it). They contain no educational field.
	"""
	rows = []
	for household, line, fields in mails:
		disclosed = [name for name in fields if is_about_student(name)]
		for place, student in enumerate(line.students if disclosed else ()):
			rows.append(
				{
					"name": f"{household}-mail-{place}",
					**stamp(),
					"student": student,
					"fields_disclosed": json.dumps(disclosed),
					"disclosed_at": clock.db_now(),
					"way": EMAIL,
					"person_doctype": line.person_doctype,
					"person": line.person,
					"person_name": line.person_name,
					"campaign": campaign.name,
					"purpose": campaign.purpose,
					"template": campaign.template,
					"language": line.language,
					"certainty": PROBABLE,
					**why(campaign.name),
				}
			)
	insert("Dialer Disclosure", rows, ignore=True)


def fields_disclosed(attempt) -> list[str] | None:
	"""Return the fields about students that were heard or read, or None if nothing about a student was.

	The list may be empty: the message itself may be about the student's records.
	"""
	if attempt.about_students in (None, "", "[]"):
		return None
	names = json.loads(attempt.fields_used or "[]")
	fields = [name for name in names if is_about_student(name)]
	if attempt.channel == "Text":
		whole = attempt.log_status in states.HANDED_OVER
		heard = whole
	else:
		whole = attempt.content == FULL
		heard = whole or (attempt.log_status == "completed" and bool(fields))
	if not heard or not (fields or (whole and is_about_records(attempt))):
		return None
	return fields


def is_about_records(attempt) -> bool:
	"""Return True if it is about student records, by its purpose or the gate's view of its campaign."""
	if attempt.purpose in ABOUT_RECORDS:
		return True
	return gate.CallContext.of(frappe.get_cached_doc("Dialer Campaign", attempt.campaign)).about_records()


def is_about_student(name: str) -> bool:
	"""Return True if the field is about a student.

	A field that is no longer in the catalog counts, because it may have been.
	"""
	field = catalogue.fields().get(name)
	return field is None or field.about_student


def links_of(logs: list, disclosed: dict[str, list[str]]) -> set[tuple[str, str]] | None:
	"""Return the (guardian, student) pairs for which records may be disclosed.

	Return None if no educational field was disclosed.
	"""
	if not any(is_educational(name) for fields in disclosed.values() for name in fields):
		return None
	return family.read_links({student for log in logs for student in json.loads(log.students)}).records


def is_educational(name: str) -> bool:
	field = catalogue.fields().get(name)
	return field is None or field.sensitivity == EDUCATIONAL


def fields_of_student(person, student: str, fields: list[str], may_have_records) -> list[str] | None:
	"""Return the fields disclosed about this one student, or None.

	In a call about several students, educational fields cover only those whose records the guardian may
	receive. `person` is the log, or the party who was informed about this student.
	"""
	if may_have_records is None or person.person_doctype != "Guardian":
		return fields
	if (person.person, student) in may_have_records:
		return fields
	return [name for name in fields if not is_educational(name)] or None


def row_of(log, place: int, student: str, fields: list[str], person) -> dict:
	return {
		"name": f"{log.name}-{place}",
		**stamp(),
		"student": student,
		"fields_disclosed": json.dumps(fields),
		"disclosed_at": log.disclosed_at or clock.db_now(),
		"way": way_of(log),
		**{column: log[column] for column in OF_LOG},
		**{column: person[column] for column in ("person_doctype", "person", "person_name")},
		"call_log": log.name,
		"certainty": PROBABLE if log.status in ("sent", states.UNREPORTED) else CERTAIN,
		**why(log.campaign),
	}


def why(campaign: str) -> dict:
	"""Return the legal basis and the threat of an emergency about individual students, else None values.

	Both must be on record (34 CFR 99.32(a)(5), 99.36).
	"""
	threat = frappe.get_cached_value("Dialer Campaign", campaign, "threat") if campaign else None
	return {"legal_basis": EMERGENCY_BASIS if threat else None, "threat": threat or None}


def way_of(log) -> str:
	if log.channel == "Text":
		return TEXT
	return VOICEMAIL if states.answered_by_machine(log.answered_by) else SPOKEN
