"""Bring shipped messages up to date that the school left as they were, at each update of the app.

In the closure of before, English said the details in place of "stay at home", and the other languages said
both, whatever had happened.

An approval of the emergency kit covers the words. With other words nothing of it starts until someone
approves it again, and an update may come the night before a closure. So a message of an approved item keeps
its words, and the new ones are offered in a message beside it.
"""

import json
from collections import defaultdict
from itertools import count
from typing import Any

import frappe
from frappe import _

from school_dialer.base import site_values
from school_dialer.base.roles import APPROVER, MANAGER
from school_dialer.campaigns.approval.locks import InUse
from school_dialer.emergency_kit import item_seal
from school_dialer.messages import defaults
from school_dialer.messages.store import TEMPLATE
from school_dialer.schools import staff

NOTIFIED = "dialer_shipped_words_notified"
CHANGED, USED, REFUSED, OFFERED = "changed", "used", "refused", "offered"


def bring_up_to_date() -> None:
	"""Replace the words that are as an earlier version shipped them. Idempotent.

	A message that the school changed, that a campaign uses now, or that is part of an approved item of the
	emergency kit stays as it is. Staff are notified once for each version of its words. What kept a message
	back may be over at the next update, which tries it again.
	"""
	before = defaultdict(list)
	for data in defaults.superseded():
		before[data["template_name"]].append(data)
	for data in defaults.templates():
		name = data["template_name"]
		if name in before and frappe.db.exists(TEMPLATE, name):
			bring_one(frappe.get_doc(TEMPLATE, name), before[name], data)


def bring_one(doc: Any, before: list[dict], now: dict) -> None:
	if defaults.is_as_shipped(doc, now):
		return
	version = len(before) + 1
	if not any(defaults.is_as_shipped(doc, data) for data in before):
		notify(CHANGED, doc.name, version)
	elif not in_kit(doc.name):
		if hindrance := refused(doc, now):
			notify(hindrance, doc.name, version)
	elif is_first(OFFERED, doc.name, version):
		offer(doc, now, version)


def in_kit(template: str) -> bool:
	"""Return whether an item of the emergency kit says these words and is approved as it is now."""
	items = frappe.get_all(item_seal.DOCTYPE, {"template": template}, ["*"], order_by="name")
	return any(map(item_seal.is_approved, items))


def offer(doc: Any, now: dict, version: int) -> None:
	"""Insert the new words as a message beside this one, and notify those who use and approve the kit."""
	beside = frappe.copy_doc(doc)
	names = (f"{doc.name} {number}" for number in count(2))
	beside.template_name = next(name for name in names if not frappe.db.exists(TEMPLATE, name))
	if hindrance := refused(beside, now):
		notify(hindrance, doc.name, version)
		return
	keep(OFFERED, doc.name, version)
	message = _(
		"The emergency kit says {0} as it was approved, and starts as before. {1} has the new words, which "
		"say the same in every language. To use them, choose {1} in the kit, and have an emergency approver "
		"approve it right away: until then it cannot be started."
	).format(doc.name, beside.name)
	for role in (APPROVER, MANAGER):
		staff.alarm(role, message, TEMPLATE, beside.name)


def refused(doc: Any, now: dict) -> str:
	"""Give a message the new words and return "", or return what keeps it from being saved."""
	try:
		defaults.say_as_shipped(doc, now)
	except frappe.ValidationError as error:
		frappe.clear_last_message()
		return USED if isinstance(error, InUse) else REFUSED
	return ""


def notify(why: str, template: str, version: int) -> None:
	"""Notify managers, once, why a message did not get its new words."""
	if not is_first(why, template, version):
		return
	keep(why, template, version)
	message = {
		CHANGED: _("{0} was changed by your school, so its new words were not taken. Compare its languages."),
		USED: _(
			"A campaign uses {0}, so its new words were not taken. The next update takes them. Compare its "
			"languages until then."
		),
		REFUSED: _("The new words of {0} could not be saved. Open it and save it to see what is wrong."),
	}[why]
	staff.alarm(MANAGER, message.format(template), TEMPLATE, template)


def is_first(why: str, template: str, version: int) -> bool:
	return [why, template, version] not in notified()


def keep(why: str, template: str, version: int) -> None:
	site_values.write(NOTIFIED, json.dumps([*notified(), [why, template, version]]))


def notified() -> list[list]:
	return json.loads(site_values.read(NOTIFIED) or "[]")


def forget() -> None:
	site_values.forget(NOTIFIED)
