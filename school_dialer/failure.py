"""Failures are logged without the values at hand, which here are families' numbers."""

import traceback

import frappe


def report(title: str, error: Exception) -> None:
	"""Log where it went wrong: files, lines and the kind of error, neither its message nor any value."""
	frappe.db.rollback()
	where = "".join(traceback.format_tb(error.__traceback__))
	frappe.log_error(title=f"School Dialer: {title}"[:140], message=f"{where}\n{type(error).__name__}")
	frappe.db.commit()
