"""Remove personal data from rows and keep the evidence.

The person called becomes a keyed digest; why the call was permitted stays.
"""

import json
from collections.abc import Iterable

from school_dialer import gate
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns.parties import rows as parties
from school_dialer.privacy import conversation_copies, pseudonym
from school_dialer.proof_log import leaves, log

COLUMNS = {
	"Dialer Call Log": (
		"name, phone, decision, seal, person_doctype, person, students, channel, carrier_sid, discarded"
	),
	"Dialer Recipient": "name, phone, household_key, decision, person_doctype, person, students",
	"Dialer Notice": "name, phone",
	"Dialer Review": "name, phone",
	"Dialer Conversation": "name, phone, person_doctype, person, students",
	"Dialer Conversation Message": "name, phone, recording",
	"Dialer Manual Call": "name, phone, person_doctype, person, students",
	"Dialer Absence Report": "name, phone, person_doctype, person, student",
	"Dialer Answer": "name, person_doctype, person, students, recording",
	"Dialer Rule Case": "name",
}
PERSONAL_COLUMNS = {
	"Dialer Call Log": ("person_name",),
	"Dialer Recipient": ("person_name", "raw_phone"),
	"Dialer Notice": (),
	"Dialer Review": ("words",),
	"Dialer Conversation": ("person_name", "last_words"),
	"Dialer Conversation Message": ("words", "question"),
	"Dialer Manual Call": ("person_name", "note"),
	"Dialer Absence Report": ("person_name", "student_name", "reason_words"),
	"Dialer Answer": ("person_name",),
	"Dialer Rule Case": ("student", "details", "records"),
}
WITHOUT_PHONE = ("Dialer Answer", "Dialer Rule Case")
"""DocTypes without a number: an answer's number is in its call log; a rule's case is about a student."""
PERSONAL_FACTS = ("postal_code", "time_zone", "date_of_birth", "student_date_of_birth")


def still_personal(doctype: str, unlink: bool) -> str:
	"""Return SQL, for a statement with values, for whether a row still has personal data to remove."""
	columns = PERSONAL_COLUMNS[doctype]
	if unlink and "person_name" in columns:
		columns = (*columns, "person")
	parts = [f"{column} is not null" for column in columns]
	if doctype not in WITHOUT_PHONE:
		parts.append("phone like '+%%'")
	if doctype == "Dialer Answer":
		parts.append("phone_masked like '+%%'")
	return "(" + " or ".join(parts) + ")"


def scrub_rows(doctype: str, rows: Iterable, unlink: bool, why: str = log.RETENTION) -> None:
	"""Scrub rows read with `COLUMNS` of their DocType, in one statement.

	`unlink` removes the links to people and students as well. `why` goes into the proof log, which then
	explains that the decision's evidence is no longer complete.
	"""
	changes = {row.name: CHANGES[doctype](row, unlink) for row in rows}
	if doctype == "Dialer Recipient":
		parties.forget(changes)
	update_each(doctype, changes)
	if doctype == "Dialer Call Log":
		log.erased(leaves.DECISION, list(changes), why)
	if changes and doctype in ON_TICKETS:
		ON_TICKETS[doctype](changes)


def of_call_log(row, unlink: bool) -> dict:
	decision = without_person(row.decision)
	return {
		"phone": pseudonym.pseudonym_of(row.phone),
		"phone_masked": pseudonym.NOTHING_SHOWN,
		"person_name": None,
		"error_message": None,
		"discarded": row.carrier_sid if row.channel == "Text" and row.carrier_sid else row.discarded,
		"decision": decision,
		"seal": gate.sign_record(decision) if gate.signature_holds(row.decision, row.seal) else row.seal,
		**links(row, unlink),
	}


def of_recipient(row, unlink: bool) -> dict:
	return {
		"phone": pseudonym.pseudonym_of(row.phone)
		if (row.phone or "").startswith(("+", pseudonym.PREFIX))
		else "",
		"phone_masked": pseudonym.NOTHING_SHOWN,
		"raw_phone": None,
		"household_key": pseudonym.pseudonym_of(row.household_key),
		"person_name": None,
		"decision": without_person(row.decision),
		**links(row, unlink),
	}


def of_notice(row, unlink: bool) -> dict:
	return {"phone": pseudonym.pseudonym_of(row.phone), "phone_masked": pseudonym.NOTHING_SHOWN}


def of_review(row, unlink: bool) -> dict:
	phone = pseudonym.pseudonym_of(row.phone) if row.phone else None
	return {"phone": phone, "phone_masked": pseudonym.NOTHING_SHOWN, "words": None}


def of_conversation(row, unlink: bool) -> dict:
	return {
		"phone": pseudonym.pseudonym_of(row.phone),
		"phone_masked": pseudonym.NOTHING_SHOWN,
		"title": pseudonym.NOTHING_SHOWN,
		"person_name": None,
		"last_words": None,
		**links(row, unlink),
	}


def of_message(row, unlink: bool) -> dict:
	phone = pseudonym.pseudonym_of(row.phone)
	return {"phone": phone, "phone_masked": pseudonym.NOTHING_SHOWN, "words": None, "question": None}


def of_report(row, unlink: bool) -> dict:
	"""Return the changes for an absence report. Its kind, days and status stay, for counting."""
	gone = {"person_doctype": None, "person": None, "student": None} if unlink else {}
	return {
		"phone": pseudonym.pseudonym_of(row.phone) if row.phone else None,
		"phone_masked": pseudonym.NOTHING_SHOWN,
		"person_name": None,
		"student_name": None,
		"reason": None,
		"reason_words": None,
		"leave_problem": None,
		**gone,
	}


def of_manual_call(row, unlink: bool) -> dict:
	return {
		"phone": pseudonym.pseudonym_of(row.phone),
		"phone_masked": pseudonym.NOTHING_SHOWN,
		"person_name": None,
		"note": None,
		**links(row, unlink),
	}


def of_answer(row, unlink: bool) -> dict:
	return {"phone_masked": pseudonym.NOTHING_SHOWN, "person_name": None, **links(row, unlink)}


def of_rule_case(row, unlink: bool) -> dict:
	"""Return the changes for a rule's case.

	Its name stays: it keeps the same event from being announced twice.
	"""
	return {"student": None, "details": None, "reason": None, "records": None}


CHANGES = {
	"Dialer Call Log": of_call_log,
	"Dialer Recipient": of_recipient,
	"Dialer Notice": of_notice,
	"Dialer Review": of_review,
	"Dialer Conversation": of_conversation,
	"Dialer Conversation Message": of_message,
	"Dialer Manual Call": of_manual_call,
	"Dialer Absence Report": of_report,
	"Dialer Answer": of_answer,
	"Dialer Rule Case": of_rule_case,
}
ON_TICKETS = {
	"Dialer Conversation": conversation_copies.clear_conversations,
	"Dialer Conversation Message": conversation_copies.clear_messages,
}


def links(row, unlink: bool) -> dict:
	if unlink:
		return {"person_doctype": None, "person": None, "students": "[]"}
	return {"person_doctype": row.person_doctype, "person": row.person, "students": row.students}


def without_person(decision: str | None) -> str | None:
	"""Return a decision record without the number, birth dates and any address below the state level.

	Verdict, reasons, policy, consents and counts stay, and the record is marked "scrubbed". The caller seals
	it again only if the old seal was valid, so that a forged record does not become genuine.
	"""
	if not decision:
		return decision
	record = json.loads(decision)
	request = record["request"]
	phone = request["phone"]
	request["phone"] = {**phone, "e164": ""} if isinstance(phone, dict) else ""
	request["person"] = {**request["person"], **dict.fromkeys(PERSONAL_FACTS)}
	return json.dumps({**record, "scrubbed": True}, sort_keys=True, separators=(",", ":"))
