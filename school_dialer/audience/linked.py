"""People whose numbers and addresses are on another record: an instructor's are on that of the employee."""

from collections.abc import Iterable

import frappe

LINKED = {"Instructor": ("employee", "Employee")}
"""By DocType: the field that names the other record, and its DocType."""


def records(doctype: str, names: Iterable[str]) -> dict[str, str]:
	"""Return the other records of these people, by name. Who has none is absent."""
	field, _target = LINKED[doctype]
	filters = {"name": ("in", list(names)), field: ("is", "set")}
	return dict(frappe.get_all(doctype, filters, ["name", field], order_by="name", as_list=True))
