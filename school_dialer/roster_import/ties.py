"""Rows that tie two records: the guardians of a student, and the members of a group. Pure Python."""

from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.kinds import (
	GROUPS,
	GUARDIANS,
	INSTRUCTORS,
	LINKS,
	MEMBERS,
	STUDENTS,
	TEACHERS,
	pair,
)
from school_dialer.roster_import.reading import values
from school_dialer.roster_import.reading.columns import GUARDIANS as GUARDIAN_ROLES
from school_dialer.roster_import.reading.columns import STUDENT, TEACHER
from school_dialer.roster_import.wanted import Asked, Wanted

ROLE_ORDER = ("parent", "guardian", "relative")
BY_STUDENT, BY_GUARDIAN = "S", "G"


def links(asked: Asked) -> list[Wanted]:
	"""Return who is whose guardian, whichever of the two says so in agentSourcedIds."""
	sides: dict[tuple[str, str], str] = {}
	for user, row in asked.roster.active("users").items():
		kinds = asked.people.kinds(user)
		for agent in values.several(row.get("agentSourcedIds", "")):
			others = _kinds_of_agent(asked, user, agent)
			if STUDENTS in kinds and GUARDIANS in others:
				sides[user, agent] = sides.get((user, agent), "") + BY_STUDENT
			elif GUARDIANS in kinds and STUDENTS in others:
				sides[agent, user] = sides.get((agent, user), "") + BY_GUARDIAN
	return [
		Wanted(
			LINKS,
			pair(student, guardian),
			{"relation": relation(asked, guardian), "via": side},
			parent=(STUDENTS, student),
			row=(GUARDIANS, guardian),
		)
		for (student, guardian), side in sides.items()
	]


def _kinds_of_agent(asked: Asked, user: str, agent: str) -> set[str]:
	problem = None
	if agent == user:
		problem = _("A person cannot be their own guardian.")
	elif agent not in asked.roster.files["users"].mentioned and not any(
		(kind, agent) in asked.known for kind in (STUDENTS, GUARDIANS, INSTRUCTORS)
	):
		problem = _("No user of this roster has this sourcedId.")
	if problem:
		asked.roster.error("users", user, "agentSourcedIds", problem)
		return set()
	return asked.people.kinds(agent)


def relation(asked: Asked, guardian: str) -> str:
	"""Return the guardian's closest role: parent, guardian or relative; "" if the roster does not say."""
	roles = asked.people.roles.get(guardian, set()) & GUARDIAN_ROLES
	return next((role for role in ROLE_ORDER if role in roles), "")


def members(asked: Asked) -> list[Wanted]:
	"""Return the students and instructors of each class, from the enrollments of today."""
	ties: dict[tuple[str, str], Wanted] = {}
	for key, row in asked.roster.active("enrollments").items():
		role, user, group = row["role"].lower(), row["userSourcedId"], row["classSourcedId"]
		if role not in (STUDENT, TEACHER) or asked.people.over(row):
			continue
		kind, of = (MEMBERS, STUDENTS) if role == STUDENT else (TEACHERS, INSTRUCTORS)
		problem = _problem(asked, of, user, group)
		if problem:
			asked.roster.error("enrollments", key, *problem)
			continue
		tie = Wanted(kind, pair(group, user), {"via": key}, parent=(GROUPS, group), row=(of, user))
		ties.setdefault((kind, tie.sourced_id), tie)
	return list(ties.values())


def _problem(asked: Asked, kind: str, user: str, group: str) -> tuple[str, str] | None:
	if not asked.has(GROUPS, "classes", group):
		return "classSourcedId", _("No class of this roster has this sourcedId.")
	if kind not in asked.people.kinds(user) or not asked.has(kind, "users", user):
		return "userSourcedId", _("No user of this roster has this sourcedId and role.")
	return None
