"""Say Informed, as every screen does, of whom the school informed: these rows said Told."""

import frappe


def execute() -> None:
	frappe.db.sql("update `tabDialer Party` set state = 'Informed' where state = 'Told'")
