"""Converts DocTypes to the plain values `messages` uses: templates, the school, subjects.

The Frappe side of pure modules.
"""

from collections.abc import Callable
from typing import Any

import frappe

from school_dialer.audience.base import country_code
from school_dialer.base.phone import TOLL_FREE, InvalidNumber, parse
from school_dialer.consent.choices import preference_link
from school_dialer.messages import details, language, text
from school_dialer.messages.catalogue import fields
from school_dialer.messages.emergency import drill
from school_dialer.messages.model import Outgoing, School, Subject, Template, Values, Voice, Words
from school_dialer.messages.sensitivity.language_fallback import in_own_language
from school_dialer.messages.sound import recordings
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.template import accepted, made_from
from school_dialer.schools import registry

TEMPLATE = "Dialer Message Template"
AFTER_WORDS = "After the words"


def template(name: str) -> Template:
	"""Return the saved template.

	It comes from the document cache, so it has the same version throughout a chunk.
	"""
	return from_doc(frappe.get_cached_doc(TEMPLATE, name))


def from_doc(doc: Any) -> Template:
	"""Convert a saved or unsaved document to a template.

	The words of a drill are the app's own, whatever the document's rows say. A language that has no words but
	a draft is left out.
	"""
	if doc.get("drill"):
		return drill.template(doc.template_name or doc.name or "", doc.version or 1)
	return Template(
		name=doc.template_name or doc.name or "",
		purpose=doc.purpose or "",
		translations=tuple(
			words_of(row) for row in doc.translations if not accepted.waits(row, made_from.WORDS)
		),
		voice=bool(doc.voice),
		text=bool(doc.text),
		version=doc.version or 1,
		asks=doc.asks or "",
	)


def words_of(row: Any) -> Words:
	return Words(
		row.language or "",
		row.voice or "",
		row.voicemail or "",
		row.text or "",
		(row.question or "").strip(),
		tuple(line.strip() for line in (row.answers or "").splitlines() if line.strip()),
		recordings.recording(row.voice_recording, row.voice_recording_holds),
		recordings.recording(row.voicemail_recording, row.voicemail_recording_holds),
		row.recording_place == AFTER_WORDS,
	)


def source_row(doc: Any) -> Any:
	"""Return the row of a message that its translations are made from: the school's language, or None.

	A row without a language is left for Frappe to refuse, which looks after the message's own checks.
	"""
	rows = [row for row in doc.translations if row.language]
	return language.closest(rows, registry.language(doc.get("school")) or "en")


def outdated(doc: Any) -> list[str]:
	"""Return the languages of a message that were made from an earlier version of its source."""
	source = source_row(doc)
	others = [row for row in doc.translations if row is not source]
	return made_from.outdated(others, made_from.version_of(source, made_from.WORDS), made_from.WORDS)


def school(name: str | None = None, spoken: str | None = None) -> School:
	"""Return the school in whose name a message is: this one of a district, or else that of Dialer Settings.

	What the school leaves blank is the district's. `spoken` is the recipient's language: a school may have a
	name in each.

	Does not raise `SchoolIncomplete`: that happens later, when a message is made without an identity or a
	number.
	"""
	settings, speaker = frappe.get_cached_doc("Dialer Settings"), registry.find(name)
	return School(
		name=speaker.name if speaker else settings.school_name or "",
		identity=speaker.identity(spoken or "")
		if speaker
		else settings.caller_identity or settings.school_name or "",
		call_back_number=(speaker and speaker.call_back_number) or settings.call_back_number or "",
		language=registry.language(name) or "en",
		voices=tuple((row.language, Voice(row.voice, row.spoken_language)) for row in settings.voices),
		opt_out_number=opt_out_number(settings, speaker.name if speaker else ""),
		privacy_url=settings.privacy_policy_url or preference_link.address(),
		country=country_code(settings.default_country),
		office=bool(settings.connect_office and settings.office_number),
		office_in_emergencies=not settings.office_not_in_emergencies,
	)


def opt_out_number(settings: Any, school: str = "") -> str:
	"""Return the number a voicemail gives for stopping the calls, or "".

	It is the school's choice, or else its first toll-free sending number. ``settings`` are Dialer Settings,
	saved or not.
	"""
	if settings.opt_out_number:
		return settings.opt_out_number
	rows = registry.rows_for([row for row in settings.sending_numbers if row.enabled], school)
	numbers = [row.phone_number for row in rows]
	return next(filter(is_toll_free, numbers), "")


def is_toll_free(number: str | None) -> bool:
	try:
		return parse(number or "").line_type == TOLL_FREE
	except InvalidNumber:
		return False


def voices(calling: School) -> dict[str, Voice]:
	"""Return voices by language: the school's own choices over the app's."""
	return {**VOICES, **dict(calling.voices)}


def outgoing(
	template: Template,
	subject: Subject,
	values: Values,
	school_of: Callable[[str, str], School] | None = None,
) -> Outgoing:
	"""Return everything `voice`, `text` and `linter` need for one recipient.

	What the campaign asks of the recipient is not included. `school_of` is `school` with a memory, for many
	recipients: they have few schools and languages.
	"""
	return in_own_language(
		Outgoing(
			school=(school_of or school)(subject.school, subject.language),
			template=details.usable(template, values),
			values=values,
			fields=fields(),
			person_name=values.get("recipient_name") or subject.person_name,
			language=subject.language,
		)
	)


def rehearse(outgoing: Outgoing, channel: str) -> None:
	"""Fill in everything this recipient may hear or read, and discard it.

	Raises the `MessageError` the recipient must be held back for.
	"""
	if channel == "Text":
		text.text_message(outgoing)
	else:
		voice.check_message(outgoing)


def languages_in_use() -> list[str]:
	"""Return the languages chosen for guardians and students, where this site has them."""
	codes: set[str] = set()
	for doctype in ("Guardian", "Student"):
		if frappe.db.exists("DocType", doctype, cache=True) and frappe.get_meta(doctype).has_field(
			"dialer_language"
		):
			codes.update(
				frappe.get_all(doctype, pluck="dialer_language", distinct=True, order_by="dialer_language")
			)
	return sorted(filter(None, codes))


def lint_options() -> dict[str, Any]:
	"""Return what `linter.check_template` needs to know about this school, as keyword arguments."""
	calling = school()
	return {
		"school_language": calling.language,
		"languages_in_use": languages_in_use(),
		"voices": voices(calling),
		"school": calling,
	}


def languages() -> list[str]:
	"""Return the languages this site's messages are written in, most frequent first."""
	rows = frappe.db.sql(
		"""select language, count(*) from `tabDialer Message Translation` where parenttype = %s
		group by language order by 2 desc, 1""",
		TEMPLATE,
	)
	return [language for language, _count in rows if language]


def example_outgoing(template: Template, row) -> Outgoing:
	"""Return a message made from the catalogue's examples: no person, no record.

	``row`` has ``person_name`` and ``language``.
	"""
	values = {name: field.example for name, field in fields().items()}
	subject = Subject(
		key="example",
		person_doctype="",
		person="",
		person_name=row.person_name or "",
		language=row.language or "",
		school=row.get("school") or "",
	)
	return outgoing(template, subject, values)
