"""A rule's alerts to the people who run campaigns, through Frappe's Notification Log.

Counts only: no names, no numbers.
"""

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.schools import staff


def needs_review(rule, run, count: int) -> None:
	alert(
		run,
		_("{0} found {1} and waits for your yes or no. No one else is called until then.").format(
			rule.title, count
		),
	)


def missed(rule, run) -> None:
	alert(
		run,
		_("{0} did not run on {1}: nothing was running at its time.").format(
			rule.title, frappe.format(run.day, "Date")
		),
	)


def too_late(rule, run, count: int) -> None:
	alert(run, _("{0}: {1} came too late and will not be called.").format(rule.title, count))


def cannot_start(rule, run) -> None:
	alert(run, _("{0} cannot call. Its run says what is missing.").format(rule.title))


def alert(run, subject: str) -> None:
	staff.alarm(roles.MANAGER, subject, "Dialer Rule Run", run.name)
