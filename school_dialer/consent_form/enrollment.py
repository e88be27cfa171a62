"""Consent on a school's own enrollment form: the same evidence, whichever way the form arrives.

It comes over REST (`consent_answers.record_enrollment` in `desk.families`) or in a Student Applicant, which
Education's web form makes, if Dialer Settings say which of its fields hold what. A number counts when its
holder has entered the code on the page of the answer, or when a member of staff witnessed the signature.
"""

from dataclasses import dataclass

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.base.bounds import bounded_json, plain_text
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent_form import answers, proof, recording, refusals, requests
from school_dialer.consent_form.answers import QUESTIONS, NewAnswer, Question
from school_dialer.consent_form.requests import NewRequest

TEXTS = ("phone", "signature", "wording", "relation", "language", "guardian")
NEEDED = ("phone", "signature", "wording")
ANSWERS = {f"{channel}-{purpose}": (channel, purpose) for channel, purpose in QUESTIONS}
KEYS = (*TEXTS, *CHANNELS, *ANSWERS)
"""Keys of the setting: texts, a channel with all purposes, or one question such as "Voice-Fees"."""
YES = ("1", "yes", "true", "y")
DOCTYPE = "Student Applicant"
SAVEPOINT = "consent_of_applicant"


@dataclass(frozen=True)
class Enrollment:
	"""What a family signed on an enrollment form.

	`phone` is as written. `wording` is the exact words that were signed. `person` is a (DocType, name) or
	None. `witnessed`: the user of this session saw the person sign, and vouches for the number.
	"""

	phone: str
	choices: dict[Question, bool]
	wording: str
	signature: str
	person: tuple[str, str] | None = None
	students: tuple[str, ...] = ()
	relation: str = ""
	language: str = ""
	school: str = ""
	source: str = answers.REST
	witnessed: bool = False


def record(given: Enrollment) -> frappe._dict:
	"""Keep what was signed, and record it if it counts already. Return the answer's row. The caller commits.

	Raises ValidationError without words, a name, a valid number, or an answer.
	"""
	phone = checked(given)
	people = [given.person] if given.person else []
	(request,) = requests.create(
		[NewRequest(people, given.students, given.school, given.language, requests.ENROLLMENT)]
	)
	row = answers.keep(
		NewAnswer(
			signature=plain_text.line(given.signature[:140]),
			relation=plain_text.line(given.relation[:40]),
			choices=given.choices,
			statement=given.wording,
			shown=shown(given),
			language=given.language,
			phone=phone,
			words={question: in_words(question, yes) for question, yes in given.choices.items()},
			person=given.person,
			students=given.students,
			request=request,
			school=given.school,
			source=given.source,
		)
	)
	agreed = any(given.choices.values())
	if agreed and given.witnessed:
		proof.proven(row.name, row.phone, by=recording.STAFF)
		return answers.named(row.name)
	decline = refusals.declined_in_part if agreed else refusals.declined
	try:
		decline(row.name)
	except NumberBusy:
		# The answer keeps what it declines (`refusals.daily`).
		frappe.clear_last_message()
	if agreed:
		for path in frappe.get_hooks("dialer_answer_unproven"):
			frappe.get_attr(path)(row.name)
	return answers.named(row.name)


def checked(given: Enrollment) -> str:
	"""Return the number in E.164, or raise ValidationError that says what is missing."""
	if not given.wording.strip() or len(given.wording) > answers.MOST_SHOWN // 2:
		throw(_("The words that the family signed are missing or too long."))
	if not given.signature.strip():
		throw(_("The name that was signed is missing."))
	if not given.choices or not set(given.choices) <= set(QUESTIONS):
		throw(_("There is no answer, or one to a question that does not exist."))
	try:
		return parse(given.phone, country_code()).e164
	except InvalidNumber as error:
		throw(_("This is not a telephone number: {0}.").format(_(error.reason)))


def in_words(question: Question, yes: bool) -> str:
	channel, purpose = question
	return f"{purpose}, {channel}: {'Yes' if yes else 'No'}"


def shown(given: Enrollment) -> str:
	lines = [in_words(question, yes) for question, yes in given.choices.items()]
	return "\n".join((given.wording, "", *lines, "", f"{given.signature} ({given.relation or '-'})"))


def link(answer: str) -> str:
	"""Return the full URL at which the person proves the number. Give it to that person only."""
	return f"{requests.address()}?a={answers.token(answer)}"


def on_applicant(doc, method: str | None = None) -> None:
	"""Record the consent on a new Student Applicant (doc_events `after_insert`).

	Does nothing unless Dialer Settings name its fields. An application is never lost for its consent: what
	cannot be recorded becomes a comment on it.
	"""
	fields = mapping(frappe.get_cached_doc("Dialer Settings").get("applicant_fields"))
	if not fields or not said(doc, fields, "phone"):
		return
	frappe.db.savepoint(SAVEPOINT)
	try:
		record(of_applicant(doc, fields))
	except frappe.ValidationError as error:
		frappe.db.rollback(save_point=SAVEPOINT)
		frappe.clear_last_message()
		why = plain_text.line(str(error))
		doc.add_comment("Comment", _("The consent on this application was not recorded: {0}").format(why))


def of_applicant(doc, fields: dict[str, str]) -> Enrollment:
	"""Return what a Student Applicant says, by the fields that the settings name."""
	guardian = said(doc, fields, "guardian") or next(
		(row.guardian for row in doc.get("guardians") or () if row.guardian), ""
	)
	is_on_record = guardian and frappe.db.exists("Guardian", guardian) and may_name(guardian)
	return Enrollment(
		phone=said(doc, fields, "phone"),
		choices=choices_in(doc, fields),
		wording=said(doc, fields, "wording"),
		signature=said(doc, fields, "signature"),
		person=("Guardian", guardian) if is_on_record else None,
		relation=said(doc, fields, "relation"),
		language=said(doc, fields, "language"),
		school=doc.get("dialer_school") or "",
		source=answers.APPLICANT,
	)


def may_name(guardian: str) -> bool:
	"""Return whether this session's user may say that this guardian signed.

	Staff who read the record may, and the guardian. A web form takes any name from anyone.
	"""
	is_self = frappe.db.get_value("Guardian", guardian, "user") == frappe.session.user
	return is_self or frappe.has_permission("Guardian", "read", doc=guardian)


def choices_in(doc, fields: dict[str, str]) -> dict[Question, bool]:
	"""Return the answers in the fields. A field for one question goes before that of its whole channel.

	A field that is empty answered nothing. A box (Check) that is not ticked answers nothing either, and
	keeps a yes to the whole channel from its question.
	"""
	boxes = {field.fieldname for field in frappe.get_meta(DOCTYPE).fields if field.fieldtype == "Check"}
	answered = {}
	for channel, purpose in QUESTIONS:
		for key in (f"{channel}-{purpose}", channel):
			value = str(doc.get(fields[key]) if key in fields else "").strip().lower()
			box = fields.get(key) in boxes
			if not box and value in ("", "none"):
				continue
			if value in YES or not box:
				answered[channel, purpose] = value in YES
			break
	return answered


def said(doc, fields: dict[str, str], key: str) -> str:
	return str(doc.get(fields.get(key, "")) or "").strip() if fields.get(key) else ""


def mapping(text: str | None) -> dict[str, str]:
	"""Return which field of a Student Applicant holds what. Raises ValidationError for a bad setting."""
	if not (text or "").strip():
		return {}
	try:
		fields = bounded_json.given(text)
	except bounded_json.NotRead:
		throw(_("The fields of applications are not valid JSON."))
	if not isinstance(fields, dict) or not all(isinstance(value, str) and value for value in fields.values()):
		throw(_("The fields of applications are not a JSON object of names."))
	if unknown := sorted(set(fields) - set(KEYS)):
		throw(_("Unknown keys of fields of applications: {0}.").format(plain_text.line(", ".join(unknown))))
	if missing := [key for key in NEEDED if key not in fields]:
		throw(_("The fields of applications lack: {0}.").format(", ".join(missing)))
	if not set(fields) & {*CHANNELS, *ANSWERS}:
		throw(_("No field of applications holds an answer."))
	return fields


def check_settings(doc, method: str | None = None) -> None:
	"""Refuse a setting that names no fields of the DocType (doc_events of Dialer Settings `validate`)."""
	fields = mapping(doc.get("applicant_fields"))
	if not fields or not frappe.db.exists("DocType", DOCTYPE, cache=True):
		return
	meta = frappe.get_meta(DOCTYPE)
	if absent := sorted({name for name in fields.values() if not meta.has_field(name)}):
		throw(_("A Student Applicant has no fields {0}.").format(plain_text.line(", ".join(absent))))
