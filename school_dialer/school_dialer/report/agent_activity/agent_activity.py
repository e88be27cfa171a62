"""What each staff member did.

Opt-outs and consents recorded, campaigns started and approved, reviews closed.
"""

from collections import Counter, defaultdict
from datetime import datetime

import frappe
from frappe import _

from school_dialer.reporting.table import above, charted, column, figure, period
from school_dialer.reporting.table import labels as chart_labels
from school_dialer.schools import rows as school_rows

DAYS = 30
BY_STAFF = ("Agent", "Ticket", "E-mail", "Signed Form", "Enrolment", "Import")
"""Sources of events that a staff member recorded."""
ACTS = ("opt_outs", "wrong_numbers", "consents", "verified", "started", "approved", "reviews")
IN_SUMMARY = ("opt_outs", "consents", "started", "approved")
KINDS = {"Opt Out": "opt_outs", "Wrong Number": "wrong_numbers", "Grant": "consents", "Verify": "verified"}


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	begin, before = period(filters, DAYS)
	acts = read(begin, before)
	names = staff(acts)
	rows = []
	for user, full_name in names.items():
		if not filters.user or user == filters.user:
			counts = {act: acts[user][act] for act in ACTS}
			rows.append({"user": user, "full_name": full_name, **counts, "total": acts[user].total()})
	rows.sort(key=lambda row: (-row["total"], row["user"]))
	empty = _("Staff did none of this in these days. Choose an earlier first day, or clear a filter.")
	return columns(), rows, above(rows, empty), chart(rows), summary(rows)


def read(begin: datetime, before: datetime) -> dict[str, Counter]:
	"""Return the counts of acts by user."""
	acts: dict[str, Counter] = defaultdict(Counter)
	events = frappe.db.sql(
		"""select actor, kind, count(*) from `tabConsent Event` where kind in %s and effective_at >= %s
		and effective_at < %s and source in %s"""
		+ school_rows.narrowing("Consent Event")
		+ " group by actor, kind",
		(tuple(KINDS), begin, before, BY_STAFF),
	)
	for actor, kind, count in events:
		acts[actor or ""][KINDS[kind]] += count
	for act, doctype, who, when in (
		("started", "Dialer Campaign", "requested_by", "started_at"),
		("approved", "Dialer Campaign", "approved_by", "approved_at"),
		("reviews", "Dialer Review", "closed_by", "closed_at"),
	):
		for user, count in counted(doctype, who, when, begin, before):
			acts[user][act] += count
	return acts


def counted(doctype: str, who: str, when: str, begin: datetime, before: datetime) -> list[tuple[str, int]]:
	"""Return how often each user acted. Names of DocType and columns come only from `read`."""
	return frappe.db.sql(
		f"""select {who}, count(*) from `tab{doctype}`
		where {when} >= %s and {when} < %s and ifnull({who}, '') != ''"""
		+ school_rows.narrowing(doctype)
		+ f" group by {who}",
		(begin, before),
	)


def staff(acts: dict[str, Counter]) -> dict[str, str]:
	"""Return user -> full name for those who acted and are users of the Desk."""
	if not acts:
		return {}
	users = frappe.get_all(
		"User",
		{"name": ("in", list(acts)), "user_type": "System User"},
		["name", "full_name"],
		order_by="name",
	)
	return {user.name: user.full_name for user in users}


def labels() -> dict[str, str]:
	return {
		"opt_outs": _("Opt-outs logged"),
		"wrong_numbers": _("Wrong numbers"),
		"consents": _("Consents recorded"),
		"verified": _("Numbers verified"),
		"started": _("Campaigns started"),
		"approved": _("Emergencies approved"),
		"reviews": _("Reviews closed"),
	}


def short_labels() -> dict[str, str]:
	return {
		"opt_outs": _("Opt-outs"),
		"wrong_numbers": _("Wrong"),
		"consents": _("Consents"),
		"verified": _("Verified"),
		"started": _("Started"),
		"approved": _("Approved"),
		"reviews": _("Reviews"),
	}


def columns() -> list[dict]:
	return [
		column("user", _("User"), "Link", 220, options="User"),
		column("full_name", _("Name"), "Data", 180),
		*(column(act, label, "Int", 165) for act, label in labels().items()),
		column("total", _("Total"), "Int", 90),
	]


def chart(rows: list[dict]) -> dict | None:
	if not rows:
		return None
	shown = charted(rows, (row["full_name"] or row["user"] for row in rows))
	return {
		"type": "bar",
		"barOptions": {"stacked": True},
		"data": {
			"labels": chart_labels(row["full_name"] or row["user"] for row in shown),
			"datasets": [
				{"name": label, "values": [row[act] for row in shown]}
				for act, label in short_labels().items()
			],
		},
	}


def summary(rows: list[dict]) -> list[dict]:
	return [
		figure(_("People"), len(rows)),
		*(figure(labels()[act], sum(row[act] for row in rows)) for act in IN_SUMMARY),
	]
