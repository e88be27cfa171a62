"""Reads the details of campaigns and rules, in the school's language and in others.

A campaign without any details has no entry, so that a message that needs them is held back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.messages import acceptance, speech
from school_dialer.messages import language as languages
from school_dialer.messages.details import Details
from school_dialer.messages.template import made_from
from school_dialer.messages.template.accepted import NAMED
from school_dialer.schools import registry

CAMPAIGN, TRANSLATION = "Dialer Campaign", "Dialer Details Translation"


def of_campaigns(names: Collection[str]) -> dict[str, Details]:
	"""Return {campaign: its details}, in two queries."""
	if not names:
		return {}
	wanted = sorted(names)
	rows = frappe.get_all(CAMPAIGN, {"name": ("in", wanted)}, ["name", "details", "school"], order_by="name")
	others = _translations(CAMPAIGN, wanted)
	by_campaign = {row.name: _details(row.details, others[row.name], row.school) for row in rows}
	return {name: details for name, details in by_campaign.items() if details.all()}


def details_of(campaign: Any) -> Details:
	"""Return the details of a campaign or rule: a document, saved or not, or a row with its name."""
	name, translations = campaign.get("name"), campaign.get("details_translations")
	if translations is None and name and campaign.get("details"):
		translations = _translations(campaign.get("doctype") or CAMPAIGN, [name])[name]
	return _details(campaign.get("details"), translations or [], campaign.get("school"))


def of_event(subject: str, starts_on: datetime, language: str) -> str:
	"""Return "Open day, Thursday, March 5, 6:00 PM", with day and time in this language.

	``starts_on`` is naive, in the site time zone.
	"""
	day, at = speech.say_date(starts_on.date(), language), speech.say_time(starts_on.time(), language)
	return ", ".join((subject, day, at))


def check(doc: Any) -> None:
	"""Drop translations of no details, and raise ValidationError for a language that stands twice.

	Each translation keeps the version of the details that it was made from, and who accepted a draft.
	"""
	if not (doc.details or "").strip():
		doc.set("details_translations", [])
	seen: set[str] = set()
	for row in doc.details_translations:
		if row.language in seen:
			throw(_("The details in {0} are written twice.").format(language_name(row.language)))
		seen.add(row.language)
	before = doc.get_doc_before_save()
	saved = {row.language: row for row in before.details_translations} if before else None
	versions = [made_from.version_of(version, made_from.DETAILS) for version in (doc, before)]
	made_from.note(doc.details_translations, saved, *versions, made_from.DETAILS)
	acceptance.note(doc.details_translations, saved, doc, made_from.DETAILS)


def copied(doc: Any) -> list[dict]:
	"""Return the translations of these details for another document, with who accepted each.

	One that is outdated here is outdated there too.
	"""
	fields = ("language", "details", "made_from", *NAMED)
	rows = doc.get("details_translations") or []
	return [{field: row.get(field) for field in fields} for row in rows if (row.details or "").strip()]


def outdated(doc: Any) -> list[str]:
	"""Return the languages in which the details were made from what they said before."""
	source = made_from.version_of(doc, made_from.DETAILS)
	return made_from.outdated(doc.get("details_translations") or [], source, made_from.DETAILS)


def onload(doc: Any) -> None:
	"""Give a form the language of its details, and the languages in which they are outdated."""
	doc.set_onload("source", registry.language(doc.get("school")) or "en")
	doc.set_onload("outdated", outdated(doc))


def changed_after(source: str, outdated: Iterable[str], in_details: bool = False) -> str:
	"""Return "English changed after Spanish, Chinese." in the user's language."""
	named = [translated(languages.name_of(code), _) for code in (source, *outdated)]
	sentence = _("{0} changed after {1} in the details.") if in_details else _("{0} changed after {1}.")
	return sentence.format(named[0], ", ".join(named[1:]))


def language_name(code: str) -> str:
	return frappe.db.get_value("Language", code, "language_name", cache=True) or code


def _details(text: str | None, others: list, school: str | None) -> Details:
	language = registry.language(school) or "en"
	return Details.of(text, language, [(row.language, row.details) for row in others])


def _translations(doctype: str, names: list[str]) -> dict[str, list]:
	rows = frappe.get_all(
		TRANSLATION,
		{"parent": ("in", names), "parenttype": doctype},
		["parent", "language", "details"],
		order_by="parent, idx",
	)
	by_parent = defaultdict(list)
	for row in rows:
		by_parent[row.parent].append(row)
	return by_parent
