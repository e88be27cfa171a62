"""How a form's words, saved or not, come out for a person, how long they take, and what they cost.

The message is shown as heard in a call, left on voicemail and read as a text.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.base.wording import translated
from school_dialer.messages import catalogue, context, linter, speech, store, text
from school_dialer.messages.model import Field, MessageError, MissingData, Outgoing, Subject, Template, Voice
from school_dialer.messages.providers.family import has, has_field
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.sensitivity.discretion import mask_unreadable_values, may_list
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.seconds import spoken_seconds
from school_dialer.messages.spoken.speaker import sentences
from school_dialer.messages.spoken.twiml_rules import check_twiml
from school_dialer.messages.spoken.voices import voice_for
from school_dialer.messages.template.values import typed

PEOPLE = {
	"Guardian": {},
	"Student": {"enabled": 1},
	"Employee": {"status": "Active"},
	"Instructor": {"status": "Active"},
	"Contact": {},
}
"""Who a preview may be for, and which of them may be drawn at random."""
USERS = {"Guardian": "user", "Student": "user", "Employee": "user_id", "Contact": "user"}
DRAWN_FROM = 500
WORDS = (
	"language",
	"voice",
	"voicemail",
	"text",
	"question",
	"answers",
	"voice_recording",
	"voice_recording_holds",
	"voicemail_recording",
	"voicemail_recording_holds",
	"recording_place",
)
"""The fields of a translation that people hear or read."""
NOT_CALLED = "https://preview.invalid/"


def picker() -> list[dict]:
	"""Return the catalogue for the field picker, with each example as it would be written."""
	fields = catalogue.fields()
	examples = typed(example_values(), fields, fields)
	return [
		{
			"name": field.name,
			"label": _(field.label),
			"type": field.type,
			"source": field.source,
			"sensitivity": field.sensitivity,
			"about_student": field.about_student,
			"per_student": field.per_student,
			"example": speech.say(examples[field.name], frappe.local.lang or "en", "text"),
		}
		for field in fields.values()
	]


def people() -> list[str]:
	"""Return those of PEOPLE that this site has and the user may read."""
	return [doctype for doctype in PEOPLE if has(doctype) and may_list(doctype)]


def random_person(person_doctype: str) -> dict | None:
	"""Return {"person": name} for a random person the user may read, or None if there are none.

	It is drawn from the most recently changed DRAWN_FROM records.
	"""
	if not may_list(person_doctype):
		return None
	names = frappe.get_list(
		person_doctype,
		filters=PEOPLE[person_doctype],
		pluck="name",
		order_by="modified desc",
		limit=DRAWN_FROM,
	)
	return {"person": random.choice(names)} if names else None


def in_words(finding: linter.Finding) -> dict:
	"""Return a finding in the user's language, in parts and as one text."""
	return {
		"level": finding.level,
		"where": translated(finding.where, _),
		"line": finding.line,
		"message": translated(finding.message, _),
		"fix": translated(finding.fix, _),
		"instead": finding.instead,
		"language": finding.language,
		"variant": finding.variant,
		"text": finding.as_text(_),
	}


def preview_of(
	form: Any,
	language: str | None,
	person_doctype: str | None,
	person: str | None,
	disclosable: Callable[[Template, str, str, tuple[str, ...]], tuple[str, ...]] = lambda *asked: asked[-1],
) -> dict:
	"""Preview a template form for one person.

	Returns ``findings`` (the linter's) and, if none is an error, ``language`` (the person's), ``sensitivity``
	and ``veiled``: labels of the fields shown with example values because the user may not read the
	underlying records. ``voice``, ``voicemail`` and ``text`` are each absent (not part of this template),
	``{"error": ..., "held_back": ...}``, or what is heard or read.

	``disclosable`` returns the students a person may be given information about.
	"""
	template = store.from_doc(unsaved(form))
	options = store.lint_options()
	findings = linter.check_template(template, catalogue.fields(), **options)
	answer: dict[str, Any] = {"findings": [in_words(finding) for finding in findings]}
	if any(finding.level == linter.ERROR for finding in findings):
		return answer
	school = str(frappe._dict(form if isinstance(form, dict) else {}).school or "")
	subject = subject_of(template, language or "", person_doctype, person, school)
	if subject.students:
		disclosed = disclosable(template, subject.person_doctype, subject.person, subject.students)
		subject = replace(subject, students=disclosed)
	outgoing, veiled = outgoing_for(template, subject)
	answer |= {
		"language": subject.language,
		"sensitivity": linter.sensitivity(template, catalogue.fields()),
		"veiled": labels_of(veiled),
	}
	if template.voice:
		answer |= {"voice": heard(outgoing), "voicemail": left_on_voicemail(outgoing)}
	if template.text:
		answer["text"] = read_out(outgoing)
	return answer


def unsaved(form: Any) -> frappe._dict:
	"""Return only the words and switches of the form. Nothing is saved, so nothing else is taken from it.

	Of too many translations, only enough are kept that the linter still rejects them.
	"""
	given = frappe._dict(form if isinstance(form, dict) else {})
	rows = given.translations[: linter.MOST_LANGUAGES + 1] if isinstance(given.translations, list) else []
	words = [
		frappe._dict({key: str(row.get(key) or "") for key in WORDS}) for row in rows if isinstance(row, dict)
	]
	return frappe._dict(
		template_name=str(given.template_name or ""),
		purpose=str(given.purpose or ""),
		voice=cint(given.voice),
		text=cint(given.text),
		asks=str(given.asks or ""),
		translations=words,
	)


def subject_of(
	template: Template,
	language: str,
	person_doctype: str | None,
	person: str | None,
	school: str = "",
) -> Subject:
	"""Return the person to preview for. Without a person, it is the made-up one from the examples.

	The language is the person's own unless another is requested.
	"""
	school_language = store.school(school).language
	if not (person_doctype and person):
		name = str(example_values().get("recipient_name", ""))
		return Subject("", "", "", name, language=language or school_language, school=school)
	doc = frappe.get_doc(person_doctype, person)
	return Subject(
		"preview",
		person_doctype,
		person,
		doc.get_title() or person,
		students=students_of(person_doctype, person),
		language=language or language_of(doc) or school_language,
		purpose=template.purpose,
		about_records=student_records.is_about(template, catalogue.fields()),
		school=school,
	)


def outgoing_for(template: Template, subject: Subject) -> tuple[Outgoing, list[Field]]:
	"""Return the message, and the fields whose values the user may not see."""
	if not subject.person:
		return store.outgoing(template, subject, example_values()), []
	values = context.read_values([subject], ("recipient_name", *template.field_names))
	veiled = mask_unreadable_values(values, [subject], template.field_names)
	shown = {**values[subject.key], "campaign_details": example_values()["campaign_details"]}
	return store.outgoing(template, subject, shown), veiled


def labels_of(veiled: list[Field]) -> list[str]:
	return [f"{_(field.label)} ({_(field.records or field.source.partition('.')[0])})" for field in veiled]


def students_of(person_doctype: str, person: str) -> tuple[str, ...]:
	"""Return a guardian's students that the user may read."""
	if person_doctype != "Guardian" or not has("Student", "Student Guardian") or not may_list("Student"):
		return ()
	links = [["Student Guardian", "guardian", "=", person]]
	return tuple(dict.fromkeys(frappe.get_list("Student", filters=links, pluck="name", order_by="name")))


def language_of(doc) -> str:
	"""Return the person's language the same way the audience does: from the record, then from its user."""
	if has_field(doc.doctype, "dialer_language") and doc.dialer_language:
		return doc.dialer_language
	user = doc.get(USERS.get(doc.doctype, ""))
	if doc.doctype == "Instructor" and doc.employee and has("Employee"):
		user = frappe.db.get_value("Employee", doc.employee, "user_id")
	return (user and frappe.db.get_value("User", user, "language")) or ""


def example_values() -> dict:
	return {field.name: field.example for field in catalogue.fields().values()}


def heard(outgoing: Outgoing) -> dict:
	try:
		first = voice.voice_twiml(outgoing, NOT_CALLED)
		gated = first.content == voice.GENERIC and not outgoing.withheld
		confirmed = voice.confirmed_twiml(outgoing, NOT_CALLED) if gated else None
	except MessageError as error:
		return refusal(error)
	after_key = sentences(confirmed.twiml) if confirmed else []
	return {
		**spoken(sentences(first.twiml), first.language, outgoing, after_key),
		"after_confirmation": after_key,
		"fell_back": first.fell_back,
		"withheld": bool(outgoing.withheld),
		"problems": check_twiml(first.twiml, outgoing.school),
	}


def left_on_voicemail(outgoing: Outgoing) -> dict:
	try:
		left = voice.voicemail_twiml(outgoing)
	except MessageError as error:
		return refusal(error)
	return {
		**spoken(sentences(left.twiml), left.language, outgoing),
		"fell_back": left.fell_back,
		"problems": check_twiml(left.twiml, outgoing.school, voicemail=True),
	}


def spoken(lines: list[str], language: str, outgoing: Outgoing, more: list[str] = ()) -> dict:
	"""Return spoken sentences with their length and cost. Every started minute is billed."""
	seconds = spoken_seconds(" ".join([*lines, *more]))
	by: Voice | None = voice_for(language, store.voices(outgoing.school))
	return {
		"sentences": lines,
		"language": language,
		"voice": by.name if by else "",
		"seconds": round(seconds),
		**cost(math.ceil(seconds / 60), "price_per_minute"),
	}


def read_out(outgoing: Outgoing) -> dict:
	try:
		message = text.text_message(outgoing)
	except MessageError as error:
		return refusal(error)
	return {
		"body": message.body,
		"language": message.language,
		"fell_back": message.fell_back,
		"encoding": message.size.encoding,
		"segments": message.size.count,
		"units": message.size.units,
		**cost(message.size.count, "price_per_segment"),
	}


def refusal(error: MessageError) -> dict:
	"""Return an error for display. ``held_back``: this recipient is not called, but others are."""
	return {"error": translated(error, _), "held_back": isinstance(error, MissingData)}


def cost(units: int, price: str) -> dict:
	settings = frappe.get_cached_doc("Dialer Settings")
	return {"cost": units * flt(settings.get(price)), "currency": settings.currency or "USD"}
