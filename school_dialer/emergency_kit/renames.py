"""An item stays approved when its group, message, school, or approver gets another name: they are the same.

Otherwise it could not be started, which the school would notice in an emergency. What becomes one with
another record has to be approved again.
"""

import frappe

from school_dialer.base import renaming
from school_dialer.emergency_kit import item_seal

NAMED = {"Dialer Message Template": "template", "Dialer School": "school", "User": "approved_by"}
"""The field of an item that names a record of this DocType. A group is in `audience_name`."""
MARK = "kit"


def before_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Remember which items name this record and are approved (doc_events)."""
	if old != new and not merge:
		approved = [item.name for item in naming(doc.doctype, old) if item_seal.is_approved(item)]
		renaming.remember(MARK, doc.doctype, old, approved)


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let their approvals be about the record as it is called now (doc_events)."""
	for name in renaming.remembered(MARK, doc.doctype, old):
		item_seal.seal_again(name)


def naming(doctype: str, record: str) -> list[frappe._dict]:
	"""Return the items that name the record, locked: what is sealed again differs by the name alone."""
	item = frappe.qb.DocType(item_seal.DOCTYPE)
	names = (item.audience_doctype == doctype) & (item.audience_name == record)
	if doctype in NAMED:
		names |= item[NAMED[doctype]] == record
	return frappe.qb.from_(item).select("*").where(names).orderby(item.name).for_update().run(as_dict=True)
