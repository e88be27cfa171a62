"""Give fields the names that Frappe developers and privacy officers use.

Columns are renamed in place, so no value is copied or lost.
"""

import frappe
from frappe.model.utils.rename_field import (
	update_property_setters,
	update_reports,
	update_users_report_view_settings,
)

from school_dialer.consent.integrity import triggers

RENAMED = {
	"Dialer Campaign": {
		"untold": "pending_notification",
		"untold_since": "pending_notification_since",
		"untold_actor": "pending_notification_actor",
	},
	"Dialer Disclosure": {"fields_told": "fields_disclosed", "records_told": "records_disclosed"},
}


def execute() -> None:
	"""Rename each column that still has its old name, and the references Frappe stores.

	Those are in reports, list settings and property setters.
	"""
	for doctype, names in RENAMED.items():
		columns = columns_of(doctype)
		left = {old: new for old, new in names.items() if old in columns and new not in columns}
		if left:
			rename_columns(doctype, left)


def columns_of(doctype: str) -> set[str]:
	"""Return the table's columns as the database has them now, not as Frappe caches them.

	Empty if the table does not exist.
	"""
	return set(
		frappe.db.sql(
			"""select column_name from information_schema.columns
			where table_schema = database() and table_name = %s""",
			f"tab{doctype}",
			pluck=True,
		)
	)


def rename_columns(doctype: str, names: dict[str, str]) -> None:
	# A trigger names columns. One that names a missing column would make the database refuse every change to
	# the table.
	guards = guards_of(doctype)
	triggers.remove(guards)
	for old, new in names.items():
		frappe.db.sql_ddl(f"alter table `tab{doctype}` rename column `{old}` to `{new}`")
		update_reports(doctype, old, new)
		update_users_report_view_settings(doctype, old, new)
		update_property_setters(doctype, old, new)
	frappe.clear_cache()
	if guards:
		triggers.create((doctype,))


def guards_of(doctype: str) -> list[str]:
	"""Return the names of the triggers on this DocType's table."""
	return [name for name, (_action, table, _columns) in triggers.NAMES.items() if table == f"tab{doctype}"]
