"""Who gets the whole message in another language than their own, and what is missing for theirs."""

from collections import Counter
from collections.abc import Iterable, Mapping

from school_dialer import gate
from school_dialer.messages import campaign_details, language
from school_dialer.messages.details import DETAILS, NO_DETAILS, is_mixed, lacks, usable
from school_dialer.messages.model import TEXT, VOICE
from school_dialer.schools import registry


def of_people(campaign, languages: Iterable[str | None]) -> list[dict]:
	"""Return the gaps for people with these languages; None or "" stands for the school's."""
	school = registry.language(campaign.get("school")) or "en"
	return language_gaps(campaign, Counter(one or school for one in languages))


def language_gaps(campaign, people: Mapping[str, int]) -> list[dict]:
	"""Return one row per language that falls back, most people first.

	Each has ``language``, ``people``, ``lacks`` ("translation" or "details", see `messages.details`),
	``heard_in``, the language of the message that they get, and ``only_details``: whether it is the language
	of its details only, as in an emergency.
	"""
	template, details = gate.template_of(campaign), campaign_details.of(campaign)
	variant = TEXT if campaign.channel == "Text" else VOICE
	missing = lacks(template, details, people, variant)
	used = usable(template, {DETAILS: details})
	rows = []
	for one, why in missing.items():
		choice = language.choose(used.translations, one, details.language, variant)
		only_details = why == NO_DETAILS and is_mixed(template)
		heard_in = details.language if only_details else choice.words.language
		row = {"language": one, "people": people[one], "lacks": why}
		rows.append({**row, "heard_in": heard_in, "only_details": only_details})
	return sorted(rows, key=lambda row: -row["people"])
