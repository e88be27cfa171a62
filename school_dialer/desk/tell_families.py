"""API for the page *Tell Families*: what can be said to whom, and how it sounds and reads in each language.

Writes nothing. The page saves an ordinary Dialer Campaign as a form would, with the user's own rights, and
starts it like any other.
"""

import frappe
from frappe.utils import cint

from school_dialer.audience.filters import reading
from school_dialer.base.bounds import plain_text
from school_dialer.campaigns import in_each_language, topics
from school_dialer.compliance.vocabulary import EMERGENCY_TYPES, TEXT, VOICE
from school_dialer.desk.audience import MOST_COUNTS, source_named
from school_dialer.desk.support import access, arguments
from school_dialer.messages import linter, store
from school_dialer.schools import registry, users

CAMPAIGN = "Dialer Campaign"
LONGEST_FORM = 50_000
LONGEST_CODE = 20
PREVIEWS_A_MINUTE = 120
"""The page requests a preview every time the user stops typing."""
PEOPLE_MOST = 5000
"""Of a larger audience, the languages of the first people are counted."""


@frappe.whitelist(methods=["GET"])
def offer() -> dict:
	"""Return the `topics` with their messages, the `audiences`, and the kinds of `emergencies`.

	`schools`: {school of a district: its language}, of the user's own schools.
	"""
	access.may("create", CAMPAIGN)
	schools, of_user = registry.schools(), users.of_user()
	return {
		"topics": topics.offered(),
		"audiences": topics.audiences(),
		"emergencies": list(EMERGENCY_TYPES),
		"schools": {name: registry.language(name) for name in schools if of_user is None or name in of_user},
	}


@frappe.whitelist(methods=["POST"])
def languages(
	audience_source: str,
	audience_name: str | None = None,
	filters: str | dict | None = None,
	school: str | None = None,
) -> dict[str, int]:
	"""Return how many people of an audience speak each language, the school's first.

	Empty for a school's user, whom other schools' people are not shown: they see the message's languages.
	"""
	access.may("create", CAMPAIGN)
	access.not_too_often("audience_languages", MOST_COUNTS)
	users.require(school)
	if users.of_user() is not None:
		return {}
	asked = {"audience_source": audience_source, "audience_name": audience_name, "school": school}
	source = source_named(audience_source)(frappe._dict(asked, audience_filters=filters))
	reading.require_permission(source.filters)
	source.check()
	return in_each_language.audience_languages(source, store.school(school).language, PEOPLE_MOST)


@frappe.whitelist(methods=["POST"])
def heard(
	template: str,
	channel: str = VOICE,
	text_fallback: int = 0,
	school: str | None = None,
	details: str = "",
	details_in: str | dict | None = None,
	spoken: str | list | None = None,
	emergency_type: str | None = None,
) -> list[dict]:
	"""Return what is heard and read in each of these languages; see `in_each_language.heard_and_read`.

	`details_in` is {language: details}. Without `spoken`, in the message's own. What an emergency's
	words may reveal depends on its type.
	"""
	access.may("create", CAMPAIGN)
	access.may("read", store.TEMPLATE, access.get_record(store.TEMPLATE, template).name)
	access.not_too_often("tell families", PREVIEWS_A_MINUTE)
	users.require(school)
	message = store.template(template)
	translated = arguments.read_argument(details_in or {}, dict, LONGEST_FORM)
	campaign = frappe.get_doc(
		{
			"doctype": CAMPAIGN,
			"purpose": message.purpose,
			"channel": TEXT if channel == TEXT else VOICE,
			"text_fallback": cint(text_fallback) if channel != TEXT else 0,
			"template": template,
			"school": school,
			"emergency_type": emergency_type,
			"details": str(details or ""),
			"details_translations": [
				{"language": str(language), "details": str(words or "")}
				for language, words in translated.items()
			],
		}
	)
	return in_each_language.heard_and_read(campaign, spoken_in(spoken, message))


def spoken_in(spoken: str | list | None, message) -> list[str]:
	given = arguments.read_argument(spoken or [], list, LONGEST_FORM)
	codes = [plain_text.line(str(code), LONGEST_CODE) for code in given if code]
	return (codes or [words.language for words in message.translations])[: linter.MOST_LANGUAGES]
