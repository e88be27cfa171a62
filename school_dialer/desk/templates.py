"""API for a message template's form: its fields, drafts, and a preview of the message for a person."""

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base.refusal import throw
from school_dialer.consent.choices import rate_limits
from school_dialer.desk.support import access, arguments
from school_dialer.messages import language, store
from school_dialer.messages import preview as previews
from school_dialer.messages.details import Details, to_write
from school_dialer.messages.translators import drafting

LONGEST_FORM = 1_000_000
"""Characters of a template's form as JSON.

Enough for the maximum number of languages, each with a few thousand characters of text.
"""
PREVIEWS_A_MINUTE, PREVIEWS_A_DAY = 120, 5_000
"""The form requests a preview every time the user stops typing."""
DRAFTS_A_MINUTE, DRAFTS_A_DAY = 30, 500
"""A translator may be paid by the character."""
LONGEST_DRAFT = 50_000
DRAFTED = ("voice", "voicemail", "text", "question", "answers", "details")


@frappe.whitelist(methods=["GET"])
def fields() -> list[dict]:
	"""Return the catalog: name, label, type, source, sensitivity, and the example as it would be written."""
	may_read(store.TEMPLATE)
	return previews.picker()


@frappe.whitelist(methods=["GET"])
@frappe.validate_and_sanitize_search_inputs
def languages(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int,
	page_len: int,
	filters: dict | list | str | None = None,
) -> list[tuple[str, str]]:
	"""Search query of Link fields: return ``(code, name)`` of the languages that a family may speak.

	Frappe itself offers only languages in which its Desk is offered, and Frappe 16 takes no other. A language
	is found by its code and by its name in itself, in English, and in the user's language. Codes come first.
	"""
	may_read("Language")
	asked, matches = txt.strip().casefold(), []
	for row in frappe.get_all("Language", fields=["name", "language_name"], order_by="name"):
		names = [row.name, row.language_name or "", *language.names_of(row.name, frappe.local.lang)]
		if any(asked in name.casefold() for name in names):
			matches.append(
				(not row.name.casefold().startswith(asked), row.name, row.language_name or row.name)
			)
	return [(code, name) for _, code, name in sorted(matches)[start : start + page_len]]


@frappe.whitelist(methods=["GET"])
def languages_of_details(template: str) -> list[str]:
	"""Return the languages, other than the school's, in which this message has the campaign's details."""
	may_read(store.TEMPLATE, template)
	return to_write(store.template(template), Details("-", store.school().language))


@frappe.whitelist(methods=["POST"])
def draft(words: str | dict, language: str, source: str | None = None) -> dict:
	"""Return a machine's draft in this language of words that are written in `source`, the school's language.

	`words` is {field: text}, with the fields of a message's translation, or `details`. Saves nothing; see
	`translators.drafting.draft`.
	"""
	access.may("create", "Dialer Campaign")
	access.not_too_often("drafts of translations", DRAFTS_A_MINUTE, DRAFTS_A_DAY)
	given = arguments.read_argument(words, dict, LONGEST_DRAFT)
	texts = {name: str(given.get(name) or "") for name in DRAFTED}
	written_in = source or store.school().language
	for code in (written_in, language):
		access.get_record("Language", code)
	return drafting.draft(texts, written_in, language)


@frappe.whitelist(methods=["GET"])
def people() -> list[str]:
	"""Return the DocTypes of people that this user may preview a message for."""
	may_read(store.TEMPLATE)
	return previews.people()


@frappe.whitelist(methods=["GET"])
def anybody(person_doctype: str) -> dict | None:
	"""Return ``{"person": name}`` for a random person that the user may read, or None."""
	may_read(store.TEMPLATE)
	is_person(person_doctype)
	may_read(person_doctype)
	rate_limits.look_up()
	return previews.random_person(person_doctype)


@frappe.whitelist(methods=["POST"])
def preview(
	doc: str | dict, language: str | None = None, person_doctype: str | None = None, person: str | None = None
) -> dict:
	"""Preview the form's words, saved or not, for a person the user may read or with example values.

	See `messages.preview.preview_of`.
	"""
	may_read(store.TEMPLATE)
	if person_doctype and person:
		is_person(person_doctype)
		may_read(person_doctype, person)
		rate_limits.by_user("preview of a person", PREVIEWS_A_MINUTE, PREVIEWS_A_DAY)
	form = arguments.read_argument(doc, dict, LONGEST_FORM)
	return previews.preview_of(form, language, person_doctype, person, gate.in_preview)


def is_person(doctype: str) -> None:
	if doctype not in previews.PEOPLE:
		throw(_("A preview is for a person: {0}.").format(", ".join(map(_, previews.PEOPLE))))


def may_read(doctype: str, name: str | None = None) -> None:
	if not frappe.has_permission(doctype, "read", doc=name):
		throw(_("You may not read {0}.").format(_(doctype)), frappe.PermissionError)
