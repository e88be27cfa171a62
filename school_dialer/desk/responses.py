"""What people answered to a campaign, for its form."""

import frappe
from frappe.query_builder.functions import Count

from school_dialer.dialing import states
from school_dialer.dialing.call_order import UNHEARD
from school_dialer.messages import question, store


@frappe.whitelist()
def results(campaign: str) -> dict:
	"""`kind` of question ("" for none) and its words, `answers` as [{key, label, people}] in the order of the keys, how many were
	reached and did `not_answer`, and by result, such as "no PIN", how many answered and did not hear the message (`unheard`)."""
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
