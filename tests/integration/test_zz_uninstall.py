"""Uninstall and install again, on this very site: last in the alphabet, since it takes the app's own records away.

ERPNext's Campaign and Call Log have names near ours; they and everything else of other apps must stay as they are.
"""

import secrets

import frappe
import pytest
from frappe.installer import install_app, remove_app

from school_dialer.setup import custom_fields
from school_dialer.setup.install import ROLES

OTHERS = ("Campaign", "Call Log")
KINDS = (
	"Report",
	"Workspace",
	"Page",
	"Print Format",
	"Number Card",
	"Dashboard Chart",
	"Dashboard Chart Source",
	"Module Onboarding",
)


@pytest.fixture
def foreign_rows():
	rows = []
	for doctype in OTHERS:
		doc = frappe.new_doc(doctype)
		if doctype == "Campaign":
			doc.campaign_name = f"Spring sale {secrets.token_hex(4)}"
		else:
			doc.update({"id": secrets.token_hex(8), "from": "+13125550142", "to": "+13125550143"})
		doc.insert()
		rows.append(
			(doctype, doc.name, frappe.get_meta(doctype).module, len(frappe.get_meta(doctype).fields))
		)
	frappe.db.commit()
	yield rows
	for doctype, name, *_rest in rows:
		frappe.delete_doc(doctype, name, force=True)
	frappe.db.commit()


def as_it_was(rows) -> None:
	for doctype, name, module, fields in rows:
		meta = frappe.get_meta(doctype)
		assert frappe.db.exists(doctype, name)
		assert (meta.module, len(meta.fields)) == (module, fields)


def test_uninstall_takes_all_of_ours_and_nothing_of_others(foreign_rows):
	as_it_was(foreign_rows)
	remove_app("school_dialer", yes=True, no_backup=True)
	frappe.clear_cache()
	try:
		as_it_was(foreign_rows)
		assert "school_dialer" not in frappe.get_installed_apps()
		assert not frappe.get_all("DocType", {"module": "School Dialer"}, order_by="name")
		assert not frappe.db.sql("show tables like 'tabDialer%%'")
		assert not frappe.db.sql("show tables like 'tabConsent%%'")
		for doctype, fields in custom_fields.present().items():
			for field in fields:
				assert not frappe.db.exists("Custom Field", {"dt": doctype, "fieldname": field["fieldname"]})
		assert not frappe.db.sql("select name from `__Auth` where doctype = 'Dialer PIN'")
		for role in ROLES:
			assert not frappe.db.exists("Role", role)
			assert not frappe.db.exists("Has Role", {"role": role})
			assert not frappe.db.exists("Custom DocPerm", {"role": role})
		for kind in KINDS:
			assert not frappe.get_all(kind, {"module": "School Dialer"}, order_by="name"), kind
		assert not frappe.db.exists("Onboarding Step", {"name": ("like", "School Dialer%")})
	finally:
		install_app("school_dialer")
		frappe.db.commit()
		frappe.clear_cache()
	as_it_was(foreign_rows)
	for doctype, fields in custom_fields.present().items():
		for field in fields:
			assert frappe.get_meta(doctype).has_field(field["fieldname"])
	assert frappe.db.exists("Dialer Policy", {"policy_name": "us-states", "enabled": 1})
