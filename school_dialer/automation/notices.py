"""What a rule tells the people who run campaigns, by Frappe's Notification Log. Counts only: no name and no number."""

import frappe
from frappe import _

ROLE = "Dialer Manager"


def needs_review(rule, run, count: int) -> None:
	tell(
		run,
		_("{0} found {1} and waits for your yes or no. Nobody else is called until then.").format(
			rule.title, count
		),
	)


def missed(rule, run) -> None:
	tell(
		run,
		_("{0} did not run on {1}: nothing was running at its time.").format(
			rule.title, frappe.format(run.day, "Date")
		),
	)


def too_late(rule, run, count: int) -> None:
	tell(run, _("{0}: {1} came too late and are not called.").format(rule.title, count))


def cannot_start(rule, run) -> None:
	tell(run, _("{0} cannot call. Its run says what is missing.").format(rule.title))


def tell(run, subject: str) -> None:
	"""A notice in the Desk for everybody with the role. The scheduler runs for nobody in particular, so it is written without
	asking for permission."""
	users = frappe.get_all(
		"Has Role", {"role": ROLE, "parenttype": "User"}, pluck="parent", distinct=True, order_by="parent"
	)
	for user in users:
		notice = {
			"doctype": "Notification Log",
			"subject": subject,
			"for_user": user,
			"type": "Alert",
			"document_type": "Dialer Rule Run",
			"document_name": run.name,
		}
		frappe.get_doc(notice).insert(ignore_permissions=True)
