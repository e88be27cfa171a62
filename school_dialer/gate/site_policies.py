"""Policies on this site: the dated packs of the package, stored as Dialer Policy records.

A record is immutable once a decision used it. A Compliance Officer amends it with a new version and a reason.
Of several enabled versions of a policy, the one that took effect last applies.
"""

import json

import frappe
from frappe.utils import getdate

from school_dialer.base import clock
from school_dialer.compliance import policies
from school_dialer.compliance.policy import Policy


def load_packs() -> None:
	"""Add the package's policies that the site does not have. Idempotent; existing ones are not changed."""
	for name in policies.policy_names():
		policy = policies.load(name)
		if not frappe.db.exists("Dialer Policy", {"policy_name": policy.name, "version": policy.version}):
			insert(policy)


def insert(policy: Policy) -> None:
	frappe.get_doc(
		{
			"doctype": "Dialer Policy",
			"policy_name": policy.name,
			"version": policy.version,
			"enabled": int(any(policies.for_person(country) is policy for country in policy.countries)),
			"rules": json.dumps(policy.to_dict(), indent=1, ensure_ascii=False),
		}
	).insert()


def in_force() -> dict[str, Policy]:
	"""Return {country: policy in force today on this site}. Read once per request or job."""
	in_use = getattr(frappe.local, "dialer_policies", None)
	if in_use is None:
		in_use = frappe.local.dialer_policies = read_in_force()
	return in_use


def read_in_force() -> dict[str, Policy]:
	rows = frappe.get_all(
		"Dialer Policy",
		{"enabled": 1, "effective_from": ("<=", getdate(clock.db_now()))},
		["rules"],
		order_by="effective_from, creation, name",
	)
	by_country: dict[str, Policy] = {}
	for row in rows:
		policy = Policy.from_stored(json.loads(row.rules))
		by_country |= dict.fromkeys(policy.countries, policy)
	return by_country


def stored(name: str, version: str) -> Policy | None:
	"""Return this version of a policy as the site keeps it, in force or not; None for one that it has not."""
	return stored_policies({"policy_name": name, "version": version}).get((name, version))


def stored_policies(filters: dict | None = None) -> dict[tuple[str, str], Policy]:
	"""Return the site's policies by (name, version), in force or not."""
	rows = frappe.get_all(
		"Dialer Policy",
		filters=filters,
		fields=["policy_name", "version", "rules"],
		order_by="name",
	)
	return {(row.policy_name, row.version): Policy.from_stored(json.loads(row.rules)) for row in rows}


def policy_of(country: str | None) -> Policy:
	"""Return the policy of a country, or without one a policy under which no one may be called."""
	return in_force().get(country or "", policies.NONE)


def mark_used(used: set[tuple[str, str]]) -> None:
	"""Mark these (name, version) policies as used: they have decided, so they no longer change.

	Written once per request or job.
	"""
	if not hasattr(frappe.local, "dialer_used_policies"):
		frappe.local.dialer_used_policies = set()
	new = used - frappe.local.dialer_used_policies
	for name, version in new:
		frappe.db.sql(
			"update `tabDialer Policy` set used = 1 where policy_name = %s and version = %s and used = 0",
			(name, version),
		)
	if new:
		frappe.db.after_commit.add(lambda: frappe.local.dialer_used_policies.update(new))
