"""The first Dialer School: made from Dialer Settings, and given what the site has when a second one comes.

All else in it is blank: as in the settings.
"""

import frappe
from frappe import _

from school_dialer.base.jobs import job
from school_dialer.schools import belonging, candidates, placement, registry

PLACES = ("Program", "Student Group", "Student", "Instructor", "Employee", "Contact")
CHUNK = 1000


def make() -> None:
	"""Make the site's first school if the settings name it and there is none yet."""
	name = (frappe.db.get_single_value("Dialer Settings", "school_name") or "").strip()
	if name and not frappe.db.count(registry.DOCTYPE):
		frappe.get_doc({"doctype": registry.DOCTYPE, "school_name": name}).insert()


def when_second(doc) -> None:
	"""Give the first school what has none, after the commit, if this one makes the site a district."""
	before = doc.get_doc_before_save()
	if not doc.enabled or (before and before.enabled):
		return
	others = frappe.get_all(
		registry.DOCTYPE, {"enabled": 1, "name": ("!=", doc.name)}, pluck="name", order_by="creation", limit=2
	)
	if len(others) == 1:
		frappe.enqueue(
			"school_dialer.schools.first.give",
			queue="long",
			enqueue_after_commit=True,
			school=others[0],
		)


@job
def give(school: str) -> None:
	"""Write this school on every record that has none, and then place the students (background job).

	Commits each chunk. A second run finds nothing left to do.
	"""
	doctypes = [doctype for doctype in PLACES if candidates.readable(doctype)]
	for index, doctype in enumerate(doctypes):
		frappe.publish_progress(
			100 * index / len(doctypes),
			title=_("Giving {0} what has no school").format(school),
			doctype=registry.DOCTYPE,
			docname=school,
			description=_(doctype),
		)
		while give_some(doctype, school):
			frappe.db.commit()
	frappe.publish_progress(100, title=_("Giving {0} what has no school").format(school))
	placement.daily()


def give_some(doctype: str, school: str) -> int:
	"""Write the school on up to `CHUNK` records of this DocType without one. Return how many there were."""
	names = frappe.get_all(
		doctype, {belonging.FIELD: ("is", "not set")}, pluck="name", order_by=None, limit=CHUNK
	)
	if names:
		values = {belonging.FIELD: school}
		if doctype == placement.STUDENT and candidates.readable(doctype, placement.FROM):
			values[placement.FROM] = placement.FIRST
		frappe.db.set_value(doctype, {"name": ("in", names)}, values, update_modified=False)
		for name in names:
			frappe.clear_document_cache(doctype, name)
	return len(names)
