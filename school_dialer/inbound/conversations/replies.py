"""What staff answer: written now, sent when the time to take it back is over.

The words are in the conversation, and a Dialer Notice carries them out (`followup.confirmations`). The gate
is asked when a reply is written, so that the writer hears at once why it may not be sent, and again when it
goes.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import delete_for_good
from school_dialer.campaigns.plausibility import day_meant
from school_dialer.consent.replies import answer_limits, confirmation_requests
from school_dialer.inbound.conversations import belonging, conversation
from school_dialer.inbound.conversations.conversation import (
	ANSWERED,
	CALL_BACK,
	CLOSED,
	EMAIL,
	MESSAGE,
	RECEIVED,
	SENT,
)
from school_dialer.messages import store, text
from school_dialer.messages.errors import MessageError
from school_dialer.schools import registry, zones
from school_dialer.settings import contact_school, school_numbers

UNDO = timedelta(seconds=10)
"""How long a reply waits before it is sent, so that its writer can take it back."""
REPORTED_WITHIN, LONGEST_WAIT = timedelta(days=3), timedelta(days=31)
"""How long after a reply was due the carrier may say that it did not arrive, and how long one may wait."""


@dataclass(frozen=True, slots=True)
class Written:
	"""A reply that waits to be sent: its message, and when it goes at the earliest (aware)."""

	message: str
	due: datetime


def write_reply(thread: frappe._dict, words: str, communication: str | None = None) -> Written:
	"""Write a reply of the session's user. Raises ValidationError, with the reason, if it may not be sent.

	Outside of calling hours it waits for them. `communication` is the reply on the conversation's ticket, if
	it was written there. The caller holds the number's lock and commits.
	"""
	body = sendable(words)
	if thread.status == CLOSED:
		throw(_("This conversation is closed. Reopen it to answer."))
	if school_numbers.is_own(thread.phone):
		throw(_("This is one of the school's own numbers."))
	if answer_limits.replies_are_full(thread.phone):
		throw(
			_("This number, or you, had as many texts today as are sent. Call instead."),
			frappe.TooManyRequestsError,
		)
	decision = decide(thread, clock.now()).decision
	if decision.verdict == "BLOCK" or (decision.verdict == "DEFER" and not decision.until):
		throw(refusal(decision.codes))
	due = decision.until if decision.verdict == "DEFER" else clock.now() + UNDO
	if why := of_another_day(body, clock.db_now(), due, thread.school):
		throw(why)
	notice = confirmation_requests.request_reply(thread.phone, not_before=due, language=thread.language or "")
	message = conversation.add_message(
		thread,
		direction=SENT,
		words=body,
		written_by=frappe.session.user,
		notice=notice,
		communication=communication,
	)
	conversation.note_message(thread, body, status=ANSWERED, waiting_since=None, unread=0)
	return Written(message, due)


def sendable(words: str) -> str:
	"""Return the words without surrounding white space, checked as a text."""
	body = words.strip()
	if not body:
		throw(_("Write something first."))
	try:
		text.from_staff(store.school(), body)
	except MessageError as error:
		throw(str(error))
	return body


def decide(thread: frappe._dict, at: datetime) -> gate.EligibilityResult:
	"""Ask the gate whether this conversation may be answered by text at `at` (aware)."""
	students = tuple(json.loads(thread.students or "[]"))
	if not students and thread.of_several_schools:
		students = belonging.owner_of(thread.phone).students
	person = thread.person if students or thread.person_doctype != "Guardian" else None
	whose = (person and thread.person_doctype, person, students, thread.get("school") or "")
	return gate.ask_reply(thread.phone, wrote_at(thread.name), at, *whose)


def wrote_at(name: str) -> datetime | None:
	"""Return when the person wrote last in this conversation from its number (aware), or None.

	An e-mail asks for no text, nor does a call that reached no one: its caller may have wanted to stop them.
	"""
	last = frappe.get_all(
		MESSAGE,
		{"conversation": name, "direction": RECEIVED, "channel": ("not in", (EMAIL, CALL_BACK))},
		pluck="said_at",
		order_by="said_at desc",
		limit=1,
	)
	return clock.from_db(last[0]) if last else None


def refusal(codes: tuple[str, ...]) -> str:
	"""Return why a reply may not be sent, and what to do instead."""
	words = {
		"CARRIER_BLOCKED": _("The person stopped texts at their carrier. Only they can undo it, by START."),
		"OPTED_OUT": _("The person opted out of texts after they wrote. Call them, or let them text START."),
		"RESTRICTED_CONTACT": _("This person may not be contacted about these students. See their record."),
		"CONSENT_EXPIRED": _("The person wrote too long ago, and agreed to no texts. Call them."),
		"NO_CONSENT": _("The person wrote too long ago, and agreed to no texts. Call them."),
		"NO_TIME_ZONE": _("It is not known where they live, and so not what time it is there. Call them."),
		"INVALID_NUMBER": _("No text can be sent to this number."),
	}
	reasons = [words[code] for code in words if code in codes]
	return reasons[0] if reasons else _("The rules for texts do not allow it: {0}.").format(", ".join(codes))


def message_of(notice: str) -> frappe._dict | None:
	"""Return the message that a notice carries, with its conversation."""
	fields = ["name", "conversation", "words", "said_at"]
	return frappe.db.get_value(MESSAGE, {"notice": notice}, fields, as_dict=True)


def of_another_day(words: str, written: datetime, read: datetime, school: str | None) -> str:
	"""Return why these words may not be read then, if they say "today" and it is another day, or "".

	`written` is naive, in the site's time zone, and `read` aware. The days are those at this school.
	"""
	day = zones.local(read, school).date()
	word = day_meant.word_of_another(words, zones.local(clock.from_db(written), school).date(), day)
	sentence = _("It says “{0}”, but the text could not go before {1}. Write the date.")
	return sentence.format(word, frappe.format(day, "Date")) if word else ""


def body_of(notice: str) -> str:
	message = message_of(notice)
	phone = frappe.db.get_value("Dialer Notice", notice, "phone")
	return text.from_staff(store.school(speaking(message.conversation, phone)), message.words or "")


def speaking(name: str, phone: str) -> str:
	"""Return the school in whose name a reply to this number (E.164) is, or "" for the district.

	With a family of several schools it is the conversation's, so that what is answered comes back to it.
	"""
	values = {"name": name, "of_several_schools": 1}
	speaker = registry.find(frappe.db.get_value(conversation.DOCTYPE, values, "school"))
	return speaker.name if speaker else contact_school.of_phone(phone)


def take_back(thread: frappe._dict, message: str) -> str:
	"""Delete a reply that has not been sent, and return its words.

	Raises ValidationError if it is too late.
	"""
	of_thread = {"name": message, "conversation": thread.name}
	reply = frappe.db.get_value(MESSAGE, of_thread, ["notice", "words", "communication"], as_dict=True)
	if not reply or not reply.notice or not confirmation_requests.take_back(reply.notice):
		throw(_("It is too late to take this back: it is being sent."))
	frappe.db.delete(MESSAGE, {"name": message})
	if reply.communication:
		delete_for_good("Communication", reply.communication)
	conversation.update_waiting(thread)
	return reply.words or ""


def not_sent(notice: str, why: str) -> None:
	"""Note that a reply did not go out. Its conversation waits again."""
	if reply := message_of(notice):
		return_to_staff(reply.name, reply.conversation, why)


def return_to_staff(message: str, name: str, why: str) -> None:
	"""Let the conversation of an answer that did not arrive wait again, also one that was closed since.

	It stays closed if the family has written again: staff answer them there.
	"""
	frappe.db.set_value(MESSAGE, message, "not_sent_because", why[:140])
	thread = conversation.locked(name)
	if thread.status == CLOSED and not conversation.open_instead(thread):
		conversation.reopen(thread)
	conversation.update_waiting(thread)
	if thread.status != CLOSED:
		conversation.update(
			thread,
			status=conversation.WAITING,
			waiting_since=thread.waiting_since or clock.db_now(),
			unread=(thread.unread or 0) + 1,
		)


def return_undelivered() -> None:
	"""Let conversations wait again whose reply did not get to the family. Does not commit.

	The carrier did not deliver it, or its worker died before it was sent.
	"""
	rows = frappe.db.sql(
		"""select message.name, message.conversation, log.name log, log.error_message
		from `tabDialer Notice` notice
		join `tabDialer Conversation Message` message on message.notice = notice.name
		left join `tabDialer Call Log` log on log.name = notice.call_log
		where notice.status in ('Sent', 'Not Sent') and notice.creation > %(oldest)s
		and greatest(notice.creation, ifnull(notice.not_before, notice.creation)) > %(since)s
		and notice.kind = %(reply)s and message.not_sent_because is null
		and (log.status in ('undelivered', 'failed', 'refused')
			or (log.name is null and notice.status = 'Not Sent'))""",
		{
			"reply": answer_limits.STAFF_REPLY,
			"since": clock.to_db(clock.now() - REPORTED_WITHIN),
			"oldest": clock.to_db(clock.now() - REPORTED_WITHIN - LONGEST_WAIT),
		},
		as_dict=True,
	)
	for row in rows:
		interrupted = "" if row.log else _("It was interrupted before it was sent.")
		why = interrupted or row.error_message or _("The carrier did not deliver it.")
		return_to_staff(row.name, row.conversation, why)
