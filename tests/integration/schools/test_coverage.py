"""Consent coverage by school: the district sees all and the totals, a school's manager their own."""

from collections import Counter

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.consent import ledger
from school_dialer.desk import figures
from school_dialer.reporting import coverage
from school_dialer.school_dialer.report.consent_coverage import consent_coverage as report
from tests.integration import districts, statements
from tests.integration import factories as make
from tests.integration.schools.families import District

AUDIENCE = "Guardians of a Student Group"
COUNTED = ("people", "consented", "opted_out")


@pytest.fixture
def families(district: District) -> District:
	"""Make three families: one of the primary school, one of the high school, and one of both."""
	district.family("Ana", {"Ada": ("Oak Primary", None)})
	stopped = district.family("Bo", {"Ben": ("Elm High", None)})
	district.family("Cleo", {"Cal": ("Elm High", None), "Cid": ("Oak Primary", None)})
	district.family("Dora", {"Dan": (None, None)})
	district.opens()
	ledger.opt_out(stopped, evidence=make.evidence("Text"))
	return district


@pytest.fixture
def manager(three) -> str:
	return districts.user(("Dialer Manager", "Academics User"), (three[0],))


def run(families: District, by: str) -> tuple[dict, int]:
	"""Return the report's rows by group, and the people above the table."""
	filters = {"by": by, "audience": AUDIENCE, "audience_name": families.group}
	_columns, rows, _message, _chart, summary, _skip = report.execute(filters)
	return {row["group"]: tuple(row[field] for field in COUNTED) for row in rows}, summary[0]["value"]


def test_the_district_sees_each_school_and_everyone_once(families):
	rows, everyone = run(families, "School")
	assert rows == {"Oak Primary": (2, 2, 0), "Elm High": (2, 1, 1), None: (1, 1, 0)}
	assert everyone == 4


def test_a_school_s_manager_sees_the_families_of_their_school(families, manager):
	frappe.set_user(manager)
	assert run(families, "School") == ({"Oak Primary": (2, 2, 0)}, 2)
	assert run(families, "Language")[1] == 2


def test_groups_of_another_school_s_children_are_not_named(families, manager):
	other = {"name": families.name("other"), "student_group_name": families.name("other")}
	Bulk().insert("Student Group", [{**other, "students": [{"student": families.name("Cal"), "active": 1}]}])
	assert set(run(families, "Student Group")[0]) == {families.group, other["name"]}
	frappe.set_user(manager)
	assert run(families, "Student Group")[0] == {families.group: (2, 2, 0)}


def test_results_by_school_count_each_family_in_one_school(families):
	found = coverage.count(AUDIENCE, families.group, "Voice", ("General",), coverage.ONE_SCHOOL)
	assert sum(counts.total() for counts in found.groups.values()) == found.total.total() == 4


def test_the_card_and_the_chart_are_those_of_the_user_s_schools(three, manager):
	frappe.db.delete(coverage.DOCTYPE)
	for school, consented in ((None, 8), (three[0], 1), (three[1], 6)):
		coverage.keep_count(Counter({coverage.CONSENTED: consented, coverage.NOT_ASKED: 1}), school)
	assert figures.consent_coverage() == "88.9 %"
	frappe.set_user(manager)
	assert figures.consent_coverage() == "50 %"
	assert figures.consent_over_time()["datasets"][0]["values"] == [1]
	districts.permit(manager, three[1])
	assert figures.consent_over_time()["datasets"][0]["values"] == [7]


def test_the_nightly_count_of_a_school_is_what_its_manager_sees(families, manager, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	coverage.daily()
	(nightly,) = coverage.latest(1, ["Oak Primary"])
	frappe.set_user(manager)
	summary = report.execute({"by": "School"})[4]
	assert nightly.people == summary[0]["value"] == 2


def test_the_statements_do_not_grow_with_the_schools(families, three):
	def sent(schools):
		arguments = (AUDIENCE, families.group, "Voice", ("General",), coverage.SCHOOL, schools)
		return statements.count(coverage.count, *arguments)

	sent(three)  # Frappe keeps some answers for the next time
	assert sent(three[:1]) == sent(three)


def test_a_site_with_one_school_has_no_grouping_by_school(site_connection):
	assert coverage.SCHOOL not in report.available()
