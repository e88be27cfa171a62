"""The page of a week equals a count in plain Python, of the user's schools, and tells of no small group."""

import json
import secrets
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.desk import figures as desk
from school_dialer.reporting.reach import families, figures, groups, hiding, week
from school_dialer.reporting.reach.families import Families
from tests.integration import districts, statements
from tests.integration import factories as make
from tests.integration.reporting.reach.worlds import Child, World

pytestmark = pytest.mark.dates

MANAGER, OFFICER, APPROVER = "Dialer Manager", "Dialer Compliance Officer", "Dialer Emergency Approver"


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
	"""Let no day end between what a test writes and the figures about it."""
	at = clock.now()
	monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def two():
	with districts.district("Ash", "Birch") as names:
		yield names


@pytest.fixture
def alone(two, monkeypatch):
	"""Return a function that writes a world and makes its students the only ones that figures are about."""
	real, tags = figures.narrowed, []
	monkeypatch.setattr(
		figures, "narrowed", lambda filters: real(filters) + f" and reach.student like '{tags[-1]}-%%'"
	)

	def opened(seed: int, count: int = 40, schools: tuple = ()) -> World:
		world = World(seed, schools or two, count)
		world.open()
		world.count()
		tags.append(world.tag)
		return world

	return opened


@pytest.fixture
def as_user():
	yield lambda role, schools=(): frappe.set_user(districts.user((role, "Academics User"), schools))
	frappe.set_user("Administrator")


def test_programs_stand_by_name_and_languages_by_size():
	few, many = Families(3, 1, 0), Families(9, 1, 0)
	programs = {"Grade 10": many, "": many, groups.SMALL: many, "Kindergarten": few, "Grade 2": few}
	listed = [key for key, _one in week.in_order("Program", programs)]
	assert listed == ["Kindergarten", "Grade 2", "Grade 10", "", groups.SMALL]
	languages = {"en": few, "es": many, groups.SMALL: many}
	assert [key for key, _one in week.in_order(figures.LANGUAGE, languages)] == ["es", "en", groups.SMALL]


def by_hand(children: list[Child], since) -> tuple[Families, dict[str, Families], Counter]:
	"""Return all families, those by language, and those that cannot be reached by why."""
	first = datetime.combine(since, datetime.min.time())
	of = defaultdict(list)
	for one in children:
		of[one.family].append(one)
	by_language: dict[str, Families] = {}
	why: Counter = Counter()
	for some in of.values():
		reached = any(at >= first for one in some for at, *_more in one.reached)
		lost = not any(one.call or one.text or one.mail for one in some)
		language = min(one.language for one in some)
		counted = Families(1, int(reached), int(lost))
		by_language[language] = by_language.get(language, Families()) + counted
		if lost:
			why[max(one.why for one in some)] += 1
	return sum(by_language.values(), Families()), by_language, why


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_families_equal_a_count_of_every_child(two, alone, seed):
	world = alone(seed)
	found = families.counted(world.since)
	whole, by_language, why = by_hand(world.children, world.since)
	assert (found.whole, found.lists[figures.LANGUAGE], found.why) == (whole, by_language, why)
	assert found.lists[figures.PROGRAM] == {"": whole}
	assert whole.families < len(world.children), "this world has siblings"
	own = families.counted(world.since, two[0])
	assert own.whole == by_hand([one for one in world.children if one.school == two[0]], world.since)[0]


def test_a_week_takes_a_fixed_number_of_statements(alone):
	for count in (40, 5):
		alone(4, count)
	week.figures_of()
	few = statements.count(week.figures_of)
	alone(5, 40)
	assert statements.count(week.figures_of) == few


def test_a_manager_of_a_district_sees_one_school_at_a_time_and_no_small_group(two, alone, as_user):
	alone(6, 60)
	as_user(MANAGER)
	found = desk.week()
	assert found["alone"] and found["school"] == two[0] and found["schools"] == list(two)
	(languages,) = (one["rows"] for one in found["lists"] if one["by"] == figures.LANGUAGE)
	assert found["whole"]["families"] == sum(row["families"] for row in languages)
	assert all(row["families"] >= hiding.LEAST for row in languages)
	as_user(OFFICER)
	found = desk.week()
	assert not found["alone"] and found["school"] == "" and "Student Reach" in found["reports"]


def test_too_few_families_are_not_shown_but_to_an_officer(two, alone, as_user):
	alone(7, 6, (two[0],))
	as_user(MANAGER, (two[0],))
	found = desk.week()
	assert found["too_few"] and found["whole"] is None and found["why"] == []
	assert not any(one["rows"] for one in found["lists"])
	as_user(OFFICER, (two[0],))
	assert desk.week()["whole"]["families"] > 0


def test_another_school_and_other_roles_are_refused(two, as_user):
	as_user(MANAGER, (two[0],))
	with pytest.raises(frappe.PermissionError):
		desk.week(school=two[1])
	as_user("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		desk.week()
	as_user(APPROVER, (two[0],))
	assert "Call Costs" not in desk.week()["reports"]
	as_user(OFFICER)
	with pytest.raises(frappe.ValidationError):
		desk.week(school="no such school")


def recipients(school: str, started: datetime, rows: list[tuple]) -> None:
	"""Write a campaign of a school with these households, statuses, attempts, and perhaps their students."""
	campaign = secrets.token_hex(8)
	values = {"title": campaign, "purpose": "General", "channel": "Voice", "status": "Completed"}
	bulk = Bulk()
	bulk.insert("Dialer Campaign", [{"name": campaign, "started_at": started, "school": school, **values}])
	bulk.insert(
		"Dialer Recipient",
		[
			{
				"name": secrets.token_hex(8),
				"campaign": campaign,
				"household_key": household,
				"status": status,
				"attempts": attempts,
				"students": json.dumps(students),
			}
			for household, status, attempts, *students in rows
		],
	)


def test_the_trend_counts_each_household_once_a_week(two):
	now = clock.db_now()
	recipients(two[0], now, [("a", "Reached", 1), ("b", "Not Reached", 2), ("c", "Blocked", 0)])
	recipients(two[0], now, [("a", "Not Reached", 1), ("d", "Reached", 1)])
	recipients(two[0], now - timedelta(days=7), [("a", "Reached", 1)])
	recipients(two[1], now, [("e", "Reached", 1)])
	found = week.trend(now.date(), {two[0]})
	assert [(row["families"], row["reached"]) for row in found] == [(0, 0)] * 6 + [(1, 1), (3, 2)]
	assert [row["to"] - row["from"] for row in found] == [timedelta(days=6)] * week.WEEKS
	assert found[-1]["to"] == now.date()


def test_two_guardians_who_are_called_about_a_child_are_one_family_of_the_trend(two, alone):
	world = alone(8, 30)
	kin = defaultdict(list)
	for child in world.children:
		kin[child.family].append(child.name)
	several = next(names for names in kin.values() if len(names) > 1)
	(other,) = next(names for names in kin.values() if len(names) == 1)
	now = clock.db_now()
	called = [("a", "Not Reached", 1, several[0]), ("b", "Reached", 1, *several[1:]), ("c", "Reached", 1)]
	recipients(two[0], now, [*called, ("d", "Not Reached", 1, other)])
	(*_before, this_week) = week.trend(now.date(), {two[0]})
	assert (this_week["families"], this_week["reached"]) == (3, 2)


def test_a_number_that_opted_out_twice_is_one_family():
	today = clock.db_now().date()
	before = week.opt_outs(today, None)
	phone = make.phone()
	for scope in ("Text", "Keypad"):
		ledger.opt_out(phone, evidence=make.evidence(scope))
	after = week.opt_outs(today, None)
	assert after[0]["families"] == before[0]["families"] + 1
	assert after[1] == before[1]


def test_costs_are_of_this_month_and_the_last(monkeypatch):
	asked = []

	def costs(begin, before):
		asked.append((begin, before))
		return {"": {"cost": 1.005}, "Ash": {"cost": 2}}

	monkeypatch.setattr(week.by_school, "costs", costs)
	begin = clock.db_now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
	now = begin + timedelta(days=4, hours=10)
	found = week.costs(now, {"Ash"})
	assert [row["cost"] for row in found] == [2, 2, 2]
	last = (begin - timedelta(days=1)).replace(day=1)
	assert asked == [(begin, now), (last, last + (now - begin)), (last, begin)]
	assert [row["to"] for row in found] == [
		now.date(),
		(last + (now - begin)).date(),
		begin.date() - timedelta(1),
	]


def test_small_groups_have_no_key_to_open_a_report_by():
	assert week.as_row(groups.SMALL, Families(12, 3, 1), figures.LANGUAGE)["key"] == ""
	assert week.as_row("es", Families(12, 3, 1), figures.LANGUAGE)["name"] == "Spanish"


def test_a_site_without_students_says_so(monkeypatch):
	monkeypatch.setattr(figures, "ready", lambda: False)
	found = week.figures_of()
	assert not found["students"] and found["whole"] is None
