"""API of a Dialer Conversation: read its thread, answer, take an answer back, close and reopen it.

No response contains a number. A conversation that names a student is for users who may read the student
(`privacy.student_rows`).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.audience import whose_number
from school_dialer.base import clock, roles, states
from school_dialer.base.refusal import throw
from school_dialer.consent.lock import number_lock
from school_dialer.desk.support import access
from school_dialer.inbound.conversations import belonging, conversation, pressed, replies
from school_dialer.inbound.conversations.conversation import DOCTYPE
from school_dialer.privacy import pseudonym
from school_dialer.schools import rows as school_rows

MOST_MESSAGES = 200
"""The latest messages of a thread that its form shows."""
MOST_PEOPLE, MOST_EARLIER = 10, 10
REPLIES_A_MINUTE = 30
STATES = {
	"delivered": "Delivered",
	"read": "Read",
	states.UNREPORTED: "Sent",
	"undelivered": "Not delivered",
	"failed": "Not delivered",
	"refused": "Not delivered",
}
"""What the carrier reports of a text that went out. Anything else is on its way."""


@frappe.whitelist()
def thread(name: str, again: int = 0) -> dict:
	"""Return what the form shows of a conversation.

	- `messages` are the latest MOST_MESSAGES, oldest first, each as `shown` returns it.
	- `people` are those on record with the number that the user may read, as {doctype, name, title}.
	- `students` are those whom it is about and whom the user may read, as {name, title}.
	- `earlier` are other conversations with the number, as {name, last_at, status}.
	- `more` is True if others are left out, because they are of other schools or of the district.
	- `refusal` says why no text may be sent now, or "".
	- `waits_until` is when calling hours begin, in site time, or "" during them.

	When the form looks `again`, `people`, `students`, `earlier` and `more` are None, because all records are
	searched.
	"""
	doc = readable(name)
	locked_row = frappe._dict(conversation.locked(name))
	is_open = doc.status != conversation.CLOSED and not locked_row.phone.startswith(pseudonym.PREFIX)
	decision = replies.decide(locked_row, clock.now()).decision if is_open else None
	blocked = decision and (
		decision.verdict == "BLOCK" or (decision.verdict == "DEFER" and not decision.until)
	)
	return {
		"status": doc.status,
		"messages": [shown(row) for row in rows_of(name)],
		"people": None if again else people_of(doc, locked_row.phone),
		"students": None if again else students_of(doc),
		"earlier": None if again else earlier(doc.name, locked_row.phone),
		"more": None if again else has_more(locked_row.phone),
		"refusal": replies.refusal(decision.codes) if blocked else "",
		"waits_until": str(clock.to_db(decision.until)) if decision and decision.until else "",
	}


def rows_of(name: str) -> list[frappe._dict]:
	recording = "message.recording" if has_recordings() else "null recording"
	rows = frappe.db.sql(
		f"""select message.name, message.direction, message.channel, message.said_at, message.words,
			message.automatic, message.unsure, {recording}, user.full_name, message.not_sent_because,
			notice.status notice_status, notice.not_before, log.status log_status
		from `tabDialer Conversation Message` message
		left join `tabUser` user on user.name = message.written_by
		left join `tabDialer Notice` notice on notice.name = message.notice
		left join `tabDialer Call Log` log on log.name = notice.call_log
		where message.conversation = %s order by message.said_at desc, message.creation desc limit %s""",
		(name, MOST_MESSAGES),
		as_dict=True,
	)
	return rows[::-1]


def has_recordings() -> bool:
	"""Return whether spoken messages are kept, whose recordings `answers.spoken_message` plays."""
	return frappe.get_meta(conversation.MESSAGE).has_field("recording")


def shown(row: frappe._dict) -> dict:
	"""Return a message as {name, direction, channel, at, words, by, automatic, unsure, spoken, state, why,
	undo, due}.

	`at` is in site time. `unsure` may be the school's own words, and `spoken` has a recording. `state` is one
	of the states of a reply, or "" of anything else. `undo` says in how many seconds it is sent, and is None
	when it cannot be taken back.
	"""
	waits = row.notice_status == "Waiting" and row.not_before
	return {
		"name": row.name,
		"direction": row.direction,
		"channel": row.channel,
		"at": str(row.said_at),
		"words": pressed.shown(row.words),
		"by": row.full_name or "",
		"automatic": bool(row.automatic),
		"unsure": bool(row.unsure),
		"spoken": bool(row.recording),
		"state": state_of(row),
		"why": row.not_sent_because or "",
		"undo": max((row.not_before - clock.db_now()).total_seconds(), 0) if waits else None,
		"due": str(row.not_before) if waits else "",
	}


def state_of(row: frappe._dict) -> str:
	if row.direction == conversation.RECEIVED or row.automatic:
		return ""
	if row.log_status in STATES:
		return STATES[row.log_status]
	if row.not_sent_because:
		return "Not sent"
	return {"Waiting": "Waiting", "Sending": "Being sent", "Not Sent": "Not sent"}.get(
		row.notice_status, "Sent"
	)


def people_of(doc, phone: str) -> list[dict]:
	"""Return the people on record with this number, as far as the user may read their records."""
	if doc.belongs_to == belonging.UNKNOWN:
		return []
	may = [
		(doctype, name)
		for doctype, name in whose_number.people(phone)[: 10 * MOST_PEOPLE]
		if frappe.has_permission(doctype, "read", doc=name)
	]
	return [
		{
			"doctype": doctype,
			"name": name,
			"title": belonging.field_of(doctype, name, belonging.title_field(doctype)),
		}
		for doctype, name in may[:MOST_PEOPLE]
	]


def students_of(doc) -> list[dict]:
	"""Return the students whom the conversation is about, as far as the user may read their records."""
	named = json.loads(doc.students or "[]")
	if not named or not frappe.has_permission("Student", "read"):
		return []
	title = belonging.title_field("Student")
	rows = frappe.get_list("Student", {"name": ("in", named)}, ["name", title], order_by="name")
	return [{"name": row.name, "title": row.get(title) or row.name} for row in rows]


def earlier(name: str, phone: str) -> list[dict]:
	others = frappe.get_all(
		DOCTYPE, {"phone": phone, "name": ("!=", name)}, pluck="name", order_by="last_at desc", limit=50
	)
	return frappe.get_list(
		DOCTYPE,
		{"name": ("in", others)},
		["name", "last_at", "status"],
		order_by="last_at desc",
		limit=MOST_EARLIER,
	)


def has_more(phone: str) -> bool:
	"""Return whether the number has conversations that are not of the user's schools."""
	condition = school_rows.conditions(DOCTYPE).replace("%", "%%")
	visible = f"select name from `tab{DOCTYPE}` where {condition}"
	query = f"select 1 from `tab{DOCTYPE}` where phone = %s and name not in ({visible}) limit 1"
	return bool(condition and frappe.db.sql(query, (phone,)))


@frappe.whitelist(methods=["POST"])
def mark_read(name: str) -> None:
	"""Note that someone at the school has seen everything in this conversation."""
	readable(name)
	frappe.db.set_value(DOCTYPE, name, "unread", 0, update_modified=False)


@frappe.whitelist(methods=["POST"])
def reply(name: str, words: str) -> dict:
	"""Answer by text. Raises ValidationError with the reason if no text may be sent to the person.

	Returns `message`, `undo` (how many seconds there are to take it back), and `due` (when it is sent at the
	earliest, in site time). Outside of calling hours it waits for them.
	"""
	readable(name)
	access.not_too_often("reply", REPLIES_A_MINUTE)
	with locked(name) as row:
		written = replies.write_reply(row, words)
	return {
		"message": written.message,
		"undo": seconds_until(written.due),
		"due": str(clock.to_db(written.due)),
	}


def seconds_until(due: datetime) -> float:
	return max((due - clock.now()) / timedelta(seconds=1), 0)


@frappe.whitelist(methods=["POST"])
def undo(name: str, message: str) -> dict:
	"""Take back a reply that has not been sent, and return its `words`."""
	readable(name)
	with locked(name) as row:
		return {"words": replies.take_back(row, message)}


@frappe.whitelist(methods=["POST"])
def close(name: str) -> None:
	"""Close the conversation. What the person writes next begins another one."""
	readable(name)
	with locked(name) as row:
		conversation.close(row)


@frappe.whitelist(methods=["POST"])
def reopen(name: str) -> None:
	"""Let a closed conversation wait for an answer again."""
	readable(name)
	with locked(name) as row:
		if row.phone.startswith(pseudonym.PREFIX):
			throw(_("The number of this conversation was removed when its time was over."))
		conversation.reopen(row)


def readable(name: str):
	"""Return the conversation, for an agent who may read it."""
	access.only_for(roles.AGENTS)
	doc = access.get_record(DOCTYPE, name)
	doc.check_permission("read")
	return doc


@contextmanager
def locked(name: str) -> Iterator[frappe._dict]:
	"""Yield the conversation while no other process writes about its number."""
	phone = frappe.db.get_value(DOCTYPE, name, "phone")
	with number_lock([phone]):
		yield conversation.locked(name)
