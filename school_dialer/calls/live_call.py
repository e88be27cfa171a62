"""What a call says to the person who answers.

The content is rendered when the carrier asks for it, belongs to one call log, and is never stored.
"""

import json
from collections import defaultdict
from dataclasses import replace
from functools import partial

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.database import read_ahead
from school_dialer.base.database.transactions import changed
from school_dialer.calls import inbound, one_school, pins, playback, recording_retention, survey_answers
from school_dialer.calls.office import dialogue as office_dialogue
from school_dialer.calls.office import transfer
from school_dialer.campaigns.message_content import asking
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages import context, store
from school_dialer.messages.model import MessageError, Outgoing, School, Subject
from school_dialer.messages.spoken import ivr_state, voice
from school_dialer.messages.spoken.ivr_state import Move, State
from school_dialer.messages.spoken.office_state import OfficeState
from school_dialer.outbound.attempts import answering, heard, settling
from school_dialer.outbound.attempts.answering import Words
from school_dialer.schools import opting_out, registry
from school_dialer.settings import carrier_settings

ENTRIES = (registry.CACHE_KEY, opting_out.CACHE_KEY, "server_script_map", "webhooks")
"""What else an answer or an opt-out reads from Frappe's cache."""
OF_STOP = (("notifications", "Consent Event"), ("defaults", "__global"))
"""Fields of hashes there that an opt-out reads."""


def answer(log_name: str, sid: str, answered_by: str, detection: float = 0.0) -> str:
	"""Return the TwiML for the person or machine that answered.

	It is rendered now, for this call log and this carrier call only. `detection` is how many seconds the
	carrier says it listened for a machine before it asked.
	"""
	log = open_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	state = State.of(log.dialogue)
	try:
		refuse_other_words(log)
		outgoing = outgoing_of(log)
		answered_by = answered_by or answered_by_so_far(log)
		if state.turn and state.stage:
			answering.answered(log, sid, answered_by)
			return repeat_state(log, outgoing, state)
		state, spoken = first_words(log, outgoing, answered_by)
	except MessageError as error:
		answering.answered(log, sid, answered_by, error=str(error))
		return voice.unavailable_twiml(school_of(log), log.language or "")
	left = None if voice.is_person(answered_by) else log.voicemail_left or heard.NOT_LEFT
	words = Words(spoken.content, json.dumps(spoken.fields), state.text, spoken.seconds, detection, left)
	updated = answering.answered(log, sid, answered_by, words=words)
	# A repeat of the request writes what is there already, which the database does not count as a change.
	return spoken.twiml if updated or open_log(log_name, sid) else voice.hang_up_twiml()


def first_words(log, outgoing: Outgoing, answered_by: str) -> tuple[State, voice.Spoken]:
	"""Return the state in which this call's dialogue begins, and what to say first.

	A machine has no dialogue, so its state is empty.
	"""
	state = State.of(log.dialogue)
	if not voice.is_person(answered_by):
		return state, voice.voicemail_twiml(
			outgoing,
			carrier_settings.webhook_url("voicemail_end", log=log.name),
			carrier_settings.webhook_url("joined", log=log.name),
		)
	state = begin_dialogue(log, outgoing, state)
	if state.stage == ivr_state.OVER:
		return state, voice.reply_twiml(outgoing, Move(state, ivr_state.GOODBYE), "")
	return state, voice.opening_twiml(outgoing, state.stage, keypress_url(log, state))


def answered_by_so_far(log) -> str:
	"""Return who answered a call whose words the carrier fetched without saying so.

	In an emergency it listens meanwhile, so until it says who answered, no one knows.
	"""
	listens = log.recipient and log.purpose == EMERGENCY and carrier_settings.settings().detect_voicemail
	return log.answered_by or (voice.UNSURE if listens else "")


def detected(log_name: str, sid: str, answered_by: str) -> None:
	"""Record who answered, which the carrier found out while the words of an emergency were spoken.

	A call that ended before is judged again.
	"""
	if not answered_by or not voice_log(log_name, sid):
		return
	# Read again: the end of the call may have been handled since, by what was known until then.
	if update_log(log_name, over=None, answered_by=answered_by) and is_over(voice_log(log_name, sid)):
		settling.reconsider(log_name)


def begin_dialogue(log, outgoing: Outgoing, state: State) -> State:
	gated = voice.gated(outgoing)
	withheld = pins.refusal(log.person_doctype, log.person) if gated and outgoing.pin else ""
	return ivr_state.begin_call(state, voice.script_of(outgoing), gated=gated, withheld=withheld)


def joined(log_name: str, sid: str, digits: str, *, hung_up: bool = False) -> str:
	"""Return the TwiML after a key in the words for a machine: a person is on the line after all.

	A phone that screens calls answers like a machine, and its owner listens. They hear the message from its
	beginning, as any person does, and what came before counts as no part of it: as long as it took, or as the
	words for a machine take, whichever is longer. The carrier also asks when the line is cut, and then no
	machine has the words.
	"""
	if digits[:1] in ivr_state.STOP_SCOPES:
		return key(log_name, sid, digits, hung_up=hung_up)
	log = open_log(log_name, sid)
	if log is None or hung_up or not digits:
		return voice.hang_up_twiml()
	before = max(seconds_on_line(log), log.seconds_needed or 0.0)
	return answer(log_name, sid, heard.HUMAN, (log.detection_seconds or heard.SCREENED) + before)


def voicemail_ended(log_name: str, sid: str) -> str:
	"""Return the TwiML for the end of a voicemail message: hang up.

	Records on the log how much of the message was left, whether or not the call is over.
	"""
	log = voice_log(log_name, sid)
	if log and log.content and not voice.is_person(log.answered_by or ""):
		update_log(log.name, over=None, voicemail_left=heard.left_on_machine(log.answered_by, True))
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
	"""Return the TwiML after key presses, or after a spoken answer (`recording` is the carrier's id).

	An opt-out is in the ledger before this returns. `turn` is the turn the listener heard; a repeated or late
	request gets the current state again.

	`silent`: the recording is empty, and it is deleted. `hung_up`: the listener is gone. What they pressed or
	said before still counts, even if the end of the call was reported first.
	"""
	log = voice_log(log_name, sid, OF_STOP if digits[:1] in ivr_state.ALL_STOP_SCOPES else ())
	if log is None:
		return voice.unavailable_twiml(store.school())
	outgoing = outgoing_of(log)
	state = State.of(log.dialogue)
	if not state.stage:
		state = begin_dialogue(log, outgoing, state)
	current = turn in (None, state.turn)
	over = hung_up or is_over(log)
	script = voice.script_of(outgoing)
	spoken = bool(recording) and not silent and state.stage == ivr_state.RECORD and current
	if recording and not (spoken and log.recipient):
		recording_retention.discard_take(log.name, recording)
	if not (current or ivr_state.stops(state, digits, script)):
		return repeat_state(log, outgoing, state, over)
	if over and not (spoken or ivr_state.counts_afterwards(state, digits, script)):
		return voice.hang_up_twiml()
	move = make_move(log, outgoing, state, digits, recording if spoken else "")
	if not write_move(log, outgoing, state, move, digits):
		fresh = voice_log(log_name, sid)
		if is_over(fresh) and not is_over(log):
			return key(log_name, sid, digits, turn, recording, silent=silent, hung_up=True)
		if move.action != ivr_state.OPT_OUT:
			return repeat_state(log, outgoing, State.of(fresh.dialogue), over)
	if move.answer and not spoken:
		survey_answers.record_answer(log, outgoing.template, move.answer)
	if is_over(log):
		settling.reconsider(log.name)
	return voice.hang_up_twiml() if over else reply(log, outgoing, move)


def make_move(log, outgoing: Outgoing, state: State, digits: str, recording: str) -> Move:
	"""Return the move that these keys, or a non-silent recording, make.

	A spoken answer and an opt-out are recorded before this returns.
	"""
	script = voice.script_of(outgoing)
	if recording:
		survey_answers.record_answer(log, outgoing.template, script.recorded, recording)
	if recording and not ivr_state.stops(state, digits, script):
		return ivr_state.recorded(state, script)
	move = ivr_state.hear_keys(state, digits, script, partial(pins.check_pin, log.person_doctype, log.person))
	if move.action == ivr_state.OPT_OUT:
		inbound.opt_out_by_key(log, digits, move.scope)
	return move


def write_move(log, outgoing: Outgoing, state: State, move: Move, digits: str) -> bool:
	"""Write the move to the log. Return False if another request has made a move first."""
	acknowledged = move.action == ivr_state.ACKNOWLEDGED or bool(move.answer and outgoing.acknowledge)
	private = ivr_state.is_private(state, digits, voice.script_of(outgoing))
	return answering.advance_dialogue(
		log,
		move.state.text,
		"[PIN]" if private else digits,
		acknowledged,
		answers=ivr_state.answers_words(move),
		over=is_over(log),
	)


def repeat_state(log, outgoing: Outgoing, state: State, over: bool = False) -> str:
	"""Answer a repeated or late request with the current state. Nothing changes."""
	if not over and OfficeState.of(log.office_dialogue).is_open:
		return office_dialogue.current(office_dialogue.read_by_name(log.name))
	return voice.hang_up_twiml() if over else reply(log, outgoing, Move(state, ivr_state.REPEATED))


def reply(log, outgoing: Outgoing, move: Move) -> str:
	if move.action == ivr_state.CONNECT:
		return transfer.connect(log.name, log.phone, log.language or "", office_dialogue.about(log))
	try:
		spoken = voice.reply_twiml(outgoing, move, keypress_url(log, move.state))
	except MessageError as error:
		update_log(log.name, error_message=str(error))
		return voice.unavailable_twiml(school_of(log), log.language or "")
	opened = (
		{"seconds_needed": spoken.seconds + seconds_on_line(log)}
		if move.action == ivr_state.CONFIRMED
		else {}
	)
	if spoken.fields or opened:
		update_log(log.name, content=spoken.content, fields_used=json.dumps(spoken.fields), **opened)
	return spoken.twiml


def answered_too_late(log_name: str) -> None:
	"""Record that the carrier timed out waiting for our answer.

	The key presses count, but a message that they opened was not heard.
	"""
	log = frappe.qb.DocType("Dialer Call Log")
	opened = (log.name == log_name) & (log.seconds_needed > 0) & log.dialogue.like(f"{ivr_state.MESSAGE}:%")
	frappe.qb.update(log).set(log.seconds_needed, heard.LONGEST_CALL).where(opened).run()


def school_of(log) -> School:
	"""Return the school in whose name this call is, with its name in the listener's language."""
	return store.school(log.school, log.language)


def seconds_on_line(log) -> float:
	"""Return the seconds since this call's first words were fetched."""
	return (clock.now() - clock.from_db(log.answered_at)).total_seconds() if log.answered_at else 0.0


def keypress_url(log, state: State) -> str:
	return carrier_settings.webhook_url("keypress", log=log.name, turn=state.turn)


def read_log(log_name: str, hashed: tuple[tuple[str, str], ...] = ()):
	"""Return what a call's answers need of its log, or None. `hashed` is for `read_ahead.documents`.

	One column of JSON costs less than many, each of which the driver describes in Python. Times are text.
	"""
	rows = frappe.db.sql(
		"""select json_object(
			'name', name, 'carrier_sid', carrier_sid, 'campaign', campaign, 'recipient', recipient,
			'purpose', purpose, 'template', template, 'template_version', template_version,
			'channel', channel, 'phone', phone, 'person_doctype', person_doctype, 'person', person,
			'person_name', person_name, 'language', language, 'students', students,
			'keys_pressed', keys_pressed, 'dialogue', dialogue, 'status_rank', status_rank,
			'answered_by', answered_by, 'answered_at', answered_at, 'content', content,
			'voicemail_left', voicemail_left,
			'detection_seconds', detection_seconds, 'seconds_needed', seconds_needed,
			'office_dialogue', office_dialogue, 'school', school,
			'parties', (select json_arrayagg(json_array(person_doctype, person, student))
				from `tabDialer Party` where parent = log.recipient and call_log = log.name),
			'recipient_status', (select status from `tabDialer Recipient` where name = log.recipient)
		) from `tabDialer Call Log` log where name = %s and direction = 'Outbound'""",
		log_name,
	)
	if not rows:
		return None
	log = frappe._dict(json.loads(rows[0][0]))
	read_ahead.documents(
		read_ahead.SETTINGS,
		("Dialer Campaign", log.campaign),
		("Dialer Message Template", log.template),
		entries=ENTRIES,
		hashed=hashed,
	)
	return log


def voice_log(log_name: str, sid: str, hashed: tuple[tuple[str, str], ...] = ()):
	"""Return the log of a voice call, over or not. `hashed` is for `read_ahead.documents`.

	Returns None if it does not exist, is a text, or belongs to another carrier call.
	"""
	log = read_log(log_name, hashed)
	if not log or log.channel != "Voice" or not sid or (log.carrier_sid and log.carrier_sid != sid):
		return None
	log.students = json.loads(log.students or "[]")
	return log


def is_over(log) -> bool:
	return log.status_rank >= states.FINAL_RANK


def open_log(log_name: str, sid: str):
	"""Return the log like `voice_log`, but None if the call is over: nothing more is rendered for it."""
	log = voice_log(log_name, sid)
	return None if log is None or is_over(log) else log


def outgoing_of(log) -> Outgoing:
	return replace(playback.audible(content_for(log), log.name), only_school=one_school.said_in(log))


def content_for(log) -> Outgoing:
	if not log.recipient:
		return store.example_outgoing(store.template(log.template), log)
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
		school=log.school or "",
		others=others_informed(log),
	)
	values = context.read_values([subject], ("recipient_name", *template.field_names))[log.name]
	return asking(store.outgoing(template, subject, values), campaign)


def others_informed(log) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
	"""Return those whom a call to another person informs (`Subject.others`)."""
	rows = json.loads(log.parties) if isinstance(log.parties, str) else log.parties or ()
	by_person: dict[tuple[str, str], list[str]] = defaultdict(list)
	for doctype, person, student in rows:
		if (doctype, person) != (log.person_doctype, log.person):
			by_person[doctype or "", person or ""].append(student)
	return tuple((*person, tuple(students)) for person, students in by_person.items())


def refuse_other_words(log) -> None:
	"""Raise `MessageError` if a test call's template changed after the call was placed.

	The call's permit was for the earlier version.
	"""
	if not log.recipient and log.template and store.template(log.template).version != log.template_version:
		raise MessageError(_("The message was changed after this test was placed."))


def update_log(log_name: str, over: bool | None = False, **values) -> bool:
	"""Set these values on the log. Return whether they were written.

	By default a call that has ended meanwhile is not changed; `over=None` writes in either case.
	"""
	log = frappe.qb.DocType("Dialer Call Log")
	query = frappe.qb.update(log).where(log.name == log_name)
	if over is False:
		query = query.where(log.status_rank < states.FINAL_RANK)
	for fieldname, value in values.items():
		query = query.set(log[fieldname], value)
	query.run()
	return changed() > 0
