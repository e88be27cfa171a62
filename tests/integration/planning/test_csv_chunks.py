"""Reading a CSV file continues where the previous chunk ended, whatever its cells contain."""

import csv
import io

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.audience.csv_file import CsvFile
from school_dialer.base.bounds import plain_text
from tests.effort import examples
from tests.integration import factories as make

cells = st.text(st.sampled_from('aé中 ,;"\n\r\t'), max_size=6)


class Text(CsvFile):
	"""A CSV file that is not in the database."""

	def __init__(self, text: str):
		self.text = text

	def open(self) -> tuple[str, io.StringIO]:
		return "file", io.StringIO(self.text, newline="")


def written(rows: list[tuple[str, str]]) -> str:
	text = io.StringIO()
	csv.writer(text).writerows([("name", "phone"), *rows])
	return text.getvalue()


def read_in_chunks(source: CsvFile, limit: int) -> list[tuple[str, tuple[str, ...]]]:
	people, cursor = [], ""
	while cursor is not None:
		candidates, cursor = source.chunk(cursor, limit)
		assert len(candidates) <= limit
		people += [(one.person_name, one.phones) for one in candidates]
	return people


@settings(
	max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(cells, cells), max_size=9), st.integers(1, 4))
def test_chunks_together_are_the_file(rows, limit):
	whole = read_in_chunks(Text(written(rows)), 1000)
	assert whole == [
		(plain_text.line(name), (phone.strip(),) if phone.strip() else ()) for name, phone in rows
	]
	assert read_in_chunks(Text(written(rows)), limit) == whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_encodings(encoding):
	text = "Name,Phone,Language\r\nJosé,(312) 555-0142,es\r\n\r\nZoë,,\r\n"
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"people-{encoding}.csv",
			"content": text.encode(encoding),
			"is_private": 1,
		}
	).insert()
	source = CsvFile(frappe._dict(audience_file=file.file_url))
	source.check()
	candidates, cursor = source.chunk("", 10)
	assert cursor is None
	assert [(one.person_name, one.phones, one.language) for one in candidates] == [
		("José", ("(312) 555-0142",), "es"),
		("Zoë", (), ""),
	]


@pytest.mark.parametrize(
	("text", "problem"),
	[("person,phone\n", "no column name"), ("", "no column name, phone"), ("name\n", "no column phone")],
)
def test_a_missing_column_is_named(text, problem):
	with pytest.raises(frappe.ValidationError, match=problem):
		Text(text).check()


def test_a_file_that_is_too_long_is_refused(monkeypatch):
	monkeypatch.setattr("school_dialer.audience.csv_file.MOST_ROWS", 2)
	Text(written([("a", "1"), ("b", "2")])).check()
	with pytest.raises(frappe.ValidationError, match="more than 2 lines"):
		Text(written([("a", "1"), ("b", "2"), ("c", "3")])).check()


def test_the_same_line_twice_is_one_household():
	number = make.phone()
	source = Text(written([("Ana", number), ("Ana", number)]))
	assert len(read_in_chunks(source, 1)) == 2
