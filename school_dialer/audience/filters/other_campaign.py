"""Filter by the outcome of another campaign: reached, not reached, acknowledged, called, or on it at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _

from school_dialer.audience.filters.condition import Contacted, PeopleCondition, Sql, Written, quoted, refuse

REACHED, ACKNOWLEDGED, NOT_REACHED = "Reached", "Acknowledged", "Not Reached"
CALLED, ANY_OUTCOME = "Called", "Anybody"
OUTCOMES = {
	REACHED: "recipient.status = 'Reached'",
	ACKNOWLEDGED: """recipient.name in (select log.recipient from `tabDialer Call Log` log
		where log.campaign = %({0}_campaign)s and log.acknowledged = 1)""",
	NOT_REACHED: "recipient.status = 'Not Reached'",
	CALLED: "recipient.attempts > 0",
	ANY_OUTCOME: "1 = 1",
}
LIST = "File"
"""The person DocType of everyone on a list file, who has no record of their own."""


@dataclass(frozen=True)
class OtherCampaign(PeopleCondition):
	"""People on another campaign with this outcome.

	Matches by the person or by the first number on record, which a household may share. If one person per
	household is enough, it matches everyone who would have been called.
	"""

	kind = "Campaign"
	changes = True
	reads = ("Dialer Campaign",)
	campaign: str
	outcome: str

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "OtherCampaign":
		campaign, outcome = written.text("campaign"), written.text("outcome", OUTCOMES)
		if not frappe.db.exists("Dialer Campaign", campaign):
			refuse(_("There is no campaign {0}.").format(quoted(campaign)))
		return cls(campaign, outcome)

	def as_json(self) -> dict[str, Any]:
		return {"campaign": self.campaign, "outcome": self.outcome}

	def records(self) -> dict[str, tuple[str, ...]]:
		return {"Dialer Campaign": (self.campaign,)}

	def met(self, people: list[Contacted]) -> list[bool]:
		values = {
			"x_campaign": self.campaign,
			"phones": tuple({contact.phone for contact in people if contact.phone}) or ("",),
			"persons": tuple({contact.person for contact in people if contact.person}) or ("",),
		}
		lines = self.from_campaign("x")
		query = f"""select recipient.phone, '' person_doctype, '' person {lines}
			and recipient.phone in %(phones)s
			union select '', recipient.person_doctype, recipient.person {lines}
				and recipient.person in %(persons)s"""
		if self.shares_calls:
			query += f""" union select line.phone, line.person_doctype, line.person {
				self.from_campaign("x", LINES)
			}
				and (line.phone in %(phones)s or line.person in %(persons)s)"""
		rows = frappe.db.sql(query, values)
		phones = {phone for phone, *_person in rows}
		persons = {(doctype, person) for _phone, doctype, person in rows if doctype != LIST}
		return [
			bool(contact.phone and contact.phone in phones)
			or (contact.person_doctype, contact.person) in persons
			for contact in people
		]

	def counted(self, doctype: str, subject: str, number: str, key: str) -> Sql:
		lines = self.from_campaign(key)
		return (
			f"""({subject}.name in (select recipient.person {lines}
				and recipient.person_doctype = %({key}_doctype)s)
			or {number} in (select recipient.raw_phone {lines}))""",
			{f"{key}_campaign": self.campaign, f"{key}_doctype": doctype},
		)

	def from_campaign(self, key: str, more: str = "") -> str:
		return (
			f"from `tabDialer Recipient` recipient{more} where recipient.campaign = %({key}_campaign)s and "
			+ OUTCOMES[self.outcome].format(key)
		)

	@property
	def shares_calls(self) -> bool:
		reach = frappe.db.get_value("Dialer Campaign", self.campaign, "reach")
		return reach not in (None, "", "Everyone")

	def words(self) -> str:
		title = frappe.db.get_value("Dialer Campaign", self.campaign, "title") or self.campaign
		sentence = {
			REACHED: _("who was reached by “{0}”"),
			ACKNOWLEDGED: _("who acknowledged “{0}”"),
			NOT_REACHED: _("who was not reached by “{0}”"),
			CALLED: _("whom “{0}” called at least once"),
			ANY_OUTCOME: _("everybody on “{0}”"),
		}[self.outcome]
		return sentence.format(title)


LINES = """ join `tabDialer Party` line on line.parent = recipient.name
	and line.state not in ('Withheld', 'Withdrawn')"""
