"""The audience of a drive's campaign: the families that its wave put into it and that still are to be asked.

Planning reads it, and each chunk is read again just before it is sent, so that an answer in between counts.
"""

import json
from collections.abc import Sequence

import frappe
from frappe import _

from school_dialer.audience.base import Candidate, ContactFacts, FactsQuery, Source
from school_dialer.audience.filters.condition import Contacted
from school_dialer.audience.guardians import GuardianSource
from school_dialer.audience.numbers import e164
from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import TEXT
from school_dialer.consent_drive import scope, stopping
from school_dialer.consent_drive.by_phone import who
from school_dialer.consent_drive.planning import FAMILY, OPEN
from school_dialer.consent_form import requests

RUNNING, ENDED = "Running", "Ended"
FIELDS = ("name", "drive", "person_doctype", "person", "people", "students", "language", "school", "request")
GUARDIAN = "Guardian"


class DriveFamilies(Source):
	"""One adult of each family, who agreed to be contacted on the campaign's channel for its purpose."""

	label = "Families of a consent drive"
	person_doctype = GUARDIAN
	offered = False
	rechecks = True

	def check(self) -> None:
		drive = self.campaign.get("consent_drive")
		if not drive:
			throw(_("A consent drive makes these campaigns. Add a wave by text or call to one."))
		state = frappe.db.get_value(scope.DOCTYPE, drive, "state")
		if state != RUNNING:
			throw(_("The consent drive of this campaign is {0}. Resume it first.").format(_(state)))

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		cursor: str | None = after
		people: list[Candidate] = []
		while cursor is not None and not people:
			rows = self.rows({"name": (">", cursor)}, limit)
			people = candidates(self.to_ask(rows))
			cursor = rows[-1].name if len(rows) == limit else None
		return people, cursor

	def rows(self, more: dict, limit: int) -> list[frappe._dict]:
		of_campaign = {"campaign": self.campaign.get("name") or "", "state": ("in", OPEN)}
		return frappe.get_all(FAMILY, {**of_campaign, **more}, FIELDS, order_by="name", limit=limit)

	def to_ask(self, rows: Sequence[frappe._dict]) -> list[frappe._dict]:
		"""Return the rows whose family has not answered by now. Takes a fixed number of queries."""
		drive = frappe.get_doc(scope.DOCTYPE, rows[0].drive) if rows else None
		if not drive or drive.state == ENDED:
			return []
		over = stopping.by_ledger(drive, rows).keys()
		answered = stopping.people_who_answered(drive.name, [row.person for row in rows])
		unanswered = [row for row in rows if row.name not in over and row.person not in answered]
		if self.campaign.channel != TEXT:
			return unanswered
		still = {"name": ("in", [row.request for row in unanswered] or [""]), "status": requests.WAITING}
		still["expires_on"] = (">=", clock.db_now().date())
		usable = set(frappe.get_all(requests.DOCTYPE, still, pluck="name"))
		return [row for row in unanswered if row.request in usable]

	def passed_over(self, households: list[list[Contacted]]) -> list[bool]:
		"""Return, for each person at a number, whether they are not to be asked there any more.

		The number has to be on the person's record still, with the consent without which no one is asked.
		"""
		people = {contact.person for household in households for contact in household if contact.person}
		rows = self.to_ask(self.rows({"person": ("in", sorted(people) or [""])}, len(people) + 1))
		of_person = {row.person: row for row in rows}
		on_record = {
			(guardian.person, number)
			for guardian in stopping.guardians(set(of_person))
			for number in map(e164, guardian.phones)
		}
		asked = [
			asked_at(of_person[contact.person], (contact.phone,), f"{place}")
			for place, household in enumerate(households)
			for contact in household
			if (contact.person, contact.phone) in on_record
		]
		about = scope.scope_of(frappe.get_doc(scope.DOCTYPE, rows[0].drive)).purpose if rows else ""
		may = who.purposes_of(asked, self.campaign.channel, about, {self.campaign.purpose})
		return [str(place) not in may for place in range(len(households))]

	def passed_over_because(self) -> str:
		return _("The family answered, or may not be asked in this way any more.")

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		return GuardianSource.standings(asked, emergency)


def candidates(rows: Sequence[frappe._dict]) -> list[Candidate]:
	"""Return the adults to ask, with their numbers as on record now."""
	guardian_of = {guardian.person: guardian for guardian in stopping.guardians({row.person for row in rows})}
	return [
		Candidate(
			GUARDIAN,
			row.person,
			guardian_of[row.person].person_name,
			guardian_of[row.person].phones,
			row.language or "",
			tuple(json.loads(row.students)),
		)
		for row in rows
		if row.person in guardian_of
	]


def asked_at(row: frappe._dict, phones: tuple[str, ...], key: str) -> who.Asked:
	return who.Asked(
		key, row.person_doctype, row.person, phones, tuple(json.loads(row.students)), row.school or ""
	)
