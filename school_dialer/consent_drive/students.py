"""Each student of a drive: who may speak for them, how their family stands, and their class.

A page of a thousand students takes a fixed number of queries.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import frappe

from school_dialer.audience.base import Candidate, FactsQuery
from school_dialer.audience.columns import existing
from school_dialer.audience.guardians import candidate
from school_dialer.consent_drive import scope as scopes
from school_dialer.consent_drive.outcomes import LAPSING, Standing, of_family
from school_dialer.consent_form import requests
from school_dialer.reporting import coverage
from school_dialer.schools import registry

PAGE = 1000
HOMEROOM = "Batch"
"""What a Student Group is based on that stands for a class. Of several the first by name counts."""


@dataclass(slots=True)
class Pupil:
	"""One student. `adults`, in call order, may hear of the student and have not refused; one is `asked`."""

	name: str
	shown: str
	born: date | None
	school: str
	group: str
	language: str
	adults: tuple[Candidate, ...]
	outcome: str
	asked: Candidate | None

	@property
	def covered(self) -> bool:
		"""Whether some adult may be called now."""
		return self.outcome in (coverage.CONSENTED, LAPSING)


def read_students(drive) -> Iterator[Pupil]:
	"""Yield the students of a drive's audience. Raises ValidationError if there is no audience."""
	scope, source = scopes.scope_of(drive), scopes.source_of(drive)
	declined = people_who_declined()
	group = (
		drive.get("audience_name") if drive.get("audience_source") == "Guardians of a Student Group" else ""
	)
	after: str | None = ""
	while after is not None:
		households, after = source.eligible_households(after, PAGE)
		for pupil in judged(households, scope, declined):
			if not scope.language or pupil.language == scope.language:
				pupil.group = group or pupil.group
				yield pupil


def judged(
	households: list[list[Candidate]], scope: scopes.Scope, declined: set[tuple[str, str]]
) -> list[Pupil]:
	allowed, language_of = who_may_hear(households), cache(registry.language)
	people = list({one.person: one for adults in households for one in adults}.values())
	at_once = standings_of(people, scope, None)
	later = standings_of(people, scope, scope.later) if scope.later else at_once
	names = [adults[0].students[0] for adults in households if adults and adults[0].students]
	known, groups = records(names), groups_of(names)
	found = []
	for adults in households:
		if not adults or not adults[0].students:
			continue
		student = adults[0].students[0]
		speaking = tuple(one for one in adults if (one.person, student) in allowed)
		standings = [
			Standing(at_once[one.person], later[one.person], (one.person_doctype, one.person) in declined)
			for one in speaking
		]
		outcome, place = of_family(standings)
		asked = speaking[place] if place is not None else None
		signing = tuple(one for one, how in zip(speaking, standings, strict=True) if not how.refused)
		shown, born, school = known.get(student, ("", None, ""))
		language = ((asked or adults[0]).language or language_of(school) or "en").split("-")[0]
		group = groups.get(student, "")
		found.append(Pupil(student, shown, born, school, group, language, signing, outcome, asked))
	return found


def who_may_hear(households: list[list[Candidate]]) -> set[tuple[str, str]]:
	"""Return (adult, student) where the contact permission lets the school speak to the adult."""
	asked, reader = [], scopes.sources()["All guardians"]
	for adults in households:
		for one in adults:
			for student in one.students:
				asked.append(FactsQuery(f"{one.person}|{student}", one.person, (student,), "", one.read))
	facts = reader.standings(asked, emergency=False)
	return {(one.person, one.students[0]) for one in asked if one.key in facts and facts[one.key].students}


def standings_of(people: list[Candidate], scope: scopes.Scope, at: datetime | None) -> dict[str, str]:
	"""Return each person's standing for the drive's purpose and channel, at an aware time, by default now."""
	judge = coverage.judge_of(people, scope.channel, (scope.purpose,), at)
	return {one.person: judge(one)[scope.purpose] for one in people}


def people_who_declined() -> set[tuple[str, str]]:
	"""Return (DocType, name) of everyone who could sign a request that was declined."""
	rows = frappe.get_all(
		requests.DOCTYPE, {"status": requests.DECLINED}, pluck="people", order_by=None, limit=0
	)
	return {(one["doctype"], one["name"]) for row in rows for one in json.loads(row or "[]")}


def records(names: list[str]) -> dict[str, tuple[str, date | None, str]]:
	"""Return student -> (name, date of birth, school)."""
	if not names:
		return {}
	fields = ["name", *existing(("student_name", "date_of_birth", "dialer_school"), "Student")]
	several = registry.is_district()
	return {
		row.name: (
			row.get("student_name") or row.name,
			row.get("date_of_birth"),
			(several and row.get("dialer_school")) or "",
		)
		for row in frappe.get_all("Student", {"name": ("in", names)}, fields, order_by=None)
	}


def groups_of(names: list[str]) -> dict[str, str]:
	"""Return student -> class: the first active Student Group based on a batch, or else the first of all."""
	if not names or not existing(["student"], "Student Group Student"):
		return {}
	rows = frappe.db.sql(
		"""select member.student, grp.name from `tabStudent Group Student` member
		join `tabStudent Group` grp on grp.name = member.parent
		where member.parenttype = 'Student Group' and member.active = 1 and ifnull(grp.disabled, 0) = 0
		and member.student in %s
		order by member.student, ifnull(grp.group_based_on, '') != %s, grp.name""",
		(names, HOMEROOM),
	)
	found: dict[str, str] = {}
	for student, group in rows:
		found.setdefault(student, group)
	return found


def adults_of(student: str) -> list[Candidate]:
	"""Return the adults who may hear about one student, in call order, without those who declined."""
	reader = scopes.sources()["All guardians"]
	source = reader(frappe._dict(audience_source=reader.label, reach=scopes.ONE_GUARDIAN))
	adults = []
	for _student, permission, *row in source.guardians_of([student]):
		adults.append(candidate(row, {student: permission or "All"}))
	allowed, declined = who_may_hear([adults]), people_who_declined()
	return [
		one
		for one in adults
		if (one.person, student) in allowed and (one.person_doctype, one.person) not in declined
	]
