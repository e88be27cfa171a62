"""Filter by how long ago a number was confirmed: whom to ask whether it is still right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
from frappe import _

from school_dialer.audience.filters.condition import Contacted, PeopleCondition, Sql, Written
from school_dialer.base import clock
from school_dialer.base.counted import counted
from school_dialer.lines.answer import NO_ANSWER, NO_DATA

OLDEST = 36_500
OLD = """select phone from `tabContact Consent`
	where status = 'Granted' and granted_at is not null {1} group by phone
	having min(greatest(granted_at, ifnull(last_verified_at, granted_at))) <= %({0}_before)s"""
UNCERTAIN = """ union select known.phone from `tabDialer Number Lookup` known
	where known.reassigned in %({0}_unknown)s {1} and not exists (
		select 1 from `tabDialer Number Lookup` later
		where later.phone = known.phone and later.asked_at > known.asked_at)"""
OF_THESE = "and phone in %({0}_phones)s"


@dataclass(frozen=True)
class OldConsent(PeopleCondition):
	"""People at a number whose consent was last given or confirmed at least `days` days ago.

	With `uncertain`, also those whose number's latest look-up had no data or no answer. A person who answers
	meanwhile is not called any more.
	"""

	kind = "Consent Age"
	changes = True
	reads = ("Contact Consent",)
	days: int
	uncertain: bool = False

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "OldConsent":
		uncertain = written.yes_or_no("uncertain") if written.has("uncertain") else False
		return cls(written.integer("days", 1, OLDEST), uncertain)

	def as_json(self) -> dict[str, Any]:
		return {"days": self.days, "uncertain": self.uncertain}

	def met(self, people: list[Contacted]) -> list[bool]:
		phones = tuple({person.phone for person in people if person.phone}) or ("",)
		query = self.numbers("x", OF_THESE.format("x"))
		matching = {phone for (phone,) in frappe.db.sql(query, {**self.values("x"), "x_phones": phones})}
		return [person.phone in matching for person in people]

	def counted(self, doctype: str, subject: str, number: str, key: str) -> Sql:
		"""Compare the last ten digits, as a number on record may be written in any way."""
		digits = f"right(regexp_replace(ifnull({number}, ''), '[^0-9]', ''), 10)"
		return (
			f"{digits} in (select right(phone, 10) from ({self.numbers(key)}) {key}_number)",
			self.values(key),
		)

	def numbers(self, key: str, narrowed: str = "") -> str:
		return (OLD + (UNCERTAIN if self.uncertain else "")).format(key, narrowed)

	def values(self, key: str) -> dict[str, Any]:
		before = clock.db_now() - timedelta(days=self.days)
		return {f"{key}_before": before, f"{key}_unknown": (NO_DATA, NO_ANSWER)}

	def words(self) -> str:
		sentence = counted(
			self.days,
			_("whose number was last confirmed at least a day ago"),
			_("whose number was last confirmed at least {0} days ago"),
		)
		return _("{0}, or whose look-up gave no answer").format(sentence) if self.uncertain else sentence
