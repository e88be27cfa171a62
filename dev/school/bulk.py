"""Bulk inserts of rows into the tables of DocTypes; rows that exist are skipped.

No controller runs, so the rows have to be correct as they are. Fields that a site's DocType lacks are left
out, so the same records load into the stand-ins and into the real apps.
"""

from __future__ import annotations

from collections.abc import Iterable

import frappe
from frappe.utils import now

CHUNK = 500


class Bulk:
	def __init__(self):
		self.now = now()
		self.columns: dict[str, set[str]] = {}
		self.counts: dict[str, int] = {}

	def has(self, doctype: str, fieldname: str) -> bool:
		return fieldname in self.valid_columns(doctype)

	def valid_columns(self, doctype: str) -> set[str]:
		if doctype not in self.columns:
			self.columns[doctype] = set(frappe.get_meta(doctype).get_valid_columns())
		return self.columns[doctype]

	def insert(self, doctype: str, rows: Iterable[dict]) -> list[str]:
		"""Insert the rows whose `name` is new, and their children (values that are lists of dicts).

		Returns the names of the new rows.
		"""
		rows = list(rows)
		known = self.existing(doctype, [row["name"] for row in rows])
		fresh = [row for row in rows if row["name"] not in known]
		self.write(doctype, fresh)
		tables = {field.fieldname: field.options for field in frappe.get_meta(doctype).get_table_fields()}
		for fieldname, child in tables.items():
			self.write(child, [line for row in fresh for line in self.children(doctype, row, fieldname)])
		return [row["name"] for row in fresh]

	def existing(self, doctype: str, names: list[str]) -> set[str]:
		found: set[str] = set()
		for start in range(0, len(names), CHUNK):
			chunk = names[start : start + CHUNK]
			found.update(frappe.get_all(doctype, {"name": ["in", chunk]}, pluck="name", order_by=None))
		return found

	def children(self, doctype: str, row: dict, fieldname: str) -> Iterable[dict]:
		for idx, line in enumerate(row.get(fieldname) or (), 1):
			yield {
				"name": frappe.generate_hash(length=10),
				"parent": row["name"],
				"parenttype": doctype,
				"parentfield": fieldname,
				"idx": idx,
				"docstatus": row.get("docstatus", 0),
				**line,
			}

	def write(self, doctype: str, rows: list[dict]) -> None:
		if not rows:
			return
		system = {
			"creation": self.now,
			"modified": self.now,
			"owner": "Administrator",
			"modified_by": "Administrator",
		}
		valid = self.valid_columns(doctype)
		given = dict.fromkeys(
			key for row in rows for key, value in row.items() if not isinstance(value, list)
		)
		columns = [*system, *(key for key in given if key in valid and key not in system)]
		defaults = {"docstatus": 0, "idx": 0}
		frappe.db.bulk_insert(
			doctype,
			columns,
			([{**system, **row}.get(column, defaults.get(column)) for column in columns] for row in rows),
		)
		self.counts[doctype] = self.counts.get(doctype, 0) + len(rows)


def ensure(doctype: str, name: str, **values) -> str:
	"""Return the name of the document called `name`; insert it through its controller if it is missing."""
	if frappe.db.exists(doctype, name):
		return name
	return frappe.get_doc({"doctype": doctype, **values}).insert().name


def advance_series(names: Iterable[str]) -> None:
	"""Advance the naming series past names such as EDU-STU-2025-00600."""
	last: dict[str, int] = {}
	for name in names:
		prefix, _, number = name.rpartition("-")
		last[f"{prefix}-"] = max(int(number), last.get(f"{prefix}-", 0))
	for prefix, number in last.items():
		frappe.db.sql(
			"insert into `tabSeries` (`name`, `current`) values (%s, %s) "
			"on duplicate key update `current` = greatest(`current`, values(`current`))",
			(prefix, number),
		)
