"""The records that a rule's campaign is about, so that its message says what the rule noticed.

Without them a message about a low result in mathematics would say the latest result, in music.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import frappe

from school_dialer.messages.model import Subject
from school_dialer.messages.providers.family import students_of

Row = TypeVar("Row", bound=Mapping[str, Any])
IN_CAMPAIGN = "In Campaign"


@dataclass(frozen=True, slots=True)
class CaseRecords:
	"""Names of records of one DocType by campaign and student, for the campaigns that are about some.

	A case without a student, such as an event, is that of "".
	"""

	by_campaign: Mapping[str, Mapping[str, Collection[str]]]

	@classmethod
	def of(cls, subjects: Iterable[Subject], doctype: str) -> "CaseRecords":
		"""Read what the campaigns of a chunk are about, in one query.

		A case that was withdrawn counts as one without records: nothing else is said in its place. To try a
		campaign again is about the cases of the first one.
		"""
		campaigns = {subject.campaign for subject in subjects if subject.campaign}
		if not campaigns:
			return cls({})
		rows = frappe.db.sql(
			"""select campaign.name, case_.student, case_.status, case_.records
			from `tabDialer Campaign` campaign
			join `tabDialer Rule Case` case_
				on case_.campaign = ifnull(nullif(campaign.resends, ''), campaign.name)
			where campaign.name in %s and case_.record_doctype = %s
			order by campaign.name, case_.due_at, case_.name""",
			(tuple(campaigns), doctype),
		)
		by_campaign: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
		for campaign, student, status, records in rows:
			names = (records or "").splitlines() if status == IN_CAMPAIGN else ()
			by_campaign[campaign][student or ""].update(dict.fromkeys(names))
		return cls(by_campaign)

	@property
	def names(self) -> list[str]:
		"""Return the names of all these records; one that does not exist if there are none, for SQL."""
		return sorted(
			{name for of in self.by_campaign.values() for names in of.values() for name in names}
		) or [""]

	def about(self, subject: Subject, student: str = "") -> Collection[str] | None:
		"""Return the records that the subject's campaign is about, or None if it is about none of these."""
		campaign = self.by_campaign.get(subject.campaign)
		return None if campaign is None else campaign.get(student, ())

	def chosen(
		self, subject: Subject, rows: Mapping[str, list[Row]], usual: Callable[[Row], bool] = lambda row: True
	) -> dict[str, list[Row]]:
		"""Return the subject's students with their rows: those of the cases, or else the ``usual`` ones."""
		by_student = {}
		for student in students_of(subject):
			names = self.about(subject, student)
			by_student[student] = [
				row
				for row in rows.get(student, ())
				if (usual(row) if names is None else row["name"] in names)
			]
		return by_student
