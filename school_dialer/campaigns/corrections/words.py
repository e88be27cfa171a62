"""The prepared words of a correction, in every language that the system itself speaks."""

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex

import frappe
from babel import Locale
from babel.dates import format_date, format_time
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.messages import language as languages
from school_dialer.messages import phrases, store

TEMPLATE = "Dialer Message Template"
LONGEST = 1000
ONE_OCLOCK = ("a las 1:", "a la 1:")


def prepared(sent_at: datetime, today: date) -> dict[str, str]:
	"""Return {language: words} that take back a message sent at this time.

	`sent_at` is naive, by the clock of the school. The day is named unless it is `today`.
	"""
	return {
		code: in_language(code, sent_at, today)
		for code in sorted(phrases.languages())
		if frappe.db.exists("Language", code, cache=True)
	}


def in_language(language: str, sent_at: datetime, today: date) -> str:
	here = languages.known_locale(f"{language}-{country_code()}")
	locale = here or languages.known_locale(language) or Locale("en")
	sentence = phrases.phrase(
		"sent_by_mistake" if sent_at.date() == today else "sent_by_mistake_on",
		language,
		time=" ".join(format_time(sent_at.time(), "short", locale=locale).split()),
		date=format_date(sent_at.date(), "long", locale=locale),
	)
	return sentence.replace(*ONE_OCLOCK) if languages.base(language) == "es" else sentence


def template(campaign, words: Mapping[str, str]) -> str:
	"""Save the words as a message for calls, voicemails, and texts. Return the template's name.

	Languages without words get none. The linter checks it as every message: raises ValidationError.
	"""
	written = {code: plain_text.line(text or "").strip() for code, text in words.items()}
	written = {code: text for code, text in written.items() if text}
	usual = store.school().language
	if not any(languages.base(code) == languages.base(usual) for code in written):
		throw(_("Say what is right in the school's own language: {0}.").format(usual))
	if any(len(text) > LONGEST for text in written.values()):
		throw(_("A correction has at most {0} characters.").format(LONGEST))
	doc = frappe.get_doc(
		{
			"doctype": TEMPLATE,
			"template_name": _("Correction: {0}").format(campaign.title)[:120] + f" {token_hex(3)}",
			"purpose": campaign.purpose,
			"voice": 1,
			"text": 1,
			"translations": [
				{"language": code, "voice": text, "voicemail": text, "text": text}
				for code, text in written.items()
			],
		}
	)
	return doc.insert().name
