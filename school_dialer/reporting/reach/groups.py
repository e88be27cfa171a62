"""What a user sees of the figures by group: everything for officers, no small groups for others.

For users below officer, the lists form a tree: all schools, one school at a time, and in it the programs or
the languages. Lists that cross it, such as a language over all schools of a district, and combined filters
would tell a hidden group by subtraction, so they are refused. `hiding` has the rule for each list.
"""

from collections.abc import Mapping
from datetime import date

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.roles import OFFICER, SYSTEM_MANAGER
from school_dialer.reporting.reach import figures, hiding
from school_dialer.reporting.reach.figures import GROUP, SCHOOL, Figures

SMALL = "\x00"
"""The key of the groups that are shown as one."""


def sees_all() -> bool:
	"""Return whether the user may see small groups, and combine filters."""
	return bool({OFFICER, SYSTEM_MANAGER} & set(frappe.get_roles()))


def counted(by: str, since: date, filters: Mapping[str, str]) -> tuple[dict[str, Figures], Figures, int]:
	"""Return the figures of each group, those of all together, and how many groups are hidden.

	The hidden groups are one, `SMALL`. Nothing is returned if all together are too few to show. Raises
	ValidationError for a list that the user may not see.
	"""
	if not sees_all():
		check(by, since, filters)
	by_key = figures.counted(by, since, filters)
	whole = figures.total(since, filters) if by == GROUP else sum(by_key.values(), Figures())
	if sees_all():
		return by_key, whole, 0
	if whole.students < hiding.LEAST:
		return {}, Figures(), len(by_key)
	small = hiding.hidden({key: figures_of.students for key, figures_of in by_key.items()})
	shown = {key: figures_of for key, figures_of in by_key.items() if key not in small}
	if small:
		shown[SMALL] = sum((by_key[key] for key in small), Figures())
	return shown, whole, len(small)


def check(by: str, since: date, filters: Mapping[str, str]) -> None:
	"""Raise ValidationError unless the list is one of the tree: see the module's docstring."""
	if by == GROUP or any(filters.get(name) for name in figures.FILTERS if name != "school"):
		throw(_("Only a compliance officer may combine filters, or count by student group: groups overlap."))
	if by == SCHOOL:
		if filters.get("school"):
			throw(_("Choose a school, or the list by school."))
		return
	schools = {key: school.students for key, school in figures.counted(SCHOOL, since, {}).items()}
	if len(schools) < 2:
		return
	if not filters.get("school"):
		throw(_("Choose a school first."))
	if filters["school"] in hiding.hidden(schools):
		throw(_("This school has too few students, or would tell those of one that has."))


def open_schools(since: date) -> list[str] | None:
	"""Return the schools of which the user must choose one (`check`), or None for a user who need not."""
	sizes = {} if sees_all() else figures.counted(SCHOOL, since, {})
	if len(sizes) < 2:
		return None
	small = hiding.hidden({key: school.students for key, school in sizes.items()})
	return sorted(key for key in sizes if key and key not in small)


def total(since: date) -> Figures | None:
	"""Return the figures of all of the user's students, or None if they are too few to show."""
	all_students = figures.total(since, {})
	return all_students if sees_all() or all_students.students >= hiding.LEAST else None
