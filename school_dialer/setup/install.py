import click
import frappe

from school_dialer.base.roles import ALL
from school_dialer.consent.archive import export
from school_dialer.consent.integrity import triggers
from school_dialer.continuity import watch
from school_dialer.gate import site_policies
from school_dialer.messages import defaults
from school_dialer.setup import custom_fields, schema, shipped_words


def after_install() -> None:
	make_roles()
	custom_fields.create()
	schema.apply()
	triggers.create()
	site_policies.load_packs()
	defaults.install()
	defaults.install_voices()
	watch.notice()
	offer_ledger()


def offer_ledger() -> None:
	"""Print how to restore the consent ledger if an earlier uninstall on this site left one."""
	if files := export.files():
		click.secho(f"This site has a consent ledger of before: {files[0]}", fg="yellow")
		click.echo(
			"Until it is taken in, people who opted out are not known:\n"
			f"  bench --site {frappe.local.site} dialer restore-ledger {files[0]}          # what would be "
			"done\n"
			f"  bench --site {frappe.local.site} dialer restore-ledger {files[0]} --yes"
		)


def after_migrate() -> None:
	make_roles()
	fill_new_settings()
	custom_fields.create()
	schema.apply()
	triggers.create()
	site_policies.load_packs()
	defaults.install()
	defaults.install_voices()
	shipped_words.bring_up_to_date()
	watch.notice()


def after_app_install(app: str) -> None:
	"""Add custom fields and indexes to the DocTypes of an app installed after this one."""
	custom_fields.create()
	schema.apply_to_other_apps()
	defaults.install()


def fill_new_settings() -> None:
	"""Save the defaults of fields added after Dialer Settings was last saved.

	Frappe reads such fields as empty.
	"""
	saved = frappe.db.get_singles_dict("Dialer Settings")
	for field in frappe.get_meta("Dialer Settings").fields:
		if saved and field.default and field.fieldname not in saved:
			frappe.db.set_single_value("Dialer Settings", field.fieldname, field.default)


def make_roles() -> None:
	for role in ALL:
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert()
