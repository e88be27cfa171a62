"""The steps of the workspace's onboarding. They name no module, so Frappe leaves them behind when the app is uninstalled."""

import frappe


def remove() -> None:
	steps = frappe.get_all(
		"Onboarding Step Map",
		{"parenttype": "Module Onboarding", "parent": "School Dialer"},
		pluck="step",
		order_by="idx",
	)
	frappe.delete_doc_if_exists("Module Onboarding", "School Dialer", force=True)
	for step in steps:
		frappe.delete_doc("Onboarding Step", step, force=True)
