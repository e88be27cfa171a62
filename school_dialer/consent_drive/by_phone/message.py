"""The message that asks by text or call: an ordinary Dialer Message Template, one for each way and purpose.

It is made when a wave first needs it. Staff may change its words; one that was deleted is made again.
"""

import json
from functools import cache
from pathlib import Path

import frappe
from frappe import _

from school_dialer.base.without_permission import write_drive_record
from school_dialer.consent_drive.by_phone.who import BY_TEXT
from school_dialer.messages import language as languages
from school_dialer.messages import store

USUAL = "en"


@cache
def words() -> dict[str, dict[str, str]]:
	"""Return {language: {"text", "voice", "voicemail"}}."""
	return json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def template_for(way: str, purpose: str) -> str:
	"""Return the name of the message that asks in this way under the consent to this purpose."""
	title = _("Consent request by text ({0})") if way == BY_TEXT else _("Consent request by call ({0})")
	name = title.format(_(purpose))
	if not frappe.db.exists(store.TEMPLATE, name):
		by_text = way == BY_TEXT
		values = {"template_name": name, "purpose": purpose, "voice": int(not by_text), "text": int(by_text)}
		rows = translations(("text",) if by_text else ("voice", "voicemail"))
		write_drive_record({"doctype": store.TEMPLATE, **values, "translations": rows})
	return name


def translations(variants: tuple[str, ...]) -> list[dict[str, str]]:
	"""Return the words in each language of this site that the app ships.

	If the school's own language is none of them, it gets the English words, as letters do.
	"""
	versions = {
		code: texts for code, texts in words().items() if frappe.db.exists("Language", code, cache=True)
	}
	school_language = store.school().language
	if not any(languages.base(code) == languages.base(school_language) for code in versions):
		versions[school_language] = words()[USUAL]
	return [
		{"language": code, **{variant: texts[variant] for variant in variants}}
		for code, texts in versions.items()
	]
