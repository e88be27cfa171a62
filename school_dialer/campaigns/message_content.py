"""What a campaign's calls and texts say: rendered before they are placed, and shown to staff as samples.

The words of a real call are rendered when the carrier asks for them (`calls.live_call`) and are never stored.
"""

from dataclasses import replace
from functools import cache

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience import disclosed_records, student_access
from school_dialer.base.wording import translated
from school_dialer.campaigns.parties.asking import alone, also_informed, besides
from school_dialer.carriers.base import Text, Voice
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.consent.choices import preference_link
from school_dialer.messages import catalogue, context, in_place_of_call, linter, preview, store, text
from school_dialer.messages.model import EDUCATIONAL, MessageError, Outgoing, Subject, Template
from school_dialer.messages.sensitivity.discretion import mask_unreadable_values
from school_dialer.messages.spoken import speaker, voice
from school_dialer.schools import registry, speaking
from school_dialer.schools import scope as scopes
from school_dialer.schools.speaking import CalledPerson
from school_dialer.settings import carrier_settings

KEY, PIN = "Key 1", "PIN"


def for_rows(campaign, rows: list) -> tuple[dict[str, Voice | Text], dict[str, str]]:
	"""Return ({recipient: message}, {recipient: why its message cannot be rendered}).

	`rows` are recipient rows with `log` set to the name of their call log. For texts, sets `fields_used` on
	each row.
	"""
	template = gate.template_of(campaign)
	subjects = [subject_of(row, campaign, template) for row in rows]
	values = context.read_values(subjects, template.field_names) if rows else {}
	school_of = cache(store.school)
	links = links_for(template, campaign.channel, rows)
	messages: dict[str, Voice | Text] = {}
	missing: dict[str, str] = {}
	for row, subject in zip(rows, subjects, strict=True):
		outgoing = store.outgoing(template, subject, values[row.name], school_of)
		outgoing = replace(outgoing, link=links.get(row.name, ""))
		try:
			messages[row.name] = message(outgoing, row, campaign.channel, bool(campaign.get("fallback")))
		except MessageError as error:
			missing[row.name] = str(error)
	return messages, missing


def links_for(template: Template, channel: str, rows: list) -> dict[str, str]:
	"""Return {recipient: preference page URL} for a text that must say less than a call.

	Empty for all other messages. Creates all links in one statement.
	"""
	if not rows or not says_less(template, channel):
		return {}
	urls = preference_link.urls([(row.phone, row.language or "") for row in rows])
	return {row.name: url for row, url in zip(rows, urls, strict=True)}


def worded(campaign, rows: list, answers: dict[str, gate.EligibilityResult]) -> tuple[dict, dict[str, str]]:
	"""Return ({row's name: message}, {row's name: what is missing}) for rows that were asked about.

	Where a value about one person's students is missing, another person at the number is informed alone, and
	`answers` has the gate's answer about that one.
	"""
	messages, missing = for_rows(campaign, rows)
	place = 0
	while left := [row for row in rows if row.name in missing and 1 < len(row.possible) > place]:
		answers.update({row.name: alone(row, place) for row in left})
		worded_now, _still = for_rows(campaign, left)
		messages |= worded_now
		missing = {name: why for name, why in missing.items() if name not in worded_now}
		place += 1
	return messages, missing


def says_less(template: Template, channel: str) -> bool:
	"""Return True for the text of an educational message, which is a generic version."""
	return channel == "Text" and linter.sensitivity(template, catalogue.fields()) == EDUCATIONAL


def message(outgoing: Outgoing, row, channel: str, fallback: bool = False) -> Voice | Text:
	"""Return a text with its words, or a call with its webhook URLs.

	The words of a call are only rendered here to find problems. `fallback`: the text replaces calls that
	reached no one. Raise MessageError if the message cannot be rendered.
	"""
	if channel == "Text":
		made = (
			in_place_of_call.text(outgoing, outgoing.link or preferences())
			if fallback
			else text.text_message(outgoing)
		)
		row.fields_used = made.fields
		return carrier_settings.outgoing_text(made.body, row.log)
	store.rehearse(outgoing, channel)
	doc = carrier_settings.settings()
	at_once = doc.detect_voicemail and outgoing.template.purpose == EMERGENCY
	return Voice(
		carrier_settings.webhook_url("voice", log=row.log),
		carrier_settings.webhook_url("status", log=row.log),
		doc.ring_timeout or 25,
		bool(doc.detect_voicemail),
		doc.fallback_url or "",
		carrier_settings.webhook_url("detected", log=row.log) if at_once else "",
	)


def preferences() -> str:
	return preference_link.address()


def subject_of(row, campaign, template: Template) -> Subject:
	return Subject(
		key=row.name,
		person_doctype=row.person_doctype or "",
		person=row.person or "",
		person_name=row.person_name or "",
		students=tuple(row.students),
		language=row.language or "",
		channel=campaign.channel,
		campaign=campaign.name,
		purpose=campaign.purpose,
		about_records=template.about_records,
		school=row.get("school") or "",
		others=also_informed(row),
	)


def asking(outgoing: Outgoing, campaign) -> Outgoing:
	"""Add what the campaign asks of a person who answers.

	Add nothing for a person who hears only that there is a message (`withheld`).
	"""
	return outgoing if outgoing.withheld else replace(outgoing, **asked_by(campaign))


def asked_by(campaign) -> dict[str, bool]:
	"""Return what a campaign asks of a person who answers, as fields of `Outgoing`.

	An emergency always asks for a key afterward. Only a campaign that wants it counts no one without a key.
	"""
	doc = carrier_settings.settings()
	return {
		"acknowledge": bool(campaign.acknowledge) or campaign.get("purpose") == EMERGENCY,
		"pin": wants_pin(campaign, campaign.get("identity_check") or doc.identity_check),
		"record_reason": bool(doc.record_reasons),
	}


def wants_pin(campaign, check: str | None) -> bool:
	"""Return True if the PIN is required, by this setting of the campaign or Dialer Settings.

	By default it is required for all student records except attendance: reasonable methods to authenticate
	the person who hears them (34 CFR 99.31(c)).
	"""
	if check in (KEY, PIN):
		return check == PIN
	about = campaign.get("purpose") not in ("Attendance", "Emergency")
	return about and gate.CallContext.of(campaign).about_records()


def asks_for_pin(campaign) -> bool:
	"""Return True if a person who answers this campaign's calls must enter a PIN to hear the message."""
	if campaign.channel != "Voice" or not asked_by(campaign)["pin"]:
		return False
	return voice.gated(store.example_outgoing(gate.template_of(campaign), frappe._dict()))


def example(campaign, row) -> Voice | Text:
	"""Return the content of a test call, with the catalog's example values."""
	return message(store.example_outgoing(gate.template_of(campaign), row), row, campaign.channel)


def samples(campaign, options: list, for_staff: bool = True) -> list[dict]:
	"""Return what these planned recipients would hear or read, as a list of dicts.

	Each dict has `person`, `language`, `veiled`, and either `message` (the words) or `problem` (why there is
	no message). With `for_staff` the samples are shown to the current user: values the user may not read are
	replaced by example values and listed in `veiled`, and a person who has a child the user may not read is
	shown without a name.
	"""
	template = gate.template_of(campaign)
	subjects = subjects_of(campaign, options, template)
	veiled = []
	if for_staff:
		subjects = without_names(campaign, options, subjects)
	values = context.read_values(list(subjects.values()), template.field_names)
	if for_staff:
		veiled = mask_unreadable_values(values, subjects.values(), template.field_names)
	shown = []
	for key_, subject in subjects.items():
		example_row = {
			"person": subject.person_name,
			"language": subject.language,
			"veiled": preview.labels_of(veiled),
		}
		try:
			outgoing = asking(store.outgoing(template, subject, values[key_]), campaign)
			outgoing = replace(outgoing, link=sample_link(template, campaign.channel))
			example_row["message"] = message_words(outgoing, campaign.channel)
		except MessageError as error:
			example_row["problem"] = translated(error, _)
		shown.append(example_row)
	return shown


def subjects_of(campaign, options: list, template: Template) -> dict[str, Subject]:
	"""Return whom the message to each of these is about, and in which school's name it is, by their index."""
	spoken_for = speaking.names(
		scopes.scope_of(campaign),
		[
			CalledPerson(option.candidate.person_doctype, option.candidate.person, option.answer.students)
			for option in options
		],
	)
	return {
		str(index): Subject(
			key=str(index),
			person_doctype=option.candidate.person_doctype or "",
			person=option.candidate.person or "",
			person_name=option.candidate.person_name,
			students=option.answer.students,
			language=option.spoken or registry.language(school) or "en",
			channel=campaign.channel,
			campaign=campaign.name,
			purpose=campaign.purpose,
			about_records=template.about_records,
			school=school,
			others=besides(option.informed, option.line.owner),
		)
		for index, (option, school) in enumerate(zip(options, spoken_for, strict=True))
	}


def without_names(campaign, options: list, subjects: dict[str, Subject]) -> dict[str, Subject]:
	"""Return the subjects in the same order, without the names of people the user may not see."""
	people = [
		(
			option.candidate.person_doctype,
			option.candidate.person,
			(*option.candidate.students, *option.answer.students),
		)
		for option in options
	]
	visible = student_access.visible(people, disclosed_records.of_campaign(campaign))
	return {
		key: subject if may else replace(subject, person_name=student_access.name_not_shown())
		for (key, subject), may in zip(subjects.items(), visible, strict=True)
	}


def sample_link(template: Template, channel: str) -> str:
	"""Return a sample link as long as a real one, for previews and estimates."""
	return preference_link.sample() if says_less(template, channel) else ""


def message_words(outgoing: Outgoing, channel: str) -> str:
	if channel == "Text":
		return text.text_message(outgoing).body
	return sentences(voice.voice_twiml(outgoing, "").twiml)


def body_words(outgoing: Outgoing, channel: str) -> str:
	"""Return a text, or what a call says between its own keys."""
	return voice.body_words(outgoing) if channel != "Text" else message_words(outgoing, channel)


def sentences(twiml: str) -> str:
	"""Return the spoken words of a TwiML document, one sentence per line."""
	return "\n".join(sentence.strip() for sentence in speaker.sentences(twiml))
