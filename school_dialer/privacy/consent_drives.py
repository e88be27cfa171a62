"""Erasure of what consent drives keep about a person: the family that was to be asked.

Its letters open nothing any more once the request is withdrawn, and their file is deleted by
`consent_drive.jobs.daily`.
"""

import json

import frappe
from frappe import _

from school_dialer.privacy.person import Subject

FAMILY = "Dialer Consent Family"


def clear(subject: Subject, removed: list[str], really: bool) -> None:
	"""Delete the rows of families that name the subject, or only say how many, in a sentence.

	A family of several adults or children goes as a whole: its drive then no longer asks it.
	"""
	if subject.person is None:
		return
	kind, name = subject.person
	names = frappe.db.sql(
		"""select name from `tabDialer Consent Family`
		where (person_doctype = %(kind)s and person = %(name)s) or locate(%(adult)s, people) > 0
			or (%(kind)s = 'Student' and locate(%(student)s, students) > 0)""",
		{"kind": kind, "name": name, "adult": json.dumps([kind, name]), "student": json.dumps(name)},
		pluck=True,
	)
	if names:
		removed.append(_("{0} entries in the lists of consent drives.").format(len(names)))
	if names and really:
		frappe.db.delete(FAMILY, {"name": ("in", names)})
