"""A list from elsewhere. A CSV file gives people and numbers; it never gives consent."""

import frappe
from frappe import _
from frappe.utils.csvutils import read_csv_content

from school_dialer.audience.base import Asked, Candidate, Source, Standing, country_code, first_numbers
from school_dialer.compliance import Person

MOST_ROWS = 100_000
COLUMNS = {"name", "phone", "language", "state", "postal_code"}


class CsvFile(Source):
	label = "CSV file"
	person_doctype = "File"

	def check(self) -> None:
		self.rows()

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		start = int(after or 0)
		rows, file = self.rows(), frappe.db.get_value("File", {"file_url": self.campaign.audience_file})
		candidates = [
			Candidate(
				"File", file, row["name"], first_numbers(row["phone"]), row["language"]
			)
			for row in rows[start : start + limit]
		]
		return candidates, str(start + limit) if start + limit < len(rows) else None

	def rows(self) -> list[dict[str, str]]:
		"""One dict a line. Raises a ValidationError naming the column or the limit that is wrong."""
		if not self.campaign.audience_file:
			frappe.throw(_("Attach a CSV file with the columns name and phone."))
		file = frappe.get_doc("File", {"file_url": self.campaign.audience_file})
		lines = read_csv_content(file.get_content())
		header = [str(cell or "").strip().lower() for cell in lines[0]] if lines else []
		if missing := {"name", "phone"} - set(header):
			frappe.throw(_("The CSV file has no column {0}.").format(", ".join(sorted(missing))))
		if len(lines) - 1 > MOST_ROWS:
			frappe.throw(_("The CSV file has more than {0} lines. Split it.").format(MOST_ROWS))
		known = [(index, name) for index, name in enumerate(header) if name in COLUMNS]
		blank = dict.fromkeys(COLUMNS, "")
		return [
			blank | {name: str(line[index] or "").strip() for index, name in known if index < len(line)}
			for line in lines[1:]
		]

	@classmethod
	def standings(cls, asked: list[Asked], emergency: bool) -> dict[str, Standing]:
		person = Person(country=country_code())
		return {one.key: Standing(person) for one in asked}
