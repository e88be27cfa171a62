"""Families without a language on record count under the language that their school writes in."""

import pytest

from school_dialer.audience.base import Candidate
from school_dialer.reporting import coverage
from school_dialer.reporting.reach import contacts
from tests.integration.districts import district


@pytest.fixture
def school(site_connection, monkeypatch):
	"""Yield a school that writes in Spanish, in a district that does not, with one student."""
	with district("Escuela", default_language="es") as (name,), district("Other"):
		records = {("Student", "Ana"): name}

		def recorded(doctype, names):
			return {one: records[doctype, one] for one in names if (doctype, one) in records}

		monkeypatch.setattr(coverage.belonging, "recorded", recorded)
		yield name


def family(student: str, language: str = "") -> Candidate:
	return Candidate(
		person_doctype="Guardian",
		person="G",
		person_name="G",
		phones=(),
		students=(student,),
		language=language,
	)


def test_a_family_without_a_language_counts_under_its_schools(school):
	people = [family("Ana"), family("Ana", "vi"), family("Ben")]
	key = coverage.keys_of("Language", people)
	assert [key(one) for one in people] == [("es",), ("vi",), (coverage.language_of(""),)]
	assert coverage.language_of("") != "es"


def test_a_student_without_a_guardian_counts_under_its_schools_language(school):
	ways = contacts.of_students(["Ana", "Ben"], contacts.source())
	assert (ways["Ana"].language, ways["Ben"].language) == ("es", coverage.language_of(""))
