"""The call to an approver: their PIN, what waits, and a key. State and turn are those of `approval_state`."""

from functools import partial

import frappe

from school_dialer.calls import live_call, pins
from school_dialer.emergency_kit.second_person import asks, deciding, ladder, waiting
from school_dialer.messages import store
from school_dialer.messages.emergency import approval_line
from school_dialer.messages.emergency import approval_state as dialog
from school_dialer.messages.emergency.approval_line import Waiting
from school_dialer.messages.emergency.approval_state import Move, State
from school_dialer.messages.spoken import voice
from school_dialer.outbound.attempts import status_updates
from school_dialer.settings import carrier_settings

KEY_EVENT = "approval_key"
NOTHING = Waiting("", "", "", 0)


def answer(log_name: str, sid: str) -> str:
	"""Return the TwiML for who picked up: the request for the PIN, and nothing about the emergency."""
	log, ask = log_and_ask(log_name, sid)
	if ask is None:
		return voice.unavailable_twiml(store.school(), (log and log.language) or "")
	status_updates.apply(log.name, status_updates.StatusUpdate("in-progress", sid=sid))
	live_call.update_log(log.name, content=voice.GENERIC)
	return approval_line.greet(store.school(ask.school), log.language or "", url(log.name, State()))


def key(log_name: str, sid: str, digits: str, turn: int | None, hung_up: bool = False) -> str:
	"""Return the TwiML after keys. Who has hung up decides nothing. The caller commits."""
	if hung_up:
		return voice.hang_up_twiml()
	log, ask = log_and_ask(log_name, sid)
	if ask is None:
		return voice.unavailable_twiml(store.school(), (log and log.language) or "")
	state, school, language = State.of(ask.dialogue), store.school(ask.school), log.language or ""
	if turn != state.turn:
		return said(ask, school, language, dialog.repeated(state), log.name)
	move = dialog.hear(state, digits, partial(prove, ask.user))
	frappe.db.set_value(asks.DOCTYPE, ask.name, "dialogue", move.state.text, update_modified=False)
	if move.action == dialog.LOCKED:
		asks.close(ask.name, asks.LOCKED)
	if move.action in (dialog.APPROVE, dialog.REJECT) and not decided(ask, move.action == dialog.APPROVE):
		return approval_line.over(school, language)
	return said(ask, school, language, move, log.name)


def log_and_ask(log_name: str, sid: str):
	"""Return the call's log and its try, locked; None for each that is not there or does not count."""
	log = live_call.open_log(log_name, sid)
	name = log and frappe.db.get_value(asks.DOCTYPE, {"call_log": log.name})
	ask = asks.locked(name) if name else None
	return log, ask if ask and asks.is_valid(ask) and ladder.waits(ask.campaign) else None


def prove(user: str, digits: str) -> str:
	return pins.check_pin("User", user, digits, ladder.MOST_WRONG_PINS)


def decided(ask, approves: bool) -> bool:
	"""Decide, and return False if it cannot be decided by this call any more."""
	# The call goes on after a refusal, and what it has written stays.
	frappe.db.savepoint("approval_by_phone")
	try:
		deciding.decide(ask, approves)
	except (frappe.ValidationError, frappe.PermissionError):
		frappe.db.rollback(save_point="approval_by_phone")
		frappe.clear_messages()
		return False
	return True


def said(ask, school, language: str, move: Move, log: str) -> str:
	about = waiting.waiting_campaign(ask, by_phone=True) if move.state.stage == dialog.DECIDE else NOTHING
	return approval_line.answer(school, language, move, about, url(log, move.state))


def url(log: str, state: State) -> str:
	return carrier_settings.webhook_url(KEY_EVENT, log=log, turn=state.turn)
