"""CSV lists from outside. A CSV file provides people and numbers; it never provides consent."""

import csv
import io
import re
from collections.abc import Collection, Iterator

import frappe
from frappe import _

from school_dialer.audience import list_file
from school_dialer.audience.base import Candidate, ContactFacts, FactsQuery, Source, country_code
from school_dialer.audience.numbers import e164
from school_dialer.base.refusal import throw
from school_dialer.compliance import Person

MOST_ROWS = 100_000
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,2}")
"""A language code (BCP 47). A person with any other value is called in the school's language."""
COLUMNS = ("name", "phone", "language")
ENCODINGS = ("utf-8-sig", "windows-1250", "windows-1252")


class CsvFile(Source):
	label = "CSV file"
	person_doctype = "File"
	fixed = True

	def check(self) -> None:
		"""Check the columns and read the whole file once to count its lines."""
		_file, text = self.open()
		places(next(records(text), []))
		lines = sum(1 for _record in records(text))
		if lines > MOST_ROWS:
			throw(_("The CSV file has more than {0} lines. Split it.").format(MOST_ROWS))

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		"""Return a page. The cursor is the next line's position, so that a chunk reads only its own lines."""
		file, text = self.open()
		candidates = []
		for candidate in people(file, text, after):
			candidates.append(candidate)
			if len(candidates) == limit:
				position = text.tell()
				return candidates, str(position) if text.read(1) else None
		return candidates, None

	def languages_at(self, numbers: Collection[str]) -> dict[str, str]:
		"""Return the first language that the list has for each number. Reads it until all are found."""
		country, found, wanted = country_code(), {}, set(numbers)
		lines = people(*self.open()) if wanted else ()
		for candidate in lines:
			here = {e164(raw, country) for raw in candidate.phones} & wanted if candidate.language else set()
			found |= dict.fromkeys(here, candidate.language)
			wanted -= here
			if not wanted:
				break
		return found

	def open(self) -> tuple[str, io.StringIO]:
		"""Return the File's name and its text, positioned at the first line.

		Raises a ValidationError if there is no file to read.
		"""
		file = frappe.get_doc("File", list_file.file_of(self.campaign))
		content = file.get_content()
		return file.name, io.StringIO(content if isinstance(content, str) else decoded(content), newline="")

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		facts = ContactFacts(Person(country=country_code()))
		return {query.key: facts for query in asked}


def people(file: str, text: io.StringIO, after: str = "") -> Iterator[Candidate]:
	"""Yield the people of a list, by their File's name and its text, from the cursor on."""
	columns = places(next(records(text), []))
	if after:
		text.seek(int(after))
	for record in records(text):
		name, phone, language = (cell(record, place) for place in columns)
		spoken = language if LANGUAGE.fullmatch(language) else ""
		yield Candidate("File", file, name, (phone,), spoken)


def records(text: io.StringIO) -> Iterator[list[str]]:
	"""Yield the records from the current position on, without blank lines.

	After each one, the position of `text` is the start of the next line.
	"""
	reader = csv.reader(iter(text.readline, ""))
	while True:
		try:
			record = next(reader, None)
		except csv.Error:
			throw(_("This is not a CSV file that can be read."))
		if record is None:
			return
		if record:
			yield record


def places(header: list[str]) -> list[int | None]:
	"""Return the index of each of COLUMNS. Raises a ValidationError that names a missing column."""
	names = [name.strip().lstrip("\ufeff").lower() for name in header]
	if missing := {"name", "phone"} - set(names):
		throw(_("The CSV file has no column {0}.").format(", ".join(sorted(missing))))
	return [names.index(column) if column in names else None for column in COLUMNS]


def cell(record: list[str], place: int | None) -> str:
	return record[place].strip() if place is not None and place < len(record) else ""


def decoded(content: bytes) -> str:
	for encoding in ENCODINGS:
		try:
			return content.decode(encoding)
		except UnicodeDecodeError:
			continue
	throw(_("The CSV file is in an unknown encoding. Save it as UTF-8."))
