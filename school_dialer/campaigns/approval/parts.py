"""The parts of a campaign that are approved, each as a digest keyed by the site.

Without a key, the content of a file with few numbers could be guessed from its digest. Everything is read
from the database and the disk, never from a cache.
"""

import hmac
import json
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256

import frappe

from school_dialer.campaigns.approval import files
from school_dialer.consent import keys
from school_dialer.messages.template import made_from

CAMPAIGN, TEMPLATE = "Dialer Campaign", "Dialer Message Template"
TRANSLATION, RECORDING = "Dialer Message Translation", "Dialer Recording"
DETAILS_TRANSLATION = "Dialer Details Translation"
AUDIENCE, FILE, WORDS, RECORDINGS = "audience", "file", "words", "recordings"
DETAILS, PURPOSE, CHANNEL, LIMITS = "details", "purpose", "channel", "limits"
FIELDS: dict[str, tuple[str, ...]] = {
	AUDIENCE: (
		"audience_source",
		"audience_doctype",
		"audience_name",
		"audience_file",
		"audience_filters",
		"reach",
	),
	DETAILS: ("details", "emergency_type", "emergency_reason", "threat"),
	PURPOSE: ("purpose", "protected_survey"),
	CHANNEL: ("channel", "acknowledge", "identity_check", "text_fallback", "email_fallback"),
	LIMITS: ("max_attempts", "deadline", "most_at_once", "spend_limit"),
}
"""The campaign's fields in each part.

They are listed one by one: a field added by an update must not change the digests of active campaigns.
"""
SCHOOL_FIELDS = ("school", "schools", "said_by")
"""Whose families are called, and in whose name: part of AUDIENCE if a district's campaign says it."""
RESENDS = "resends"
"""Whose people are tried again: part of AUDIENCE of a campaign that does so."""
ALL = (PURPOSE, CHANNEL, AUDIENCE, FILE, WORDS, RECORDINGS, DETAILS, LIMITS)
TEMPLATE_FIELDS = ("purpose", "voice", "text", "asks")
PLAYED = ("voice_recording", "voicemail_recording")
WORDS_FIELDS = (
	"language",
	"voice",
	"voicemail",
	"text",
	"question",
	"answers",
	"recording_place",
	"voice_recording_holds",
	"voicemail_recording_holds",
	*PLAYED,
)
RECORDING_FIELDS = ("file", "format", "digest", "status")


def digests_of(name: str) -> dict[str, str] | None:
	"""Return {part: digest} of this campaign as it is now, or None if it does not exist.

	Runs at most six queries. Details in other languages, schools, and a campaign that is tried again count
	only if there are some: requests from before there were any keep their digests.
	"""
	fields = [*(field for part in FIELDS.values() for field in part), *SCHOOL_FIELDS, RESENDS]
	campaign = frappe.db.get_value(CAMPAIGN, name, [*fields, "template"], as_dict=True)
	if not campaign:
		return None
	translations = translations_of(campaign.template)
	template = frappe.db.get_value(TEMPLATE, campaign.template, TEMPLATE_FIELDS)
	digests = {part: digest(part, [campaign[field] for field in fields]) for part, fields in FIELDS.items()}
	if any(whose := [campaign[field] for field in SCHOOL_FIELDS]):
		digests[AUDIENCE] = digest(AUDIENCE, [[campaign[field] for field in FIELDS[AUDIENCE]], whose])
	if first := campaign[RESENDS]:
		digests[AUDIENCE] = digest(AUDIENCE, [digests[AUDIENCE], first])
	if others := details_of(name):
		digests[DETAILS] = digest(DETAILS, [[campaign[field] for field in FIELDS[DETAILS]], others])
	digests[FILE] = digest(FILE, files.content(campaign.audience_file))
	digests[WORDS] = digest(WORDS, [template, sorted(map(normalized, translations))])
	digests[RECORDINGS] = digest(RECORDINGS, recordings_of(translations))
	return digests


def details_of(name: str) -> list[tuple]:
	"""Return (language, details) of the campaign in other languages."""
	return frappe.get_all(
		DETAILS_TRANSLATION,
		{"parent": name, "parenttype": CAMPAIGN},
		["language", "details"],
		order_by="language, idx",
		as_list=True,
	)


def translations_of(template: str | None) -> list[tuple]:
	"""Return the words in each language, as tuples in the order of `WORDS_FIELDS`.

	A language that has no words does not count, whether it is blank or has a draft that no one accepted.
	"""
	rows = frappe.get_all(
		TRANSLATION,
		{"parent": template, "parenttype": TEMPLATE},
		list(WORDS_FIELDS),
		order_by="language, idx",
	)
	return [
		tuple(row[field] for field in WORDS_FIELDS)
		for row in rows
		if made_from.version_of(row, made_from.WORDS)
	]


def recordings_of(translations: Iterable[tuple]) -> list:
	"""Return the record of each recording these translations play, and the digest of its sound on disk."""
	places = [WORDS_FIELDS.index(field) for field in PLAYED]
	names = {row[place] for row in translations for place in places} - {None, ""}
	if not names:
		return []
	rows = frappe.get_all(
		RECORDING, {"name": ("in", sorted(names))}, ["name", *RECORDING_FIELDS], order_by="name", as_list=True
	)
	return [[*row, files.content(row[1])] for row in rows]


def digest(part: str, value) -> str:
	"""Return the HMAC-SHA256 of the part's values in hex."""
	return hmac.new(keys.derive(f"approval {part}"), normalized(value).encode(), sha256).hexdigest()


def normalized(value) -> str:
	"""Return one text per meaning: an empty field is "", whether the database has "" or null."""
	return json.dumps(filled(value), default=as_text, ensure_ascii=False)


def filled(value):
	if isinstance(value, list | tuple):
		return [filled(item) for item in value]
	return "" if value is None else value


def as_text(value) -> str:
	return value.isoformat() if isinstance(value, date | datetime) else str(value)
