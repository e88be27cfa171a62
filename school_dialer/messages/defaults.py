"""The templates and voices a school starts with.

Each template is offered once: one that was changed, renamed or deleted does not come back. The words of
earlier versions are in `default_templates/superseded`, so that those which a school never changed can be
brought up to date.
"""

import json
from pathlib import Path
from typing import Any

import frappe

from school_dialer.base import site_values
from school_dialer.messages.catalogue import fields
from school_dialer.messages.emergency import drill
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.store import TEMPLATE, from_doc

OFFERED = "dialer_templates_offered"
VOICES_OFFERED = "dialer_voices_offered"
_FOLDER = Path(__file__).parent / "default_templates"


_SUPERSEDED = _FOLDER / "superseded"
_HEAD = ("purpose", "voice", "text", "asks")
_SAID = ("voice", "voicemail", "text", "question", "answers")
_PLAYED = ("voice_recording", "voicemail_recording")


def templates(folder: Path = _FOLDER) -> list[dict]:
	return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def superseded() -> list[dict]:
	"""Return the earlier versions of templates."""
	return templates(_SUPERSEDED)


def is_as_shipped(doc: Any, data: dict) -> bool:
	"""Return whether a saved template says what this shipped one says, in the languages that it has."""
	shipped = {row["language"]: row for row in data["translations"]}
	return _plain(doc, _HEAD) == _plain(data, _HEAD) and all(
		_plain(row, (*_SAID, *_PLAYED)) == _plain(shipped.get(row.language, {}), (*_SAID, *_PLAYED))
		for row in doc.translations
	)


def say_as_shipped(doc: Any, data: dict) -> None:
	"""Give a template the words of this shipped one, in the languages that it has, and save it.

	All its languages say the same then, also one whose words are the same as before.
	"""
	shipped = {row["language"]: row for row in data["translations"]}
	doc.update({field: data.get(field) for field in _HEAD})
	for row in (row for row in doc.translations if row.language in shipped):
		row.update({**{field: shipped[row.language].get(field) for field in _SAID}, "still_right": 1})
	doc.save()


def _plain(values: Any, fields: tuple[str, ...]) -> list[str]:
	return ["\n".join(str(values.get(field) or "").split("\r\n")).strip() for field in fields]


def install() -> None:
	"""Insert the templates not offered yet whose fields this site has.

	Idempotent. When run again after another app was installed, it adds those that the new app's DocTypes make
	possible. One that cannot be saved, by the school's settings or another app, ends no install or update: it
	is offered at the next one.
	"""
	offered = json.loads(site_values.read(OFFERED) or "[]")
	for data in templates():
		name = data["template_name"]
		if name in offered:
			continue
		if not frappe.db.exists(TEMPLATE, name):
			doc = frappe.get_doc({"doctype": TEMPLATE, **data})
			doc.translations = [row for row in doc.translations if frappe.db.exists("Language", row.language)]
			if not doc.translations or not set(from_doc(doc).field_names) <= set(fields()):
				continue
			if not is_inserted(doc):
				continue
		offered.append(name)
	site_values.write(OFFERED, json.dumps(offered))
	install_drill()


def is_inserted(doc: Any) -> bool:
	try:
		doc.insert()
	except frappe.ValidationError as error:
		frappe.clear_last_message()
		why = type(error).__name__
		frappe.logger("school_dialer").error("%s is not inserted: %s", doc.template_name, why)
		return False
	return True


def install_drill() -> None:
	"""Insert the message of drills if the site has none. Unlike the others it always comes back."""
	if frappe.db.exists(TEMPLATE, {"drill": 1}):
		return
	taken = frappe.db.exists(TEMPLATE, drill.NAME)
	doc = frappe.get_doc({"doctype": TEMPLATE, "template_name": f"{drill.NAME} 2" if taken else drill.NAME})
	doc.flags.of_drill = True
	doc.update({"purpose": "General", "translations": []})
	doc.insert()


def install_voices() -> None:
	"""Fill the table of voices in Dialer Settings, once, with voices for the languages this site has."""
	if site_values.read(VOICES_OFFERED):
		return
	installed = [language for language in VOICES if frappe.db.exists("Language", language)]
	for place, language in enumerate(installed, 1):
		voice = VOICES[language]
		frappe.get_doc(
			{
				"doctype": "Dialer Voice",
				"parent": "Dialer Settings",
				"parenttype": "Dialer Settings",
				"parentfield": "voices",
				"idx": place,
				"language": language,
				"voice": voice.name,
				"spoken_language": voice.language,
			}
		).insert()
	site_values.write(VOICES_OFFERED, "1")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
