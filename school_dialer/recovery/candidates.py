"""The recipients to whom calls that a database forgot may belong."""

import json
from collections.abc import Collection
from datetime import datetime

import frappe

from school_dialer.base import clock, states
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.retries import READ
from school_dialer.campaigns.standstill import may_have_been_called
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.recovery.belonging import Candidate

COLUMNS = "recipient." + ", recipient.".join(READ)


class Candidates:
	"""The recipients of campaigns that may have called since a time (aware). Rows are read once."""

	def __init__(self, since: datetime):
		self.campaigns = tuple(
			frappe.get_all(
				"Dialer Campaign",
				filters={"planned_at": ("is", "set")},
				or_filters=[["ended_at", "is", "not set"], ["ended_at", ">=", clock.to_db(since)]],
				pluck="name",
				order_by="name",
			)
		) + tuple(
			frappe.get_all(
				"Dialer Campaign",
				{"planned_at": ("is", "not set"), "status": ("in", (states.PREPARING, states.PAUSED))},
				pluck="name",
				order_by="name",
			)
		)
		self.read: dict[str, Candidate] = {}
		self.by_phone: dict[str, list[Candidate]] = {}
		self._all_read = False

	def of(self, numbers: Collection[str]) -> None:
		"""Read the recipients of these numbers as the carrier shows them; all of them if some are hidden."""
		if not self.campaigns:
			return
		if any(not number or "X" in number for number in numbers) and not self._all_read:
			self._all_read = True
			self._take(f"select {COLUMNS}{FROM}", ())
		if not self._all_read:
			self._take(f"select {COLUMNS}{FROM} and recipient.phone in %(numbers)s", numbers)
			self._take(f"select {COLUMNS}{FROM} and recipient.name in ({OF_OTHER_NUMBERS})", numbers)

	def fitting(self, shown: str) -> list[Candidate]:
		"""Return the recipients that may have this number, oldest campaign first."""
		if shown and "X" not in shown:
			return self.by_phone.get(shown, [])
		return list(self.read.values())

	def read_again(self, names: Collection[str]) -> None:
		"""Read what was written on these recipients: their line, and its seal."""
		if not names:
			return
		for row in frappe.get_all(
			"Dialer Recipient", {"name": ("in", list(names))}, list(READ), order_by="name"
		):
			self.read[row.name].row.update({**row, "students": tuple(json.loads(row.students or "[]"))})

	def _take(self, sql: str, numbers: Collection[str]) -> None:
		rows = frappe.db.sql(
			sql + " order by campaign.started_at, recipient.name",
			{"campaigns": self.campaigns, "numbers": (*sorted(numbers), "")},
			as_dict=True,
		)
		new = [row for row in rows if row.name not in self.read]
		rows_of, _strange = parties.read([row.name for row in new])
		for row in new:
			row.lines = parties.points_of(rows_of.get(row.name, ()))
			if row.name not in self.read:
				candidate = self.read[row.name] = candidate_of(row)
				for phone in candidate.phones:
					self.by_phone.setdefault(phone, []).append(candidate)


FROM = """, recipient.status, recipient.outcome, recipient.last_call_log, recipient.fallback,
	recipient.school, recipient.fallback_of, campaign.purpose, campaign.started_at, campaign.ended_at,
	campaign.template, campaign.text_fallback, log.status_rank last_rank, log.phone last_phone
	from `tabDialer Recipient` recipient
	join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
	left join `tabDialer Call Log` log on log.name = recipient.last_call_log
	where recipient.campaign in %(campaigns)s"""


OF_OTHER_NUMBERS = """select party.parent from `tabDialer Party` party
	where party.campaign in %(campaigns)s and party.phone in %(numbers)s"""


def candidate_of(row) -> Candidate:
	lines = [line.phone for line in row.lines]
	row.students = tuple(json.loads(row.students or "[]"))
	return Candidate(
		row.name,
		row.channel,
		row.status,
		tuple(dict.fromkeys([row.phone, *lines])),
		clock.from_db(row.started_at),
		clock.from_db(row.ended_at),
		emergency=row.purpose == EMERGENCY,
		follows=bool(row.text_fallback and not row.fallback and not row.fallback_of),
		kept_back=row.status == states.NOT_REACHED and row.outcome == may_have_been_called(),
		row=row,
	)
