"""Tick the purposes for which staff phone those whom no call reached, on a site that had no such setting."""

import frappe

from school_dialer.manual_calls import listing


def execute() -> None:
	stored = frappe.db.get_singles_dict("Dialer Settings")
	for purpose in listing.AT_ONCE:
		field = listing.setting_of(purpose)
		if field not in stored:
			frappe.db.set_single_value("Dialer Settings", field, 1, update_modified=False)
