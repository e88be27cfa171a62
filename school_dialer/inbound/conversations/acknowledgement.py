"""The one text a day that says at once that a person's message arrived, and when the office answers.

It answers the carrier's own request, as other replies do, within the limits of
`consent.replies.answer_limits`, so that two robots never talk to each other. A person who has opted out of
texts, or whose carrier blocks them, gets none: they did not ask for it.
"""

import frappe

from school_dialer.base import clock
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import THIS_PURPOSE, THIS_SCHOOL
from school_dialer.consent import ledger
from school_dialer.consent.replies import answer_limits
from school_dialer.inbound.conversations import conversation, office_hours
from school_dialer.inbound.conversations.conversation import SENT
from school_dialer.messages import text
from school_dialer.schools import zones
from school_dialer.settings import contact_school

PURPOSE = "General"


def acknowledge(thread: frappe._dict, language: str) -> str | None:
	"""Return the words that acknowledge a message in this conversation, or None, and keep them in it.

	The day is that of the conversation's school.

	The caller holds the number's lock, and sends the words.
	"""
	today = zones.today(thread.get("school"))
	if thread.acknowledged_on == today or not may_hear(thread.phone, thread.get("school") or ""):
		return None
	body = words(thread.phone, language, thread.school)
	conversation.add_message(thread, direction=SENT, automatic=1, words=body, language=language)
	conversation.update(thread, acknowledged_on=today, messages=(thread.messages or 0) + 1)
	return body


def may_hear(phone: str, school: str = "") -> bool:
	on = frappe.get_cached_doc("Dialer Settings").acknowledge_messages
	return bool(on) and may_be_answered(phone, school)


def may_be_answered(phone: str, school: str = "") -> bool:
	"""Return whether a message from this number (E.164) may be answered by a text of the app's own.

	`school` is the school of a district that answers, "" for the district.
	"""
	facts = ledger.read([phone], "Text")[phone]
	if facts.carrier_blocked or any(stops(opt_out, school) for opt_out in facts.opt_outs):
		return False
	return not (answer_limits.number_is_full(phone) or answer_limits.day_is_full())


def stops(opt_out: OptOut, school: str) -> bool:
	"""Return whether an opt-out stops such a text of this school, or of the district ("")."""
	if opt_out.scope == THIS_SCHOOL:
		return opt_out.school in (None, school)
	return opt_out.scope != THIS_PURPOSE or opt_out.purpose in (None, PURPOSE)


def words(phone: str, language: str, school_name: str | None = None) -> str:
	"""Return the acknowledgement, as of now, with the hours of this school's office."""
	now, office = clock.db_now(), office_hours.read(school_name)
	school = contact_school.speaking_to(phone, language)
	emergency = frappe.get_cached_doc("Dialer Settings").emergency_number or ""
	if office.is_open(now):
		return text.message_arrived(school, office.closes, None, emergency, language)
	return text.message_arrived(school, office.opens, office.next_day(now), emergency, language)
