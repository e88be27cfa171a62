"""A person calls the school's number: a menu in their language, within a bounded number of keys.

The state of the menu is kept in the call's log. The carrier repeats requests and delivers late ones; they get
the words of the current state again. One of the school's own numbers hears whose number it is and no more:
a switchboard that returns our calls would talk to itself.
"""

from dataclasses import replace
from datetime import timedelta

import frappe

from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.base.database.transactions import changed
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.calls import absence_line, inbound, live_call
from school_dialer.calls.office import dialogue, line, messages, transfer
from school_dialer.campaigns import related
from school_dialer.messages import store
from school_dialer.messages.errors import MessageError
from school_dialer.messages.spoken import menu, menu_state, voice
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.messages.spoken.menu_state import ABSENCE, ASK, HEARD, OFFICE, OVER, STOPPED, Offers
from school_dialer.messages.spoken.office import goodbye_twiml
from school_dialer.messages.spoken.office_state import OfficeState
from school_dialer.settings import carrier_settings, contact_school, school_numbers
from school_dialer.settings.registration import voicemail

HEARD_WITHIN = timedelta(days=14)
"""How long after a campaign's call or text its generic words can be heard."""
COLUMNS = "name, phone, sender, language, dialogue, office_dialogue, school"
NOTHING = Offers(stop=False)


def answer(sid: str, phone: str, sender: str) -> str:
	"""Return the TwiML for a person who calls the dialer's number. `phone` is as the carrier shows it."""
	number = inbound.known_number(phone)
	voicemail.opt_out_reached(sender)
	school_numbers.note_answered(sender)
	is_own_number = bool(number) and school_numbers.is_own(number, sender)
	inbound.log_inbound(
		sid,
		number,
		sender,
		"Voice",
		language=(number and inbound.language_of(number)) or None,
		dialogue=State(OVER if is_own_number else menu_state.MENU).text,
	)
	log = log_of(sid)
	return whose_number(sender) if is_own_number or log is None else current(log)


def whose_number(number: str = "") -> str:
	school = store.school(contact_school.of_number(number))
	return menu.menu_twiml(school, "", menu_state.MENU, NOTHING, "")


def key(sid: str, digits: str, turn: int | None = None) -> str:
	"""Return the TwiML after a key in the menu. An opt-out is in the ledger before this returns."""
	log = log_of(sid)
	if log is None:
		return whose_number()
	state, offers = State.of(log.dialogue), offers_to(log)
	late = turn not in (None, state.turn)
	entered = entered_number(log, digits) if state.stage == ASK and not late else ""
	following = menu_state.hear_key(state, digits, offers)
	if entered:
		following = replace(following, stage=STOPPED)
	if late and following.stage != STOPPED:
		return current(log)
	if following.stage == STOPPED:
		inbound.opt_out_in_call_to_us(log, entered)
	if not step(log, following):
		return current(log_of(sid))
	if following.stage == OFFICE:
		return transfer.connect(log.name, log.phone, log.language or "")
	return current(log_of(sid))


def entered_number(log, digits: str) -> str:
	"""Return the number (E.164) that a caller whose own is hidden has entered, or "" if it is none."""
	try:
		number = parse(digits, country_code()).e164
	except InvalidNumber:
		return ""
	return "" if school_numbers.is_own(number, log.sender or "") else number


def step(log, state: State) -> bool:
	"""Write the next state. Return False if another request has made a step first."""
	frappe.db.sql(
		"update `tabDialer Call Log` set dialogue = %s where name = %s and ifnull(dialogue, '') = %s",
		(state.text, log.name, log.dialogue or ""),
	)
	return changed() > 0


def log_of(sid: str) -> frappe._dict | None:
	rows = frappe.db.sql(
		f"""select {COLUMNS} from `tabDialer Call Log`
		where carrier_sid = %s and direction = 'Inbound' and channel = 'Voice'""",
		sid,
		as_dict=True,
	)
	return rows[0] if rows and sid else None


def current(log) -> str:
	"""Return the TwiML of the state that the caller is in."""
	state, language = State.of(log.dialogue), log.language or ""
	school = store.school(log.school, language)
	if state.stage == STOPPED:
		return voice.opted_out_twiml(school, language)
	if state.stage == OVER:
		return goodbye_twiml(school, language)
	if OfficeState.of(log.office_dialogue).is_open:
		return dialogue.current(dialogue.read_by_name(log.name))
	if state.stage == OFFICE:
		return transfer.connect(log.name, log.phone, language)
	if state.stage == ABSENCE:
		return menu.redirect_twiml(carrier_settings.webhook_url("absence_line", log=log.name))
	last = last_words(log.phone) if state.stage == HEARD else None
	url = carrier_settings.webhook_url("inbound_keypress", turn=state.turn)
	return menu.menu_twiml(school, language, state.stage, offers_to(log), url, last)


def offers_to(log) -> Offers:
	is_known = bool(log.phone)
	return Offers(
		last=is_known and last_message(log.phone) is not None,
		absence=is_known and absence_line.is_offered(log.phone),
		office=bool(line.line(log.school).number) or messages.may_leave(log),
		stop=is_known,
		asks=not is_known,
	)


def last_message(phone: str) -> str | None:
	"""Return the log of the campaign's call or text that came last to this number (E.164), or None.

	What was wrong, and is corrected, is not said again.
	"""
	rows = frappe.db.sql(
		f"""select log.name from `tabDialer Call Log` log
		join `tabDialer Campaign` campaign on campaign.name = log.campaign
		where log.phone = %(phone)s and log.direction = 'Outbound' and log.template > ''
		and log.placed_at > %(since)s and not {related.IS_CORRECTED}
		order by log.placed_at desc limit 1""",
		{
			"phone": phone,
			"since": clock.to_db(clock.now() - HEARD_WITHIN),
			"undone": related.UNDONE,
		},
	)
	return rows[0][0] if rows else None


def last_words(phone: str | None) -> tuple[str, str] | None:
	"""Return the generic words of the last message to this number, and their language, or None."""
	name = phone and last_message(phone)
	log = name and live_call.read_log(name)
	if not log:
		return None
	log.students = frappe.parse_json(log.students or "[]")
	try:
		return menu.generic_words(live_call.content_for(log))
	except MessageError:
		return None
