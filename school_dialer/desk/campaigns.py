"""What staff press on a campaign. Each method checks the caller's permission and hands over."""

from collections import Counter

import frappe
from frappe import _
from frappe.query_builder.functions import Count

from school_dialer.audience.base import sources
from school_dialer.compliance.model import DEFERRING
from school_dialer.dialing import campaign as actions
from school_dialer.dialing import content, plan, states, test_call

SAMPLES = 5
PREVIEW_MOST = 5000


def allow(name: str, permission: str = "write") -> None:
	frappe.has_permission("Dialer Campaign", permission, doc=name, throw=True)


@frappe.whitelist()
def audiences() -> list[dict]:
	"""The audiences this site offers: label, translated label, and the DocType of the group to choose."""
	frappe.has_permission("Dialer Campaign", "read", throw=True)
	return [
		{"label": label, "title": _(label), "doctype": source.audience_doctype}
		for label, source in sources().items()
	]


@frappe.whitelist(methods=["POST"])
def preview_audience(campaign: str) -> dict:
	"""Counts by verdict and reason, and sample messages, as if the campaign started now. Writes nothing."""
	allow(campaign)
	doc = frappe.get_doc("Dialer Campaign", campaign)
	actions.check_template(doc)
	options = plan.preview(doc, PREVIEW_MOST)
	verdicts = Counter(option.answer.decision.verdict for option in options)
	reasons = Counter(
		code
		for option in options
		if option.answer.decision.verdict != "ALLOW"
		for code in option.answer.decision.codes
	)
	allowed = [option for option in options if option.answer.decision.verdict == "ALLOW"]
	shown = (allowed or [option for option in options if option.answer.decision.verdict == "DEFER"])[:SAMPLES]
	return {
		"people": len(options),
		"more": len(options) >= PREVIEW_MOST,
		"verdicts": dict(verdicts),
		"reasons": dict(reasons),
		"samples": content.samples(doc, shown),
	}


@frappe.whitelist(methods=["POST"])
def send_test(campaign: str) -> str:
	"""Call or text the user's own number, from their User record, with a sample of the message. Returns the log's name."""
	allow(campaign)
	return test_call.place(frappe.get_doc("Dialer Campaign", campaign), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def start(campaign: str) -> str:
	allow(campaign)
	return actions.start(campaign)


@frappe.whitelist(methods=["POST"])
def schedule(campaign: str) -> str:
	allow(campaign)
	return actions.schedule(campaign)


@frappe.whitelist(methods=["POST"])
def approve(campaign: str) -> None:
	allow(campaign, "read")
	actions.approve(campaign)


@frappe.whitelist(methods=["POST"])
def reject(campaign: str, reason: str = "") -> None:
	allow(campaign, "read")
	actions.reject(campaign, reason)


@frappe.whitelist(methods=["POST"])
def back_to_draft(campaign: str) -> None:
	allow(campaign)
	actions.back_to_draft(campaign)


@frappe.whitelist(methods=["POST"])
def pause(campaign: str) -> None:
	allow(campaign)
	actions.pause(campaign, _("Paused by {0}").format(frappe.utils.get_fullname()))


@frappe.whitelist(methods=["POST"])
def resume(campaign: str) -> str:
	allow(campaign)
	return actions.resume(campaign)


@frappe.whitelist(methods=["POST"])
def cancel(campaign: str) -> int:
	allow(campaign)
	return actions.cancel(campaign)


@frappe.whitelist()
def progress(campaign: str) -> dict:
	"""Counts by state, reasons of the blocked and when the next deferred person is due. Cheap: the form polls it."""
	allow(campaign, "read")
	recipient = frappe.qb.DocType("Dialer Recipient")
	counts = dict(
		frappe.qb.from_(recipient)
		.select(recipient.status, Count("*"))
		.where(recipient.campaign == campaign)
		.groupby(recipient.status)
		.run()
	)
	blocked: Counter = Counter()
	rows = (
		frappe.qb.from_(recipient)
		.select(recipient.reasons, Count("*"))
		.where((recipient.campaign == campaign) & (recipient.status == states.BLOCKED))
		.groupby(recipient.reasons)
		.run()
	)
	for reasons, count in rows:
		for code in (reasons or "").split(", "):
			if code not in DEFERRING:
				blocked[code] += count
	next_due = frappe.get_all(
		"Dialer Recipient",
		{"campaign": campaign, "status": states.DEFERRED},
		["not_before"],
		order_by="not_before",
		limit=1,
	)
	status, message = frappe.db.get_value("Dialer Campaign", campaign, ["status", "status_message"])
	return {
		"status": status,
		"status_message": message,
		"total": sum(counts.values()),
		"counts": counts,
		"blocked": dict(blocked),
		"next_due": next_due[0].not_before if next_due else None,
	}
