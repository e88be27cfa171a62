"""How this app refuses: Frappe's `throw`, under a title that says what kind of refusal it is."""

from typing import NoReturn

import frappe
from frappe import _


def throw(
	message: str, exception: type[Exception] = frappe.ValidationError, title: str | None = None
) -> NoReturn:
	"""Raise `exception`, which the Desk shows as a dialog with `message`.

	Without `title` the dialog's title follows from the kind of exception. Frappe's own default is "Message".
	"""
	frappe.throw(message, exception, title=title or title_of(exception))


def title_of(exception: type[Exception]) -> str:
	if issubclass(exception, frappe.PermissionError):
		return _("Not Permitted")
	if issubclass(exception, frappe.DoesNotExistError):
		return _("Not Found")
	return _("Please Check")
