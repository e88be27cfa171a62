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
	people = list({adult.person: adult for adults in households for adult in adults}.values())
	at_once = standings_of(people, scope, None)
	later = standings_of(people, scope, scope.later) if scope.later else at_once
	names = [adults[0].students[0] for adults in households if adults and adults[0].students]
	record_of, groups = records(names), groups_of(names)
	pupils = []
	for adults in households:
		if not adults or not adults[0].students:
			continue
		student = adults[0].students[0]
		speaking = tuple(adult for adult in adults if (adult.person, student) in allowed)
		standings = [
			Standing(
				at_once[adult.person], later[adult.person], (adult.person_doctype, adult.person) in declined
			)
			for adult in speaking
		]
		outcome, place = of_family(standings)
		asked = speaking[place] if place is not None else None
		signing = tuple(adult for adult, how in zip(speaking, standings, strict=True) if not how.refused)
		shown, born, school = record_of.get(student, ("", None, ""))
		language = ((asked or adults[0]).language or language_of(school) or "en").split("-")[0]
		group = groups.get(student, "")
		pupils.append(Pupil(student, shown, born, school, group, language, signing, outcome, asked))
	return pupils


def who_may_hear(households: list[list[Candidate]]) -> set[tuple[str, str]]:
	"""Return (adult, student) where the contact permission lets the school speak to the adult."""
	asked, reader = [], scopes.sources()["All guardians"]
	for adults in households:
		for adult in adults:
			for student in adult.students:
				asked.append(
					FactsQuery(f"{adult.person}|{student}", adult.person, (student,), "", adult.read)
				)
	facts = reader.standings(asked, emergency=False)
	return {(ask.person, ask.students[0]) for ask in asked if ask.key in facts and facts[ask.key].students}


def standings_of(people: list[Candidate], scope: scopes.Scope, at: datetime | None) -> dict[str, str]:
	"""Return each person's standing for the drive's purpose and channel, at an aware time, by default now."""
	judge = coverage.judge_of(people, scope.channel, (scope.purpose,), at)
	return {person.person: judge(person)[scope.purpose] for person in people}


def people_who_declined() -> set[tuple[str, str]]:
	"""Return (DocType, name) of everyone who could sign a request that was declined."""
	rows = frappe.get_all(
		requests.DOCTYPE, {"status": requests.DECLINED}, pluck="people", order_by=None, limit=0
	)
	return {(person["doctype"], person["name"]) for row in rows for person in json.loads(row or "[]")}


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
	group_of: dict[str, str] = {}
	for student, group in rows:
		group_of.setdefault(student, group)
	return group_of


def adults_of(student: str) -> list[Candidate]:
	"""Return the adults who may hear about one student, in call order, without those who declined."""
	reader = scopes.sources()["All guardians"]
	source = reader(frappe._dict(audience_source=reader.label, reach=scopes.ONE_GUARDIAN))
	adults = []
	for _student, permission, *row in source.guardians_of([student]):
		adults.append(candidate(row, {student: permission or "All"}))
	allowed, declined = who_may_hear([adults]), people_who_declined()
	return [
		adult
		for adult in adults
		if (adult.person, student) in allowed and (adult.person_doctype, adult.person) not in declined
	]
