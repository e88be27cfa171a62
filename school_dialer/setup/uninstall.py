import frappe

from school_dialer.dialing import pins
from school_dialer.messages import defaults
from school_dialer.setup import custom_fields, onboarding, schema
from school_dialer.setup.install import ROLES


def before_uninstall() -> None:
	custom_fields.remove()
	schema.remove_from_other_apps()
	defaults.uninstall()
	onboarding.remove()
	pins.forget_all()


def after_uninstall() -> None:
	"""The roles go last: until its DocTypes are deleted, their permissions name them."""
	for role in ROLES:
		for doctype in ("Has Role", "Custom DocPerm"):
			frappe.db.delete(doctype, {"role": role})
		frappe.delete_doc_if_exists("Role", role, force=True)
