"""The audience of a rule's campaign: the guardians of exactly the students the rule found."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

import frappe
from frappe import _

from school_dialer.audience.base import Candidate
from school_dialer.audience.guardians import GuardianSource
from school_dialer.automation import already_reached, cases, heard_already
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
			return """ and link.parent in %(students)s
				and (link.guardian, link.parent) not in %(heard)s"""
		return """ and link.parent in (select case_.student from `tabDialer Rule Case` case_
				where case_.campaign = %(campaign)s and case_.status = 'In Campaign')
			and (link.guardian, link.parent) not in %(heard)s"""

	@cached_property
	def heard(self) -> tuple[tuple[str, str], ...]:
		"""Return the guardians, each with a student, who heard the same today from another rule.

		Who heard a part of it is in the audience, since the call says the rest.
		"""
		if self.campaign.get("students") is not None:
			return tuple(self.campaign.get("heard") or ())
		run = frappe.db.get_value("Dialer Rule Run", self.group, ["rule", "day"], as_dict=True)
		rule = run and frappe.get_cached_doc("Dialer Rule", run.rule)
		if not rule or rule.again_after_other_rules:
			return ()
		things = frappe.db.sql(
			"""select occasion, student from `tabDialer Rule Case`
			where campaign = %s and status = 'In Campaign'""",
			self.campaign.name,
		)
		return tuple(sorted(heard_already.heard_today(rule, run.day, things).pairs(things)))

	def values(self) -> dict:
		return {
			**super().values(),
			"campaign": self.campaign.name,
			"students": tuple(self.campaign.get("students") or ()) or ("",),
			"heard": self.heard or (("", ""),),
		}

	def check(self) -> None:
		if self.campaign.get("students") is None:
			super().check()

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""Return a page without the guardians whom the run reached already, unless the rule calls again."""
		households, cursor = super().households(after, limit)
		students = {student for people in households for person in people for student in person.students}
		reached = self.already_reached(students)
		if not reached:
			return households, cursor
		left = [[rest for each in people if (rest := without(each, reached))] for people in households]
		return [people for people in left if people], cursor

	def already_reached(self, students: set[str]) -> frozenset[tuple[str, str]]:
		"""Return (guardian, student) of those who are not called again about these students."""
		rule = self.campaign.get("rule")
		if not rule or frappe.get_cached_value("Dialer Rule", rule, "again_for_siblings"):
			return frozenset()
		return already_reached.of_run(self.group, students, self.campaign.name).links

	def withdrawn(self, students: Collection[str]) -> dict[str, str]:
		"""Look up again, just before dialing, what the rule called about. Takes a fixed number of queries.

		Returns the students no longer to be called about, each with the reason, and withdraws their cases.
		"""
		run = frappe.get_doc("Dialer Rule Run", self.group)
		rule = frappe.get_cached_doc("Dialer Rule", run.rule)
		rows = frappe.db.sql(
			"""select name, student, occasion, records from `tabDialer Rule Case`
			where campaign = %s and student in %s and status = 'In Campaign'""",
			(self.campaign.name, tuple(students)),
			as_dict=True,
		)
		kind = kind_of(rule)
		due_now = kind.found(run.covered_days(), students)
		still = {trigger.key[: cases.LENGTH]: trigger for trigger in due_now.occasions}
		true = [row for row in rows if row.occasion in still]
		cases.keep_records(
			[(row.name, still[row.occasion]) for row in true if row.records != still[row.occasion].written()]
		)

		def why(student: str) -> str:
			return due_now.others.get(student) or _(kind.gone) or _("The reason for the call has gone.")

		untrue = {row.name: (row.student, why(row.student)) for row in rows if row.occasion not in still}
		cases.withdraw(self.campaign.name, untrue)
		return {student: why(student) for student in set(students) - {row.student for row in true}}


def without(guardian: Candidate, links: Collection[tuple[str, str]]) -> Candidate | None:
	"""Return the guardian with the students who are in none of these (guardian, student), or None."""
	students = tuple(student for student in guardian.students if (guardian.person, student) not in links)
	return replace(guardian, students=students) if students else None
