import frappe

ROOT = "All Assessment Groups"


def make_root_of_assessment_groups() -> None:
	"""Create the root group; every other assessment group has a parent."""
	if not frappe.db.exists("Assessment Group", ROOT):
		root = {"doctype": "Assessment Group", "assessment_group_name": ROOT, "is_group": 1}
		frappe.get_doc(root).insert(ignore_mandatory=True)
