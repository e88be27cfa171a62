"""Withhold from Frappe's forms, prints, and reports what Frappe adds of records that the user may not read.

Frappe adds the title of each record to which a form or print links, such as a child's name, and asks no right
on it: any user may note a task of their own about any Student. Some releases also fill a column that the user
adds to a report with the values of all records.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe.desk import query_report
from frappe.desk.form import load
from frappe.www import printview

from school_dialer.desk import linked

WATCHES = "watches_for_school_dialer"
TITLES, COLUMN = "set_link_titles", "get_data_for_custom_field"
"""Frappe's functions: one gives titles to a document, the other returns the values of a column by name."""


def begin() -> None:
	"""Start withholding. Hook for before_request and before_job."""
	for module in (load, printview):
		if not hasattr(getattr(module, TITLES), WATCHES):
			setattr(module, TITLES, marked(with_own_titles(getattr(module, TITLES))))
	if not hasattr(query_report.get_data_for_custom_field, WATCHES):
		column = marked(of_readable(query_report.get_data_for_custom_field))
		query_report.get_data_for_custom_field = frappe.whitelist()(column)


def marked(call: Callable) -> Callable:
	setattr(call, WATCHES, True)
	return call


def with_own_titles(set_titles: Callable) -> Callable:
	@wraps(set_titles)
	def run(doc, *args, **kwargs) -> None:
		set_titles(doc, *args, **kwargs)
		for titles in (doc.get("__link_titles"), frappe.local.response.get("_link_titles")):
			withhold(titles or {})

	return run


def withhold(titles: dict[str, str]) -> None:
	"""Put the name in place of each title that the user may not see. Keys are `DocType::name`."""
	names: dict[str, list[str]] = {}
	for key in titles:
		doctype, _separator, name = key.partition("::")
		names.setdefault(doctype, []).append(name)
	for doctype, some in names.items():
		for name in set(some) - linked.with_title(doctype, some):
			titles[f"{doctype}::{name}"] = name


def of_readable(column: Callable) -> Callable:
	@wraps(column)
	def run(doctype: str, *args, **kwargs) -> dict:
		found = column(doctype, *args, **kwargs)
		names = {"name": ("in", list(found))}
		may = set(frappe.get_list(doctype, names, pluck="name", limit=0, order_by=None)) if found else set()
		return frappe._dict({name: value for name, value in found.items() if name in may})

	return run
