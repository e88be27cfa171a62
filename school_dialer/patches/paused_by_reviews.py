"""Mark the campaigns that a rule's review had paused before such campaigns had a mark of their own.

Their message says so, in the language of the user at the time.
"""

import frappe
from frappe import _

from school_dialer.automation.run import REVIEW
from school_dialer.base import states

SAID = "Paused: the rule found unusually many."


def execute() -> None:
	sentences = {SAID, *(_(SAID, lang=language) for language in languages())}
	frappe.db.sql(
		"""update `tabDialer Campaign` campaign
		join `tabDialer Rule Run` run on run.name = campaign.rule_run
		set campaign.paused_by_review = 1
		where campaign.status = %s and run.status = %s and campaign.status_message in %s""",
		(states.PAUSED, REVIEW, tuple(sentences)),
	)


def languages() -> list[str]:
	return frappe.get_all("Language", {"enabled": 1}, pluck="name", order_by="name")
