"""Who heard the same thing today from another rule, so that no second rule calls them about it.

The same thing is a case of the same kind about the same occasion, such as one student's absence. Who is being
called about it is not known to have heard yet: a case waits until the other rule's calls have ended.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _

from school_dialer import states
from school_dialer.audience.guardians import ONE_GUARDIAN

Thing = tuple[str, str]
"""An occasion, and its student."""
IN_WORK = (*states.CALLING, states.PAUSED)


@dataclass(slots=True)
class Heard:
	"""What other rules of the kind did about these things today."""

	guardians: dict[Thing, set[str]] = field(default_factory=lambda: defaultdict(set))
	"""Those who heard of each."""
	calling: set[Thing] = field(default_factory=set)
	rules: dict[Thing, str] = field(default_factory=dict)
	"""The title of the rule that called about each."""
	families: Mapping[str, set[str]] = field(default_factory=dict)
	"""All guardians of each student."""

	def all_of(self, thing: Thing, reach: str | None) -> bool:
		"""Return whether a rule with this ``reach`` has no one left to call about it."""
		heard = self.guardians.get(thing, set())
		if reach == ONE_GUARDIAN:
			return bool(heard)
		return bool(heard) and self.families.get(thing[1], set()) <= heard

	def why(self, thing: Thing) -> str:
		"""Return why a rule does not call about it."""
		return _("Heard already today, by the rule {0}.").format(self.rules[thing])

	def pairs(self) -> set[tuple[str, str]]:
		"""Return who heard about whom, as (guardian, student)."""
		return {(guardian, thing[1]) for thing, heard in self.guardians.items() for guardian in heard}

	def people(self) -> int:
		return len({guardian for heard in self.guardians.values() for guardian in heard})


def read(rule, day: date, things: Collection[Thing]) -> Heard:
	"""Return what other rules of this rule's kind did on this day. At most three queries."""
	found = Heard()
	if not things:
		return found
	occasions, students = zip(*things, strict=True)
	rows = frappe.db.sql(
		"""select case_.occasion, case_.student, case_.campaign, other.title,
			campaign.status, campaign.planned_at
		from `tabDialer Rule Case` case_
		join `tabDialer Rule` other on other.name = case_.rule and other.kind = %(kind)s
		join `tabDialer Campaign` campaign on campaign.name = case_.campaign
		where case_.student in %(students)s and case_.status = 'In Campaign' and case_.day = %(day)s
			and case_.occasion in %(occasions)s and case_.rule != %(rule)s""",
		{
			"kind": rule.kind,
			"rule": rule.name or "",
			"day": day,
			"students": tuple(set(students)),
			"occasions": tuple(set(occasions)),
		},
		as_dict=True,
	)
	recipients = recipients_of({row.campaign for row in rows})
	for row in rows:
		thing = (row.occasion, row.student)
		about = [one for one in recipients.get(row.campaign, ()) if row.student in one.students]
		heard = {one.person for one in about if one.status == states.REACHED}
		if heard:
			found.guardians[thing] |= heard
			found.rules[thing] = row.title
		is_open = not row.planned_at or any(one.status in states.OPEN for one in about)
		if row.status in IN_WORK and is_open:
			found.calling.add(thing)
	found.families = guardians_of(thing[1] for thing in found.guardians)
	return found


def recipients_of(campaigns: Collection[str]) -> dict[str, list[frappe._dict]]:
	"""Return the guardians whom these campaigns call, with the students they hear about."""
	found = defaultdict(list)
	if not campaigns:
		return found
	for row in frappe.db.sql(
		"""select campaign, person, status, students from `tabDialer Recipient`
		where campaign in %s and person_doctype = 'Guardian'""",
		(tuple(campaigns),),
		as_dict=True,
	):
		row.students = frozenset(frappe.parse_json(row.students or "[]"))
		found[row.campaign].append(row)
	return found


def guardians_of(students: Iterable[str]) -> dict[str, set[str]]:
	found = defaultdict(set)
	if wanted := tuple(set(students)):
		for student, guardian in frappe.db.sql(
			"""select parent, guardian from `tabStudent Guardian`
			where parenttype = 'Student' and parent in %s""",
			(wanted,),
		):
			found[student].add(guardian)
	return found
