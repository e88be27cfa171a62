"""What this site's DocTypes are, for rooms that work with and without other apps.

The web server's fast path keeps the answers for a few seconds (`webhooks/own_context.py`); elsewhere Frappe
is asked each time.
"""

from collections.abc import Callable

import frappe

KEPT = "dialer_doctypes"


def exists(doctype: str) -> bool:
	return _known(doctype, lambda: bool(frappe.db.exists("DocType", doctype, cache=True)))


def has_field(doctype: str, fieldname: str) -> bool:
	return _known(
		f"{doctype}.{fieldname}",
		lambda: exists(doctype) and bool(frappe.get_meta(doctype).has_field(fieldname)),
	)


def _known(what: str, look: Callable[[], bool]) -> bool:
	kept = getattr(frappe.local, KEPT, None)
	if kept is None:
		return look()
	if what not in kept:
		kept[what] = look()
	return kept[what]
