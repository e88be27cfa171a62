"""The fields that templates on this site may use, from the context providers of all installed apps.

A provider is declared with `model.provides` and registered through the hook ``dialer_context_providers`` (a list of
dotted paths to the functions). A field whose source DocType or DocType field this site lacks is not in the catalogue.
"""

from collections.abc import Mapping

import frappe

from school_dialer.messages.model import Field, Provider

HOOK = "dialer_context_providers"
CACHE = "dialer_catalogue"


def providers() -> list[Provider]:
	return [frappe.get_attr(path) for path in frappe.get_hooks(HOOK)]


def fields() -> Mapping[str, Field]:
	"""By name, in the order of the providers. The first of two fields with one name wins. Computed once a request."""
	found = getattr(frappe.local, CACHE, None)
	if found is None:
		found = {}
		for provider in providers():
			for field in provider.fields:
				if available(field):
					found.setdefault(field.name, field)
		setattr(frappe.local, CACHE, found)
	return found


def available(field: Field) -> bool:
	doctype, _, fieldname = field.source.partition(".")
	if not frappe.db.exists("DocType", doctype, cache=True):
		return False
	return not fieldname or fieldname == "name" or frappe.get_meta(doctype).has_field(fieldname)
