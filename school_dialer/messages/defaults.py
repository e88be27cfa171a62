"""The templates a school starts with. Each is offered once: one that was changed, renamed or deleted does not come back."""

import json
from pathlib import Path

import frappe

from school_dialer.messages.catalogue import fields
from school_dialer.messages.store import TEMPLATE, from_doc

OFFERED = "dialer_templates_offered"
_FOLDER = Path(__file__).parent / "default_templates"


def templates() -> list[dict]:
	return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.json"))]


def install() -> None:
	"""Insert those not offered yet whose fields this site has. Idempotent; run again after another app was installed,
	it adds those that the new app's DocTypes make possible."""
	offered = json.loads(frappe.db.get_global(OFFERED) or "[]")
	for data in templates():
		name = data["template_name"]
		if name in offered:
			continue
		if not frappe.db.exists(TEMPLATE, name):
			doc = frappe.get_doc({"doctype": TEMPLATE, **data})
			doc.translations = [row for row in doc.translations if frappe.db.exists("Language", row.language)]
			if not doc.translations or not set(from_doc(doc).field_names) <= set(fields()):
				continue
			doc.insert()
		offered.append(name)
	frappe.db.set_global(OFFERED, json.dumps(offered))


def uninstall() -> None:
	frappe.db.set_global(OFFERED, None)
