"""Answers to what messages ask, by call or text, kept once per recipient.

These are polls, absence reasons, whether guardians knew, and whether a number is still right.

Within one call, the last answer counts. An answer in a later call replaces it, and the earlier one stays in
the history.
"""

import json
import secrets
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.phone import mask
from school_dialer.calls import number_check
from school_dialer.consent.events import Evidence
from school_dialer.consent.replies.answer_limits import STAFF_REPLY
from school_dialer.consent.replies.confirmation_requests import CONFIRMING
from school_dialer.inbound.absences import unaware
from school_dialer.messages import store, text
from school_dialer.messages.model import NUMBER, Template
from school_dialer.messages.spoken import question
from school_dialer.settings import contact_school

ASKING = (*CONFIRMING, STAFF_REPLY)
BY_TEXT_WITHIN = timedelta(days=14)
SETTLED_AFTER = timedelta(minutes=10)
"""After this time an answer is final even if the end of its call was never reported."""
CHUNK = 500


def record_answer(log, template: Template, answer: int, recording: str = "") -> str:
	"""Record an answer (the key pressed) for this call log and return its label.

	A test call has no recipient, so no answer is kept.
	"""
	label = question.label(template, answer, store.school().language)
	if log.recipient:
		if template.asks == NUMBER and log.channel == "Voice":
			number_check.by_key(log, answer, label)
		write(log, template.asks, answer, label, recording)
		if template.asks == question.KNEW and answer == question.UNAWARE:
			unaware.tell_office(log)
	return label


def write(log, kind: str, answer: int, label: str, recording: str) -> None:
	now = clock.db_now()
	values = {
		"name": secrets.token_hex(8),
		**stamp(now),
		"recipient": log.recipient,
		"campaign": log.campaign,
		"kind": kind,
		"answer": answer,
		"label": label,
		"recording": recording,
		"call_log": log.name,
		"channel": log.channel,
		"person_doctype": log.person_doctype,
		"person": log.person,
		"person_name": log.person_name,
		"phone_masked": mask(log.phone),
		"students": json.dumps(log.students),
		"answered_at": now,
		"noted": 0,
	}
	insert(
		"Dialer Answer",
		[values],
		more=""" on duplicate key update
			history = if(call_log = values(call_log), history, concat_ws('\n', history, concat(answered_at,
				': ', label))),
			discarded = if(ifnull(recording, '') in ('', values(recording)), discarded, concat_ws(' ',
				discarded, recording)),
			noted = if(answer = values(answer) and recording = values(recording), noted, 0),
			answer = values(answer), label = values(label), recording = values(recording),
				call_log = values(call_log),
			channel = values(channel), person_doctype = values(person_doctype), person = values(person),
			person_name = values(person_name), phone_masked = values(phone_masked),
				students = values(students),
			answered_at = values(answered_at), modified = values(modified)""",
	)


def by_text(
	number: str, body: str, language: str, at: datetime | None = None, evidence: Evidence | None = None
) -> str | None:
	"""Return the reply to a text that answers our latest question to this number, or None if none does.

	"" is an answer that gets no reply. `evidence` is that of the text, without which no question about the
	number is answered.

	Records the answer. If an opt-out confirmation or wrong-number question was sent after the question, or a
	member of staff wrote, the text answers that instead. A text written at `at` (aware, cut to a second, by
	default now) answers no question sent later. The caller holds the number's lock.
	"""
	log = latest_poll(number)
	if log is None or (at and clock.from_db(log.placed_at) > at + timedelta(seconds=1)):
		return None
	template = store.template(log.template)
	answer = question.answer_in(body, template)
	asked_since = {"phone": number, "kind": ("in", ASKING), "creation": (">", log.placed_at)}
	if answer is None or frappe.db.exists("Dialer Notice", asked_since):
		return None
	if template.asks == NUMBER and evidence is None:
		return None
	log.students = json.loads(log.students or "[]")
	record_answer(log, template, answer)
	if template.asks == NUMBER and not number_check.by_text(log, answer, evidence, at):
		return ""
	school = contact_school.speaking_to(number, language)
	label = question.label(template, answer, language or school.language)
	return text.answered(school, label, language)


def latest_poll(number: str):
	rows = frappe.db.sql(
		"""select log.name, log.recipient, log.campaign, log.template, log.channel, log.phone,
			log.person_doctype,
			log.person, log.person_name, log.students, log.placed_at
		from `tabDialer Call Log` log join `tabDialer Message Template` template
			on template.name = log.template
		where log.phone = %s and log.placed_at > %s and log.direction = 'Outbound' and log.channel = 'Text'
			and log.recipient is not null and template.asks in ('Poll', 'Right number')
			and log.status not in %s
		order by log.placed_at desc limit 1""",
		(number, clock.to_db(clock.now() - BY_TEXT_WITHIN), states.NOT_ARRIVED),
		as_dict=True,
	)
	return rows[0] if rows else None


def note_on_students() -> None:
	"""Add each settled answer once as a comment on the students' records. Commits after each chunk.

	Anyone who may read the student can read the answer there.
	"""
	while note_chunk():
		frappe.db.commit()


def note_chunk() -> int:
	"""Process one chunk for `note_on_students` in the caller's transaction. Return its size."""
	rows = frappe.db.sql(
		"""select answer.name, answer.label, answer.recording, answer.person_name, answer.students,
			answer.answered_at,
			campaign.title
		from `tabDialer Answer` answer join `tabDialer Campaign` campaign on campaign.name = answer.campaign
		left join `tabDialer Call Log` log on log.name = answer.call_log
		where answer.noted = 0 and (log.status_rank >= %s or answer.answered_at < %s)
		limit %s for update skip locked""",
		(states.FINAL_RANK, clock.to_db(clock.now() - SETTLED_AFTER), CHUNK),
		as_dict=True,
	)
	if not rows:
		return 0
	about = {row.name: json.loads(row.students or "[]") for row in rows}
	existing = existing_students({student for students in about.values() for student in students})
	comments = [
		comment_on(student, row) for row in rows for student in about[row.name] if student in existing
	]
	if comments:
		frappe.db.bulk_insert("Comment", list(comments[0]), [tuple(comment.values()) for comment in comments])
	frappe.db.sql("update `tabDialer Answer` set noted = 1 where name in %s", (tuple(about),))
	return len(rows)


def existing_students(names: set[str]) -> set[str]:
	if not names or not frappe.db.exists("DocType", "Student", cache=True):
		return set()
	return set(frappe.get_all("Student", {"name": ("in", list(names))}, pluck="name", order_by="name"))


def comment_on(student: str, row) -> dict:
	words = _("{0} answered {1} on {2}: {3}").format(
		row.person_name or _("A guardian"), row.title, frappe.format(row.answered_at, "Datetime"), row.label
	)
	return {
		"name": secrets.token_hex(5),
		**stamp(),
		"comment_type": "Comment",
		"comment_email": frappe.session.user,
		"comment_by": _("School Dialer"),
		"reference_doctype": "Student",
		"reference_name": student,
		"content": escape_html(words),
	}
