"""Bring a new site to the state in which work begins.

Run as ``finish.py wizard|check APP...`` in sites/.
"""

import json
import os
import sys

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import setup_complete
from frappe.utils.scheduler import disable_scheduler

APP = "school_dialer"
SCHOOL = {
	"language": "English",
	"country": "United States",
	"timezone": "America/Chicago",
	"currency": "USD",
	"full_name": "Site Owner",
	"email": "owner@school.test",
	"enable_telemetry": 0,
}


def wizard() -> None:
	"""Complete the setup wizard, which otherwise appears to everyone who opens the Desk."""
	answer = setup_complete({**SCHOOL, "password": frappe.generate_hash(length=24)})
	if not answer or answer.get("status") != "ok":
		sys.exit(f"the setup wizard failed: {answer}")
	disable_scheduler()


def complete_setup() -> None:
	"""Mark the wizard as done for apps installed after it, which Frappe 16 asks for app by app."""
	if frappe.get_meta("Installed Application").has_field("is_setup_complete"):
		frappe.db.set_value("Installed Application", {"is_setup_complete": 0}, "is_setup_complete", 1)


def put_last(app: str) -> None:
	"""Let this app's hooks come after those of the others, also when one was added to an older site."""
	installed = frappe.get_installed_apps()
	if app in installed and installed[-1] != app:
		order = [*(one for one in installed if one != app), app]
		frappe.db.set_global("installed_apps", json.dumps(order))
		frappe.clear_cache()


def check(apps: list[str]) -> None:
	"""Exit when an app counts as installed but has none of its DocTypes."""
	installed = frappe.get_installed_apps()
	for app in apps:
		if app not in installed:
			sys.exit(f"{app} is not installed on {frappe.local.site}")
		modules = frappe.get_module_list(app)
		if modules and not frappe.db.count("DocType", {"module": ("in", modules)}):
			sys.exit(f"{app} is installed on {frappe.local.site} but its DocTypes are missing")


def main() -> None:
	frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	try:
		if sys.argv[1] == "wizard":
			wizard()
		else:
			check(sys.argv[2:])
			complete_setup()
			put_last(APP)
		frappe.db.commit()
	finally:
		frappe.destroy()


if __name__ == "__main__":
	main()
