"""What this site's DocTypes are, for rooms that work with and without other apps.

The web server's fast path keeps the answers for a few seconds (`webhooks/own_context.py`); elsewhere Frappe
is asked each time.
"""

from collections.abc import Callable

import frappe

KEPT = "dialer_doctypes"


def exists(doctype: str) -> bool:
	"""Return whether the site has this DocType, as it was when this connection first asked.

	A name that was not there then is asked for by itself, since an app may have been installed meanwhile.
	"""
	return _known(
		doctype, lambda: doctype in _of_site() or bool(frappe.db.exists("DocType", doctype, cache=True))
	)


def _of_site() -> frozenset[str]:
	"""Return the names of all DocTypes, in one statement for each connection.

	Each thread of a dispatcher has a connection of its own, and asks about dozens before its first call. They
	are kept where Frappe keeps single answers.
	"""
	kept = frappe.db.value_cache
	if KEPT not in kept:
		kept[KEPT] = frozenset(frappe.db.sql("select name from `tabDocType`", pluck=True))
	return kept[KEPT]


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
