"""The conditions of a campaign or saved audience, combined.

A person is in the audience if all of `only` and none of `exclude` hold. Stored as JSON: `{"only": [{"kind":
"Student Group", "names": ["5A"]}], "except": [...]}`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import frappe
from frappe import _

from school_dialer.audience.columns import column
from school_dialer.audience.filters.condition import (
	Condition,
	Contacted,
	PeopleCondition,
	RecordCondition,
	Sql,
	Written,
	quoted,
	refuse,
)
from school_dialer.base import clock
from school_dialer.base.bounds import bounded_json
from school_dialer.base.wording import translated
from school_dialer.schools import belonging, zones
from school_dialer.schools import scope as scopes

ONLY, EXCEPT = "only", "except"
MOST_CONDITIONS = 20
LONGEST_JSON = 100_000
SCHOOLS = "of_schools"


@dataclass(frozen=True)
class Filters:
	day: date | None = None
	"""The day from which "the last 30 days" counts, at the campaign's school: today, or that of its start.

	None means that there are no filters.
	"""
	subjects: Mapping[str, str] = field(default_factory=dict)
	"""The DocTypes that the source's queries name, mapped to their aliases."""
	only: tuple[Condition, ...] = ()
	exclude: tuple[Condition, ...] = ()
	schools: frozenset[str] = frozenset()
	"""Only people of these schools; empty for all. The document names them, not the conditions."""
	days: Mapping[str, date] = field(default_factory=dict)
	"""The day at each school, and under "" on the site, if they are in several time zones and it differs."""

	@classmethod
	def of(cls, campaign, subjects: Mapping[str, str]) -> "Filters":
		"""Return the filters of a document, with or without a field `audience_filters`."""
		begins = clock.from_db(campaign.get("started_at")) or clock.now()
		day = zones.local(begins, campaign.get("school")).date()
		read = parsed(campaign.get("audience_filters"), subjects, day)
		scope = scopes.scope_of(campaign)
		days = {} if scope.name or not read else zones.days_at(begins)
		return replace(read, schools=scope.schools, days=days if len(set(days.values())) > 1 else {})

	def __bool__(self) -> bool:
		return bool(self.only or self.exclude)

	@property
	def conditions(self) -> tuple[Condition, ...]:
		return (*self.only, *self.exclude)

	@property
	def change(self) -> bool:
		return any(condition.changes for condition in self.conditions)

	def each(self) -> Iterator[tuple[str, Condition, bool]]:
		"""Yield (key, condition, wanted) for each condition. `wanted` is False for one that must not hold."""
		for index, condition in enumerate(self.only):
			yield f"only{index}", condition, True
		for index, condition in enumerate(self.exclude):
			yield f"not{index}", condition, False

	def sql(self, doctype: str, changing: bool = False) -> str:
		"""Return the conditions on the source's record of this DocType, each beginning with "and", or "".

		Their values are in `values`. `changing`: only the conditions that are rechecked before dialing.
		"""
		by_school = "" if changing else self.of_schools(doctype)
		return by_school + "".join(
			narrowing(self.sql_of(condition, key)[0], wanted)
			for key, condition, wanted in self.each()
			if isinstance(condition, RecordCondition) and condition.about == doctype
			if condition.changes or not changing
		)

	def of_schools(self, doctype: str) -> str:
		"""Return the SQL condition that the source's record is of the schools, or "".

		A guardian has no school: the students do. So does a member of staff, by their own record alone.
		"""
		first = next((subject for subject in self.subjects if subject in belonging.PEOPLE), None)
		if not self.schools or doctype != first:
			return ""
		return f" and {column(doctype, self.subjects[doctype], belonging.FIELD)} in %({SCHOOLS})s"

	def values(self) -> dict[str, Any]:
		bound: dict[str, Any] = {SCHOOLS: tuple(sorted(self.schools))} if self.schools else {}
		for key, condition, _wanted in self.each():
			if isinstance(condition, RecordCondition):
				bound |= self.sql_of(condition, key)[1]
		return bound

	def sql_of(self, condition: RecordCondition, key: str) -> Sql:
		"""Return (SQL, values) of a condition on a record, by the day at each person's school."""
		subject = self.subjects[condition.about]
		if not self.days or condition.about not in belonging.PEOPLE:
			return condition.sql(subject, key, self.day)
		school = f"ifnull({column(condition.about, subject, belonging.FIELD)}, '')"
		elsewhere: dict[date, list[str]] = {}
		for name, day in self.days.items():
			if day != self.days[""]:
				elsewhere.setdefault(day, []).append(name)
		others = [name for names in elsewhere.values() for name in names]
		parts, values = [], {}
		for index, (day, names) in enumerate(({self.days[""]: others} | elsewhere).items()):
			text, more = condition.sql(subject, f"{key}_{index}", day)
			there = "in" if index else "not in"
			parts.append(f"({school} {there} %({key}_{index}_schools)s and ({text}))")
			values |= {**more, f"{key}_{index}_schools": tuple(names)}
		return " or ".join(parts), values

	def counted(self, doctype: str, number: str) -> tuple[str, dict[str, Any]]:
		"""Return (SQL, values) of the conditions on people, for a count. See `PeopleCondition.counted`."""
		text, values = "", {}
		for key, condition, wanted in self.each():
			if isinstance(condition, PeopleCondition):
				condition_text, more = condition.counted(doctype, self.subjects[doctype], number, key)
				text, values = text + narrowing(condition_text, wanted), values | more
		return text, values

	def left_out(self, groups: list[list[Contacted]]) -> list[bool]:
		"""Return, for each group, whether it is left out.

		In a group one person speaks for all: if one meets a condition, the group does. Runs a fixed number of
		queries per condition.
		"""
		out = [False] * len(groups)
		places = [place for place, group in enumerate(groups) for _one in group]
		people = [person for group in groups for person in group]
		for _key, condition, wanted in self.each():
			if isinstance(condition, PeopleCondition) and people:
				met = condition.met(people)
				met_there = {place for place, yes in zip(places, met, strict=True) if yes}
				out = [before or (place in met_there) != wanted for place, before in enumerate(out)]
		return out

	@property
	def on_people(self) -> bool:
		return any(isinstance(condition, PeopleCondition) for condition in self.conditions)

	def dumped(self) -> str | None:
		if not self:
			return None
		written = {ONLY: self.only, EXCEPT: self.exclude}
		return json.dumps(
			{
				key: [{"kind": condition.kind, **condition.as_json()} for condition in conditions]
				for key, conditions in written.items()
				if conditions
			},
			ensure_ascii=False,
		)

	def words(self) -> dict[str, list[str]]:
		return {
			ONLY: [condition.words() for condition in self.only],
			EXCEPT: [condition.words() for condition in self.exclude],
		}

	def sentence(self) -> str:
		"""Return the filters in words that may be stored or read by others. They name no child."""
		lines = [_("Only: {0}").format(condition.kept_words()) for condition in self.only]
		return "\n".join(
			[*lines, *(_("Not: {0}").format(condition.kept_words()) for condition in self.exclude)]
		)


def narrowing(condition: str, wanted: bool) -> str:
	"""Append a condition. An unknown (null) result counts as not holding."""
	return f" and ({condition})" if wanted else f" and ({condition}) is not true"


def no_longer_meant() -> str:
	"""Return the reason why a planned recipient is not called after all."""
	return _("The campaign's filters no longer fit.")


def kinds() -> dict[str, type[Condition]]:
	"""Return the condition classes of all installed apps, by kind. Looked up once per request or job."""
	by_kind = getattr(frappe.local, "dialer_audience_conditions", None)
	if by_kind is None:
		classes = [frappe.get_attr(path) for path in frappe.get_hooks("dialer_audience_conditions")]
		by_kind = {condition.kind: condition for condition in classes}
		frappe.local.dialer_audience_conditions = by_kind
	return by_kind


def parsed(text: str | dict | None, subjects: Mapping[str, str], day: date | None = None) -> Filters:
	"""Parse filters from untrusted JSON. Raises `BadFilter`."""
	if not text:
		return Filters(subjects=subjects)
	written = opened(text)
	if unknown := written.keys() - {ONLY, EXCEPT}:
		refuse(_("Filters have no part {0}.").format(quoted(min(unknown))))
	parts = [written.get(part) or [] for part in (ONLY, EXCEPT)]
	if not all(isinstance(part, list) for part in parts) or sum(map(len, parts)) > MOST_CONDITIONS:
		refuse(_("Filters are lists of at most {0} conditions together.").format(MOST_CONDITIONS))
	only, exclude = (tuple(condition(entry, subjects) for entry in part) for part in parts)
	return Filters(day or clock.db_now().date(), subjects, only, exclude)


def opened(text: str | dict) -> dict[str, Any]:
	try:
		read = bounded_json.given(text, LONGEST_JSON)
		json.dumps(read, ensure_ascii=False).encode()
	except bounded_json.NotRead as refusal:
		refuse(_("The filters cannot be read: {0}").format(translated(refusal, _)))
	except (ValueError, TypeError):
		refuse(_("The filters are not valid JSON."))
	if not isinstance(read, dict):
		refuse(_("The filters are not valid JSON."))
	return read


def condition(written: Any, subjects: Mapping[str, str]) -> Condition:
	kind = written.get("kind") if isinstance(written, dict) else None
	kind_class = kinds().get(kind) if isinstance(kind, str) else None
	if kind_class is None:
		refuse(_("There is no condition of the kind {0}.").format(quoted(kind)))
	if not kind_class.offered(subjects):
		refuse(_("The condition {0} does not fit this audience on this site.").format(_(kind)))
	asked = Written(written, _(kind))
	read = kind_class.read(asked, subjects)
	asked.end()
	return read
