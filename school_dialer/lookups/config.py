"""Look-ups in Dialer Settings: what is asked, how long an answer holds, and what it may cost."""

from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.lookups.budget import Budget, amount

LINE_TYPE, REASSIGNED = "line_type_intelligence", "reassigned_number"
"""What can be asked: the words of Twilio's Lookup v2."""
FRESH_DAYS = 30
"""How long an answer holds if the settings do not say."""


def packages() -> tuple[str, ...]:
	"""Return what is asked about each number, which may be nothing."""
	doc = frappe.get_cached_doc("Dialer Settings")
	wanted = ((LINE_TYPE, doc.lookup_line_type), (REASSIGNED, doc.lookup_reassigned))
	return tuple(name for name, asked in wanted if asked)


def budget() -> Budget:
	"""Return the limits, the price of one number, and what was spent this day and month in site time."""
	doc, now = frappe.get_cached_doc("Dialer Settings"), clock.db_now()
	prices = {LINE_TYPE: doc.lookup_line_type_price, REASSIGNED: doc.lookup_reassigned_price}
	today = now.replace(hour=0, minute=0, second=0, microsecond=0)
	return Budget(
		sum((amount(prices[name]) for name in packages()), amount(0)),
		amount(doc.lookup_most_per_day),
		amount(doc.lookup_most_per_month),
		spent_since(today),
		spent_since(today.replace(day=1)),
	)


def spent_since(moment: datetime):
	rows = frappe.db.sql(
		"select ifnull(sum(cost), 0) from `tabDialer Number Lookup` where asked_at >= %s", (moment,)
	)
	return amount(round(rows[0][0], 6))


def missing() -> list[str]:
	"""Return what Dialer Settings lack for look-ups, one sentence each."""
	doc, asked = frappe.get_cached_doc("Dialer Settings"), packages()
	lacking = []
	if not asked:
		lacking.append(_("Choose what is looked up in Dialer Settings, under Number Look-ups."))
	priced = {LINE_TYPE: doc.lookup_line_type_price, REASSIGNED: doc.lookup_reassigned_price}
	if any(not amount(priced[name]) for name in asked):
		lacking.append(_("Enter the price of a look-up in Dialer Settings, so that the limits can hold."))
	if not amount(doc.lookup_most_per_day) or not amount(doc.lookup_most_per_month):
		lacking.append(_("Enter what look-ups may cost in a day and in a month in Dialer Settings."))
	return lacking


def check_ready() -> None:
	if lacking := missing():
		throw("<br>".join(lacking), title=_("Dialer Settings are not complete"))


def fresh_since() -> datetime:
	"""Return since when an answer still holds: naive, in the site time zone."""
	days = int(frappe.get_cached_doc("Dialer Settings").lookup_fresh_days or FRESH_DAYS)
	return clock.db_now() - timedelta(days=days)
