"""What the form of a message template asks for: its fields, and how the words will sound to somebody."""

import frappe
from frappe import _

from school_dialer.messages import catalogue, context, linter, speech, store, text, voice
from school_dialer.messages.model import MessageError, Outgoing, Subject, Template
from school_dialer.messages.speaker import sentences
from school_dialer.messages.values import typed

PEOPLE = ("Guardian", "Student", "Employee", "Instructor", "Contact")
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
"""Of a translation, what people hear or read."""
NOT_CALLED = "https://preview.invalid/"


@frappe.whitelist()
def fields() -> list[dict]:
	"""The catalogue, for the field picker: name, label, type, sensitivity, and the example as it would be spoken."""
	may_read(store.TEMPLATE)
	found = catalogue.fields()
	examples = typed(example_values(), found, found)
	return [
		{
			"name": field.name,
			"label": _(field.label),
			"type": field.type,
			"sensitivity": field.sensitivity,
			"example": speech.say(examples[field.name], frappe.local.lang or "en", "text"),
		}
		for field in found.values()
	]


@frappe.whitelist(methods=["POST"])
def preview(
	doc: str | dict, language: str | None = None, person_doctype: str | None = None, person: str | None = None
) -> dict:
	"""How the form's words, saved or not, come out in a language: for a person the user may read, or with example values.

	``voice``, ``voicemail`` and ``text`` are each absent (not of this template), ``{"error": ...}``, or what is heard
	or read. ``findings`` are the linter's, ``problems`` what its reading of the rendered TwiML would refuse.
	"""
	may_read(store.TEMPLATE)
	template = store.from_doc(unsaved(doc))
	options = store.lint_options()
	findings = linter.check(template, catalogue.fields(), **options)
	answer = {"findings": [{"level": finding.level, "text": str(finding)} for finding in findings]}
	if any(finding.level == linter.ERROR for finding in findings):
		return answer
	outgoing = outgoing_for(template, language or options["school_language"], person_doctype, person)
	if template.voice:
		answer |= {"voice": heard(outgoing), "voicemail": left_on_voicemail(outgoing)}
	if template.text:
		answer["text"] = read(outgoing)
	return answer


def may_read(doctype: str, name: str | None = None) -> None:
	if not frappe.has_permission(doctype, "read", doc=name):
		frappe.throw(_("You may not read {0}.").format(_(doctype)), frappe.PermissionError)


def unsaved(doc: str | dict) -> frappe._dict:
	"""Only the words and switches of the form; nothing is saved, so nothing else is taken from it."""
	given = frappe._dict(frappe.parse_json(doc))
	rows = [frappe._dict(row) for row in given.translations or [] if isinstance(row, dict)]
	words = [frappe._dict({key: str(row.get(key) or "") for key in WORDS}) for row in rows]
	return frappe._dict(
		template_name=str(given.template_name or ""),
		purpose=str(given.purpose or ""),
		voice=frappe.utils.cint(given.voice),
		text=frappe.utils.cint(given.text),
		asks=str(given.asks or ""),
		translations=words,
	)


def outgoing_for(
	template: Template, language: str, person_doctype: str | None, person: str | None
) -> Outgoing:
	if not (person_doctype and person):
		subject = Subject("", "", "", str(example_values().get("recipient_name", "")), language=language)
		return store.outgoing(template, subject, example_values())
	if person_doctype not in PEOPLE:
		frappe.throw(_("A preview is for a person: {0}.").format(", ".join(_(one) for one in PEOPLE)))
	may_read(person_doctype, person)
	subject = Subject(
		"preview",
		person_doctype,
		person,
		frappe.get_doc(person_doctype, person).get_title() or person,
		students=students_of(person_doctype, person),
		language=language,
	)
	values = context.read([subject], template.field_names)["preview"]
	return store.outgoing(
		template, subject, {**values, "campaign_details": example_values()["campaign_details"]}
	)


def students_of(person_doctype: str, person: str) -> tuple[str, ...]:
	"""Those that the user may read, of a guardian."""
	if person_doctype != "Guardian":
		return ()
	links = [["Student Guardian", "guardian", "=", person]]
	return tuple(frappe.get_list("Student", filters=links, pluck="name", order_by="name"))


def example_values() -> dict:
	return {field.name: field.example for field in catalogue.fields().values()}


def heard(outgoing: Outgoing) -> dict:
	try:
		first = voice.voice_twiml(outgoing, NOT_CALLED)
		confirmed = voice.confirmed_twiml(outgoing, NOT_CALLED) if first.content == voice.GENERIC else None
	except MessageError as error:
		return {"error": str(error)}
	said = sentences(first.twiml)
	after_key = sentences(confirmed.twiml) if confirmed else []
	return {
		"sentences": said,
		"after_confirmation": after_key,
		"language": first.language,
		"fell_back": first.fell_back,
		"seconds": round(linter.spoken_seconds(" ".join(said + after_key))),
		"problems": linter.check_twiml(first.twiml, outgoing.school),
	}


def left_on_voicemail(outgoing: Outgoing) -> dict:
	try:
		spoken = voice.voicemail_twiml(outgoing)
	except MessageError as error:
		return {"error": str(error)}
	said = sentences(spoken.twiml)
	return {
		"sentences": said,
		"language": spoken.language,
		"seconds": round(linter.spoken_seconds(" ".join(said))),
		"problems": linter.check_twiml(spoken.twiml, outgoing.school, voicemail=True),
	}


def read(outgoing: Outgoing) -> dict:
	try:
		message = text.text_message(outgoing)
	except MessageError as error:
		return {"error": str(error)}
	return {
		"body": message.body,
		"language": message.language,
		"fell_back": message.fell_back,
		"encoding": message.size.encoding,
		"segments": message.size.count,
		"units": message.size.units,
	}
