"""A chunk takes the same number of queries for few people as for many, of any kind."""

import secrets
import tracemalloc
from collections.abc import Callable

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import Candidate, ContactFacts, FactsQuery, Source, sources
from school_dialer.base.database import doctypes
from school_dialer.base.database.db_thread import DbThread
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.compliance import Person
from tests.integration import factories as make
from tests.integration import statements

pytestmark = pytest.mark.exhaustive

FEW, MANY = 5, 40


@pytest.fixture(scope="module")
def tag() -> str:
	return secrets.token_hex(3)


@pytest.fixture
def everybody(tag: str, fictional: list[str]) -> dict[str, dict]:
	"""Insert people of every kind in this transaction.

	Return `{audience source: fields of a campaign}`, the choice that a campaign makes for each source.
	"""
	bulk, count = Bulk(), range(MANY)
	bulk.insert("Guardian", [guardian(tag, index, fictional[index]) for index in count])
	bulk.insert("Student", [student(tag, index, fictional[-index]) for index in count])
	bulk.insert("Program Enrollment", [enrolment(tag, index) for index in count])
	members = [{"student": f"{tag}-S{index}", "active": 1} for index in count]
	bulk.insert("Student Group", [{"name": f"{tag}-group", "student_group_name": tag, "students": members}])
	bulk.insert(
		"Employee",
		[
			{
				"name": f"{tag}-E{index}",
				"employee_name": f"Employee {index}",
				"status": "Active",
				"cell_number": fictional[index],
			}
			for index in count
		],
	)
	bulk.insert(
		"Instructor",
		[
			{
				"name": f"{tag}-I{index}",
				"instructor_name": f"I {index}",
				"employee": f"{tag}-E{index}",
				"status": "Active",
			}
			for index in count
		],
	)
	bulk.insert(
		"Contact",
		[{"name": f"{tag}-C{index}", "first_name": "C", "mobile_no": fictional[index]} for index in count],
	)
	file = make.csv_file([(f"Person {index}", fictional[index]) for index in count])
	return {
		"Guardians of a Student Group": {"audience_name": f"{tag}-group"},
		"Guardians of a Program": {"audience_name": f"{tag}-program"},
		"Students of a Student Group": {"audience_name": f"{tag}-group"},
		"CSV file": {"audience_file": file},
	}


def guardian(tag: str, index: int, number: str) -> dict:
	return {
		"name": f"{tag}-G{index:03d}",
		"guardian_name": f"Guardian {index}",
		"mobile_number": number,
		"dialer_state": "IL",
	}


def student(tag: str, index: int, number: str) -> dict:
	permission = ("All", "All", "Emergency Only", "None by Court Order")[index % 4]
	links = [
		{"guardian": f"{tag}-G{index:03d}", "dialer_contact_permission": "All"},
		{"guardian": f"{tag}-G{(index + 1) % MANY:03d}", "dialer_contact_permission": permission},
	]
	return {
		"name": f"{tag}-S{index}",
		"first_name": "S",
		"student_name": f"Student {index}",
		"enabled": 1,
		"student_mobile_number": number,
		"guardians": links,
	}


def enrolment(tag: str, index: int) -> dict:
	year = frappe.db.get_single_value("Education Settings", "current_academic_year")
	return {
		"name": f"{tag}-P{index}",
		"student": f"{tag}-S{index}",
		"program": f"{tag}-program",
		"academic_year": year,
		"docstatus": 1,
	}


def campaign_of(source: str, chosen: dict) -> frappe._dict:
	return frappe._dict(
		name=f"TEST-{secrets.token_hex(6)}",
		audience_source=source,
		purpose="Event",
		channel="Voice",
		max_attempts=1,
		**{"audience_name": None, "audience_file": None, **chosen},
	)


LABELS = (
	"Guardians of a Student Group",
	"Guardians of a Program",
	"All guardians",
	"Students of a Student Group",
	"All instructors",
	"All employees",
	"All contacts",
	"CSV file",
)


def test_every_source_is_among_these():
	assert set(LABELS) == {label for label, source in sources().items() if source.offered}


@pytest.mark.parametrize("label", LABELS)
def test_a_fixed_number_of_queries_a_chunk(label, everybody, queries):
	def work(people: int) -> Callable:
		campaign = campaign_of(label, everybody.get(label, {}))

		def plan_them() -> None:
			households, _cursor = sources()[label](campaign).households("", people)
			assert len(households) == people
			recipients.add_candidates(campaign, planner.decide(campaign, households))

		return plan_them

	work(FEW)()
	few = queries(work(FEW))
	assert few <= queries(work(MANY)) <= few + 1, "one more if the site knows who gave one of the numbers"
	assert few <= 14


@pytest.mark.parametrize("label", ["Guardians of a Student Group", "Guardians of a Program", "All guardians"])
@pytest.mark.parametrize("emergency", [False, True])
def test_what_the_audience_read_is_what_the_gate_would_read(label, everybody, emergency, tag):
	source = sources()[label](campaign_of(label, everybody.get(label, {})))
	candidates, _cursor = source.chunk("", 1000)
	mine = [one for one in candidates if one.person.startswith(tag)]
	assert label == "All guardians" or len(mine) == MANY
	asked = [FactsQuery(one.person, one.person, one.students, number_of(one)) for one in candidates]
	known = [FactsQuery(one.person, one.person, one.students, number_of(one), one.read) for one in candidates]
	assert source.standings(known, emergency) == source.standings(asked, emergency)


def number_of(candidate: Candidate) -> str:
	return planner.e164(candidate.phones[0]) if candidate.phones else ""


def test_a_connection_reads_in_one_statement_which_doctypes_there_are():
	needed = {
		doctype
		for path in frappe.get_hooks("dialer_audience_sources")
		for doctype in frappe.get_attr(path).needs()
	}
	lacking = [doctype for doctype in needed if not frappe.db.exists("DocType", doctype)]

	def asked() -> int:
		"""Ask as a new thread of a dispatcher does, and return how many statements that took."""
		with statements.collected() as found:
			assert sources()
			assert all(doctypes.exists(doctype) for doctype in needed.difference(lacking))
		return len(found)

	with DbThread() as beside:
		assert beside.submit(asked).result() <= 1 + len(lacking)


class Endless(Source):
	label = "Endless"
	person_doctype = "Endless"

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		start = int(after or 0)
		people = [
			Candidate("Endless", f"E{index}", "Name", (f"+1312555{index % 10000:04d}",))
			for index in range(start, start + limit)
		]
		return people, str(start + limit)

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		standing = ContactFacts(Person("US", "IL"))
		return {one.key: standing for one in asked}


def test_memory_does_not_grow_with_the_audience(monkeypatch):
	monkeypatch.setattr(frappe.local, "dialer_sources", {**sources(), "Endless": Endless}, raising=False)
	campaign, cursor = campaign_of("Endless", {}), ""

	def peak(chunks: int) -> int:
		nonlocal cursor
		tracemalloc.reset_peak()
		for _ in range(chunks):
			households, cursor = Endless(campaign).households(cursor, 250)
			recipients.add_candidates(campaign, planner.decide(campaign, households))
		return tracemalloc.get_traced_memory()[1]

	tracemalloc.start()
	try:
		peak(2)
		few, many = peak(2), peak(12)
	finally:
		tracemalloc.stop()
	assert many < 1.5 * few + 1_000_000
