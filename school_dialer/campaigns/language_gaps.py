"""Who gets the whole message in another language than their own, and what is missing for theirs.

And who gets words that are older than those of the school's own language.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import frappe

from school_dialer import gate
from school_dialer.messages import campaign_details, language, store
from school_dialer.messages.details import DETAILS, NO_DETAILS, is_mixed, lacks, usable
from school_dialer.messages.model import TEXT, VOICE
from school_dialer.schools import registry


def of_people(campaign, languages: Iterable[str | None]) -> list[dict]:
	"""Return the gaps for people with these languages; None or "" stands for the school's."""
	school = registry.language(campaign.get("school")) or "en"
	return language_gaps(campaign, Counter(spoken or school for spoken in languages))


MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Outdated:
	"""The languages in which a campaign's message, or its details, are older than in the ``source``."""

	of: str
	source: str
	languages: list[str]

	def sentence(self) -> str:
		"""Return "English changed after Spanish." in the user's language; of details it says so."""
		return campaign_details.changed_after(self.source, self.languages, self.of == NO_DETAILS)


def outdated(campaign) -> list[Outdated]:
	"""Return what is older than the school's own words: nothing, the message, its details, or both."""
	doc = frappe.get_cached_doc(store.TEMPLATE, campaign.template)
	source = None if doc.drill else store.source_row(doc)
	parts = [Outdated(MESSAGE, source.language, store.outdated(doc))] if source else []
	language = registry.language(campaign.get("school")) or "en"
	parts.append(Outdated(NO_DETAILS, language, campaign_details.outdated(campaign)))
	return [part for part in parts if part.languages]


def outdated_of_people(campaign, languages: Iterable[str | None]) -> list[dict]:
	"""Return {language, people, of, source} for those of these people who get outdated words, most first.

	``language`` is that of the words, ``of`` what is outdated: "message" or "details".
	"""
	parts = outdated(campaign)
	if not parts:
		return []
	school = registry.language(campaign.get("school")) or "en"
	template, details = gate.template_of(campaign), campaign_details.details_of(campaign)
	used, variant = usable(template, {DETAILS: details}), TEXT if campaign.channel == "Text" else VOICE
	heard = Counter()
	for spoken, people in Counter(spoken or school for spoken in languages).items():
		if choice := language.choose(used.translations, spoken, school, variant):
			heard[choice.words.language] += people
	rows = [
		{"language": code, "people": heard[code], "of": part.of, "source": part.source}
		for part in parts
		for code in part.languages
		if heard[code]
	]
	return sorted(rows, key=lambda row: -row["people"])


def language_gaps(campaign, people: Mapping[str, int]) -> list[dict]:
	"""Return one row per language that falls back, most people first.

	Each has ``language``, ``people``, ``lacks`` ("translation" or "details", see `messages.details`),
	``heard_in``, the language of the message that they get, and ``only_details``: whether it is the language
	of its details only, as in an emergency.
	"""
	template, details = gate.template_of(campaign), campaign_details.details_of(campaign)
	variant = TEXT if campaign.channel == "Text" else VOICE
	missing = lacks(template, details, people, variant)
	used = usable(template, {DETAILS: details})
	rows = []
	for code, why in missing.items():
		choice = language.choose(used.translations, code, details.language, variant)
		only_details = why == NO_DETAILS and is_mixed(template)
		heard_in = details.language if only_details else choice.words.language
		row = {"language": code, "people": people[code], "lacks": why}
		rows.append({**row, "heard_in": heard_in, "only_details": only_details})
	return sorted(rows, key=lambda row: -row["people"])
