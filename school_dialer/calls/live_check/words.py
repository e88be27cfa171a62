"""Pick the template for the live check: one without student information, filled with sample values."""

import frappe

from school_dialer.messages import catalogue, linter, store
from school_dialer.messages.model import EDUCATIONAL, TemplateError

PREFERRED = ("General", "Event")


def template() -> str | None:
	"""Return the first template that fits, by purpose in the order of PREFERRED; None if there is none."""
	for purpose in PREFERRED:
		names = frappe.get_all(
			store.TEMPLATE,
			{"purpose": purpose, "voice": 1, "text": 1},
			pluck="name",
			order_by="creation",
		)
		if fitting := next(filter(fits, names), None):
			return fitting
	return None


def fits(name: str) -> bool:
	"""Return whether a call plays this template to the person at once, without a key or a question.

	The check is about the carrier, so neither is needed.
	"""
	read = store.template(name)
	try:
		return not read.asks and linter.sensitivity(read, catalogue.fields()) != EDUCATIONAL
	except TemplateError:
		return False
