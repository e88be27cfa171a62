"""The template whose words the check says: one that tells nothing of a student, said with the catalogue's examples."""

import frappe

from school_dialer.messages import store
from school_dialer.messages.model import EDUCATIONAL, TemplateError
from school_dialer.messages.template import catalogue, linter

PREFERRED = ("General", "Event")


def template() -> str | None:
	"""The first that fits, of these purposes in this order; None when there is none."""
	for purpose in PREFERRED:
		names = frappe.get_all(
			store.TEMPLATE,
			{"purpose": purpose, "voice": 1, "text": 1},
			pluck="name",
			order_by="creation",
		)
		if found := next(filter(fits, names), None):
			return found
	return None


def fits(name: str) -> bool:
	"""Whether a call says its words to the person who answers, without a key first, and asks nothing: the check is about the carrier."""
	read = store.template(name)
	try:
		return not read.asks and linter.sensitivity(read, catalogue.fields()) != EDUCATIONAL
	except TemplateError:
		return False
