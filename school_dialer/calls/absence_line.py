"""A guardian calls the school's number and reports an absence by keys.

Offered to a number that exactly one guardian has (`absences.reporter`), who can prove who they are
(`absence_identity`). The dialog's state is in the call's log. Keys are not kept: they may be a PIN or a birth
date.
"""

from datetime import timedelta
from functools import partial

import frappe

from school_dialer.calls import absence_identity, inbound
from school_dialer.consent.lock import number_lock
from school_dialer.inbound.absences import kinds, reporter, reports
from school_dialer.inbound.absences.reporter import Reporter
from school_dialer.messages import store
from school_dialer.messages.spoken import absence_line as spoken
from school_dialer.messages.spoken import absence_state as dialog
from school_dialer.messages.spoken import ivr_state, voice
from school_dialer.messages.spoken.absence_line import Caller
from school_dialer.messages.spoken.absence_state import Move, State
from school_dialer.schools import belonging, zones
from school_dialer.settings import carrier_settings, contact_school

EVENT = "absence_line"
REASONS = dict(enumerate(kinds.REASONS[: dialog.REASONS], 1))


def is_offered(phone: str) -> bool:
	"""Return whether a caller from this number (E.164) may report an absence by keys."""
	who = reporter.guardian_at(phone) if is_on() else None
	return who is not None and absence_identity.way_to_identify(who) != absence_identity.BY_OFFICE


def answer(sid: str, phone: str, sender: str, digits: str, turn: int | None) -> str:
	"""Return the TwiML for a request of the absence line.

	The first one of a call has no `turn`. A repeated or late request gets the current words again. The caller
	commits.
	"""
	number = inbound.known_number(phone)
	language = (number and inbound.language_of(number)) or ""
	school = store.school(contact_school.reached(number, sender), language)
	if number is None or not is_on():
		return spoken.office(school, language)
	log = log_of(sid, number, sender)
	state, who = State.of(log.absence_dialogue), reporter.guardian_at(number)
	if who is None or (state is None and absence_identity.way_to_identify(who) == absence_identity.BY_OFFICE):
		return spoken.office(school, language)
	caller = caller_of(who, language)
	if state is None:
		state = State()
		keep(log.name, state)
		return spoken.greet(school, caller, state, url(state))
	if turn != state.turn:
		return spoken.answer(school, caller, Move(state, repeated(state)), url(state))
	move = dialog.hear(state, digits, len(who.children), partial(prove, who))
	keep(log.name, move.state)
	if move.action == dialog.STOP:
		inbound.opt_out_in_call_to_us(log)
		return voice.opted_out_twiml(school, language)
	if move.action == dialog.REPORT and not file(who, move.state, log.name):
		return spoken.office(school, caller.language)
	return spoken.answer(school, caller, move, url(move.state))


def is_on() -> bool:
	return bool(frappe.get_cached_doc("Dialer Settings").absences_by_phone)


def repeated(state: State) -> str:
	return dialog.GOODBYE if state.stage == dialog.OVER else dialog.ASK


def log_of(sid: str, number: str, sender: str) -> frappe._dict:
	"""Return the log of this inbound call, locked until the commit, and write it if there is none yet."""
	query = """select name, phone, absence_dialogue from `tabDialer Call Log`
		where carrier_sid = %s and direction = 'Inbound' for update"""
	if not (rows := frappe.db.sql(query, sid, as_dict=True)):
		inbound.log_inbound(sid, number, sender, "Voice")
		rows = frappe.db.sql(query, sid, as_dict=True)
	return rows[0]


def keep(log: str, state: State) -> None:
	frappe.db.set_value("Dialer Call Log", log, "absence_dialogue", state.text, update_modified=False)


def url(state: State) -> str:
	return carrier_settings.webhook_url(EVENT, turn=state.turn)


def caller_of(who: Reporter, language: str) -> Caller:
	if absence_identity.way_to_identify(who) == absence_identity.BY_PIN:
		proof = spoken.PIN
	else:
		proof = spoken.MONTH_FIRST if absence_identity.month_first() else spoken.DAY_FIRST
	return Caller([child.first_name for child in who.children], proof, language or who.language)


def prove(who: Reporter, digits: str) -> str:
	way = absence_identity.way_to_identify(who)
	if way == absence_identity.BY_PIN:
		return absence_identity.check_pin(who, digits)
	if way == absence_identity.BY_BIRTH_DATE:
		return absence_identity.check_birth_date(who, absence_identity.date_of(digits))
	return ivr_state.LOCKED


def file(who: Reporter, state: State, log: str) -> bool:
	"""Keep the report of a confirmed dialog. Return False if its days cannot be reported."""
	child = who.children[state.child - 1]
	today = zones.today(belonging.of_student(child.student))
	day = today + timedelta(days=1) if state.what == dialog.TOMORROW else today
	new = reports.New(
		student=child.student,
		student_name=child.full_name,
		kind=kinds.LATE if state.what == dialog.LATE else kinds.ABSENCE,
		first=day,
		last=day,
		channel=kinds.PHONE,
		source=f"Phone:{log}:{state.turn}",
		reason=REASONS[state.reason],
		phone=who.phone,
		guardian=who.guardian,
		guardian_name=who.name,
	)
	try:
		with number_lock([who.phone]):
			reports.file(new)
	except reports.BadDays:
		frappe.clear_messages()
		return False
	return True
