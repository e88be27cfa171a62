"""Who may filter by what.

Users may filter only by records and fields that they may read in full. Otherwise counts would let them infer
the rest.
"""

from collections.abc import Mapping

import frappe
from frappe import _
from frappe.core.doctype.server_script.server_script_utils import get_server_script_map
from frappe.core.doctype.user_permission.user_permission import get_user_permissions
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_role_permissions

from school_dialer.audience import disclosed_records
from school_dialer.audience.filters.condition import Condition, quoted
from school_dialer.audience.filters.filters import Filters
from school_dialer.audience.filters.record import OPERATORS, TYPES, usable
from school_dialer.base.refusal import throw
from school_dialer.schools import registry, users


def require_permission(filters: Filters) -> None:
	"""Raise PermissionError unless the user may filter by all of these conditions."""
	for condition in filters.conditions:
		check_one(condition)


def check_one(condition: Condition) -> None:
	for doctype, names in {**dict.fromkeys(condition.reads, ()), **condition.records()}.items():
		if not reads_all(doctype):
			throw(
				_("You may not filter by {0}, since you may not read all of it.").format(_(doctype)),
				frappe.PermissionError,
			)
		if doctype == "Dialer Campaign":
			check_campaigns(names)
		if missing := set(names) - on_record(doctype, names):
			throw(
				_("There is no {0} {1}.").format(_(doctype), quoted(min(missing))), frappe.DoesNotExistError
			)
	for doctype, fieldname in condition.fields():
		if fieldname not in readable_fields(doctype):
			throw(
				_("You may not filter by the field {0} of {1}.").format(quoted(fieldname), _(doctype)),
				frappe.PermissionError,
			)


def check_campaigns(names: tuple[str, ...]) -> None:
	"""Raise PermissionError for a campaign that reveals records which the user may not read in full.

	A person on a campaign about unpaid fees owes some. Counts of an audience narrowed by that campaign would
	reveal it about a single child.
	"""
	for name in names:
		campaign = frappe.db.exists("Dialer Campaign", name) and frappe.get_cached_doc(
			"Dialer Campaign", name
		)
		for doctype in sorted(disclosed_records.of_campaign(campaign)) if campaign else ():
			if not reads_all(doctype):
				throw(
					_(
						"You may not filter by a campaign that is about {0}, since you may not read all of "
						"it."
					).format(_(doctype)),
					frappe.PermissionError,
				)


def reads_all(doctype: str) -> bool:
	"""Return whether the user may read all records of this DocType.

	A role must allow it, with no limit by user permissions, ownership, shares or another app's rules. A
	school's user may read all of their schools' records, since their campaigns call no one else.
	"""
	permitted = get_role_permissions(frappe.get_meta(doctype))
	if not permitted.get("read"):
		return False
	return not build_match_conditions(doctype) or is_limited_only_by_school(doctype, permitted)


def is_limited_only_by_school(doctype: str, permitted: dict) -> bool:
	if users.of_user() is None or permitted.get("has_if_owner_enabled"):
		return False
	linked = {doctype, *(field.options for field in frappe.get_meta(doctype).get_link_fields())}
	hooks = frappe.get_hooks("permission_query_conditions").get(doctype, [])
	scripts = get_server_script_map().get("permission_query", {})
	return (
		not linked & (get_user_permissions(frappe.session.user).keys() - {registry.DOCTYPE})
		and all(hook.startswith("school_dialer.schools.") for hook in hooks)
		and doctype not in scripts
	)


def on_record(doctype: str, names: tuple[str, ...]) -> set[str]:
	"""Return those of these records that exist and that the user may read."""
	if not names:
		return set()
	named = {"name": ("in", names)}
	return set(frappe.get_list(doctype, named, pluck="name", order_by="name", limit=len(names)))


def readable_fields(doctype: str) -> set[str]:
	"""Return the usable fields, without hidden ones and those above the user's permission level."""
	meta = frappe.get_meta(doctype)
	levels = meta.get_permlevel_access("read") if frappe.session.user != "Administrator" else None
	return {
		field.fieldname
		for field in meta.fields
		if usable(field) and (levels is None or (field.permlevel or 0) in levels)
	}


def options_of(field) -> str | list[str] | None:
	"""Return the DocType of a link field, or the options of a select field."""
	if field.fieldtype == "Select":
		return [option for option in (field.options or "").split("\n") if option]
	return field.options if field.fieldtype == "Link" else None


def choices(subjects: Mapping[str, str]) -> list[dict]:
	"""Return the DocTypes that the user may read in full, as dicts for the filter form.

	Each has `doctype`, `title` and `fields`, and each field has its operators.
	"""
	offered = []
	for doctype in subjects:
		if not reads_all(doctype):
			continue
		meta, readable = frappe.get_meta(doctype), readable_fields(doctype)
		fields = [
			{
				"fieldname": field.fieldname,
				"label": _(field.label or field.fieldname),
				"fieldtype": field.fieldtype,
				"options": options_of(field),
				"operators": OPERATORS[TYPES[field.fieldtype]],
			}
			for field in meta.fields
			if field.fieldname in readable
		]
		offered.append({"doctype": doctype, "title": _(doctype), "fields": fields})
	return offered
