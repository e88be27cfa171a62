"""Everything the dialer keeps about one number or person.

This is the answer to an access request, and what an erasure works on.
"""

import json
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience import on_record
from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.database import aliases
from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.base.refusal import throw
from school_dialer.campaigns.parties.rows import INFORMED, WAITING
from school_dialer.privacy import pseudonym

COLUMNS = {
	"Contact Consent": "channel, purpose, status, basis, granted_at, expires_at, source, wording, language, "
	"person_doctype, person, opt_out_scope, opted_out_at, opt_out_source",
	"Consent Event": "kind, channel, purpose, scope, basis, source, actor, wording, language, ip, "
	"received_at, effective_at, person_doctype, person, note",
	"Dialer Recipient": "campaign, status, outcome, person_name, person_doctype, person, phone, raw_phone, "
	"language, students, reasons, attempts, keys_pressed, creation",
	"Dialer Party": "campaign, phone, person_name, person_doctype, person, language, student, state, reason, "
	"call_log",
	"Dialer Call Log": "campaign, direction, channel, purpose, status, person_name, person_doctype, person, "
	"phone, placed_at, answered_at, duration, answered_by, result, voicemail_left, content, keys_pressed, "
	"fields_used, students, language, transfer_state, transfer_at, transfer_seconds",
	"Dialer Answer": "campaign, kind, answer, label, history, recording, channel, answered_at, person_name, "
	"person_doctype, person, students, call_log",
	"Dialer Rule Case": "rule, day, student, status, reason, details, campaign",
	"Dialer PIN": "person_name, person_doctype, person, set_at, set_by, wrong, wrong_on",
	"Dialer Disclosure": "student, fields_disclosed, disclosed_at, way, person_name, person_doctype, person, "
	"phone_masked, campaign, call_log, certainty, legal_basis, interest, records_disclosed",
	"Dialer Privacy Choice": "kind, guardian, status, starts_on, expires_on, tax_year, records_covered, "
	"disclosure_purpose, recorded_at",
	"Dialer Records Request": "kind, requested_by, details, received_on, due_on, status, answered_on, "
	"answer, statement",
	"Dialer Notice": "kind, status, phone, language, sent_at, creation",
	"Dialer Review": "status, reason, phone, words, creation, closed_at, note",
	"Dialer Conversation": "status, title, phone, language, person_doctype, person, students, campaign, "
	"messages, last_at, closed_at",
	"Dialer Conversation Message": "conversation, direction, channel, said_at, phone, language, words, "
	"recording, campaign",
	"Dialer Manual Call": "campaign, status, purpose, why, person_name, person_doctype, person, phone, "
	"language, students, attempts, outcome, done_by, done_at, note",
	"Dialer Absence Report": "student_name, student, kind, from_day, to_day, expected_at, reason, "
	"reason_words, channel, status, phone, person_name, person_doctype, person, reported_at, ended_at, "
	"leave_application",
	"Dialer Consent Answer": "status, source, signed_at, signature, relation, person_doctype, person, "
	"students, phone, language, proven_at, proven_by, choices, shown, ip",
	"Dialer Consent Request": "status, way, language, students, creation, answered_at, answered_by, "
	"expires_on",
	"Dialer Preference Link": "sent_by, creation, expires_at, used_at, wrong_at, ended_at",
	"Dialer Number Lookup": "asked_at, verified_on, packages, reassigned, line_type, provider, "
	"phone, creation",
	"Dialer Own Number": "user, channel, asked_at, verified_at, ended_at",
	"Dialer Legal Hold": "status, creation, released_at",
}
"""The columns that an export shows, by DocType.

Preference page links and PINs are shown without their secrets.
"""
WITHOUT_PERSON = (
	"Dialer Notice",
	"Dialer Review",
	"Dialer Conversation Message",
	"Dialer Preference Link",
	"Dialer Number Lookup",
	"Dialer Own Number",
)
WITHOUT_PHONE = ("Dialer Disclosure", "Dialer Answer")
BY_RECORD = (
	"Dialer PIN",
	"Dialer Rule Case",
	"Dialer Privacy Choice",
	"Dialer Records Request",
	"Dialer Consent Request",
)
"""DocTypes that are not found by number."""
NAMING_STUDENTS = (
	"Dialer Recipient",
	"Dialer Call Log",
	"Dialer Answer",
	"Dialer Consent Answer",
	"Dialer Conversation",
	"Dialer Manual Call",
)
"""DocTypes whose rows list students in a column."""
SHARED_CALLS = {
	"Dialer Recipient": "`tabDialer Recipient` spoken join `tabDialer Party` party "
	"on party.parent = spoken.name",
	"Dialer Call Log": "`tabDialer Call Log` spoken join `tabDialer Party` party "
	"on party.parent = spoken.recipient and party.call_log = spoken.name",
	"Dialer Manual Call": "`tabDialer Manual Call` spoken join `tabDialer Party` party "
	"on party.parent = spoken.recipient and party.phone = spoken.phone",
}
"""The rows of these DocTypes with everyone for whom they spoke, in SQL."""
OF_STUDENT = "%(kind)s = 'Student' and student in %(names)s"
"""Condition for rows about a student.

A safety hold is not exported: the person it is about might read it. The officer looks it up instead.
"""


@dataclass(frozen=True)
class Subject:
	"""Whose data it is: numbers (E.164), and at most one record as (DocType, name)."""

	phones: tuple[str, ...]
	person: tuple[str, str] | None = None

	@property
	def names(self) -> tuple[str, ...]:
		"""The record's name and those it had before."""
		return tuple(sorted(aliases.earlier(self.person[0], [self.person[1]]))) if self.person else ("",)

	@property
	def label(self) -> str:
		"""A label for screens and messages, without the number in full or the name."""
		if self.person:
			return f"{_(self.person[0])} {self.person[1]}"
		return ", ".join(mask(phone) for phone in self.phones)


class NotFound(frappe.ValidationError):
	"""There is no such number or record. The message says what to do."""


def of_phone(raw: str) -> Subject:
	try:
		return Subject((parse(raw, country_code()).e164,))
	except InvalidNumber as error:
		throw(_("This is not a telephone number: {0}.").format(_(error.reason)), NotFound)


def of_record(doctype: str, name: str) -> Subject:
	"""Return a person by record, with the numbers now on it. Raises `NotFound`."""
	if doctype not in on_record.PHONE_FIELDS:
		throw(_("People are kept as one of {0}.").format(", ".join(on_record.PHONE_FIELDS)), NotFound)
	if not (frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name)):
		throw(_("There is no {0} {1}.").format(_(doctype), plain_text.line(name)), NotFound)
	numbers = dict.fromkeys(number.phone for number in on_record.numbers_of(doctype, [name]))
	return Subject(tuple(numbers), (doctype, name))


def condition(subject: Subject, doctype: str) -> tuple[str, dict]:
	"""Return (SQL, values) that find the subject's rows.

	For a record, these are the rows that name it, and rows of its numbers that name no person, so that others
	who share the phone keep theirs. A student is also listed in the `students` of other people's rows.
	"""
	if doctype in BY_RECORD:
		return of_record_alone(subject, doctype)
	values: dict[str, Any] = {"phones": pseudonym.forms(subject.phones) or ("",)}
	of_number = "phone in %(phones)s"
	if subject.person is None:
		if doctype in WITHOUT_PHONE:
			return "call_log in (select name from `tabDialer Call Log` where phone in %(phones)s)", values
		return of_number, values
	if doctype in WITHOUT_PERSON:
		return of_number, values
	values |= {"kind": subject.person[0], "names": subject.names}
	parts = ["(person_doctype = %(kind)s and person in %(names)s)"]
	if doctype not in WITHOUT_PHONE:
		parts.append("(" + of_number + " and ifnull(person, '') = '')")
	if subject.person[0] == "Student":
		if doctype in NAMING_STUDENTS:
			for place, name in enumerate(subject.names):
				values[f"among{place}"] = frappe.as_json(name, indent=None)
				parts.append(f"locate(%(among{place})s, students) > 0")
		elif doctype in ("Dialer Disclosure", "Dialer Absence Report", "Dialer Party"):
			parts.append("student in %(names)s")
	return "(" + " or ".join(parts) + ")", values


def of_record_alone(subject: Subject, doctype: str) -> tuple[str, dict]:
	kind, name = subject.person or ("", "")
	values = {"kind": kind, "name": name, "names": subject.names}
	if doctype in ("Dialer Rule Case", "Dialer Records Request"):
		return OF_STUDENT, values
	if doctype == "Dialer Consent Request":
		values |= {"asked": json.dumps({"doctype": kind, "name": name}), "student": json.dumps(name)}
		return (
			"(locate(%(asked)s, people) > 0 or (%(kind)s = 'Student' and locate(%(student)s, students) > 0))",
			values,
		)
	if doctype == "Dialer Privacy Choice":
		return OF_STUDENT + " and kind != 'Safety Hold'", values
	return "person_doctype = %(kind)s and person = %(name)s and %(name)s != ''", values


def rows_about(subject: Subject, doctype: str, columns: str, more: str = "") -> list[frappe._dict]:
	where, values = condition(subject, doctype)
	return frappe.db.sql(
		"select name, "
		+ columns
		+ " from `tab"
		+ doctype
		+ "` where "
		+ where
		+ more
		+ " order by creation, name",
		values,
		as_dict=True,
	)


def export(subject: Subject) -> dict:
	"""Return everything the dialer keeps, as JSON-serializable values.

	Times are in the site time zone, and numbers are in full. Give it to the subject only.
	"""
	kept = {doctype: rows_about(subject, doctype, columns) for doctype, columns in COLUMNS.items()}
	if not is_student(subject):
		kept["Dialer Party"] = for_their_person(kept["Dialer Party"])
	for doctype in SHARED_CALLS:
		leave_out_others(subject, doctype, kept[doctype])
	return {
		"about": {"numbers": list(subject.phones), "record": list(subject.person or ())},
		"as_of": str(clock.db_now()),
		"time_zone": frappe.utils.get_system_timezone(),
		"kept": {doctype: [plain(row) for row in rows] for doctype, rows in kept.items() if rows},
		"notes": [
			_("What was said is not kept: the log has the names of the fields, not their values."),
			_("A number that begins with {0} was replaced by a digest when its time was over.").format(
				pseudonym.PREFIX
			),
			_("Records of the school's other programs, such as the student's own, are not part of this."),
		],
	}


def leave_out_others(subject: Subject, doctype: str, rows: list[frappe._dict]) -> None:
	"""Drop the students of other people at a shared number from the calls to this person, in place.

	So are those of whom the person may not hear. The report of a number alone has them all: they were said to
	whom it rang.
	"""
	if not rows or not subject.person or is_student(subject):
		return
	parties = frappe.db.sql(
		f"""select spoken.name, party.student, party.state, party.phone, party.person_doctype, party.person,
			party.person_doctype = %(kind)s and party.person in %(names)s own
		from {SHARED_CALLS[doctype]} where spoken.name in %(rows)s""",
		{"rows": tuple(row.name for row in rows), "kind": subject.person[0], "names": subject.names},
		as_dict=True,
	)
	theirs = for_their_person([row for row in parties if row.own])
	of_others = {(row.name, row.student) for row in parties} - {(row.name, row.student) for row in theirs}
	for row in rows:
		students = json.loads(row.students or "[]")
		left = [student for student in students if (row.name, student) not in of_others]
		if left != students:
			row.students = json.dumps(left)


def is_student(subject: Subject) -> bool:
	return bool(subject.person) and subject.person[0] == "Student"


def for_their_person(parties: list[frappe._dict]) -> list[frappe._dict]:
	"""Return the rows of Dialer Party without those about a student of whom their person may not hear.

	Such a row alone would say that there was a message. What a person heard, or waits for, is shown.
	"""
	not_informed = [row for row in parties if row.student and row.state not in (INFORMED, WAITING)]
	heard = gate.heard_by(
		[
			gate.EligibilityCheck(str(place), row.phone or "", row.person_doctype, row.person, (row.student,))
			for place, row in enumerate(not_informed)
		]
	)
	hidden = {id(row) for place, row in enumerate(not_informed) if row.student not in heard[str(place)]}
	return [row for row in parties if id(row) not in hidden]


def plain(row: frappe._dict) -> dict:
	return {
		key: value if isinstance(value, int | float | str) else str(value)
		for key, value in row.items()
		if value not in (None, "")
	}
