"""Figures of the whole site equal a count in plain Python of every row."""

import itertools
from collections import defaultdict
from dataclasses import astuple
from datetime import datetime

import frappe
import pytest

from school_dialer.reporting.reach import counting, figures
from tests.integration import districts
from tests.integration.reporting.explain import steps
from tests.integration.reporting.reach.worlds import World
from tests.integration.roles import teaching

PROGRAMS = ("Grade 3", "Grade 4", "", None)


@pytest.fixture
def world():
	"""Return families of two schools and of none, some in programs, groups that overlap, or gone since."""
	with districts.district("Ash", "Birch") as two:
		one = World(31, (*two, None), 60)
		one.open()
		one.count()
		one.schools = two
		for child in one.children:
			chosen = {"program": one.draw.choice(PROGRAMS)}
			frappe.db.set_value(counting.DOCTYPE, child.name, chosen, update_modified=False)
		for child in one.draw.sample(one.children, 5):
			frappe.db.set_value("Student", child.name, "enabled", 0)
		frappe.db.delete("Student", {"name": one.children[7].name})
		second = f"{one.tag}-second"
		for child in one.draw.choices(one.children, k=60):
			member(child.name, second)
		for child in one.children[:5]:
			member(child.name, second, active=0)
			member(child.name, second, parenttype="Program")
		yield one
		frappe.set_user("Administrator")


def member(student: str, group: str, **values) -> None:
	row = {"parent": group, "parenttype": "Student Group", "parentfield": "students", "active": 1, **values}
	teaching.bare("Student Group Student", frappe.generate_hash(), student=student, **row)


def counted(by: str, since, filters: dict, schools: tuple = ()) -> dict[str, tuple]:
	"""Return the figures of each group, counted from all rows, or those of some schools, one by one."""
	first = datetime.combine(since, datetime.min.time())
	current = dict(frappe.db.sql("select name, dialer_school from `tabStudent` where enabled = 1"))
	groups = defaultdict(set)
	for parent, student in frappe.db.sql(
		"""select parent, student from `tabStudent Group Student`
		where parenttype = 'Student Group' and active = 1"""
	):
		groups[student].add(parent)
	found: dict[str, list] = defaultdict(lambda: [0, 0, 0, 0, 0])
	for row in frappe.db.sql("select * from `tabDialer Reach`", as_dict=True):
		if row.name not in current or (schools and current[row.name] not in schools):
			continue
		of = {
			figures.SCHOOL: {current[row.name] or ""},
			figures.PROGRAM: {row.program or ""},
			figures.LANGUAGE: {row.language},
			figures.GROUP: groups[row.name],
		}
		if any(value not in of[figures.FILTERS[name]] for name, value in filters.items()):
			continue
		for key in of[by] if by else ("",):
			one = found[key]
			one[0] += 1
			one[1] += row.consented
			one[2] += bool(row.reached_at and row.reached_at >= first)
			one[3] += bool(row.answered_at and row.answered_at >= first)
			one[4] += not row.consented and row.mail_guardian == ""
	return {key: tuple(one) for key, one in found.items()}


def shown(by: str, since, filters: dict) -> dict[str, tuple]:
	return {key: astuple(one) for key, one in figures.counted(by, since, filters).items()}


@pytest.mark.parametrize("by", ["", *figures.BY])
def test_each_list_equals_a_count_of_all_rows(world, by):
	chosen = {
		"school": world.schools[0],
		"program": "Grade 3",
		"language": "es",
		"student_group": f"{world.tag}-second",
	}
	for size in range(len(chosen) + 1):
		for names in itertools.combinations(chosen, size):
			filters = {name: chosen[name] for name in names}
			assert shown(by, world.since, filters) == counted(by, world.since, filters), filters


@pytest.mark.parametrize("by", ["", *figures.BY])
def test_a_school_s_officer_gets_a_count_of_the_school_s_rows(world, by):
	for schools in (world.schools[:1], world.schools):
		frappe.set_user(districts.user(("Dialer Compliance Officer", "Academics User"), schools))
		for filters in ({}, {"program": "Grade 4"}, {"school": world.schools[0]}):
			assert shown(by, world.since, filters) == counted(by, world.since, filters, schools)


def test_the_members_of_groups_are_read_along_an_index_alone(world):
	plan = steps(lambda: figures.counted(figures.GROUP, world.since, {}))
	(members,) = [step for step in plan if step.table == "tabStudent Group Student"]
	assert members.key == "dialer_members" and "Using index" in members.Extra
	assert not {"temporary", "filesort"} & set(members.Extra.replace(";", " ").split())
	assert {step.key for step in plan if step.type == "eq_ref"} == {"PRIMARY"}
