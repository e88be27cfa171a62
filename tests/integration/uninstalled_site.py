"""The site on which the app is uninstalled and installed again.

It makes records that leave traces, and reports what is left of them.

uninstalled_site.py SITE prepare|look: each call runs in its own process and on its own connection, as the
commands of `bench` do.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils.password import set_encrypted_password

from school_dialer.base.roles import ALL
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import daily_anchor
from school_dialer.setup import custom_fields, leftovers

OTHERS = ("Campaign", "Call Log")


AGREED, REFUSED = "+13125550142", "+13125550143"
LEAVER = "leaver@school.example"


def prepare() -> dict:
	"""Make the records once per site, commit them, and return what `seen` returns."""
	if not frappe.db.exists("User", LEAVER):
		user = frappe.get_doc(
			{"doctype": "User", "email": LEAVER, "first_name": "Leaver", "send_welcome_email": 0}
		)
		user.append("roles", {"role": "Newsletter Manager"})
		user.insert()
		frappe.get_doc({"doctype": "Campaign", "campaign_name": "Spring sale"}).insert()
		frappe.get_doc(
			{"doctype": "Call Log", "id": "a-foreign-call", "from": AGREED, "to": REFUSED}
		).insert()
		row = {"parent": "A student", "parenttype": "Student", "parentfield": "guardians"}
		order = {"dialer_contact_permission": "None by Court Order"}
		frappe.get_doc({"doctype": "Student Guardian", **row, **order}).db_insert()
	frappe.get_doc("User", LEAVER).add_roles("Dialer Agent")
	set_encrypted_password("Dialer Settings", "Dialer Settings", "a secret", "auth_token")
	if not frappe.db.exists(
		"Consent Event", {"phone": AGREED, "attachment": ("like", "%uninstall-evidence%")}
	):
		evidence = attach("uninstall-evidence.txt")
		given = Evidence("Signed Form", wording="I agree.", attachment=evidence)
		ledger.grant(AGREED, basis="express written", evidence=given)
		ledger.opt_out(REFUSED, evidence=Evidence("Text", wording="STOP"))
		daily_anchor.anchor_now(datetime.now(timezone.utc) + timedelta(seconds=1))
	attach("uninstall-list.csv")
	frappe.get_doc("User", LEAVER).add_comment("Comment", "stays")
	template = frappe.get_all("Dialer Message Template", limit=1, pluck="name")[0]
	frappe.get_doc("Dialer Message Template", template).add_comment("Comment", "goes")
	return seen()


def attach(name: str) -> str:
	file = {"doctype": "File", "file_name": name, "content": name, "is_private": 1}
	to = {"attached_to_doctype": "Dialer Settings", "attached_to_name": "Dialer Settings"}
	return frappe.get_doc({**file, **to}).insert().file_url


def consents() -> dict[str, list]:
	return {
		phone: [[each.scope, each.channel] for each in facts.opt_outs]
		+ [[each.basis, each.channel] for each in facts.consents]
		for phone, facts in ledger.read([AGREED, REFUSED]).items()
	}


def seen() -> dict:
	"""Return what is left of the app, by kind of trace, and the rows of other apps that have to stay."""
	doctypes = list(leftovers.names_made("doctype"))
	count = frappe.db.count
	tables = [row[0] for row in frappe.db.sql("show tables")]
	fields = [
		(doctype, field["fieldname"]) for doctype, all_ in custom_fields.FIELDS.items() for field in all_
	]
	return {
		"installed": "school_dialer" in frappe.get_installed_apps(),
		"roles": count("Role", {"name": ("in", ALL)}),
		"assignments": count("Has Role", {"role": ("in", ALL)}),
		"permissions": count("Custom DocPerm", {"role": ("in", ALL)}),
		"doctypes": count("DocType", {"name": ("in", doctypes)}),
		"tables": [table for table in tables if table.removeprefix("tab") in doctypes],
		"settings": frappe.db.sql("select count(*) from tabSingles where doctype in %s", (doctypes,))[0][0],
		"secrets": frappe.db.sql("select count(*) from __Auth where doctype in %s", (doctypes,))[0][0],
		"jobs": count("Scheduled Job Type", {"method": ("like", "school_dialer.%")}),
		"custom_fields": [
			each
			for each in fields
			if frappe.db.exists("Custom Field", dict(zip(("dt", "fieldname"), each, strict=True)))
		],
		"sidebars": count_if_there("Workspace Sidebar"),
		"icons": count_if_there("Desktop Icon"),
		"globals": count("DefaultValue", {"defkey": ("like", "dialer_%")}),
		"comments": count("Comment", {"reference_doctype": ("in", doctypes)}),
		"files": count("File", {"attached_to_doctype": ("in", doctypes)}),
		"evidence": count("File", {"file_name": ("like", "uninstall-evidence%")}),
		"steps": count("Onboarding Step", {"name": ("in", leftovers.names_made("onboarding_step"))}),
		"others": {doctype: sorted(frappe.get_all(doctype, pluck="name")) for doctype in OTHERS},
		"foreign_roles": frappe.get_all("Has Role", {"parent": LEAVER}, pluck="role", order_by="role"),
		"court_orders": frappe.db.sql(
			"select count(*) from `tabStudent Guardian` "
			"where dialer_contact_permission = 'None by Court Order'"
		)[0][0],
	}


def count_if_there(doctype: str) -> int:
	"""Count what Frappe 16 shows of the app on its desktop."""
	return frappe.db.count(doctype, {"name": "School Dialer"}) if frappe.db.exists("DocType", doctype) else 0


def main() -> None:
	frappe.init(site=sys.argv[1])
	frappe.connect()
	try:
		answer = prepare() if sys.argv[2] == "prepare" else seen()
		if answer["installed"]:
			answer["consents"] = consents()
			answer["events"], answer["numbers"] = frappe.db.sql(
				"select count(*), count(distinct phone) from `tabConsent Event`"
			)[0]
		frappe.db.commit()
		print(json.dumps(answer))
	finally:
		frappe.destroy()


if __name__ == "__main__":
	main()
