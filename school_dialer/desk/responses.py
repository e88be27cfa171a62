"""Answers to a campaign's question, for its form; and spoken reasons, for an answer's form."""

import frappe
from frappe.query_builder.functions import Count
from werkzeug.wrappers import Response

from school_dialer.base import states
from school_dialer.base.without_permission import note_access
from school_dialer.calls import recording_retention
from school_dialer.campaigns.call_order import UNHEARD
from school_dialer.desk.support import access
from school_dialer.messages import store
from school_dialer.messages.sound.audio import CONTENT_TYPES
from school_dialer.messages.spoken import question

MOST_PLAYED = 30
"""Spoken reasons per minute for each user."""


@frappe.whitelist()
def results(campaign: str) -> dict:
	"""Return the answers to a campaign's question.

	- `kind` of question ("" for none) and its words, `question`.
	- `answers` as [{key, label, people}] in the order of the keys.
	- `not_answered`: how many people were reached and did not answer.
	- `unheard`: by result, such as "no PIN", how many picked up and did not hear the message.
	"""
	doc = frappe.get_doc("Dialer Campaign", campaign)
	doc.check_permission("read")
	template, language = store.template(doc.template), store.school().language
	counts = counts_of(campaign)
	return {
		"kind": template.asks,
		"question": question.asked(template, language),
		"answers": [
			{"key": key, "label": label, "people": counts.pop(key, 0)}
			for key, label in enumerate(question.labels(template, language), 1)
		],
		"not_answered": not_answered(campaign) if template.asks else 0,
		"unheard": unheard(campaign),
	}


@frappe.whitelist(methods=["POST"])
def spoken_reason(answer: str) -> Response:
	"""Return the person's spoken reason as WAV, for a user who may read the answer and therefore the student.

	The audio is served through this site, so that the carrier's address and credentials stay here. The
	request is first recorded in Frappe's Access Log.
	"""
	doc = access.get_record("Dialer Answer", answer)
	doc.check_permission("read")
	access.not_too_often("spoken reason", MOST_PLAYED)
	note_access(doc.doctype, doc.name, "Spoken reason")
	return Response(
		recording_retention.sound_of(doc),
		mimetype=CONTENT_TYPES["WAV"],
		headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
	)


def counts_of(campaign: str) -> dict[int, int]:
	answer = frappe.qb.DocType("Dialer Answer")
	query = frappe.qb.from_(answer).select(answer.answer, Count("*")).where(answer.campaign == campaign)
	return dict(query.groupby(answer.answer).run())


def not_answered(campaign: str) -> int:
	recipient, answer = frappe.qb.DocType("Dialer Recipient"), frappe.qb.DocType("Dialer Answer")
	return (
		frappe.qb.from_(recipient)
		.left_join(answer)
		.on(answer.recipient == recipient.name)
		.select(Count("*"))
		.where((recipient.campaign == campaign) & (recipient.status == states.REACHED) & answer.name.isnull())
		.run()[0][0]
	)


def unheard(campaign: str) -> dict[str, int]:
	recipient = frappe.qb.DocType("Dialer Recipient")
	waiting = (states.NOT_REACHED, states.RETRY)
	return dict(
		frappe.qb.from_(recipient)
		.select(recipient.outcome, Count("*"))
		.where((recipient.campaign == campaign) & recipient.status.isin(waiting))
		.where(recipient.outcome.isin(UNHEARD))
		.groupby(recipient.outcome)
		.run()
	)
