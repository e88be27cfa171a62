"""The school's own templates as sample messages for the carrier's registration form.

Values are the catalog's examples. The entries include everything else the form asks for.
"""

import frappe

from school_dialer.consent.choices import preference_link
from school_dialer.messages import registration, store, text
from school_dialer.messages.model import MessageError

LOOKED_AT = 20


def entries() -> list[registration.Entry]:
	"""Return the form's entries. Raises `SchoolIncomplete` until the school is named."""
	return list(registration.entries(store.school(), bodies(), preference_link.address()))


def bodies() -> list[str]:
	"""Return sample texts in English, from as many different purposes as possible.

	A template that cannot be rendered is left out.
	"""
	names = frappe.get_all(
		store.TEMPLATE, {"text": 1}, ["name", "purpose"], order_by="creation", limit=LOOKED_AT
	)
	first = {row.purpose: row.name for row in reversed(names)}
	ordered = [*first.values(), *(row.name for row in names if row.name not in first.values())]
	made = (body_of(name) for name in ordered)
	return list(dict.fromkeys(filter(None, made)))[: registration.MOST_SAMPLES]


def body_of(name: str) -> str:
	row = frappe._dict(language=registration.ENGLISH)
	try:
		return text.text_message(store.example_outgoing(store.template(name), row)).body
	except MessageError:
		return ""
