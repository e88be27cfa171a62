"""Entries of the Error Log that a test caused itself.

A call or job that an earlier test left behind may write one at any time, so a test does not count them all.
"""

import frappe


def about(word: str) -> set[str]:
	"""Return the entries with this word in their title or text, such as the name of a module or function."""
	like = ("like", f"%{word}%")
	return set(frappe.get_all("Error Log", or_filters={"method": like, "error": like}, pluck="name"))
