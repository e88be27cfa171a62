"""The fields that templates on this site may use, from the context providers of all installed apps.

A provider is declared with `model.provides` and registered through the hook ``dialer_context_providers`` (a
list of dotted paths to the functions). A field is left out of the catalogue if this site lacks its source
DocType or DocType field.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import frappe
from frappe import _

from school_dialer.base.database import doctypes
from school_dialer.messages.model import Field, Provider

HOOK = "dialer_context_providers"
CACHE = "dialer_catalogue"


def providers() -> list[Provider]:
	return [frappe.get_attr(path) for path in frappe.get_hooks(HOOK)]


class Catalogue(Mapping[str, Field]):
	"""Fields by name, in the order of the providers.

	Whether the site has a field's source is checked only when that field is looked up: a call's words use
	only a few of the many.
	"""

	def __init__(self, providers: Iterable[Provider]):
		self.providers = tuple(providers)
		self.declared: dict[str, list[Field]] = defaultdict(list)
		for field in (field for provider in self.providers for field in provider.fields):
			self.declared[field.name].append(field)
		self.found: dict[str, Field | None] = {}

	def __getitem__(self, name: str) -> Field:
		if name not in self.found:
			self.found[name] = next(filter(available, self.declared.get(name, ())), None)
		if field := self.found[name]:
			return field
		raise KeyError(name)

	def __iter__(self) -> Iterator[str]:
		return (name for name in self.declared if name in self)

	def __len__(self) -> int:
		return sum(1 for _ in self)


def fields() -> Catalogue:
	"""Return the catalogue. Of several fields with one name, the first available one wins.

	Looked up once per request.
	"""
	catalogue = getattr(frappe.local, CACHE, None)
	if catalogue is None:
		catalogue = Catalogue(providers())
		setattr(frappe.local, CACHE, catalogue)
	return catalogue


def labels(names: Iterable[str]) -> str:
	"""Return these fields as staff read them. A field that is gone keeps its name."""
	known = fields()
	return ", ".join(_(known[name].label) if name in known else name for name in names)


def available(field: Field) -> bool:
	doctype, _, fieldname = field.source.partition(".")
	if not fieldname or fieldname == "name":
		return doctypes.exists(doctype)
	return doctypes.has_field(doctype, fieldname)
