"""Text in cells of a spreadsheet, so that none is run as a formula by the program that opens the file. Pure Python.

Source: OWASP, CSV Injection. A text that begins with = + - @ (also in full width), a tab or a line break gets an apostrophe in front, by
which a spreadsheet takes it for text. Telephone numbers, masked ones as well, begin with + and stay; so do figures, which are no texts.
"""

import io
import re
import zipfile

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
_PHONE = re.compile(r"\+[1-9][0-9 ().\u00a0\u2022-]{5,}")
"""A number as people and this app write it: "+13125550142", "+1 ••• ••• ••42". It has no letter, so nothing can be called."""
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
"""A figure below zero, which a CSV file has without quotes."""
_FORMULA = re.compile(rb"<f[ >]")
"""How a sheet of a workbook marks a formula. Any other text there is a text, whatever it begins with."""


def harmless(cell: str) -> str:
	"""The text of a cell, with an apostrophe in front where it could be run."""
	if cell.startswith(STARTS) and cell != "-" and not _PHONE.fullmatch(cell):
		return "'" + cell
	return cell


def csv_file(content: str, delimiter: str = ",") -> str:
	"""A CSV file with harmless cells. Quotes, numbers and line breaks stay as they were written."""
	apart = re.escape(delimiter[0])
	cell = re.compile(rf'(?<![^{apart}\r\n])("(?:[^"]|"")*"|[^{apart}\r\n"][^{apart}\r\n]*)')
	return cell.sub(lambda found: _harmless_cell(found[0]), content)


def _harmless_cell(written: str) -> str:
	if not written.startswith('"'):
		return written if _NUMBER.fullmatch(written) else harmless(written)
	return '"' + harmless(written[1:-1].replace('""', '"')).replace('"', '""') + '"'


def workbook(content: bytes) -> bytes:
	"""An Excel workbook without formulas: what looks like one is a text."""
	if not _has_formulas(content):
		return content
	from openpyxl import load_workbook

	book = load_workbook(io.BytesIO(content))
	for sheet in book.worksheets:
		for row in sheet.iter_rows():
			for one in row:
				if one.data_type == "f":
					one.value = harmless(str(one.value))
	out = io.BytesIO()
	book.save(out)
	return out.getvalue()


def _has_formulas(content: bytes) -> bool:
	with zipfile.ZipFile(io.BytesIO(content)) as parts:
		return any(
			_FORMULA.search(parts.read(name))
			for name in parts.namelist()
			if name.startswith("xl/worksheets/")
		)
