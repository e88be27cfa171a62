"""What a call says, joined to its log: rehearsed before dialing, made when the carrier asks for it, never kept."""

import json
from xml.etree import ElementTree

import frappe

from school_dialer.carriers.base import Text, Voice
from school_dialer.dialing import inbound, progress, settings, states
from school_dialer.messages import catalogue, context, store, text, voice
from school_dialer.messages.model import MessageError, Outgoing, Subject


def for_rows(campaign, rows: list) -> tuple[dict[str, Voice | Text], dict[str, str]]:
	"""By recipient: the request's content, or why this person's message cannot be made. Rows carry their log's name."""
	template = store.template(campaign.template)
	values = context.read([subject_of(row, campaign) for row in rows], template.field_names) if rows else {}
	messages: dict[str, Voice | Text] = {}
	missing: dict[str, str] = {}
	for row in rows:
		outgoing = store.outgoing(template, subject_of(row, campaign), values[row.name])
		try:
			messages[row.name] = message(outgoing, row, campaign.channel)
		except MessageError as error:
			missing[row.name] = str(error)
	return messages, missing


def message(outgoing: Outgoing, row, channel: str) -> Voice | Text:
	"""A text with its words, or a call with its addresses; a call's words are only rehearsed here."""
	if channel == "Text":
		made = text.text_message(outgoing)
		row.fields_used = made.fields
		return Text(made.body, settings.webhook_url("message_status", log=row.log))
	store.rehearse(outgoing, channel)
	doc = settings.settings()
	return Voice(
		settings.webhook_url("voice", log=row.log),
		settings.webhook_url("status", log=row.log),
		doc.ring_timeout or 25,
		bool(doc.detect_voicemail),
	)


def subject_of(row, campaign) -> Subject:
	return Subject(
		key=row.name,
		person_doctype=row.person_doctype or "",
		person=row.person or "",
		person_name=row.person_name or "",
		students=tuple(row.students),
		language=row.language or "",
		channel=campaign.channel,
		campaign=campaign.name,
	)


def answer(log_name: str, sid: str, answered_by: str) -> str:
	"""TwiML for whoever picked up this call: rendered now, for this log and this carrier call only."""
	log = open_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	progress.apply(log.name, progress.News("in-progress", sid=sid, answered_by=answered_by))
	try:
		spoken = voice.answer_twiml(
			outgoing_of(log), settings.webhook_url("keypress", log=log.name), answered_by
		)
	except MessageError as error:
		note(log.name, error_message=str(error))
		return voice.unavailable_twiml(store.school(), log.language or "")
	note(log.name, answered_by=answered_by, content=spoken.content, fields_used=json.dumps(spoken.fields))
	return spoken.twiml


def key(log_name: str, sid: str, digits: str) -> str:
	"""TwiML after a key. An opt-out is in the ledger before this returns."""
	log = open_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	confirmed = voice.CONFIRM_KEY in (log.keys_pressed or "")
	heard = log.content == voice.FULL
	progress.note_key(log, digits)
	try:
		answered = voice.keypress_twiml(
			outgoing_of(log),
			settings.webhook_url("keypress", log=log.name),
			digits,
			confirmed=confirmed,
			heard=heard,
		)
	except MessageError as error:
		note(log.name, error_message=str(error))
		return voice.unavailable_twiml(store.school(), log.language or "")
	if answered.action == voice.OPT_OUT:
		inbound.opt_out_by_key(log, digits, answered.scope)
	elif answered.action == voice.ACKNOWLEDGED:
		note(log.name, acknowledged=1)
	elif answered.spoken.content == voice.FULL:
		note(log.name, content=voice.FULL, fields_used=json.dumps(answered.spoken.fields))
	return answered.spoken.twiml


def read_log(log_name: str):
	rows = frappe.db.sql(
		"""select name, carrier_sid, campaign, recipient, purpose, template, channel, phone, person_doctype, person,
			person_name, language, students, keys_pressed, content, status_rank
		from `tabDialer Call Log` where name = %s and direction = 'Outbound'""",
		log_name,
		as_dict=True,
	)
	return rows[0] if rows else None


def open_log(log_name: str, sid: str):
	"""The log of a call in progress; None when it does not exist, is over, or belongs to another carrier call."""
	log = read_log(log_name)
	if not log or (log.carrier_sid and log.carrier_sid != sid):
		return None
	if log.status_rank >= states.FINAL_RANK:
		return None
	log.students = json.loads(log.students or "[]")
	return log


def outgoing_of(log) -> Outgoing:
	template = store.template(log.template)
	if not log.recipient:
		return example_of(template, log)
	subject = Subject(
		key=log.name,
		person_doctype=log.person_doctype or "",
		person=log.person or "",
		person_name=log.person_name or "",
		students=tuple(log.students),
		language=log.language or "",
		channel=log.channel,
		campaign=log.campaign or "",
	)
	values = context.read([subject], template.field_names)[log.name]
	return store.outgoing(template, subject, values, asks_for_key(log.campaign))


def asks_for_key(campaign: str) -> bool:
	return bool(frappe.get_cached_value("Dialer Campaign", campaign, "acknowledge"))


def example(campaign, row) -> Voice | Text:
	"""A test call's content, of the catalogue's examples."""
	return message(example_of(store.template(campaign.template), row), row, campaign.channel)


def example_of(template, row) -> Outgoing:
	values = {name: field.example for name, field in catalogue.fields().items()}
	subject = Subject(
		key="example",
		person_doctype="",
		person="",
		person_name=row.person_name or "",
		language=row.language or "",
	)
	return store.outgoing(template, subject, values)


def note(log_name: str, **values) -> None:
	log = frappe.qb.DocType("Dialer Call Log")
	query = frappe.qb.update(log).where(log.name == log_name)
	for fieldname, value in values.items():
		query = query.set(log[fieldname], value)
	query.run()


def samples(campaign, options: list) -> list[dict]:
	"""What these planned people would hear or read, for the preview: sentences, or why there is no message."""
	template = store.template(campaign.template)
	school = store.school()
	subjects = {
		str(index): Subject(
			key=str(index),
			person_doctype=option.candidate.person_doctype or "",
			person=option.candidate.person or "",
			person_name=option.candidate.person_name,
			students=option.answer.students,
			language=option.candidate.language or school.language,
			channel=campaign.channel,
			campaign=campaign.name,
		)
		for index, option in enumerate(options)
	}
	values = context.read(list(subjects.values()), template.field_names)
	shown = []
	for key_, subject in subjects.items():
		one = {"person": subject.person_name, "language": subject.language}
		try:
			outgoing = store.outgoing(template, subject, values[key_], bool(campaign.acknowledge))
			one["message"] = words(outgoing, campaign.channel)
		except MessageError as error:
			one["problem"] = str(error)
		shown.append(one)
	return shown


def words(outgoing: Outgoing, channel: str) -> str:
	if channel == "Text":
		return text.text_message(outgoing).body
	return sentences(voice.voice_twiml(outgoing, "").twiml)


def sentences(twiml: str) -> str:
	"""The spoken words of a TwiML document, a line for each."""
	return "\n".join((say.text or "").strip() for say in ElementTree.fromstring(twiml).iter("Say"))
