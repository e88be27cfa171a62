"""Counts of families: reached since a day, and those that nothing can reach, with why.

Students whose first number is the same are one family (`contacts.families`). It was reached if a message
about one of them reached someone, and cannot be reached if none of them can. With children in two programs it
counts once, in the first by name, and likewise with languages: so no family is in two groups of a list, each
list adds up to the total, and the rule of `hiding` holds.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _

from school_dialer.reporting import coverage
from school_dialer.reporting.reach import contacts, figures, groups, hiding
from school_dialer.reporting.reach.figures import LANGUAGE, PROGRAM

LISTS = (PROGRAM, LANGUAGE)
COUNTED = """select program, language, reached, unreachable, why, count(*) from (
		select ifnull(min(nullif(reach.program, '')), '') program, min(reach.language) language,
			max(ifnull(reach.reached_at >= %(since)s, 0)) reached,
			min(reach.consented = 0 and reach.mail_guardian = '') unreachable, max(reach.why) why
		{rows} join `tabStudent` on `tabStudent`.name = reach.name
		where `tabStudent`.enabled = 1{conditions}
		group by reach.family) family
	group by 1, 2, 3, 4, 5"""


@dataclass(frozen=True, slots=True)
class Families:
	"""Families of one group."""

	families: int = 0
	reached: int = 0
	unreachable: int = 0

	def __add__(self, other: "Families") -> "Families":
		return Families(*(getattr(self, name) + getattr(other, name) for name in Families.__slots__))

	@property
	def not_reached(self) -> int:
		return self.families - self.reached


@dataclass
class Counted:
	"""All families, those of each group of the lists, and those that cannot be reached by `contacts.WHY`."""

	whole: Families = Families()
	lists: dict[str, dict[str, Families]] = field(default_factory=lambda: {by: {} for by in LISTS})
	why: Counter = field(default_factory=Counter)

	def add(self, keys: Mapping[str, str], families: Families, why: str) -> None:
		self.whole += families
		for by, totals in self.lists.items():
			totals[keys[by]] = totals.get(keys[by], Families()) + families
		if families.unreachable:
			self.why[why] += families.unreachable


def counted(since: date, school: str = "") -> Counted:
	"""Return the figures of the user's families, with a school those of their children there. One query."""
	counts = Counted()
	if not figures.ready():
		return counts
	conditions = figures.narrowed({"school": school}) + figures.visible(readable=False)
	rows = frappe.db.sql(
		COUNTED.format(rows=figures.ROWS, conditions=conditions), {"since": since, "school": school}
	)
	for program, language, reached, unreachable, why, count in rows:
		group = Families(count, count if reached else 0, count if unreachable else 0)
		counts.add({PROGRAM: program, LANGUAGE: language}, group, why)
	return counts


def shown(counted: Counted) -> Counted:
	"""Return what of the figures the user may see: for others than officers, small groups are one.

	Nothing is left if all together are too few. Several schools together are for officers (`groups`).
	"""
	if groups.sees_all():
		return counted
	if counted.whole.families < hiding.LEAST:
		return Counted()
	return Counted(
		counted.whole, {by: without_small(totals) for by, totals in counted.lists.items()}, counted.why
	)


def without_small(totals: dict[str, Families]) -> dict[str, Families]:
	small = hiding.hidden({key: families.families for key, families in totals.items()})
	left = {key: families for key, families in totals.items() if key not in small}
	return left | ({groups.SMALL: sum((totals[key] for key in small), Families())} if small else {})


def reasons() -> dict[str, str]:
	"""Return why a family can be neither called nor texted, in words, by `contacts.WHY`."""
	return {
		contacts.NO_GUARDIAN: _("No guardian on record"),
		contacts.NOT_ALLOWED: _("No guardian may hear about the student"),
		coverage.NO_NUMBER: _("No working phone number"),
		coverage.NOT_ASKED: _("Not asked for consent"),
		coverage.LAPSED: _("Consent expired or needs a signature"),
		coverage.STOPPED: _("Opted out"),
	}
