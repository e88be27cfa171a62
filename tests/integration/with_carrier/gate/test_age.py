"""Rights in a student's records pass to the student at 18 (34 CFR 99.5).

The tests check who may hear about them, on a site with real records.
"""

import json
import secrets

import frappe
import pytest

from school_dialer import gate
from school_dialer.audience.guardians import AllGuardians
from school_dialer.audience.students import StudentGroupStudents
from school_dialer.compliance import record_of, replay
from tests.integration import factories as make

pytestmark = pytest.mark.dates


def student(age: int | None, guardian: str | None = None) -> str:
	doc = frappe.new_doc("Student")
	doc.update(
		{
			"first_name": f"Student {secrets.token_hex(3)}",
			"student_email_id": f"{secrets.token_hex(6)}@student.test",
			"date_of_birth": age
			and frappe.utils.add_to_date(make.clock.db_now().date(), years=-age, days=-1),
		}
	)
	if guardian:
		doc.append("guardians", {"guardian": guardian, "guardian_name": "Guardian", "relation": "Mother"})
	return doc.insert().name


@pytest.fixture
def guardian(school) -> str:
	return frappe.get_doc({"doctype": "Guardian", "guardian_name": "Guardian"}).insert().name


def ask(purpose: str, doctype: str, person: str, students: tuple[str, ...]) -> gate.EligibilityResult:
	number = make.phone("312")
	make.consent(number)
	question = gate.EligibilityCheck("one", number, doctype, person, students)
	return gate.ask(gate.CallContext("Voice", purpose), [question], make.clock.now())["one"]


@pytest.mark.parametrize(
	("age", "purpose", "verdict"),
	[
		(17, "Attendance", "ALLOW"),
		(19, "Attendance", "BLOCK"),
		(19, "Academic", "BLOCK"),
		(19, "Event", "ALLOW"),
		(None, "Academic", "ALLOW"),
	],
)
def test_a_guardian_is_told_of_a_minors_records(guardian, age, purpose, verdict):
	child = student(age, guardian)
	answer = ask(purpose, AllGuardians.person_doctype, guardian, (child,))
	assert answer.decision.verdict == verdict
	assert json.loads(gate.to_json(answer.decision)) == record_of(answer.decision)
	assert replay(record_of(answer.decision)).verdict == verdict
	if verdict == "BLOCK":
		assert answer.decision.codes == ("RESTRICTED_CONTACT",)


def test_a_guardian_of_both_is_told_of_the_minor_only(guardian):
	minor, adult = student(12, guardian), student(18, guardian)
	told = ask("Attendance", "Guardian", guardian, (minor, adult))
	assert (told.decision.verdict, told.students) == ("ALLOW", (minor,))
	assert ask("Event", "Guardian", guardian, (minor, adult)).students == (minor, adult)


@pytest.mark.parametrize(
	("age", "purpose", "verdict"),
	[
		(17, "Attendance", "BLOCK"),
		(None, "Academic", "BLOCK"),
		(18, "Attendance", "ALLOW"),
		(17, "Event", "ALLOW"),
	],
)
def test_a_student_is_told_from_eighteen(school, age, purpose, verdict):
	name = student(age)
	assert ask(purpose, StudentGroupStudents.person_doctype, name, (name,)).decision.verdict == verdict
