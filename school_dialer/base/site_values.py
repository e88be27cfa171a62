"""Single values that the app keeps for the whole site, such as how far the carrier's list was read.

They are rows among Frappe's defaults. `frappe.db.set_global` would write them as well, and empty every cache
of the site each time: the next requests and jobs would read all DocTypes from the database again.
"""

import frappe

from school_dialer.base.database.rows import insert, stamp

PARENT = "school_dialer"
CACHED_SECONDS = 60


def read(key: str) -> str | None:
	"""Return the value, or None if there is none."""
	rows = frappe.db.sql("select defvalue from tabDefaultValue where name = %s", (_name(key),))
	return rows[0][0] if rows else None


def cached(key: str) -> str | None:
	"""Return the value as this process wrote it, or as it stood elsewhere in the last `CACHED_SECONDS`.

	For what is asked in every webhook, and harms no one while it is late.
	"""
	value = frappe.cache.get_value(_name(key), expires=True)
	if value is None:
		value = read(key) or ""
		frappe.cache.set_value(_name(key), value, expires_in_sec=CACHED_SECONDS)
	return value or None


def write(key: str, value: str) -> None:
	"""Keep a value in place of the earlier one, in the caller's transaction."""
	row = {"parent": PARENT, "parenttype": "__default", "parentfield": "system_defaults"}
	row |= {"defkey": key, "defvalue": value}
	insert(
		"DefaultValue",
		[{"name": _name(key), **stamp(), **row}],
		more=" on duplicate key update defvalue = values(defvalue), modified = values(modified)",
	)
	_drop(key)


def forget(*keys: str) -> None:
	for key in keys:
		frappe.db.delete("DefaultValue", _name(key))
		_drop(key)


def forget_all() -> None:
	"""Forget every value. Part of the uninstall."""
	forget(*keys(""))


def keys(prefix: str) -> list[str]:
	"""Return the keys that begin so and have a value."""
	kept = frappe.get_all("DefaultValue", {"parent": PARENT}, pluck="defkey")
	return sorted(key for key in kept if key.startswith(prefix))


def _drop(key: str) -> None:
	"""Drop the cached value, now and when the transaction ends: until then others keep what was before."""
	name = _name(key)
	frappe.cache.delete_value(name)
	for ends in (frappe.db.after_commit, frappe.db.after_rollback):
		ends.add(lambda: frappe.cache.delete_value(name))


def _name(key: str) -> str:
	return f"{PARENT}:{key}"
