"""A text that says "Ana is sick today" is answered with a question, and a number makes the report.

Only the one guardian on record with a number is asked (`reporter`). The question names no child in full: a
text may be read by anyone who sees the phone. Everything said is in the conversation with the number, which
waits for the office until the question is answered; a question that is not answered is announced to it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import frappe

from school_dialer.base import clock
from school_dialer.consent.choices import rate_limits
from school_dialer.consent.replies.answer_limits import STAFF_REPLY
from school_dialer.consent.replies.confirmation_requests import CONFIRMING
from school_dialer.inbound.absences import intent, question, reporter, reports
from school_dialer.inbound.absences.intent import TOMORROW, Intent
from school_dialer.inbound.absences.kinds import TEXT
from school_dialer.inbound.absences.question import CHOSEN, DECLINED, REPEATED, TAKEN_BACK, Question, initials
from school_dialer.inbound.absences.reporter import Reporter
from school_dialer.inbound.conversations import acknowledgement, conversation, office_hours, received, school
from school_dialer.inbound.conversations.conversation import (
	ANSWERED,
	CLOSED,
	MESSAGE,
	RECEIVED,
	SENT,
	WAITING,
)
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.written import absence_texts
from school_dialer.schools import zones
from school_dialer.settings import contact_school

ASKED_A_DAY, DAY = 6, 24 * 3600
"""Questions to one number in a day, so that two robots do not go on forever."""


@dataclass(frozen=True, slots=True)
class Asked:
	"""A question that was put to a number: the message that carries it, and its conversation."""

	message: str
	conversation: str
	said_at: datetime
	question: Question


def reply_to_answer(message: Received) -> str | None:
	"""Apply a text that answers the last question to this number, and return the reply.

	Returns None if it answers none, and "" if there is nothing to say. The caller holds the number's lock.
	"""
	asked = latest(message.phone)
	answer = asked and question.answer_in(message.words, asked.question)
	if not answer:
		return None
	thread = received.keep(as_courtesy(message))
	if not thread or answer.outcome == REPEATED:
		return ""
	handle = {CHOSEN: choose, DECLINED: decline, TAKEN_BACK: take_back}[answer.outcome]
	return say(thread, handle(asked, thread, message, answer.numbers))


def latest(phone: str) -> Asked | None:
	"""Return the last question to this number (E.164).

	Returns None if it is over, or something else was asked since.
	"""
	rows = frappe.db.sql(
		"""select name, conversation, said_at, question from `tabDialer Conversation Message`
		where phone = %s and question is not null and said_at > %s
		order by said_at desc, creation desc limit 1""",
		(phone, clock.to_db(clock.now() - question.HOLDS_FOR)),
		as_dict=True,
	)
	if not rows:
		return None
	row = rows[0]
	since = {"phone": phone, "kind": ("in", (*CONFIRMING, STAFF_REPLY)), "creation": (">", row.said_at)}
	polled = {
		"phone": phone,
		"direction": "Outbound",
		"channel": "Text",
		"campaign": ("is", "set"),
		"placed_at": (">", row.said_at),
	}
	if frappe.db.exists("Dialer Notice", since) or frappe.db.exists("Dialer Call Log", polled):
		return None
	return Asked(row.name, row.conversation, row.said_at, Question.of(row.question))


def choose(asked: Asked, thread: frappe._dict, message: Received, numbers: tuple[int, ...]) -> str | None:
	"""Make the reports, and return their confirmation."""
	who = reporter.guardian_at(message.phone)
	children = {child.student: child for child in who.children} if who else {}
	chosen = [children.get(asked.question.students[number - 1]) for number in numbers]
	if not all(chosen):
		return to_office(thread, asked.question.language)
	put = asked.question
	try:
		made = [reports.file(new(put, child, who, message, asked)) for child in chosen]
	except reports.BadDays:
		frappe.clear_messages()
		return to_office(thread, put.language)
	frappe.db.set_value(MESSAGE, asked.message, "question", put.answered(numbers, made).text)
	settle(asked, thread, message)
	short = labels(who, put.students)
	called = [short[number - 1] for number in numbers]
	expected = frappe.db.get_value(reports.DOCTYPE, made[0], "expected_at") if put.is_late else None
	at = (datetime.min + expected).time() if expected else None
	return absence_texts.noted(school_of(message.phone, put), put.kind, put.on, called, at, put.language)


def new(put: Question, child: reporter.Child, who: Reporter, message: Received, asked: Asked) -> reports.New:
	return reports.New(
		student=child.student,
		student_name=child.full_name,
		kind=put.kind,
		first=put.on,
		last=put.on,
		channel=TEXT,
		source=f"{asked.message}:{child.student}",
		reason=put.reason,
		words=words_before(asked),
		expected=put.at,
		phone=message.phone,
		guardian=who.guardian,
		guardian_name=who.name,
		conversation=asked.conversation,
	)


def words_before(asked: Asked) -> str:
	"""Return the text that the question answered."""
	before = {
		"conversation": asked.conversation,
		"direction": RECEIVED,
		"said_at": ("<=", asked.said_at),
	}
	texts = frappe.get_all(MESSAGE, before, pluck="words", order_by="said_at desc, creation desc", limit=1)
	return (texts and texts[0]) or ""


def decline(asked: Asked, thread: frappe._dict, message: Received, numbers: tuple[int, ...]) -> str | None:
	"""Report nothing. The office reads what was written."""
	put = asked.question.answered(numbers)
	frappe.db.set_value(MESSAGE, asked.message, "question", put.text)
	return to_office(thread, put.language)


def to_office(thread: frappe._dict, language: str) -> str:
	"""Let the conversation wait for staff, and return what the person hears of it."""
	if thread.status == CLOSED:
		conversation.reopen(thread)
	elif thread.status != WAITING:
		conversation.update(thread, status=WAITING, waiting_since=clock.db_now())
	announce(thread.name)
	return absence_texts.not_reported(contact_school.speaking_to(thread.phone, language), language)


def take_back(asked: Asked, thread: frappe._dict, message: Received, numbers: tuple[int, ...]) -> str | None:
	"""Withdraw what the answer reported, as far as it still stands."""
	done = [name for name in asked.question.reports if reports.withdraw(name, by=TEXT)]
	put = asked.question.answered(numbers)
	frappe.db.set_value(MESSAGE, asked.message, "question", put.text)
	return absence_texts.taken_back(school_of(message.phone, put), put.language) if done else None


def school_of(phone: str, put: Question) -> School:
	return contact_school.speaking_to(phone, put.language)


def settle(asked: Asked, thread: frappe._dict, message: Received) -> None:
	"""End the waiting of a conversation in which nothing but this was said."""
	between = frappe.get_all(
		MESSAGE,
		{
			"conversation": thread.name,
			"direction": RECEIVED,
			"said_at": (">=", asked.said_at),
			"source": ("!=", message.source),
		},
		limit=1,
	)
	same = thread.name == asked.conversation
	if same and asked.question.whole and not (asked.question.waited or between):
		conversation.update(thread, status=ANSWERED, waiting_since=None, unread=0)


def reply_to_report(message: Received) -> str | None:
	"""Ask about a text that may report an absence, and return the question, or None if it is for the office.

	The caller holds the number's lock.
	"""
	if not frappe.get_cached_doc("Dialer Settings").absences_by_text:
		return None
	reading = intent.recognise(message.words)
	on = reading and day_of(reading, school.of_call(message.phone))
	if not on or not acknowledgement.may_be_answered(message.phone):
		return None
	who = reporter.guardian_at(message.phone)
	if not who or not labels(who, [child.student for child in who.children]):
		return None
	if rate_limits.over("absence question", message.phone, ASKED_A_DAY, DAY):
		return None
	before = conversation.open_of(message.phone)
	waited = bool(before and before.status == WAITING)
	thread = received.keep(message, announce=False)
	return ask(thread, reading, on, who, waited) if thread else None


def day_of(reading: Intent, of_school: str = "") -> date | None:
	"""Return the day that a text is about, if it is a school day that may be reported."""
	today = zones.today(of_school)
	day = today + timedelta(days=1) if reading.day == TOMORROW else today
	if not office_hours.read(of_school).is_school_day(day):
		return None
	try:
		reports.check_days(day, day, of_school)
	except reports.BadDays:
		frappe.clear_messages()
		return None
	return day


def ask(thread: frappe._dict, reading: Intent, on: date, who: Reporter, waited: bool) -> str:
	students = [child.student for child in who.children]
	put = Question.about(reading, on, students, waited)
	language = reading.language if reading.language in languages() else thread.language or who.language
	put = replace(put, language=language or "")
	body = absence_texts.ask(
		school_of(thread.phone, put), put.kind, put.on, labels(who, students), put.language
	)
	return say(thread, body, question=put.text)


def labels(who: Reporter, students: list[str] | tuple[str, ...]) -> list[str] | None:
	"""Return what stands for these children in a text, or None if the same initials would mean two."""
	names = {child.student: child.first_name for child in who.children}
	return initials([names.get(student, "") for student in students])


def say(thread: frappe._dict, words: str | None, **values) -> str:
	"""Keep in the conversation what we answer, and return it."""
	if not words:
		return ""
	language = thread.language
	conversation.add_message(thread, direction=SENT, automatic=1, words=words, language=language, **values)
	conversation.update(thread, messages=(thread.messages or 0) + 1)
	return words


def as_courtesy(message: Received) -> Received:
	return replace(message, needs_answer=False)


def announce(name: str) -> None:
	for path in frappe.get_hooks("dialer_conversation_waiting"):
		frappe.get_attr(path)(name)


def announce_unanswered() -> None:
	"""Announce to the office the conversations whose question was not answered in time. Does not commit."""
	now = clock.now()
	rows = frappe.db.sql(
		"""select name, conversation, question from `tabDialer Conversation Message`
		where question is not null and said_at <= %s and said_at > %s for update skip locked""",
		(clock.to_db(now - question.HOLDS_FOR), clock.to_db(now - 2 * question.HOLDS_FOR)),
		as_dict=True,
	)
	for row in rows:
		frappe.db.set_value(MESSAGE, row.name, "question", None, update_modified=False)
		if Question.of(row.question).answer is None:
			announce(row.conversation)
