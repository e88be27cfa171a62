"""Hooks that `bench uninstall-app` runs.

They write the ledger to a file before anything is removed, and remove what Frappe leaves behind after the
DocTypes are gone.

Frappe runs both hooks in a dry run too, and ends it without a commit.
"""

import click
import frappe

from school_dialer.base import site_values
from school_dialer.base.roles import ALL
from school_dialer.consent import journal
from school_dialer.consent.archive import export
from school_dialer.consent.integrity import outside
from school_dialer.continuity import marks
from school_dialer.proof_log import keys as proof_keys
from school_dialer.public_alerts.outgoing import signing
from school_dialer.setup import custom_fields, leftovers, schema


def before_uninstall() -> None:
	"""Write the consent ledger to a signed file and print its path.

	Any error here aborts the uninstall with everything still in place.
	"""
	path, events, phones = export.write()
	click.secho(f"The consent ledger ({events} events, {phones} numbers) was written to {path}", fg="green")
	click.echo(
		"Keep this file: it holds who opted out. After an install on this site it is taken in by\n"
		f"  bench --site {frappe.local.site} dialer restore-ledger {path}"
	)
	leftovers.keep_files(
		url for (url,) in frappe.db.sql("select distinct attachment from `tabConsent Event`") if url
	)


def after_uninstall() -> None:
	"""Remove what the app created in other apps' tables, then commit.

	Frappe commits before this hook and does not commit after it.
	"""
	if "school_dialer" in frappe.get_installed_apps():
		return
	custom_fields.remove()
	schema.remove_from_other_apps()
	site_values.forget_all()
	signing.remove()
	marks.forget()
	outside.forget()
	proof_keys.forget()
	journal.forget()
	leftovers.remove_files()
	leftovers.remove()
	remove_roles()
	frappe.db.commit()


def remove_roles() -> None:
	"""Delete the roles. This runs last: until the DocTypes are deleted, their permissions name the roles."""
	for role in ALL:
		for doctype in ("Has Role", "Custom DocPerm"):
			frappe.db.delete(doctype, {"role": role})
		frappe.delete_doc_if_exists("Role", role, force=True)
