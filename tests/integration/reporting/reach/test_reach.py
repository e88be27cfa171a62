"""Reach equals a second count in plain Python, is narrowed by school, and names no one to others."""

from collections import defaultdict
from dataclasses import astuple

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.reporting.reach import contacts, counting, figures, groups, heard, hiding, students, terms
from school_dialer.school_dialer.report.reach_by_group import reach_by_group
from school_dialer.school_dialer.report.student_reach import student_reach
from tests.integration import districts, statements
from tests.integration.reporting.reach.worlds import World

pytestmark = pytest.mark.dates

MANAGER, OFFICER = "Dialer Manager", "Dialer Compliance Officer"


@pytest.fixture
def two():
	with districts.district("Ash", "Birch") as names:
		yield names


def opened(seed: int, schools: tuple, count: int = 30) -> World:
	world = World(seed, schools, count)
	world.open()
	world.count()
	return world


def list_again(world: World) -> None:
	"""List a student in the group a second time."""
	row = {"parent": world.group, "parenttype": "Student Group", "active": 1}
	again = {"doctype": "Student Group Student", "name": f"{world.tag}-again", **row}
	frappe.get_doc({**again, "student": world.children[0].name}).db_insert()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_equal_a_count_of_every_student(two, seed):
	world = opened(seed, (*two, None))
	only = {"student_group": world.group}
	whole = figures.total(world.since, only)
	assert astuple(whole) == world.expected(world.children)
	list_again(world)
	assert astuple(figures.counted(figures.GROUP, world.since, only)[world.group]) == astuple(whole)
	for by, key in {figures.SCHOOL: "school", figures.LANGUAGE: "language"}.items():
		wanted = defaultdict(list)
		for one in world.children:
			wanted[getattr(one, key) or ""].append(one)
		found = figures.counted(by, world.since, only)
		assert {group: astuple(one) for group, one in found.items()} == {
			group: world.expected(some) for group, some in wanted.items()
		}


@pytest.mark.parametrize("seed", [4, 5])
def test_each_student_s_ways_and_last_contact_are_right(two, seed):
	world = opened(seed, two)
	rows = {
		row.name: row
		for row in frappe.get_all(
			counting.DOCTYPE, {"name": ("in", [one.name for one in world.children])}, ["*"]
		)
	}
	for one in world.children:
		row = rows[one.name]
		assert (row.call_guardian, row.text_guardian, row.mail_guardian) == (one.call, one.text, one.mail)
		assert row.language == one.language and row.guardians == len(one.guardians)
		last = max(one.reached, default=(None, "", ""))
		assert (row.reached_at, row.reached_person) == (last[0], last[2])
		assert row.answered_at == max(one.answered, default=None)


@pytest.mark.parametrize("seed", [16, 17])
def test_siblings_are_one_family_and_why_it_cannot_be_reached_is_kept(two, seed):
	world = opened(seed, two)
	rows = {row.name: row for row in frappe.get_all(counting.DOCTYPE, fields=["name", "family", "why"])}
	kept, wanted = defaultdict(set), defaultdict(set)
	for one in world.children:
		kept[rows[one.name].family].add(one.name)
		wanted[one.family].add(one.name)
		assert rows[one.name].why == ("" if one.call or one.text or one.mail else one.why)
	assert sorted(kept.values(), key=min) == sorted(wanted.values(), key=min)
	assert not any(one.phone in rows[child.name].family for child in world.children for one in world.adults)
	whys = {one.why for one in world.children if not (one.call or one.text or one.mail)}
	for why in whys:
		filters = {
			"since": world.since,
			"student_group": world.group,
			"show": "Cannot be reached",
			"why": why,
		}
		listed = {row.student for row in student_reach.execute(filters)[1]}
		assert listed == {
			one.name for one in world.children if one.why == why and not (one.call or one.text or one.mail)
		}


def test_rows_of_a_version_without_families_are_counted_again(two):
	world = opened(18, two)
	assert counting.counted_at() is not None
	frappe.db.set_value(counting.DOCTYPE, world.children[0].name, "family", None)
	assert counting.counted_at() is None
	world.count()
	assert counting.counted_at() is not None


def test_a_later_count_adds_and_forgets_nothing(two):
	world = opened(6, two)
	quiet = next(one for one in world.children if not one.reached)
	busy = next(one for one in world.children if one.reached and one is not quiet)
	latest = heard.Latest()
	latest.reach(quiet.name, heard.Contact(world.now, "log", heard.CALL, "Guardian", "someone"))
	old = min(busy.reached)[0] - heard.STEP
	latest.reach(busy.name, heard.Contact(old, "log", heard.CALL, "Guardian", "someone"))
	latest.answer(quiet.name, world.now)
	counting.add([quiet.name, busy.name, "no such student"], latest)
	read = ["reached_at", "reached_person", "answered_at"]
	assert frappe.db.get_value(counting.DOCTYPE, quiet.name, read) == (world.now, "someone", world.now)
	kept = frappe.db.get_value(counting.DOCTYPE, busy.name, read)
	assert kept[:2] == (max(busy.reached)[0], max(busy.reached)[2])
	assert not frappe.db.exists(counting.DOCTYPE, "no such student")


def test_students_who_left_count_nowhere(two):
	world = opened(7, two)
	gone = world.children[0]
	frappe.db.set_value("Student", gone.name, "enabled", 0)
	only = {"student_group": world.group}
	assert figures.total(world.since, only).students == len(world.children) - 1
	assert gone.name not in {row.student for row in students.listed(world.since, only, students.ALL)}


def test_a_count_takes_a_fixed_number_of_statements(two):
	few, many = World(8, two, 5), World(9, two, 40)
	for world in (few, many):
		world.open()
	source, latest = contacts.source(), heard.Latest()

	def counted(world: World) -> int:
		return statements.count(counting.count, [one.name for one in world.children], latest, source)

	counted(few)
	assert counted(few) == counted(many)


def test_a_list_takes_a_fixed_number_of_statements(two):
	few, many = opened(10, two, 5), opened(11, two, 40)

	def listed(world: World) -> int:
		filters = {"since": world.since, "student_group": world.group, "show": "All"}
		return statements.count(student_reach.execute, filters)

	listed(few)
	assert listed(few) == listed(many)


def test_a_school_s_user_sees_the_figures_of_their_school(two):
	world = opened(12, (*two, None))
	own = [one for one in world.children if one.school == two[0]]
	frappe.set_user(districts.user((OFFICER, "Academics User"), (two[0],)))
	try:
		only = {"student_group": world.group}
		assert astuple(figures.total(world.since, only)) == world.expected(own)
		assert set(figures.counted(figures.SCHOOL, world.since, only)) == {two[0]}
		rows = students.listed(world.since, only, students.ALL)
		assert {row.student for row in rows} == {one.name for one in own}
	finally:
		frappe.set_user("Administrator")


def test_students_are_listed_only_for_those_who_may_read_them(two):
	world = opened(13, two)
	frappe.set_user(districts.user((MANAGER,)))
	try:
		filters = {"since": world.since, "student_group": world.group, "show": "All"}
		_columns, rows, _message, _chart, summary = student_reach.execute(filters)
		assert rows == [] and summary[0]["value"] == 0
	finally:
		frappe.set_user("Administrator")


def test_the_list_begins_with_those_whom_no_one_reached_and_has_no_number(two):
	world = opened(14, two)
	filters = {"since": str(world.since), "student_group": world.group, "show": "All"}
	columns, rows, _message, _chart, summary = student_reach.execute(filters)
	reached = [row.state == "Reached" for row in rows]
	assert reached == sorted(reached) and len(rows) == len(world.children)
	assert summary[2]["value"] == world.expected(world.children)[0] - world.expected(world.children)[2]
	shown = {column["fieldname"] for column in columns}
	text = str([[row[name] for name in shown] for row in rows])
	assert not any(one.phone[-7:] in text for one in world.adults)
	assert all(column["as_text"] for column in columns)
	kinds = {
		show: {row.student for row in student_reach.execute({**filters, "show": show})[1]}
		for show in students.SHOWN
	}
	assert kinds["Not reached"] | kinds["Reached"] == kinds["All"]
	assert not kinds["Not reached"] & kinds["Reached"]
	with pytest.raises(frappe.ValidationError, match="Choose one of"):
		student_reach.execute({**filters, "show": "1 or 1"})


@pytest.fixture
def tree(two, monkeypatch):
	"""Make one school of 40 and one of 4 the only students that figures are about."""
	world = World(15, (two[0],), 40)
	for one in world.children[:4]:
		one.school = two[1]
	world.open()
	world.count()
	real = figures.narrowed

	def narrowed(filters):
		return real(filters) + f" and reach.student like '{world.tag}-%%'"

	monkeypatch.setattr(figures, "narrowed", narrowed)
	return world


def as_user(role: str, schools: tuple = ()) -> None:
	frappe.set_user(districts.user((role, "Academics User"), schools))


def test_small_groups_are_one_for_a_manager_and_shown_to_an_officer(two, tree):
	try:
		as_user(OFFICER)
		found, whole, small = groups.counted(figures.SCHOOL, tree.since, {})
		assert set(found) == set(two) and small == 0 and whole.students == 40
		as_user(MANAGER)
		found, whole, small = groups.counted(figures.SCHOOL, tree.since, {})
		assert set(found) == {groups.SMALL} and small == 2
		assert astuple(found[groups.SMALL]) == astuple(whole) == tree.expected(tree.children)
		rows, message = reach_by_group.execute({"by": "School", "since": tree.since})[1:3]
		assert [row["group"] for row in rows] == ["Small groups together"]
		assert f"below {hiding.LEAST} students" in message
	finally:
		frappe.set_user("Administrator")


def test_a_manager_cannot_reach_a_small_group_by_another_list(two, tree):
	try:
		as_user(MANAGER)
		for by, filters in (
			(figures.LANGUAGE, {}),
			(figures.LANGUAGE, {"school": two[0]}),
			(figures.LANGUAGE, {"school": two[1]}),
			(figures.SCHOOL, {"school": two[0]}),
			(figures.SCHOOL, {"language": "es"}),
			(figures.LANGUAGE, {"school": two[0], "program": "5"}),
			(figures.GROUP, {}),
		):
			with pytest.raises(frappe.ValidationError):
				groups.counted(by, tree.since, filters)
		as_user(MANAGER, (two[1],))
		assert groups.counted(figures.LANGUAGE, tree.since, {})[0] == {}
		assert groups.total(tree.since) is None
		as_user(MANAGER, (two[0],))
		found, whole, _small = groups.counted(figures.LANGUAGE, tree.since, {})
		assert whole.students == 36 and all(one.students >= hiding.LEAST for one in found.values())
	finally:
		frappe.set_user("Administrator")


def test_another_school_is_refused_to_a_school_s_officer(two, tree):
	try:
		as_user(OFFICER, (two[0],))
		found, whole, _small = groups.counted(figures.LANGUAGE, tree.since, {"school": two[1]})
		assert found == {} and whole.students == 0
	finally:
		frappe.set_user("Administrator")


def test_the_term_that_began_last_counts():
	if not terms.available():
		pytest.skip("This site has no terms.")
	assert terms.since({}) <= clock.db_now().date()
	with pytest.raises(frappe.ValidationError):
		terms.since({"term": "no such term"})
	with pytest.raises(frappe.ValidationError):
		terms.since({"since": "2999-01-01"})


def test_a_site_without_students_says_so(monkeypatch):
	monkeypatch.setattr(figures, "ready", lambda: False)
	assert figures.counted(figures.LANGUAGE, terms.since({}), {}) == {}
	for report in (student_reach, reach_by_group):
		_columns, rows, message, *_more = report.execute({})
		assert rows == [] and "no students on record" in message
