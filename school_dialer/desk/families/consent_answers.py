"""API for answers to requests for consent: those of enrollment forms, and those that the office settles."""

import frappe
from frappe import _

from school_dialer.audience.on_record import PHONE_FIELDS
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.base.roles import AGENTS, MANAGERS
from school_dialer.consent.choices import rate_limits
from school_dialer.consent_form import answers, enrollment, proof
from school_dialer.consent_form.enrollment import ANSWERS, Enrollment
from school_dialer.desk.support.access import get_record, may, only_for
from school_dialer.desk.support.arguments import read_argument

A_MINUTE, A_DAY = 120, 20_000


@frappe.whitelist(methods=["POST"])
def record_enrollment(
	person_doctype: str,
	person: str,
	phone: str,
	choices: dict | str,
	wording: str,
	signature: str,
	relation: str = "",
	language: str = "",
	students: list | str | None = None,
	school: str = "",
	witnessed: bool | int | str = False,
) -> dict:
	"""Record what a family signed on the school's own enrollment form, by a program with an API key.

	`choices` maps a question such as "Voice-Attendance" to true or false. `wording` is the exact words
	signed. With `witnessed` the user says that they saw the person sign. Otherwise the number counts once
	its holder has entered a code at `link`. Returns `answer`, `status`, `link` and the masked `number`.
	"""
	only_for(MANAGERS)
	rate_limits.by_user("enrollment", A_MINUTE, A_DAY)
	given = read_argument(choices, dict)
	if not set(given) <= set(ANSWERS):
		throw(_("There is no answer, or one to a question that does not exist."))
	named = read_argument(students, list) if students else []
	get_person(person_doctype, person)
	for student in named:
		get_person("Student", str(student))
	if school:
		may("read", "Dialer School", get_record("Dialer School", school).name)
	row = enrollment.record(
		Enrollment(
			phone=phone[:40],
			choices={
				ANSWERS[key]: value in (True, 1, "1", "true", "Yes", "yes") for key, value in given.items()
			},
			wording=wording,
			signature=signature,
			person=(person_doctype, person),
			students=tuple(map(str, named)),
			relation=relation,
			language=language[:20],
			school=school,
			witnessed=str(witnessed) in ("True", "true", "1"),
		)
	)
	return shown(row)


@frappe.whitelist(methods=["POST"])
def accept(consent_answer: str, person_doctype: str, person: str) -> dict:
	"""Let an answer that waits for the office count for this person. Returns as `record_enrollment` does."""
	only_for(MANAGERS)
	may("read", answers.DOCTYPE, get_record(answers.DOCTYPE, consent_answer).name)
	get_person(person_doctype, person)
	proof.accept(consent_answer, person_doctype, person)
	return shown(answers.named(consent_answer))


@frappe.whitelist(methods=["POST"])
def reject(consent_answer: str) -> dict:
	"""End an answer that waits for the office and is not accepted."""
	only_for(MANAGERS)
	may("read", answers.DOCTYPE, get_record(answers.DOCTYPE, consent_answer).name)
	proof.reject(consent_answer)
	return shown(answers.named(consent_answer))


@frappe.whitelist(methods=["POST"])
def link(consent_answer: str) -> str:
	"""Return the address at which the person proves the number. Give it to that person only.

	Raises ValidationError for an answer whose number is not to be proven any more.
	"""
	only_for(AGENTS)
	may("read", answers.DOCTYPE, get_record(answers.DOCTYPE, consent_answer).name)
	if answers.named(consent_answer).status != answers.UNPROVEN:
		throw(_("The number of this answer is not to be proven any more."))
	return enrollment.link(consent_answer)


def get_person(doctype: str, name: str) -> None:
	"""Raise an error unless this is a person on record whom the user may read."""
	if doctype not in PHONE_FIELDS or not frappe.db.exists("DocType", doctype):
		throw(_("A person is one of these records: {0}.").format(", ".join(map(_, PHONE_FIELDS))))
	get_record(doctype, name).check_permission("read")


def shown(row: frappe._dict) -> dict:
	return {
		"answer": row.name,
		"status": row.status,
		"number": mask(row.phone) if row.phone else "",
		"link": enrollment.link(row.name) if row.status == answers.UNPROVEN else "",
	}
