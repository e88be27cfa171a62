"""Neutralize spreadsheet cells so that the program that opens the file runs none of them as a formula.

Pure Python. Source: OWASP, CSV Injection. A text that begins with = + - @ (also in full width), a tab or a
line break gets a leading apostrophe, which makes a spreadsheet treat it as text. Phone numbers, including
masked ones, begin with + and are left alone; so are numeric values, which are not text.
"""

import io
import re
import zipfile

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
_PHONE = re.compile(r"\+[1-9][0-9 ().\u00a0\u2022-]{5,}")
"""A phone number as people and this app write it: "+13125550142", "+1 ••• ••• ••42".

It has no letters, so it cannot call a function.
"""
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
"""A negative number, which a CSV file writes without quotes."""
_FORMULA = re.compile(rb"<f[ >]")
"""The formula element in a sheet's XML. Any other text there is plain text, whatever it begins with."""


def harmless(cell: str) -> str:
	"""Return a cell's text, with a leading apostrophe if a spreadsheet could run it."""
	if cell.startswith(STARTS) and cell != "-" and not _PHONE.fullmatch(cell):
		return "'" + cell
	return cell


def csv_file(content: str, delimiter: str = ",") -> str:
	"""Return a CSV file with harmless cells. Quotes, numbers and line breaks stay as they were written."""
	apart = re.escape(delimiter[0])
	cell = re.compile(rf'(?<![^{apart}\r\n])("(?:[^"]|"")*"|[^{apart}\r\n"][^{apart}\r\n]*)')
	return cell.sub(lambda match: _harmless_cell(match[0]), content)


def _harmless_cell(written: str) -> str:
	if not written.startswith('"'):
		return written if _NUMBER.fullmatch(written) else harmless(written)
	return '"' + harmless(written[1:-1].replace('""', '"')).replace('"', '""') + '"'


def workbook(content: bytes) -> bytes:
	"""Return an Excel workbook (.xlsx) without formulas; anything that looks like a formula becomes text."""
	if not _has_formulas(content):
		return content
	from openpyxl import load_workbook

	book = load_workbook(io.BytesIO(content))
	for sheet in book.worksheets:
		for row in sheet.iter_rows():
			for cell in row:
				if cell.data_type == "f":
					cell.value = harmless(str(cell.value))
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
