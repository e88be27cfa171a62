"""Columns of other apps' DocTypes, looked up and never assumed."""

from collections.abc import Iterable

import frappe


def existing(fieldnames: Iterable[str], doctype: str) -> list[str]:
	"""Return the fields that this site's DocType has."""
	meta = frappe.get_meta(doctype)
	return [fieldname for fieldname in fieldnames if meta.has_field(fieldname)]


def column(doctype: str, alias: str, fieldname: str) -> str:
	"""Return SQL for a column, or null if this site's DocType does not have it."""
	return alias + "." + fieldname if existing([fieldname], doctype) else "null"


def columns(doctype: str, alias: str, fieldnames: Iterable[str]) -> str:
	return ", ".join(column(doctype, alias, fieldname) for fieldname in fieldnames)
