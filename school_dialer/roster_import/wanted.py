"""What a roster wants Education's records to hold: one `Wanted` for each record. Pure Python.

A value that the roster does not say, because its column or file is not there or its cell has an error, is
left out: the record keeps what it has. A value that refers to a record is its sourcedId, until it is written.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from school_dialer.base.wording import Wording as _
from school_dialer.roster_import import sessions
from school_dialer.roster_import.kinds import (
	COURSES,
	GROUPS,
	INSTRUCTORS,
	SCHOOLS,
	STUDENTS,
	Key,
)
from school_dialer.roster_import.people import People
from school_dialer.roster_import.reading import values
from school_dialer.roster_import.reading.columns import LANGUAGE, SCHOOL
from school_dialer.roster_import.reading.roster import Roster

LONGEST_TITLE = 120
"""Characters of a title, so that a code after it still fits into a name of 140."""


@dataclass(slots=True)
class Wanted:
	"""One record that a roster names. ``parent`` and ``row`` are set for rows of a record's table."""

	kind: str
	sourced_id: str
	values: dict[str, str]
	parent: Key | None = None
	row: Key | None = None

	@property
	def key(self) -> Key:
		return self.kind, self.sourced_id


@dataclass(slots=True)
class Asked:
	"""A roster, what is known from earlier imports, and where and when it is read.

	``district``: the site has more than one school. So it has where the roster names more than one.
	"""

	roster: Roster
	known: Collection[Key]
	country: str
	today: date
	district: bool = False
	people: People = field(init=False)

	def __post_init__(self):
		self.people = People(self.roster, self.known, self.today)
		self.district = self.district or len(self.people.schools_known) > 1

	def has(self, kind: str, file: str, key: str) -> bool:
		"""Return whether a reference leads to a record: of this file, or of an earlier one."""
		rows = self.roster.files[file]
		if key in rows.rows and key not in rows.deleted:
			return True
		return (kind, key) in self.known and not self.roster.gone(file, key)


def schools(asked: Asked) -> list[Wanted]:
	wanted = []
	for key, row in asked.roster.active("orgs").items():
		if row["type"].lower() != SCHOOL:
			continue
		if name := values.name(row["name"]):
			wanted.append(Wanted(SCHOOLS, key, {"name": name}))
		else:
			asked.roster.error("orgs", key, "name", _("This is not a name."))
	return wanted


def courses(asked: Asked) -> list[Wanted]:
	return [
		Wanted(COURSES, key, {"title": row["title"][:LONGEST_TITLE], "code": row.get("courseCode", "")})
		for key, row in asked.roster.active("courses").items()
	]


def people(asked: Asked) -> list[Wanted]:
	"""Return the students, guardians and instructors. Users of other roles are left out."""
	wanted = []
	for key, row in asked.roster.active("users").items():
		kinds = asked.people.kinds(key)
		if not kinds:
			continue
		given, family = values.name(row["givenName"]), values.name(row["familyName"])
		if not (given and family):
			column = "familyName" if given else "givenName"
			asked.roster.error("users", key, column, _("This is not a name."))
			continue
		for kind in sorted(kinds):
			wanted.append(Wanted(kind, key, _person(asked, kind, key, row)))
	return wanted


def _person(asked: Asked, kind: str, key: str, row: dict[str, str]) -> dict[str, str]:
	person = {"given": row["givenName"], "family": row["familyName"]}
	if kind == INSTRUCTORS:
		return person | _school(asked, kind, key)
	person |= _cell(asked, key, row, "email", values.email, _("This is not an e-mail address."))
	for column in ("sms", "phone"):
		person |= _cell(
			asked,
			key,
			row,
			column,
			lambda text: values.phone(text, asked.country),
			_("This is not a telephone number that can be called."),
		)
	if (column := next((column for column in LANGUAGE if column in row), None)) is not None:
		spoken = _cell(asked, key, row, column, values.language, _("This is not the code of a language."))
		if column in spoken:
			person["language"] = spoken[column]
	if kind == STUDENTS:
		person |= {"middle": row["middleName"]} if "middleName" in row else {}
		person |= _birth(asked, key) | _school(asked, kind, key)
	return person


def _cell(asked: Asked, key: str, row: dict, column: str, read, problem: str) -> dict[str, str]:
	if column not in row:
		return {}
	value = read(row[column])
	if value is None:
		asked.roster.error("users", key, column, problem)
		return {}
	return {column: value}


def _birth(asked: Asked, key: str) -> dict[str, str]:
	row = asked.roster.active("demographics").get(key)
	if not row or not row.get("birthDate"):
		return {}
	born = values.day(row["birthDate"])
	if not born or born >= asked.today:
		asked.roster.error("demographics", key, "birthDate", _("This is not a date of birth."))
		return {}
	return {"birth": born.isoformat()}


def _school(asked: Asked, kind: str, key: str) -> dict[str, str]:
	if not asked.district:
		return {}
	if asked.people.in_two_schools(key, kind):
		asked.roster.error(
			"users", key, "primaryOrgSourcedId", _("Two schools, and none is the primary one.")
		)
	school = asked.people.school(key, kind)
	return {"school": school} if school else {}


def groups(asked: Asked) -> list[Wanted]:
	wanted = []
	years = sessions.Years(asked.roster, asked.known)
	for key, row in asked.roster.active("classes").items():
		if not asked.has(SCHOOLS, "orgs", row["schoolSourcedId"]):
			asked.roster.error(
				"classes", key, "schoolSourcedId", _("No school of this roster has this sourcedId.")
			)
			continue
		group = {"title": row["title"][:LONGEST_TITLE], "code": row.get("classCode", "")}
		if asked.district:
			group["school"] = row["schoolSourcedId"]
		if course := row.get("courseSourcedId", ""):
			if asked.has(COURSES, "courses", course):
				group["course"] = course
			else:
				asked.roster.error(
					"classes", key, "courseSourcedId", _("No course of this roster has this sourcedId.")
				)
		group |= _terms(asked, years, key, row)
		wanted.append(Wanted(GROUPS, key, group))
	return wanted


def _terms(asked: Asked, years: sessions.Years, key: str, row: dict[str, str]) -> dict[str, str]:
	terms, named = [], values.several(row.get("termSourcedIds", ""))
	for term in named:
		if years.has(term):
			terms.append(term)
		else:
			asked.roster.error(
				"classes", key, "termSourcedIds", _("No session of this roster has this sourcedId.")
			)
	year = next((of_term for term in terms if (of_term := years.of(term))), "") or years.current(asked.today)
	fields = {"year": year} if year else {}
	if len(terms) == len(named):
		fields["term"] = terms[0] if len(terms) == 1 and years.is_term(terms[0]) else ""
	return fields
