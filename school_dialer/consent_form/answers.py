"""What people answered on the form: one row each, from the signature until it counts or is over.

A row keeps the exact words that were signed, and their digest, which the ledger's events name. It is written
by this app's code only.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

import frappe

from school_dialer.base import clock
from school_dialer.base.database import rows
from school_dialer.base.jobs import job
from school_dialer.base.phone import mask
from school_dialer.compliance.vocabulary import CHANNELS, EMERGENCY, PURPOSES
from school_dialer.consent.choices import preferences
from school_dialer.consent_form import secret

DOCTYPE = "Dialer Consent Answer"
OF_ADDRESS = "consent form answer"
UNPROVEN, COUNTS, FOR_OFFICE = "Unproven", "Counts", "For the Office"
DECLINED, REJECTED, EXPIRED = "Declined", "Rejected", "Expired"
PAGE, REST, APPLICANT = "Page", "REST", "Student Applicant"
ASKED = tuple(purpose for purpose in PURPOSES if purpose != EMERGENCY)
"""Purposes that the form asks about. Emergencies need no consent, and are stopped on the preference page."""
PROVABLE_FOR = timedelta(days=7)
"""How long after the signature the number can be proven."""
MOST_SHOWN = 10_000
"""Characters of the words that are kept at most. The form has a quarter of it."""

WITH_A_NO = '%"yes": false%'
"""What the column `choices` of an answer with a no is like."""

Question = tuple[str, str]
"""(channel, purpose), such as ("Voice", "Attendance")."""
QUESTIONS: tuple[Question, ...] = tuple((channel, purpose) for purpose in ASKED for channel in CHANNELS)


@dataclass(frozen=True)
class NewAnswer:
	"""What a person signed.

	- `choices` maps each of `QUESTIONS`, or some of them, to True for yes and False for no.
	- `words` maps the same questions to the words with which each was asked and answered.
	- `statement` is what the signature is for; `shown` is the whole text, which contains all of these.
	- `form_version` is a digest of the form's words in `language`, before anything was filled in.
	- `person` is one of the people of the request, or None for another adult.
	- `phone` is E.164, or "" where it was not asked for. `source` is one of PAGE, REST and APPLICANT.
	"""

	signature: str
	relation: str
	choices: dict[Question, bool]
	statement: str
	shown: str
	language: str
	phone: str = ""
	words: dict[Question, str] = field(default_factory=dict)
	person: tuple[str, str] | None = None
	students: tuple[str, ...] = ()
	request: str = ""
	school: str = ""
	form_version: str = ""
	ip: str = ""
	source: str = PAGE


def keep(new: NewAnswer) -> frappe._dict:
	"""Write an answer that is not proven yet, and return its row. The caller commits."""
	doctype, person = new.person or (None, None)
	shown = new.shown[:MOST_SHOWN]
	values = {
		"name": secret.new_name(),
		**rows.stamp(clock.db_now()),
		"status": UNPROVEN,
		"request": new.request or None,
		"school": new.school or None,
		"source": new.source,
		"signed_at": clock.db_now(),
		"signature": new.signature[:140],
		"relation": new.relation[:40],
		"person_doctype": doctype,
		"person": person,
		"students": json.dumps(list(new.students)),
		"phone": new.phone or None,
		"phone_masked": mask(new.phone) if new.phone else None,
		"language": new.language[:20],
		"choices": json.dumps({"statement": new.statement, "answers": as_stored(new)}),
		"form_version": new.form_version[:64],
		"shown": shown,
		"digest": digest(shown),
		"ip": new.ip[:45],
		"state_mark": preferences.state_mark(new.phone) if new.phone else "0",
		"codes_sent": 0,
		"tries": 0,
	}
	rows.insert(DOCTYPE, [values])
	return frappe._dict(values)


def as_stored(new: NewAnswer) -> dict[str, dict]:
	return {
		f"{channel}:{purpose}": {"yes": yes, "words": new.words.get((channel, purpose), "")}
		for (channel, purpose), yes in new.choices.items()
	}


def digest(shown: str) -> str:
	"""Return the SHA-256 of the words, as the ledger's events name it."""
	return sha256(shown.encode()).hexdigest()


def token(name: str) -> str:
	"""Return the secret of an answer's address, for the person who gave it."""
	return secret.of(OF_ADDRESS, name)


def by_token(text: str) -> frappe._dict | None:
	"""Return the answer behind a secret, or None. One that was not proven in time is `EXPIRED`."""
	name = secret.name_in(OF_ADDRESS, text)
	row = named(name) if name else None
	if row and row.status == UNPROVEN and clock.from_db(row.signed_at) + PROVABLE_FOR < clock.now():
		row.status = EXPIRED
	return row


def named(name: str, for_update: bool = False) -> frappe._dict | None:
	"""Return the answer's row, None if there is none. `for_update` locks it."""
	return frappe.db.get_value(DOCTYPE, name, "*", as_dict=True, for_update=for_update)


def choices(row: frappe._dict) -> dict[Question, bool]:
	stored = json.loads(row.choices or "{}").get("answers", {})
	return {tuple(key.split(":", 1)): bool(answer["yes"]) for key, answer in stored.items()}


def words(row: frappe._dict) -> tuple[str, dict[Question, str]]:
	"""Return the statement that was signed, and the words of each question with its answer."""
	stored = json.loads(row.choices or "{}")
	of_each = {tuple(key.split(":", 1)): answer["words"] for key, answer in stored.get("answers", {}).items()}
	return stored.get("statement", ""), of_each


def last_event(row: frappe._dict) -> str | None:
	"""Return the name of the last event that an answer wrote about its number, or None if it wrote none."""
	rows = frappe.db.sql(
		"""select name from `tabConsent Event` where phone = %s and reference_doctype = %s
		and reference_name = %s order by seq desc limit 1""",
		(row.phone or "", DOCTYPE, row.name),
	)
	return rows[0][0] if rows else None


def update(row: frappe._dict, **values) -> None:
	"""Change columns of an answer and of its row here."""
	frappe.db.set_value(DOCTYPE, row.name, values, update_modified=False)
	row.update(values)


@job
def daily() -> None:
	"""Scheduler job: end answers whose number was not proven in time. Commits.

	What an unnamed adult declined goes to the office instead (`refusals.daily`).
	"""
	answer = frappe.qb.DocType(DOCTYPE)
	late = clock.to_db(clock.now() - PROVABLE_FOR)
	unproven = (answer.status == UNPROVEN) & (answer.signed_at < late)
	of_no_one = answer.person.isnull() & answer.choices.like(WITH_A_NO)
	frappe.qb.update(answer).set(answer.status, EXPIRED).where(unproven & of_no_one.negate()).run()
	frappe.db.commit()
