"""Values made from rows of the database that all processes keep in Frappe's cache until those rows change.

What a transaction has changed and not committed is for no other process: it reads such a value itself, and a
rollback leaves nothing of it. A process that reads with a snapshot from before a change may still store what
it saw after the change is committed, so a value is made again every few minutes.
"""

from collections.abc import Callable
from typing import TypeVar

import frappe

CHANGED = "dialer_changed_values"
"""Where `frappe.local` names the values that its transaction has changed."""
KEPT_SECONDS = 600

Value = TypeVar("Value")


def get(key: str, read: Callable[[], Value]) -> Value:
	"""Return the value of this key, made by `read` if it is not in the cache."""
	here, made = frappe.local.cache, frappe.cache().make_key(key)
	is_own = key in getattr(frappe.local, CHANGED, ())
	value = here.get(made) if is_own else frappe.cache().get_value(key)
	if value is None:
		value = here[made] = read()
		if not is_own:
			frappe.cache().set_value(key, value, expires_in_sec=KEPT_SECONDS)
	return value


def forget(key: str) -> None:
	"""Have the value made again: in this transaction, which changes it, and by all when it has ended."""

	def ended() -> None:
		changed.discard(key)
		frappe.cache().delete_value(key)

	changed = getattr(frappe.local, CHANGED, None)
	if changed is None:
		changed = set()
		setattr(frappe.local, CHANGED, changed)
	changed.add(key)
	frappe.cache().delete_value(key)
	frappe.db.after_commit.add(ended)
	frappe.db.after_rollback.add(ended)
