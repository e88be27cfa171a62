"""Conversations: opening, closing, and what is waiting.

A caller that writes holds the number's lock (`consent.lock`). One conversation with a number is open, and of
a family with children at several schools one with each school. The unique index on (phone, open_mark) makes
sure of it.
"""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.inbound.conversations import belonging, school

DOCTYPE, MESSAGE = "Dialer Conversation", "Dialer Conversation Message"
WAITING, ANSWERED, CLOSED = "Waiting", "Answered", "Closed"
RECEIVED, SENT = "Received", "Sent"
TEXT, VOICE, EMAIL, CALL_BACK = "Text", "Voice", "E-mail", "Call-back"
OPEN_MARKS = "123456789abcdefghijklmnopqrstuvwxyz"
"""The values of `open_mark` while a conversation is open: the first that no other one with the number has.

It is null in a closed one.
"""
IS_OPEN = "phone = %s and open_mark is not null"
MOST_LAST_WORDS = 140
IS_OVER = "status = 'Closed'"
MESSAGE_IS_OVER = """conversation in (select name from `tabDialer Conversation` where status = 'Closed')
	and (notice is null or notice not in (select name from `tabDialer Notice`
		where status in ('Waiting', 'Sending')))"""
"""SQL for rows that retention and erasure may clear: nothing more is done with them."""


def open_of(phone: str, of_school: str = "") -> frappe._dict | None:
	"""Return the open conversation of this number (E.164), locked until the commit, or None.

	Of several, the one in which something was said last. With `of_school`, the one of this Dialer School.
	"""
	return _one(f"{IS_OPEN} and school = %s", phone, of_school) if of_school else _one(IS_OPEN, phone)


def latest_of(phone: str, of_school: str = "") -> frappe._dict | None:
	"""Return the conversation of this number in which something was said last, locked, or None.

	With `of_school`, of those of this Dialer School.
	"""
	return _one("phone = %s and school = %s", phone, of_school) if of_school else _one("phone = %s", phone)


def locked(name: str) -> frappe._dict:
	"""Return a conversation, locked until the commit."""
	return _one("name = %s", name)


def _one(where: str, *values: str) -> frappe._dict | None:
	rows = frappe.db.sql(
		"""select name, phone, status, students, campaign, language, person_doctype, person, messages, unread,
			waiting_since, last_at, acknowledged_on, open_mark, urgent, title, ticket_doctype, ticket,
			ticket_is_over, school, of_several_schools
		from `tabDialer Conversation` where """
		+ where
		+ " order by last_at desc, name limit 1 for update",
		values,
		as_dict=True,
	)
	return rows[0] if rows else None


def create(phone: str, language: str, students: Iterable[str], status: str = WAITING) -> frappe._dict:
	"""Write a new conversation without messages and return it."""
	whose = belonging.owner_of(phone)
	children = sorted({*whose.students, *students})
	now, is_open = clock.db_now(), status != CLOSED
	school_name = school.school_of_each([school.FamilyNumber(phone, tuple(children))])[0]
	about = school.named_students(children, school_name)
	values = {
		"name": secrets.token_hex(8),
		**stamp(now),
		"status": status,
		"title": whose.person_name or mask(phone),
		"belongs_to": whose.belongs_to,
		"phone": phone,
		"phone_masked": mask(phone),
		"language": language or whose.language or None,
		"person_name": whose.person_name or None,
		"person_doctype": whose.person_doctype,
		"person": whose.person,
		"students": json.dumps(about.students),
		"school": school_name or None,
		"of_several_schools": int(about.of_several),
		"last_at": now,
		"messages": 0,
		"unread": 0,
		"open_mark": free_mark(phone) if is_open else None,
		"closed_at": None if is_open else now,
	}
	insert(DOCTYPE, [values])
	return locked(values["name"])


def free_mark(phone: str) -> str:
	"""Return the value of `open_mark` for one more open conversation with this number."""
	# Locked, and so read as it is now: the snapshot may be older than the lock of the number.
	query = f"select open_mark from `tab{DOCTYPE}` where {IS_OPEN} for update"
	taken = {mark for (mark,) in frappe.db.sql(query, phone)}
	return next(mark for mark in OPEN_MARKS if mark not in taken)


def add_message(conversation: frappe._dict, **values) -> str:
	"""Write one message of the conversation and return its name. It does not change the conversation."""
	now = clock.db_now()
	row = {
		"name": secrets.token_hex(8),
		**stamp(now),
		"conversation": conversation.name,
		"channel": TEXT,
		"said_at": now,
		"phone": conversation.phone,
		"phone_masked": mask(conversation.phone),
		"language": conversation.language,
		"automatic": 0,
		**values,
	}
	insert(MESSAGE, [row])
	return row["name"]


def update(conversation: frappe._dict, **values) -> None:
	"""Change the conversation, in the database and in the caller's row.

	Runs the hook `dialer_conversation_changed` with its name.
	"""
	frappe.db.set_value(DOCTYPE, conversation.name, values)
	conversation.update(values)
	for path in frappe.get_hooks("dialer_conversation_changed"):
		frappe.get_attr(path)(conversation.name)


def note_message(conversation: frappe._dict, words: str, at: datetime | None = None, **values) -> None:
	"""Note that a message was added, said at `at` (site time; None means now), and change other `values`.

	One that arrives late, after a message that was said later, leaves the last words as they are.
	"""
	now = at or clock.db_now()
	if not conversation.messages or now >= (conversation.last_at or now):
		values |= {"last_at": now, "last_words": " ".join(words.split())[:MOST_LAST_WORDS]}
	update(conversation, messages=(conversation.messages or 0) + 1, **values)


def close(conversation: frappe._dict) -> None:
	"""Close it, for the session's user. What the person writes later begins another conversation."""
	if conversation.status == CLOSED:
		throw(_("This conversation is closed already."))
	update(
		conversation,
		status=CLOSED,
		open_mark=None,
		waiting_since=None,
		unread=0,
		closed_by=frappe.session.user,
		closed_at=clock.db_now(),
	)


def reopen(conversation: frappe._dict) -> None:
	"""Open it again, so that it waits for an answer. Raises ValidationError if one is `open_instead`."""
	if conversation.status != CLOSED:
		throw(_("This conversation is open."))
	if open_instead(conversation):
		throw(_("Another conversation with this number is open. Go on there."))
	now = clock.db_now()
	update(
		conversation,
		status=WAITING,
		open_mark=free_mark(conversation.phone),
		waiting_since=now,
		closed_by=None,
		closed_at=None,
	)


def open_instead(conversation: frappe._dict) -> bool:
	"""Return whether another conversation is open in which the school answers this one's person now.

	The conversations that a family of several schools has with each of them do not replace each other.
	"""
	is_one_s = conversation.of_several_schools and conversation.school
	return bool(open_of(conversation.phone, conversation.school if is_one_s else ""))


def update_waiting(conversation: frappe._dict) -> None:
	"""Compute again what waits, from the messages: after an answer was taken back or did not go out."""
	rows = frappe.db.sql(
		"""select direction, automatic, words, said_at from `tabDialer Conversation Message`
		where conversation = %s and not_sent_because is null order by said_at, creation""",
		conversation.name,
		as_dict=True,
	)
	since = None
	for row in rows:
		if row.direction == RECEIVED:
			since = since or row.said_at
		elif not row.automatic:
			since = None
	by_person = [row for row in rows if not row.automatic]
	values = {
		"messages": len(rows),
		"last_words": " ".join((by_person[-1].words or "").split())[:MOST_LAST_WORDS] if by_person else None,
	}
	if conversation.status != CLOSED:
		values |= {"status": WAITING if since else ANSWERED, "waiting_since": since}
	update(conversation, **values)
