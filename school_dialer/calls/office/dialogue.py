"""A caller on the way to the office: rung, connected, or asked for a message.

It begins in a call of ours (`live_call`) or in a call to us (`inbound_calls`), and goes on with the webhooks
in `webhooks.office` until the call ends or its own words are wanted again. Each request makes one
conditional step; one that the carrier repeats, or that comes late, gets the words of the current step
again.
"""

from dataclasses import replace

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import changed
from school_dialer.calls import inbound, one_school
from school_dialer.calls.office import leg, line, messages
from school_dialer.calls.office.leg import Report
from school_dialer.inbound.conversations import office_hours
from school_dialer.messages import store
from school_dialer.messages.spoken import ivr_state, office, office_state, voice
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.messages.spoken.office import Hours, Offer
from school_dialer.messages.spoken.office_state import DIALING, KEPT, OFFER, RECORD, STOPPED, OfficeState
from school_dialer.settings import carrier_settings

COLUMNS = """name, direction, channel, carrier_sid, recipient, campaign, phone, sender, person_name, language,
	purpose, dialogue, status_rank, office_dialogue, transfer_state, school"""


def read_of_call(log_name: str, sid: str) -> frappe._dict | None:
	"""Return the log of this carrier call, or None if it does not exist or belongs to another call."""
	log = read_by_name(log_name)
	return log if log and sid and log.carrier_sid == sid and log.channel == "Voice" else None


def read_by_name(log_name: str) -> frappe._dict | None:
	rows = frappe.db.sql(
		f"select {COLUMNS} from `tabDialer Call Log` where name = %s", log_name, as_dict=True
	)
	return rows[0] if rows else None


def about(log) -> str:
	"""Return what the office may hear of a call of ours: nothing until the listener was identified."""
	stage = State.of(log.dialogue).stage
	return "" if stage in (*ivr_state.UNCONFIRMED, *ivr_state.WITHHELD) else log.purpose or ""


def ended(log_name: str, sid: str, turn: int | None, report: Report, hung_up: bool) -> str:
	"""Return the TwiML when the office's phone is done: the conversation is over, or there was none."""
	log = read_of_call(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	if report.status == "no-answer" and hung_up:
		report = replace(report, status="canceled")
	leg.apply(log.name, report)
	state = OfficeState.of(log.office_dialogue)
	if turn == state.turn and state.stage == DIALING:
		write_state(log, office_state.ended(state, leg.state_of(log.name) == leg.CONNECTED))
	return voice.hang_up_twiml() if hung_up or is_over(log) else current(read_by_name(log.name))


def key(log_name: str, sid: str, turn: int | None, digits: str, hung_up: bool) -> str:
	"""Return the TwiML after a key in the offer. An opt-out is in the ledger before this returns."""
	log = read_of_call(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	state = OfficeState.of(log.office_dialogue)
	stops = stop_keys(log) if log.phone else ""
	pressed_stop = bool(digits) and digits[:1] in stops
	over = hung_up or is_over(log)
	if pressed_stop or (turn == state.turn and state.stage in (OFFER, RECORD) and not over):
		move = office_state.hear_key(
			state, digits, records=messages.may_leave(log), returns=is_ours(log), stops=stops
		)
		if move.scope:
			opt_out(log, digits, move.scope)
		write_state(log, move.state)
	return voice.hang_up_twiml() if over else current(read_by_name(log.name))


def recorded(
	log_name: str,
	sid: str,
	turn: int | None,
	recording: str,
	digits: str = "",
	*,
	silent: bool = False,
	seconds: int = 0,
	hung_up: bool = False,
) -> str:
	"""Return the TwiML after a recording. Its words are in the conversation before this returns.

	A recording that was not asked for, is empty, or comes again is deleted at the carrier or left alone.
	"""
	log = read_of_call(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	state = OfficeState.of(log.office_dialogue)
	asked = turn == state.turn and state.stage == RECORD
	words = bool(recording) and not silent
	if asked and words and write_state(log, office_state.recorded(state, True)):
		messages.keep(log, recording, seconds)
	elif recording:
		messages.discard(log, recording)
	if asked and not words:
		write_state(log, office_state.recorded(state, False))
	if digits and digits[:1] in stop_keys(log) and log.phone:
		return key(log_name, sid, turn, digits, hung_up)
	return voice.hang_up_twiml() if hung_up or is_over(log) else current(read_by_name(log.name))


def write_state(log, state: OfficeState) -> bool:
	"""Write the next state. Return False if another request has made a step first."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set office_dialogue = %s
		where name = %s and ifnull(office_dialogue, '') = %s""",
		(state.text, log.name, log.office_dialogue or ""),
	)
	return changed() > 0


def current(log) -> str:
	"""Return the TwiML of the state that the caller is in."""
	state, school, language = OfficeState.of(log.office_dialogue), store.school(), log.language or ""
	if state.stage == DIALING:
		dial = line.dial_of(log, state.turn, state.about) if log.transfer_state == leg.RINGING else None
		if dial:
			return office.connect_twiml(school, language, dial)
		return offer(log, state)
	if state.stage == OFFER:
		return offer(log, state)
	if state.stage == RECORD:
		take, ready = (url(event, log, state) for event in ("office.message", "office.message_ready"))
		return office.record_twiml(school, language, take, ready)
	if state.stage == KEPT:
		emergency = carrier_settings.settings().emergency_number or ""
		return office.kept_twiml(school, language, hours(log), emergency)
	if state.stage == STOPPED:
		return voice.opted_out_twiml(school, language, state.about, one_school.said_in(log))
	if state.stage == office_state.BACK:
		before = State.of(log.dialogue).turn - 1
		return office.back_twiml(carrier_settings.webhook_url("keypress", log=log.name, turn=before))
	return office.goodbye_twiml(school, language)


def offer(log, state: OfficeState) -> str:
	made = Offer(hours(log), log.transfer_state == leg.CLOSED, messages.may_leave(log), is_ours(log))
	return office.offer_twiml(store.school(), log.language or "", made, url("office.key", log, state))


def hours(log) -> Hours:
	now, open_hours = clock.db_now(), office_hours.read(log.school)
	if open_hours.is_open(now):
		return Hours(open_hours.closes)
	return Hours(open_hours.opens, open_hours.next_day(now))


def url(event: str, log, state: OfficeState) -> str:
	return carrier_settings.webhook_url(event, log=log.name, turn=state.turn)


def opt_out(log, digits: str, scope: str) -> None:
	if is_ours(log):
		inbound.opt_out_by_key(log, digits, scope)
	else:
		inbound.opt_out_in_call_to_us(log)


def stop_keys(log) -> str:
	return office_state.stop_keys(is_ours(log), bool(one_school.said_in(log)))


def is_ours(log) -> bool:
	"""Return whether the school called, rather than the person."""
	return log.direction == "Outbound"


def is_over(log) -> bool:
	"""Return whether the end of a call of ours was reported. Calls to us have no status of their own."""
	return is_ours(log) and log.status_rank >= states.FINAL_RANK
