"""Bring shipped messages up to date that the school left as they were.

In the closure of before, English said the details in place of "stay at home", and the other languages said
both, whatever had happened.
"""

from collections import defaultdict
from typing import Any

import frappe
from frappe import _

from school_dialer import staff
from school_dialer.campaigns.approval.locks import InUse
from school_dialer.emergency_kit import item_seal
from school_dialer.messages import defaults
from school_dialer.messages.store import TEMPLATE
from school_dialer.roles import APPROVER, MANAGER


def execute() -> None:
	"""Replace the words that are as an earlier version shipped them. Idempotent.

	A message that the school changed, or that a campaign uses now, stays as it is, and managers are notified.
	"""
	before = defaultdict(list)
	for data in defaults.superseded():
		before[data["template_name"]].append(data)
	for data in defaults.templates():
		name = data["template_name"]
		if name in before and frappe.db.exists(TEMPLATE, name):
			bring_up_to_date(frappe.get_doc(TEMPLATE, name), before[name], data)


def bring_up_to_date(doc: Any, before: list[dict], now: dict) -> None:
	if defaults.is_as_shipped(doc, now):
		return
	if any(defaults.is_as_shipped(doc, data) for data in before) and is_replaced(doc, now):
		if frappe.db.exists(item_seal.DOCTYPE, {"template": doc.name, "enabled": 1}):
			said = _("The words of {0} were brought up to date. Approve the emergency kit again.")
			staff.alarm(APPROVER, said.format(doc.name), TEMPLATE, doc.name)
		return
	said = _("{0} was changed by your school, so its new words were not taken. Compare its languages.")
	staff.alarm(MANAGER, said.format(doc.name), TEMPLATE, doc.name)


def is_replaced(doc: Any, now: dict) -> bool:
	"""Return whether the words were replaced: not while a campaign uses them."""
	try:
		defaults.say_as_shipped(doc, now)
	except InUse:
		frappe.clear_last_message()
		return False
	return True
