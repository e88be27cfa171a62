"""What a rule looks for.

Each kind reads records of other apps and returns which students to call about, and why not others.

Other apps add kinds through the hook ``dialer_rule_kinds``: a list of dotted paths to subclasses of `Kind`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import frappe
from frappe import _

from school_dialer.audience.filters.education import current_academic_year
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.moved import renamed
from school_dialer.schools import belonging
from school_dialer.schools import scope as scopes


@dataclass(frozen=True, slots=True)
class Trigger:
	"""One thing to call about. A rule never calls twice for the same ``key`` (at most 140 characters).

	``since`` is when it happened (aware; None means now). The rule's wait counts from then. ``details`` fills
	campaign_details in the message, for kinds that call an audience. ``records`` are the names of the records
	of ``record_doctype`` that show it: the message's fields of that DocType speak of these, and of no others.
	"""

	key: str
	student: str = ""
	since: datetime | None = None
	details: str = ""
	record_doctype: str = ""
	records: tuple[str, ...] = ()

	def written(self) -> str | None:
		"""Return the names of the records as a case keeps them: one on each line."""
		return "\n".join(self.records) or None


@dataclass(slots=True)
class Found:
	"""The result of a search: what to call about, and which students not to call about."""

	occasions: list[Trigger] = field(default_factory=list)
	others: dict[str, str] = field(default_factory=dict)
	"""Students who came close, each with the reason (in words) for not calling about them."""


class Kind(ABC):
	label: ClassVar[str]
	"""As stored in Dialer Rule.kind; translated for display."""
	purposes: ClassVar[tuple[str, ...]]
	"""The purposes such a rule may call for, the usual one first. Never Emergency: that needs a second person
	every time.
	"""
	needs: ClassVar[tuple[str, ...]] = ()
	"""DocTypes, or "DocType.fieldname", that the site must have to offer this kind."""
	settings: ClassVar[tuple[str, ...]] = ()
	"""Fields of Dialer Rule this kind reads, in addition to those every rule has."""
	continuous: ClassVar[bool] = False
	"""Looks every minute and calls once each occasion's wait is over, instead of once a day at the rule's
	time.
	"""
	audience: ClassVar[bool] = False
	"""Calls the audience chosen in the rule, with one campaign per occasion, instead of guardians of
	students.
	"""
	gone: ClassVar[str] = ""
	"""Why a student is no longer called about, if `Found.others` gives no reason."""
	same_for_all_rules: ClassVar[bool] = False
	"""A trigger's key means the same in all rules of this kind, whatever their settings.

	Only then does a second rule not call who heard about it from another one on the same day.
	"""

	def __init__(self, rule):
		self.rule = rule

	@classmethod
	def missing(cls) -> str | None:
		"""Return the first thing this kind needs that the site lacks."""
		for need in cls.needs:
			doctype, _dot, fieldname = need.partition(".")
			if not frappe.db.exists("DocType", doctype, cache=True):
				return need
			if fieldname and not frappe.get_meta(doctype).has_field(fieldname):
				return need
		return None

	def same_things(self, other: Any) -> bool:
		"""Return whether a key means the same in this rule as in another one of the kind.

		``other`` has the fields of Dialer Rule.
		"""
		return self.same_for_all_rules

	def details_in(self, key: str, language: str) -> str:
		"""Return the details of one of this kind's triggers in another language; "" if there are none."""
		return ""

	def last_day(self, before: date) -> date | None:
		"""Return the last day before this one that has records for the rule to look at.

		None stands for any school day.
		"""
		return None

	def check(self) -> None:  # noqa: B027 (most kinds have nothing to check)
		"""Raise a ValidationError that says what to do if the rule's settings do not fit this kind."""

	@abstractmethod
	def opening(self) -> str:
		"""Return the first words of the rule's sentence, up to "call"."""

	def once(self) -> str:
		"""Return how often a call is made about the same thing."""
		return _("once a day")

	def mass(self) -> str:
		"""Return the end of "stop and ask when more than 50 ..."."""
		return _("students are meant")

	def found(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		"""Return what `find` does, limited to the rule's own students."""
		members = self.members()
		if members is None:
			return self.find(days, students)
		return self.find(days, members if students is None else members.intersection(students))

	def members(self) -> set[str] | None:
		"""Return the students the rule is limited to, by its school too, or None if it covers everyone."""
		schools = scopes.scope_of(self.rule).schools
		pupils = belonging.students_of(schools) if schools else None
		if not self.rule.only_of:
			return pupils
		values = {"group": self.rule.only_of}
		if self.rule.only_of_doctype == PROGRAM:
			values["year"] = current_academic_year() or None
		rows = frappe.db.sql(MEMBERS[self.rule.only_of_doctype], values)
		members = {student for (student,) in rows}
		return members if pupils is None else members & pupils

	def who(self) -> str:
		"""Return a student of the rule, in words."""
		return _("a student of {0}").format(self.rule.only_of) if self.rule.only_of else _("a student")

	@abstractmethod
	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		"""Return what there is to call about; if ``students`` are given, only about them.

		``days`` (site time zone) starts with the day of the run. More days follow when the run also covers
		days on which nothing runs. Called again for each chunk just before dialing, so the number of queries
		must not depend on how many students there are.
		"""

	def population(self, days: Sequence[date]) -> int:
		"""Return how many students the found ones are part of."""
		members = self.members()
		return frappe.db.count("Student", {"enabled": 1}) if members is None else len(members)


PROGRAM = "Program"
MEMBERS = {
	"Student Group": """select student from `tabStudent Group Student`
		where parent = %(group)s and parenttype = 'Student Group' and active = 1""",
	PROGRAM: """select student from `tabProgram Enrollment` where program = %(group)s and docstatus = 1
		and (%(year)s is null or academic_year = %(year)s)""",
}
"""The students to whom a rule is limited. Those enrolled in an earlier year are in another grade by now."""


class UnknownKind(frappe.ValidationError):
	pass


def kinds() -> dict[str, type[Kind]]:
	"""Return all kinds of the installed apps by label, including those that lack something on this site.

	Looked up once per request or job.
	"""
	by_label = getattr(frappe.local, "dialer_rule_kinds", None)
	if by_label is None:
		classes = [frappe.get_attr(path) for path in frappe.get_hooks("dialer_rule_kinds")]
		by_label = {kind.label: kind for kind in classes}
		frappe.local.dialer_rule_kinds = by_label
	return by_label


def kind_of(rule) -> Kind:
	"""Return the rule's kind.

	Raises `UnknownKind` if no installed app has it or the site lacks something it needs.
	"""
	kind = kinds().get(rule.kind)
	if kind is None:
		throw(
			_("No installed app has a rule of the kind {0}.").format(plain_text.line(rule.kind)), UnknownKind
		)
	if missing := kind.missing():
		throw(
			_("A rule of the kind {0} needs {1}, which this site does not have.").format(
				_(kind.label), missing
			),
			UnknownKind,
		)
	return kind(rule)


def of_students(students: Collection[str] | None, column: str = "student") -> tuple[str, dict]:
	"""Return an SQL condition, with its values, that limits a query to these students. Empty for None."""
	if students is None:
		return "", {}
	return f" and {column} in %(students)s", {"students": tuple(students) or ("",)}


__getattr__ = renamed(__name__, {"Occasion": "Trigger"})
"""Rules of other apps may still use the names of before 1.0.0."""
