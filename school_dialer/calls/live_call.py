"""What a call says, joined to its log: rehearsed before dialing, made when the carrier asks for it, never kept."""

import json
from dataclasses import replace
from functools import partial

import frappe
from frappe import _

from school_dialer import clock, gate, states
from school_dialer.attempts import heard, status_updates
from school_dialer.audience import disclosed_records, student_access
from school_dialer.calls import inbound, pins, playback, recording_retention, survey_answers
from school_dialer.carriers.base import Text, Voice
from school_dialer.consent.choices import preference_link
from school_dialer.messages import in_place_of_call, preview, store, text
from school_dialer.messages.model import EDUCATIONAL, MessageError, Outgoing, Subject, Template
from school_dialer.messages.sensitivity.discretion import veil
from school_dialer.messages.spoken import ivr_state, speaker, voice
from school_dialer.messages.spoken.ivr_state import Move, State
from school_dialer.messages.template import catalogue, context, linter
from school_dialer.settings import carrier_settings
from school_dialer.transactions import changed
from school_dialer.wording import translated

KEY, PIN = "Key 1", "PIN"


def for_rows(campaign, rows: list) -> tuple[dict[str, Voice | Text], dict[str, str]]:
	"""By recipient: the request's content, or why this person's message cannot be made. Rows carry their log's name."""
	template = gate.template_of(campaign)
	subjects = [subject_of(row, campaign, template) for row in rows]
	values = context.read(subjects, template.field_names) if rows else {}
	links = links_for(template, campaign.channel, rows)
	messages: dict[str, Voice | Text] = {}
	missing: dict[str, str] = {}
	for row, subject in zip(rows, subjects, strict=True):
		outgoing = store.outgoing(template, subject, values[row.name])
		outgoing = replace(outgoing, link=links.get(row.name, ""))
		try:
			messages[row.name] = message(outgoing, row, campaign.channel, bool(campaign.get("fallback")))
		except MessageError as error:
			missing[row.name] = str(error)
	return messages, missing


def links_for(template: Template, channel: str, rows: list) -> dict[str, str]:
	"""By recipient: the address of their preferences, for a text that must say less than a call. One statement for all."""
	if not rows or not says_less(template, channel):
		return {}
	urls = preference_link.urls([(row.phone, row.language or "") for row in rows])
	return {row.name: url for row, url in zip(rows, urls, strict=True)}


def says_less(template: Template, channel: str) -> bool:
	"""Whether this is the generic variant of an educational message."""
	return channel == "Text" and linter.sensitivity(template, catalogue.fields()) == EDUCATIONAL


def message(outgoing: Outgoing, row, channel: str, fallback: bool = False) -> Voice | Text:
	"""A text with its words, or a call with its addresses; a call's words are only rehearsed here.

	``fallback``: the text comes in place of calls that reached nobody.
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
	return Voice(
		carrier_settings.webhook_url("voice", log=row.log),
		carrier_settings.webhook_url("status", log=row.log),
		doc.ring_timeout or 25,
		bool(doc.detect_voicemail),
		doc.fallback_url or "",
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
	)


def answer(log_name: str, sid: str, answered_by: str, detection: float = 0.0) -> str:
	"""TwiML for whoever picked up this call: rendered now, for this log and this carrier call only. ``detection``: the seconds for
	which the carrier says it listened for a machine before it asked."""
	log = open_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	status_updates.apply(log.name, status_updates.News("in-progress", sid=sid, answered_by=answered_by))
	state = State.of(log.dialogue)
	try:
		refuse_other_words(log)
		outgoing = outgoing_of(log)
		if state.turn and state.stage:
			return repeated(log, outgoing, state)
		state, spoken = opening(log, outgoing, answered_by)
	except MessageError as error:
		note(log.name, error_message=str(error))
		return voice.unavailable_twiml(store.school(), log.language or "")
	machine = {} if voice.is_person(answered_by) else {"voicemail_left": log.voicemail_left or heard.NOT_LEFT}
	told = note(
		log.name,
		answered_by=answered_by,
		content=spoken.content,
		fields_used=json.dumps(spoken.fields),
		dialogue=state.text,
		seconds_needed=spoken.seconds,
		detection_seconds=detection,
		**machine,
	)
	return spoken.twiml if told else voice.hang_up_twiml()


def opening(log, outgoing: Outgoing, answered_by: str) -> tuple[State, voice.Spoken]:
	"""Where the dialogue of this call begins, and its first words. A machine has none: its state is the empty one."""
	state = State.of(log.dialogue)
	if not voice.is_person(answered_by):
		return state, voice.voicemail_twiml(
			outgoing, carrier_settings.webhook_url("voicemail_end", log=log.name)
		)
	state = begun(log, outgoing, state, answered_by)
	if state.stage == ivr_state.OVER:
		return state, voice.reply_twiml(outgoing, Move(state, ivr_state.GOODBYE), "")
	return state, voice.opening_twiml(outgoing, state.stage, keypress_url(log, state))


def begun(log, outgoing: Outgoing, state: State, answered_by: str) -> State:
	gated = voice.gated(outgoing, answered_by)
	withheld = pins.standing(log.person_doctype, log.person) if gated and outgoing.pin else ""
	return ivr_state.begin(state, voice.script_of(outgoing), gated=gated, withheld=withheld)


def voicemail_ended(log_name: str, sid: str) -> str:
	"""TwiML when a machine was told the last word: nothing more. What it has of them goes on the log, ended or not."""
	log = own_log(log_name, sid)
	if log and log.content and not voice.is_person(log.answered_by or ""):
		note(log.name, over=None, voicemail_left=heard.left_on_machine(log.answered_by, True))
	return voice.hang_up_twiml()


def key(
	log_name: str,
	sid: str,
	digits: str,
	turn: int | None = None,
	recording: str = "",
	*,
	silent: bool = False,
	hung_up: bool = False,
) -> str:
	"""TwiML after keys, or after a spoken answer with the carrier's id of its recording. An opt-out is in the ledger before this
	returns. ``turn`` is the one that the listener heard; a request that comes again, or late, is told what holds now.

	``silent``: nothing is on the recording, which is deleted. ``hung_up``: the listener is gone, and what they pressed or said
	before counts all the same, also when the end of the call was reported first.
	"""
	log = own_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	outgoing = outgoing_of(log)
	state = State.of(log.dialogue)
	if not state.stage:
		state = begun(log, outgoing, state, log.answered_by or "")
	current = turn in (None, state.turn)
	over = hung_up or is_over(log)
	spoken = bool(recording) and not silent and state.stage == ivr_state.RECORD and current
	if recording and not (spoken and log.recipient):
		recording_retention.discard_take(log.name, recording)
	if not (current or ivr_state.stops(state, digits)):
		return repeated(log, outgoing, state, over)
	if over and not (spoken or ivr_state.counts_afterwards(state, digits)):
		return voice.hang_up_twiml()
	move = made(log, outgoing, state, digits, recording if spoken else "")
	if not taken(log, outgoing, state, move, digits):
		fresh = own_log(log_name, sid)
		if is_over(fresh) and not is_over(log):
			return key(log_name, sid, digits, turn, recording, silent=silent, hung_up=True)
		if move.action != ivr_state.OPT_OUT:
			return repeated(log, outgoing, State.of(fresh.dialogue), over)
	if move.action == ivr_state.ANSWER and not spoken:
		survey_answers.record(log, outgoing.template, move.answer)
	if is_over(log):
		status_updates.reconsider(log.name)
	return voice.hang_up_twiml() if over else reply(log, outgoing, move)


def made(log, outgoing: Outgoing, state: State, digits: str, recording: str) -> Move:
	"""The move that keys, or a recording with something on it, make; a spoken answer and an opt-out are on record when this returns."""
	script = voice.script_of(outgoing)
	if recording:
		survey_answers.record(log, outgoing.template, script.recorded, recording)
	if recording and not ivr_state.stops(state, digits):
		return ivr_state.recorded(state, script)
	move = ivr_state.hear(state, digits, script, partial(pins.check, log.person_doctype, log.person))
	if move.action == ivr_state.OPT_OUT:
		inbound.opt_out_by_key(log, digits, move.scope)
	return move


def taken(log, outgoing: Outgoing, state: State, move: Move, digits: str) -> bool:
	"""Whether this move is now the log's, and not that of another request."""
	acknowledged = move.action == ivr_state.ACKNOWLEDGED or (
		move.action == ivr_state.ANSWER and outgoing.acknowledge
	)
	private = ivr_state.is_private(state, digits, voice.script_of(outgoing))
	return status_updates.take_turn(
		log,
		move.state.text,
		"[PIN]" if private else digits,
		acknowledged,
		answers=ivr_state.answers_words(move),
		over=is_over(log),
	)


def repeated(log, outgoing: Outgoing, state: State, over: bool = False) -> str:
	"""For a request that the carrier repeats, or that comes late: what holds now, and nothing changes."""
	return voice.hang_up_twiml() if over else reply(log, outgoing, Move(state, ivr_state.REPEATED))


def reply(log, outgoing: Outgoing, move: Move) -> str:
	try:
		spoken = voice.reply_twiml(outgoing, move, keypress_url(log, move.state))
	except MessageError as error:
		note(log.name, error_message=str(error))
		return voice.unavailable_twiml(store.school(), log.language or "")
	opened = (
		{"seconds_needed": spoken.seconds + on_the_line(log)} if move.action == ivr_state.CONFIRMED else {}
	)
	if spoken.fields or opened:
		note(log.name, content=spoken.content, fields_used=json.dumps(spoken.fields), **opened)
	return spoken.twiml


def answered_too_late(log_name: str) -> None:
	"""What was pressed counts, but a message that it opened was not heard: the carrier has given up on our answer."""
	log = frappe.qb.DocType("Dialer Call Log")
	opened = (log.name == log_name) & (log.seconds_needed > 0) & log.dialogue.like(f"{ivr_state.MESSAGE}:%")
	frappe.qb.update(log).set(log.seconds_needed, heard.LONGEST_CALL).where(opened).run()


def on_the_line(log) -> float:
	"""Seconds since the first words of this call were fetched."""
	return (clock.now() - clock.from_db(log.answered_at)).total_seconds() if log.answered_at else 0.0


def keypress_url(log, state: State) -> str:
	return carrier_settings.webhook_url("keypress", log=log.name, turn=state.turn)


def read_log(log_name: str):
	rows = frappe.db.sql(
		"""select name, carrier_sid, campaign, recipient, purpose, template, template_version, channel, phone, person_doctype, person,
			person_name, language, students, keys_pressed, dialogue, status_rank, answered_by, answered_at, content,
			voicemail_left
		from `tabDialer Call Log` where name = %s and direction = 'Outbound'""",
		log_name,
		as_dict=True,
	)
	return rows[0] if rows else None


def own_log(log_name: str, sid: str):
	"""The log of a call, over or not; None when it does not exist, is a text, or belongs to another carrier call."""
	log = read_log(log_name)
	if not log or log.channel != "Voice" or not sid or (log.carrier_sid and log.carrier_sid != sid):
		return None
	log.students = json.loads(log.students or "[]")
	return log


def is_over(log) -> bool:
	return log.status_rank >= states.FINAL_RANK


def open_log(log_name: str, sid: str):
	"""As `own_log`, and None when the call is over: no more words are made for it."""
	log = own_log(log_name, sid)
	return None if log is None or is_over(log) else log


def outgoing_of(log) -> Outgoing:
	return playback.audible(made_for(log), log.name)


def made_for(log) -> Outgoing:
	if not log.recipient:
		return example_of(store.template(log.template), log)
	campaign = frappe.get_cached_doc("Dialer Campaign", log.campaign)
	template = gate.template_of(campaign, log.template)
	subject = Subject(
		key=log.name,
		person_doctype=log.person_doctype or "",
		person=log.person or "",
		person_name=log.person_name or "",
		students=tuple(log.students),
		language=log.language or "",
		channel=log.channel,
		campaign=log.campaign or "",
		purpose=log.purpose or "",
		about_records=template.about_records,
	)
	values = context.read([subject], ("recipient_name", *template.field_names))[log.name]
	return asking(store.outgoing(template, subject, values), campaign)


def refuse_other_words(log) -> None:
	"""Raise `MessageError` for a test call whose words were changed since it was placed: its permit was for those."""
	if not log.recipient and log.template and store.template(log.template).version != log.template_version:
		raise MessageError(_("The message was changed after this test was placed."))


def asking(outgoing: Outgoing, campaign) -> Outgoing:
	"""With what the campaign asks of those who answer: nothing, of whoever hears only that there is a message."""
	return outgoing if outgoing.withheld else replace(outgoing, **asked_by(campaign))


def asked_by(campaign) -> dict[str, bool]:
	"""What a campaign asks of those who answer, as fields of `Outgoing`."""
	doc = carrier_settings.settings()
	return {
		"acknowledge": bool(campaign.acknowledge),
		"pin": wants_pin(campaign, campaign.get("identity_check") or doc.identity_check),
		"record_reason": bool(doc.record_reasons),
	}


def wants_pin(campaign, check: str | None) -> bool:
	"""Whether the PIN is asked for by this choice of Dialer Settings or the campaign. By default it is before all records but
	attendance: reasonable methods to authenticate who hears them (34 CFR 99.31(c))."""
	if check in (KEY, PIN):
		return check == PIN
	about = campaign.get("purpose") not in ("Attendance", "Emergency")
	return about and gate.Case.of(campaign).about_records()


def asks_for_pin(campaign) -> bool:
	"""Whether who answers this campaign's calls hears its message only after a PIN."""
	if campaign.channel != "Voice" or not asked_by(campaign)["pin"]:
		return False
	return voice.gated(example_of(gate.template_of(campaign), frappe._dict()))


def example(campaign, row) -> Voice | Text:
	"""A test call's content, of the catalogue's examples."""
	return message(example_of(gate.template_of(campaign), row), row, campaign.channel)


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


def note(log_name: str, over: bool | None = False, **values) -> bool:
	"""Whether they were written: not on the log of a call that has ended meanwhile (``over``; None: in either case)."""
	log = frappe.qb.DocType("Dialer Call Log")
	query = frappe.qb.update(log).where(log.name == log_name)
	if over is False:
		query = query.where(log.status_rank < states.FINAL_RANK)
	for fieldname, value in values.items():
		query = query.set(log[fieldname], value)
	query.run()
	return changed() > 0


def samples(campaign, options: list, for_staff: bool = True) -> list[dict]:
	"""What these planned people would hear or read: sentences, or why there is no message.

	``for_staff``: they are shown, so what the user may not read is said with example values; ``veiled`` names it. Who has a child whom
	the user may not read is shown without a name.
	"""
	template = gate.template_of(campaign)
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
			purpose=campaign.purpose,
			about_records=template.about_records,
		)
		for index, option in enumerate(options)
	}
	veiled = []
	if for_staff:
		subjects = without_names(campaign, options, subjects)
	values = context.read(list(subjects.values()), template.field_names)
	if for_staff:
		veiled = veil(values, subjects.values(), template.field_names)
	shown = []
	for key_, subject in subjects.items():
		one = {"person": subject.person_name, "language": subject.language, "veiled": preview.told(veiled)}
		try:
			outgoing = asking(store.outgoing(template, subject, values[key_]), campaign)
			outgoing = replace(outgoing, link=sample_link(template, campaign.channel))
			one["message"] = words(outgoing, campaign.channel)
		except MessageError as error:
			one["problem"] = translated(error, _)
		shown.append(one)
	return shown


def without_names(campaign, options: list, subjects: dict[str, Subject]) -> dict[str, Subject]:
	"""Those whom the user may see as they are, the others with no name; in the same order."""
	told = [
		(one.candidate.person_doctype, one.candidate.person, (*one.candidate.students, *one.answer.students))
		for one in options
	]
	visible = student_access.visible(told, disclosed_records.of_campaign(campaign))
	return {
		key: subject if may else replace(subject, person_name=student_access.name_not_shown())
		for (key, subject), may in zip(subjects.items(), visible, strict=True)
	}


def sample_link(template: Template, channel: str) -> str:
	"""As long as a real one, for previews and estimates."""
	return preference_link.sample() if says_less(template, channel) else ""


def words(outgoing: Outgoing, channel: str) -> str:
	if channel == "Text":
		return text.text_message(outgoing).body
	return sentences(voice.voice_twiml(outgoing, "").twiml)


def sentences(twiml: str) -> str:
	"""The spoken words of a TwiML document, a line for each."""
	return "\n".join(sentence.strip() for sentence in speaker.sentences(twiml))
