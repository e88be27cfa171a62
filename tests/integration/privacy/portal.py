"""A guardian who logs in to Education's portal, and what staff note on students, which is not for her."""

import json

import frappe

from dev.school.bulk import Bulk
from school_dialer.calls import survey_answers
from tests.integration.privacy import children

ROLES = ("Guardian", "Student")
"""Roles of Education's portal. With *Student* Education lets a user read every Student."""
WRITTEN = ("mail", "linked", "label")
"""Ends of the texts that `write_about` writes."""


def guardian_of(child: children.Child) -> str:
	"""Make a user of the portal, the second guardian of this child. Return the user's name.

	The roles are as Education makes them, without access to the Desk.
	"""
	for role in ROLES:
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role}).insert()
		frappe.db.set_value("Role", role, "desk_access", 0)
		frappe.clear_document_cache("Role", role)
	user, name = children.user(*ROLES), f"{child.tag}h"
	assert frappe.db.get_value("User", user, "user_type") == "Website User"
	Bulk().insert("Guardian", [{"name": name, "guardian_name": "A Guardian", "user": user}])
	student = frappe.get_doc("Student", child.student)
	row = student.append("guardians", {"guardian": name, "relation": "Mother"})
	row.db_insert()
	return user


def note_on(scene: children.Scene) -> None:
	"""Write a court order on each student's link to the guardian, its version, comments, e-mails, and a tag.

	One comment holds an answer, the other is of a colleague. The order has words of its own, by which it is
	recognized.
	"""
	for child in scene.children:
		link = {"parent": child.student, "guardian": child.guardian}
		frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", order_on(child))
		changed = [["guardians", 0, "row", [["dialer_contact_permission", "All", order_on(child)]]]]
		values = {"ref_doctype": "Student", "docname": child.student}
		values["data"] = json.dumps({"row_changed": changed})
		frappe.get_doc({"doctype": "Version", **values}).insert()
		frappe.get_doc("Student", child.student).add_comment("Comment", f"{child.tag}remark")
		write_about("Student", child.student, child.tag)
		frappe.db.set_value("Student", child.student, "_user_tags", f",{child.tag}label")
	while survey_answers.note_chunk():
		pass


def write_about(doctype: str, name: str, tag: str) -> None:
	"""Put a tag and two e-mails of colleagues on a record, one of which only its timeline shows."""
	mail = {"communication_type": "Communication", "communication_medium": "Email"}
	about = {"reference_doctype": doctype, "reference_name": name}
	linked = {"timeline_links": [{"link_doctype": doctype, "link_name": name}]}
	for word, values in (("mail", about), ("linked", linked)):
		row = {"name": frappe.generate_hash(length=10), "subject": "Note", "content": f"{tag}{word}"}
		Bulk().insert("Communication", [{**row, **mail, **values}])
	link = {"name": frappe.generate_hash(length=10), "document_type": doctype, "document_name": name}
	Bulk().insert("Tag Link", [{**link, "tag": f"{tag}label"}])


def order_on(child: children.Child) -> str:
	return f"{child.tag}order"


def noted_on(child: children.Child) -> tuple[str, ...]:
	"""Return the texts by which the order, the answer, and the notes of colleagues are recognized."""
	return order_on(child), *(f"{child.tag}{word}" for word in ("answer", "remark", *WRITTEN))


def hidden(child: children.Child) -> tuple[str, ...]:
	"""Return texts of this child's family that no user of the portal may see, not even the other guardian.

	The names of bills and absences are not among them: Frappe lists them to who may read the student.
	"""
	told = (child.guardian_name, child.phone[-10:], str(child.owes), f"{child.owes:,.2f}")
	return (*told, *noted_on(child))
