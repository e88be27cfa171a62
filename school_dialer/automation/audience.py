"""The audience of a rule's campaign: the guardians of exactly the students the rule found."""

from collections.abc import Collection

import frappe
from frappe import _

from school_dialer.audience.guardians import GuardianSource
from school_dialer.automation import cases
from school_dialer.automation.kind import kind_of


class RuleGuardians(GuardianSource):
	label = "Guardians found by a rule"
	audience_doctype = "Dialer Rule Run"
	offered = False
	rechecks = True
	few = True

	@property
	def members(self) -> str:
		if self.campaign.get("students") is not None:
			return " and link.parent in %(students)s"
		return """ and link.parent in (select case_.student from `tabDialer Rule Case` case_
			where case_.campaign = %(campaign)s and case_.status = 'In Campaign')"""

	def values(self) -> dict:
		return {
			**super().values(),
			"campaign": self.campaign.name,
			"students": tuple(self.campaign.get("students") or ()) or ("",),
		}

	def check(self) -> None:
		if self.campaign.get("students") is None:
			super().check()

	def withdrawn(self, students: Collection[str]) -> dict[str, str]:
		"""Look up again, just before dialing, what the rule called about. Takes a fixed number of queries.

		Returns the students no longer to be called about, each with the reason, and withdraws their cases.
		"""
		run = frappe.get_doc("Dialer Rule Run", self.group)
		rule = frappe.get_cached_doc("Dialer Rule", run.rule)
		rows = frappe.db.sql(
			"""select student, occasion from `tabDialer Rule Case`
			where campaign = %s and student in %s and status = 'In Campaign'""",
			(self.campaign.name, tuple(students)),
		)
		kind = kind_of(rule)
		found = kind.found(run.covered_days(), students)
		still = {one.key[: cases.LENGTH] for one in found.occasions}
		wanted = {student for student, occasion in rows if occasion in still}
		gone = {
			student: found.others.get(student) or _(kind.gone) or _("The reason for the call has gone.")
			for student in students
			if student not in wanted
		}
		cases.withdraw(self.campaign.name, gone)
		return gone
