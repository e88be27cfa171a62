"""The morning list: what does not fit together on a day, for users who may read the student."""

import json

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.absences.kinds import ABSENCE, LATE, PAGE
from school_dialer.messages.model import KNEW
from school_dialer.school_dialer.report.absences_to_check import absences_to_check
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import today

pytestmark = pytest.mark.dates


@pytest.fixture
def report(classroom):
	set_settings({"absence_leave": "None"})

	def file(child: str, kind: str = ABSENCE) -> str:
		name = absences.file(
			absences.New(
				f"{classroom.tag}-{child}",
				child,
				kind,
				today(),
				today(),
				PAGE,
				frappe.generate_hash(length=12),
				guardian_name="Rosa",
			)
		)
		frappe.db.commit()
		return name

	return file


@pytest.fixture
def answered(classroom):
	"""Return a function that keeps an answer about a child, as a call does."""
	made = []

	def keep(child: str, answer: int) -> None:
		values = {
			"name": frappe.generate_hash(length=16),
			"kind": KNEW,
			"answer": answer,
			"label": "x",
			"recipient": frappe.generate_hash(length=16),
			"person_name": "Rosa",
			"students": json.dumps([f"{classroom.tag}-{child}"]),
			"answered_at": clock.db_now(),
			"noted": 1,
		}
		made.append(values["name"])
		frappe.db.bulk_insert("Dialer Answer", list(values), [tuple(values.values())])
		frappe.db.commit()

	yield keep
	frappe.db.delete("Dialer Answer", {"name": ("in", made)})
	frappe.db.commit()


@pytest.fixture
def listed(classroom):
	"""Return a function that reads the list as {child: problems}, limited to the class."""

	def read(**filters) -> dict[str, list[str]]:
		_columns, rows, *_rest = absences_to_check.execute({"day": today(), **filters})
		found = {}
		for row in rows:
			if row["student"].startswith(f"{classroom.tag}-"):
				found.setdefault(row["student"].split("-", 1)[1], []).append(row["kind"])
		return found

	return read


def test_each_problem(classroom, report, answered, listed):
	report("Ana")
	classroom.mark("Ana", "Present")
	report("Luis", LATE)
	classroom.mark("Luis")
	classroom.mark("Eva")
	answered("Eva", 2)
	assert listed() == {
		"Ana": ["Reported absent, marked present"],
		"Luis": ["Marked absent, reported late"],
		"Eva": ["Did not know", "No one reached"],
	}
	assert listed(problem="Did not know") == {"Eva": ["Did not know"]}


def test_what_fits_is_not_on_it(classroom, report, listed):
	report("Ana")
	classroom.mark("Ana")
	classroom.mark("Luis", "Present")
	classroom.leave("Eva")
	assert listed() == {}


def test_a_withdrawn_report_is_none(classroom, report, listed):
	absences.withdraw(report("Ana"), by="office")
	classroom.mark("Ana", "Present")
	assert listed() == {}


def test_who_knew_made_no_report(classroom, answered, listed):
	classroom.mark("Eva")
	answered("Eva", 1)
	assert "Knew, but no report" in listed()["Eva"]


@pytest.mark.parametrize(("status", "there"), [("Reached", False), ("Pending", False), ("Not Reached", True)])
def test_no_one_reached(classroom, phones, listed, status, there):
	classroom.mark("Eva")
	doc = make.campaign([phones[1]], purpose="Attendance", template="Attendance notice")
	doc.db_set("started_at", clock.db_now())
	values = {
		"name": frappe.generate_hash(length=16),
		"creation": clock.db_now(),
		"campaign": doc.name,
		"status": status,
		"outcome": "no answer",
		"students": json.dumps([f"{classroom.tag}-Eva"]),
		"household_key": phones[1],
	}
	frappe.db.bulk_insert("Dialer Recipient", list(values), [tuple(values.values())])
	assert (listed() == {"Eva": ["No one reached"]}) is there


def test_another_day_is_empty(classroom, report, listed):
	report("Ana")
	classroom.mark("Ana", "Present")
	assert listed(day=frappe.utils.add_days(today(), -40)) == {}


def test_students_that_the_user_may_not_read_are_not_shown(classroom, report, listed, as_role):
	report("Ana")
	classroom.mark("Ana", "Present")
	as_role("Dialer Agent")
	assert listed() == {}
	as_role("Dialer Agent", "Academics User")
	assert listed() == {"Ana": ["Reported absent, marked present"]}


def test_the_queries_do_not_depend_on_how_many(classroom, report, queries):
	classroom.mark("Ana")
	few = queries(lambda: absences_to_check.execute({"day": today()}))
	for child in ("Luis", "Eva"):
		classroom.mark(child)
	assert queries(lambda: absences_to_check.execute({"day": today()})) <= few
