"""Files that the ledger names as evidence outlive the app's records.

The order in which Frappe deletes the records does not matter.
"""

import frappe
from frappe.utils.file_manager import remove_all

from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.setup import uninstall
from tests.integration import factories as make

SETTINGS = ("Dialer Settings", "Dialer Settings")


def attached(name: str) -> frappe._dict:
	file = {"doctype": "File", "file_name": name, "content": frappe.generate_hash(), "is_private": 1}
	return frappe.get_doc(
		{**file, "attached_to_doctype": SETTINGS[0], "attached_to_name": SETTINGS[1]}
	).insert()


def test_evidence_stays_when_frappe_deletes_the_settings_and_what_is_attached(monkeypatch):
	form, other = attached("signed-form.txt"), attached("a-list.csv")
	given = Evidence("Signed Form", wording="I agree.", attachment=form.file_url)
	ledger.grant(make.phone(), basis="express written", evidence=given)
	monkeypatch.setattr(uninstall.export, "write", lambda: ("nowhere", 1, 1))
	uninstall.before_uninstall()
	remove_all(*SETTINGS, from_delete=True)
	assert frappe.db.exists("File", form.name)
	assert not frappe.db.exists("File", other.name)
