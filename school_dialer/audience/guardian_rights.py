"""What a guardian may hear about each student, and where the guardian lives.

Both come from Education's records and our custom fields on them. Every query reads a chunk of people at once.
The number of queries does not depend on the number of people.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe

from school_dialer.audience import barred, held, student_rights
from school_dialer.audience.barred import BY_COURT_ORDER, PERMISSION
from school_dialer.audience.base import ContactFacts, FactsQuery, country_code, people
from school_dialer.audience.columns import column, columns
from school_dialer.compliance import Person

EMERGENCY_ONLY = "Emergency Only"
TIME_ZONE = "dialer_time_zone"
HOME = ("dialer_state", "dialer_postal_code", TIME_ZONE)
"""Our fields for a guardian's home, because Education has no address for guardians."""
STRICTNESS = ("All", EMERGENCY_ONLY, BY_COURT_ORDER)


@dataclass(frozen=True, slots=True)
class Guardian:
	"""Where a guardian lives, and the contact permission for each student."""

	state: str | None
	postal_code: str | None
	time_zone: str | None
	permissions: dict[str, str]


def standings(asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
	guardians = read_guardians([query for query in asked if query.read is None])
	students = {student for query in asked for student in query.students}
	forbidden = barred.numbers(students)
	on_file = None if emergency else student_rights.read_on_file(students)
	kept = held.numbers(on_file) if on_file else {}
	country = country_code()
	facts = {}
	for query in asked:
		guardian = query.read or guardians.get(query.person)
		if guardian is None:
			continue
		allowed = tuple(
			student
			for student in query.students
			if may_hear(guardian.permissions.get(student), emergency)
			and (query.phone, student) not in forbidden
			and (query.by_person or kept.get((query.phone, student), {query.person}) == {query.person})
		)
		person = Person(
			country, guardian.state, guardian.postal_code, guardian.time_zone, restricted=not allowed
		)
		rights = tuple(on_file.of(query.person, student) for student in allowed) if on_file else ()
		facts[query.key] = ContactFacts(person, allowed, rights)
	return facts


def read_guardians(asked: list[FactsQuery]) -> dict[str, Guardian]:
	"""Return guardian -> home and contact permissions, of current students unless former ones count."""
	if not asked:
		return {}
	homes = frappe.db.sql(
		"select guardian.name, "
		+ columns("Guardian", "guardian", HOME)
		+ " from `tabGuardian` guardian where guardian.name in %s",
		(people(asked),),
	)
	links = frappe.db.sql(
		"select link.guardian, link.parent, "
		+ column("Student Guardian", "link", PERMISSION)
		+ """ from `tabStudent Guardian` link join `tabStudent` student on student.name = link.parent
		where link.parenttype = 'Student' and link.guardian in %s and (student.enabled = 1 or %s)""",
		(people(asked), any(query.though_gone for query in asked)),
	)
	permissions = permissions_of(links)
	return {
		name: Guardian(*(part or None for part in home), permissions.get(name, {})) for name, *home in homes
	}


def permissions_of(links: Iterable[tuple[str, str, str | None]]) -> dict[str, dict[str, str]]:
	"""Return guardian -> student -> contact permission.

	It is "All" if nothing is recorded, and the stricter one if there are two links.
	"""
	permissions: dict[str, dict[str, str]] = {}
	for guardian, student, granted in links:
		given = permissions.setdefault(guardian, {})
		given[student] = stricter(given[student], granted) if student in given else granted or "All"
	return permissions


def may_hear(permission: str | None, emergency: bool) -> bool:
	"""Return whether the permission allows the message. None means that the two are not linked (any more)."""
	return permission == "All" or (emergency and permission == EMERGENCY_ONLY)


def stricter(one: str, other: str | None) -> str:
	return max(one, other or "All", key=lambda each: STRICTNESS.index(each) if each in STRICTNESS else 1)
