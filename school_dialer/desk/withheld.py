"""Withhold from Frappe's forms, prints, and reports what Frappe adds of records that the user may not read.

Frappe adds the title of each record to which a form or print links, such as a child's name, and asks no right
on it: any user may note a task of their own about any Student. Some releases also fill a column that the user
adds to a report with the values of all records. Frappe 15 searches without User Permissions if the browser
says so, where Frappe 16 asks for a link field that says so.
"""

import inspect
from collections.abc import Callable
from functools import wraps

import frappe
from frappe.desk import query_report, search
from frappe.desk.form import load
from frappe.www import printview

from school_dialer.audience import student_access
from school_dialer.desk import linked
from school_dialer.schools import registry
from school_dialer.schools.decisions import DECISIONS

WATCHES = "watches_for_school_dialer"
TITLES, COLUMN = "set_link_titles", "get_data_for_custom_field"
"""Frappe's functions: one gives titles to a document, the other returns the values of a column by name."""
WIDE = "ignore_user_permissions"
"""The argument of Frappe's search by which a browser asks for records beyond the user's permissions."""
NARROWED_BY = frozenset({*student_access.FAMILY, registry.DOCTYPE})
"""DocTypes by which User Permissions limit users to some children. What links to one is narrowed by it."""


def begin() -> None:
	"""Start withholding. Hook for before_request and before_job."""
	for module in (load, printview):
		if not hasattr(getattr(module, TITLES), WATCHES):
			setattr(module, TITLES, marked(with_own_titles(getattr(module, TITLES))))
	if not hasattr(query_report.get_data_for_custom_field, WATCHES):
		column = marked(of_readable(query_report.get_data_for_custom_field))
		query_report.get_data_for_custom_field = frappe.whitelist()(column)
	if not hasattr(search.search_widget, WATCHES):
		search.search_widget = frappe.whitelist()(marked(within_permissions(search.search_widget)))


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
	for doctype, records in names.items():
		for name in set(records) - linked.with_title(doctype, records):
			titles[f"{doctype}::{name}"] = name


def of_readable(column: Callable) -> Callable:
	@wraps(column)
	def run(doctype: str, *args, **kwargs) -> dict:
		values = column(doctype, *args, **kwargs)
		names = {"name": ("in", list(values))}
		may = set(frappe.get_list(doctype, names, pluck="name", limit=0, order_by=None)) if values else set()
		return frappe._dict({name: value for name, value in values.items() if name in may})

	return run


def within_permissions(search_widget: Callable) -> Callable:
	"""Return Frappe's search, which keeps to the user's permissions on records about children."""
	known = inspect.signature(search_widget).parameters

	@wraps(search_widget)
	def run(doctype: str, *args, **kwargs):
		if WIDE in known and is_narrowed(doctype):
			kwargs[WIDE] = False
		return search_widget(doctype, *args, **kwargs)

	return run


def is_narrowed(doctype: str) -> bool:
	if doctype in DECISIONS or doctype in NARROWED_BY:
		return True
	return any(field.options in NARROWED_BY for field in frappe.get_meta(doctype).get_link_fields())
