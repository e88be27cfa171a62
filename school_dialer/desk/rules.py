"""API for staff actions on a rule and its runs. Each method checks the caller's permission and delegates."""

import frappe
from frappe import _
from frappe.utils import getdate

from school_dialer.automation import history, run
from school_dialer.automation import kind as kinds_
from school_dialer.automation import rule as actions
from school_dialer.automation.kinds import records
from school_dialer.automation.sentence import sentence
from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.desk.support import access, arguments


def allow(name: str, permission: str = "write"):
	doc = frappe.get_doc("Dialer Rule", name)
	doc.check_permission(permission)
	return doc


def may_run_campaigns() -> None:
	"""Raise PermissionError unless the user may start campaigns.

	A rule starts campaigns, so only such a user may switch it on or let it call a large number of people.
	"""
	if not (
		frappe.has_permission("Dialer Campaign", "create") and frappe.has_permission("Dialer Rule", "write")
	):
		throw(_("Only who may start campaigns decides on what a rule calls."), frappe.PermissionError)


def may_decide(run_name: str) -> None:
	frappe.get_doc("Dialer Rule Run", run_name).check_permission("read")


@frappe.whitelist()
def kinds() -> list[dict]:
	"""Return the kinds of rules.

	Each has a label, translated label, purposes, the fields it reads, and what this site lacks for it (None:
	nothing).
	"""
	access.may("read", "Dialer Rule")
	return [
		{
			"label": label,
			"title": _(label),
			"purposes": kind.purposes,
			"settings": kind.settings,
			"audience": kind.audience,
			"missing": kind.missing(),
		}
		for label, kind in kinds_.kinds().items()
	]


@frappe.whitelist(methods=["POST"])
def read_aloud(rule: str | dict) -> str:
	"""Return the sentence of a rule as currently filled in; empty until it is complete enough for one."""
	access.may("read", "Dialer Rule")
	doc = frappe.get_doc({**arguments.read_argument(rule, dict), "doctype": "Dialer Rule"})
	if doc.kind not in kinds_.kinds() or not doc.purpose:
		return ""
	return sentence(doc)


@frappe.whitelist()
def field_choices() -> list[dict]:
	access.may("write", "Dialer Rule")
	return records.field_choices()


@frappe.whitelist(methods=["POST"])
def dry_run(rule: str, day: str | None = None) -> dict:
	"""Return what the rule would do on a day, by default today at the school. Queues and writes nothing.

	The result names people, so it requires permission to change the rule, and it names only children that the
	user may read.
	"""
	return actions.dry_run(allow(rule), getdate(day) if day else clock.db_now().date())


@frappe.whitelist()
def day_to_try(rule: str) -> str:
	"""Return the day for which a test of the rule says most: the last one with attendance, or of school."""
	return str(actions.day_to_try(allow(rule)))


@frappe.whitelist(methods=["POST"])
def switch_on(rule: str) -> None:
	may_run_campaigns()
	actions.switch_on(allow(rule))


@frappe.whitelist(methods=["POST"])
def switch_off(rule: str) -> None:
	actions.switch_off(allow(rule))


@frappe.whitelist()
def runs(rule: str) -> dict:
	doc = allow(rule, "read")
	return {"next": history.next_run(doc), "runs": history.last_runs(rule)}


@frappe.whitelist()
def cases(run_name: str) -> dict:
	"""Return a run's cases.

	`rows` for its form, `not_shown`: how many more there are about students the user may not see, and
	`count`: how many an approval would cover.
	"""
	frappe.get_doc("Dialer Rule Run", run_name).check_permission("read")
	return {
		"rows": history.cases_of(run_name),
		"not_shown": history.cases_not_shown(run_name),
		"count": history.waiting_count(run_name),
	}


@frappe.whitelist(methods=["POST"])
def approve(run_name: str, count: int) -> None:
	"""Approve calls for exactly this many cases."""
	may_run_campaigns()
	may_decide(run_name)
	run.approve(run_name, count)


@frappe.whitelist(methods=["POST"])
def drop(run_name: str, reason: str) -> None:
	may_run_campaigns()
	may_decide(run_name)
	run.drop(run_name, reason)
