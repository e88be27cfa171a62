"""Keep what a person said to the school, once, in the conversation with their number."""

import json
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer.base import clock
from school_dialer.inbound.conversations import belonging, conversation, school
from school_dialer.inbound.conversations.conversation import (
	ANSWERED,
	CLOSED,
	MESSAGE,
	RECEIVED,
	TEXT,
	WAITING,
)

MOST_WORDS = 10_000
"""Characters kept of one message. No text is as long."""


@dataclass(frozen=True, slots=True)
class Received:
	"""What a person said.

	`phone` is E.164, `channel` one of TEXT, VOICE, EMAIL and CALL_BACK of `conversation`. `source` identifies
	the message at its sender, such as the carrier's sid: it is kept once. The reference is the
	record of its arrival, such as its call log. `said_at` is aware; None means now. A message that
	`needs_answer` waits for staff; a courtesy does not. `recording` is the carrier's id of what was spoken.
	An `urgent` one is announced in any case and makes its conversation urgent until that is closed. One that
	is `unsure` may be the school's own words, coming back. `campaign` is the one that it answers, where
	that is known; without it, it is the one that called or texted the number last.
	"""

	phone: str
	words: str
	source: str
	language: str = ""
	channel: str = TEXT
	needs_answer: bool = True
	urgent: bool = False
	unsure: bool = False
	reference_doctype: str | None = None
	reference_name: str | None = None
	said_at: datetime | None = None
	recording: str = ""
	campaign: str | None = None


def keep(message: Received, *, announce: bool = True) -> frappe._dict | None:
	"""Add the message to the conversation with its number, and return the conversation.

	Returns None if it was kept before. The caller holds the number's lock and commits. When the conversation
	begins to wait for staff, the hook `dialer_conversation_waiting` runs, unless staff know of it
	(`announce`).
	"""
	if frappe.db.exists(MESSAGE, {"source": message.source}):
		return None
	last = belonging.answered_by(message.phone)
	family = school.family(message.phone, last.students, (message.reference_doctype, message.reference_name))
	thread = thread_for(message, family)
	answered = message.campaign or last.campaign
	about = subject(thread, family, answered)
	thread.update(about)
	words, at = message.words[:MOST_WORDS], clock.to_db(message.said_at) or clock.db_now()
	conversation.add_message(
		thread,
		direction=RECEIVED,
		channel=message.channel,
		words=words,
		source=message.source,
		recording=message.recording or None,
		campaign=answered and thread.campaign,
		language=message.language or thread.language,
		reference_doctype=message.reference_doctype,
		reference_name=message.reference_name,
		said_at=at,
		unsure=int(message.unsure),
	)
	waited = thread.status == WAITING and thread.waiting_since
	conversation.note_message(thread, words, at, **about, **changes(thread, message, at))
	if announce and thread.status == WAITING and (message.urgent or not waited):
		for path in frappe.get_hooks("dialer_conversation_waiting"):
			frappe.get_attr(path)(thread.name)
	return thread


def thread_for(message: Received, family: school.Family) -> frappe._dict:
	"""Return the conversation to which the message belongs, a new one if there is none.

	With a family of several schools, it is the one with the school that is written to. A courtesy goes to the
	latest conversation as it is, or else into one that is closed from the start.
	"""
	own = family.school if family.of_several else ""
	thread = (own and conversation.open_of(message.phone, own)) or conversation.open_of(message.phone)
	if thread and own and thread.school and thread.school != own:
		thread = None
	if not thread and not message.needs_answer:
		thread = conversation.latest_of(message.phone, own)
	status = WAITING if message.needs_answer else CLOSED
	return thread or conversation.create(message.phone, message.language, family.students, status)


def subject(thread: frappe._dict, family: school.Family, campaign: str | None) -> dict[str, object]:
	"""Return whom the conversation is about from this message on, in columns of its row.

	`campaign` is the one that the message answers, if any. With a family of several schools, another school's
	is not named.
	"""
	named, own = json.loads(thread.students or "[]"), family.school or thread.school
	campaign = campaign or thread.campaign
	about = school.named_students(sorted({*named, *family.students}), own, named)
	return {
		"students": json.dumps(about.students),
		"school": own or None,
		"of_several_schools": int(about.of_several),
		"campaign": school.of_campaign(campaign, own) if about.of_several else campaign,
	}


def changes(thread: frappe._dict, message: Received, at: datetime) -> dict:
	values = {}
	if message.urgent:
		values |= {"urgent": 1}
	if message.needs_answer:
		values |= {
			"status": WAITING,
			"waiting_since": min(thread.waiting_since or at, at),
			"unread": thread.unread + 1,
		}
	elif thread.status == ANSWERED:
		values |= {"unread": thread.unread + 1}
	return values
