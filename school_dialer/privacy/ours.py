"""Which DocTypes and reports show this app's records?"""

from typing import Any

import frappe

MODULE = "School Dialer"


def of_ours(doctype: str, name: Any) -> bool:
	"""Return whether this DocType or Report shows our records."""
	if not isinstance(name, str) or not name:
		return False
	if doctype == "Report":
		name = frappe.db.get_value("Report", name, "ref_doctype")
	return frappe.db.get_value("DocType", name, "module") == MODULE
