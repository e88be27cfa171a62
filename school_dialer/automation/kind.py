"""What a rule looks for. Each kind reads records of the other apps and says about whom to call, and why not about others.

Other apps add kinds through the hook ``dialer_rule_kinds``: a list of dotted paths to subclasses of `Kind`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

import frappe
from frappe import _

from school_dialer.bounds import plain_text


@dataclass(frozen=True, slots=True)
class Trigger:
	"""One thing to call about. A rule never calls twice for the same ``key`` (at most 140 characters).

	``since`` is when it came about (aware; None: now), from which the rule's wait counts. ``details`` is what a message says where
	it has campaign_details, for kinds that speak to an audience.
	"""

	key: str
	student: str = ""
	since: datetime | None = None
	details: str = ""


@dataclass(slots=True)
class Found:
	occasions: list[Trigger] = field(default_factory=list)
	others: dict[str, str] = field(default_factory=dict)
	"""Students who came near, and why they are not called about, in words."""


class Kind(ABC):
	label: ClassVar[str]
	"""As stored in Dialer Rule.kind; translated for display."""
	purposes: ClassVar[tuple[str, ...]]
	"""What such a rule may call about, the usual one first. Never Emergency: that needs a second person each time."""
	needs: ClassVar[tuple[str, ...]] = ()
	"""DocTypes, or "DocType.fieldname", without which the site does not offer this kind."""
	settings: ClassVar[tuple[str, ...]] = ()
	"""Fields of Dialer Rule that it reads, besides those of every rule."""
	continuous: ClassVar[bool] = False
	"""Looks each minute and calls once the wait of each occasion is over, not once a day at the rule's time."""
	audience: ClassVar[bool] = False
	"""Calls the audience that is chosen in the rule, one campaign for each occasion, and not guardians of students."""
	gone: ClassVar[str] = ""
	"""Why a student is not called about any more, when `Found.others` does not say."""

	def __init__(self, rule):
		self.rule = rule

	@classmethod
	def missing(cls) -> str | None:
		"""The first thing that it needs and this site lacks."""
		for need in cls.needs:
			doctype, _dot, fieldname = need.partition(".")
			if not frappe.db.exists("DocType", doctype, cache=True):
				return need
			if fieldname and not frappe.get_meta(doctype).has_field(fieldname):
				return need
		return None

	def check(self) -> None:  # noqa: B027 (most kinds have nothing to check)
		"""Raise a ValidationError that says what to do when the rule's settings do not fit this kind."""

	@abstractmethod
	def opening(self) -> str:
		"""The first words of the sentence, up to "call"."""

	def once(self) -> str:
		"""How often the same thing is told."""
		return _("once a day")

	def mass(self) -> str:
		"""The end of "stop and ask when more than 50 ..."."""
		return _("students are meant")

	def found(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		"""As `find`, of the rule's own students only."""
		members = self.members()
		if members is None:
			return self.find(days, students)
		return self.find(days, members if students is None else members.intersection(students))

	def members(self) -> set[str] | None:
		"""The students to whom the rule is limited; None when it is for all."""
		if not self.rule.only_of:
			return None
		rows = frappe.db.sql(MEMBERS[self.rule.only_of_doctype], self.rule.only_of)
		return {student for (student,) in rows}

	def who(self) -> str:
		"""A student of the rule, in words."""
		return _("a student of {0}").format(self.rule.only_of) if self.rule.only_of else _("a student")

	@abstractmethod
	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		"""What there is to call about, about these students only when some are given.

		``days`` (site time) begin with the day of the run; others follow when it stands for days on which nothing runs.
		Asked again for each chunk just before dialing, so a number of queries that does not depend on how many there are.
		"""

	def population(self, days: Sequence[date]) -> int:
		"""Of how many students those found are a part."""
		members = self.members()
		return frappe.db.count("Student", {"enabled": 1}) if members is None else len(members)


MEMBERS = {
	"Student Group": """select student from `tabStudent Group Student`
		where parent = %s and parenttype = 'Student Group' and active = 1""",
	"Program": "select student from `tabProgram Enrollment` where program = %s and docstatus = 1",
}


class UnknownKind(frappe.ValidationError):
	pass


def kinds() -> dict[str, type[Kind]]:
	"""All kinds of the installed apps by label, also those that lack something on this site. Looked up once a request or job."""
	found = getattr(frappe.local, "dialer_rule_kinds", None)
	if found is None:
		classes = [frappe.get_attr(path) for path in frappe.get_hooks("dialer_rule_kinds")]
		found = {kind.label: kind for kind in classes}
		frappe.local.dialer_rule_kinds = found
	return found


def kind_of(rule) -> Kind:
	kind = kinds().get(rule.kind)
	if kind is None:
		frappe.throw(
			_("No installed app has a rule of the kind {0}.").format(plain_text.line(rule.kind)), UnknownKind
		)
	if missing := kind.missing():
		frappe.throw(
			_("A rule of the kind {0} needs {1}, which this site does not have.").format(
				_(kind.label), missing
			),
			UnknownKind,
		)
	return kind(rule)


def of_students(students: Collection[str] | None, column: str = "student") -> tuple[str, dict]:
	"""A condition, and its value, that narrows a query to these students, or nothing."""
	if students is None:
		return "", {}
	return f" and {column} in %(students)s", {"students": tuple(students) or ("",)}
