"""Validation of the filters on a document (a campaign, a rule, a saved audience) when it is saved."""

from collections.abc import Mapping

from frappe import _

from school_dialer.audience.filters import reading
from school_dialer.audience.filters.condition import refuse
from school_dialer.audience.filters.filters import parsed


def validate(doc, subjects: Mapping[str, str]) -> None:
	"""Normalize the document's filters and write their description.

	Raises `BadFilter` for invalid filters. New or changed filters also raise PermissionError if the user may
	not read what they look into.
	"""
	before = doc.get_doc_before_save()
	filters = parsed(doc.audience_filters, subjects)
	if any(doc.name in condition.records().get(doc.doctype, ()) for condition in filters.conditions):
		refuse(_("Choose another campaign than this one itself."))
	written = filters.dumped()
	if not before or before.audience_filters != written:
		reading.require_permission(filters)
	doc.audience_filters = written
	doc.filters_in_words = filters.sentence() or None
