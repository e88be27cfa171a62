"""Kit items to the families of a class or to staff, prepared by one user and approved by another."""

import secrets
from typing import ClassVar

import frappe

from school_dialer.base.database.transactions import retried
from school_dialer.base.roles import AGENT, APPROVER
from school_dialer.emergency_kit import item_seal, starting
from school_dialer.emergency_kit.second_person import asks
from school_dialer.emergency_kit.starting import StartRequest
from tests.integration import factories as make
from tests.integration.factories import OURS
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user, remove_all, user
from tests.integration.with_carrier.households import SchoolClass

ITEM, START = item_seal.DOCTYPE, starting.DOCTYPE
CAMPAIGN = "Dialer Campaign"


class Kit:
	"""A class of families, an agent on duty, and two approvers. Commits; `remove` deletes what is ours."""

	made: ClassVar[list["Kit"]] = []

	def __init__(self, families: int = 2):
		self.agent, self.approver, self.second = user(AGENT), user(APPROVER), user(APPROVER)
		self.numbers = [make.unlisted_phone() for _ in range(families)]
		self.group = SchoolClass([{f"P{place}": [number]} for place, number in enumerate(self.numbers)]).group
		self.items: list[str] = []
		frappe.db.commit()
		self.made.append(self)

	def item(self, approved: bool = True, **values) -> str:
		"""Return an item to the families of the class, approved by `approver` if it is `approved`."""
		doc = {
			"doctype": ITEM,
			"title": f"{OURS}{secrets.token_hex(4)}",
			"emergency_type": "Fire",
			"channel": "Text",
			"audience_source": "Guardians of a Student Group",
			"audience_name": self.group,
			**values,
		}
		doc["template"] = values.get("template") or make.template("Emergency", said=SAID)
		name = frappe.get_doc(doc).insert().name
		frappe.db.commit()
		self.items.append(name)
		if approved:
			self.approve(name)
		return name

	def approve(self, name: str, seen: str | None = None, by: str | None = None) -> None:
		doc = frappe.get_doc(ITEM, name)
		digest = item_seal.digest_of(doc) if seen is None else seen
		as_user(by or self.approver, lambda: item_seal.approve(name, digest))

	def start(self, item: str, key: str = "", by: str | None = None, **more) -> str:
		starter = by or self.agent
		asked = StartRequest(item, key or secrets.token_hex(16), **more)
		return as_user(starter, lambda: retried(lambda: starting.start(asked, starter)))

	def campaign(self, start: str) -> frappe._dict:
		frappe.db.rollback()
		return frappe.get_doc(CAMPAIGN, frappe.db.get_value(START, start, "campaign"))

	def remove(self) -> None:
		starts = frappe.get_all(START, {"item": ("in", [*self.items, ""])}, ["name", "campaign"])
		for start in starts:
			frappe.db.sql(
				"update `tabDialer Campaign` set status = 'Cancelled', pending_notification = null, "
				"kit_start = null where name = %s",
				start.campaign,
			)
		frappe.db.delete(asks.DOCTYPE, {"start": ("in", [*(start.name for start in starts), ""])})
		frappe.db.delete(START, {"name": ("in", [*(start.name for start in starts), ""])})
		for name in self.items:
			frappe.delete_doc(ITEM, name, force=True)
		frappe.db.commit()


WORDS = "There is a fire at the school. Everyone is safe."
WITH_DETAILS = WORDS + ' {{ campaign_details | default("Please wait.") }}'
SAID = {"voice": WITH_DETAILS, "voicemail": WORDS, "text": WITH_DETAILS}


def clear() -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	while Kit.made:
		Kit.made.pop().remove()
	remove_all()
