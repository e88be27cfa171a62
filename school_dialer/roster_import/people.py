"""Who the users of a roster are, and to which school they belong. Pure Python."""

from collections.abc import Collection
from datetime import date

from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.kinds import GUARDIANS, INSTRUCTORS, SCHOOLS, STUDENTS, Key
from school_dialer.roster_import.reading import values
from school_dialer.roster_import.reading.columns import GUARDIANS as GUARDIAN_ROLES
from school_dialer.roster_import.reading.columns import PEOPLE, SCHOOL, STUDENT, TEACHER
from school_dialer.roster_import.reading.roster import Roster

KINDS = {STUDENT: STUDENTS, TEACHER: INSTRUCTORS, **dict.fromkeys(sorted(GUARDIAN_ROLES), GUARDIANS)}
"""What a person of each role becomes."""


class People:
	"""The roles of each user, from roles.csv or, in version 1.1, from users.csv.

	``known`` are the records of earlier imports: a delta need not repeat a user's roles.
	"""

	def __init__(self, roster: Roster, known: Collection[Key], today: date):
		self.roster, self.known, self.today = roster, known, today
		self.roles: dict[str, set[str]] = {}
		self.ended: dict[str, set[str]] = {}
		self.schools: dict[tuple[str, str], list[tuple[bool, str]]] = {}
		self.schools_known = {
			key for key, row in roster.active("orgs").items() if row["type"].lower() == SCHOOL
		} | {key for kind, key in known if kind == SCHOOLS}
		self._read_roles()
		self._read_users()

	def _read_roles(self) -> None:
		rows = self.roster.files["roles"]
		for key, row in rows.rows.items():
			user, role = row["userSourcedId"], row["role"].lower()
			if key in rows.deleted or self.over(row):
				self.ended.setdefault(user, set()).add(role)
				continue
			if user not in self.roster.files["users"].mentioned and not self._kinds_known(user):
				self.roster.error(
					"roles", key, "userSourcedId", _("No user of this roster has this sourcedId.")
				)
				continue
			self._add(user, role, row["orgSourcedId"], row.get("roleType", "").lower() == "primary")

	def _read_users(self) -> None:
		for user, row in self.roster.active("users").items():
			for org in values.several(row.get("orgSourcedIds", "")) or [""]:
				if role := row.get("role", "").lower():
					self._add(user, role, org, False)

	def _add(self, user: str, role: str, org: str, primary: bool) -> None:
		if role in PEOPLE:
			self.roles.setdefault(user, set()).add(role)
			if org in self.schools_known:
				self.schools.setdefault((user, KINDS[role]), []).append((primary, org))

	def over(self, row: dict[str, str]) -> bool:
		"""Return whether a role or enrollment has ended, or has not begun."""
		begins, ends = values.day(row.get("beginDate", "")), values.day(row.get("endDate", ""))
		return bool((ends and ends < self.today) or (begins and begins > self.today))

	def _kinds_known(self, user: str) -> set[str]:
		return {kind for kind in (STUDENTS, GUARDIANS, INSTRUCTORS) if (kind, user) in self.known}

	def roles_are_complete(self) -> bool:
		"""Return whether a role that this roster does not name has ended."""
		rows = self.roster.files["roles"]
		if self.roster.modes["roles"] == "absent":
			return self.roster.bulk("users") and any(
				row.get("role") for row in self.roster.active("users").values()
			)
		return self.roster.bulk("roles") and len(rows.rows) == len(rows.mentioned)

	def kinds(self, user: str) -> set[str]:
		"""Return what this user is: a student, a guardian, an instructor, or several of them."""
		of_roles = {KINDS[role] for role in self.roles.get(user, ())}
		if self.roles_are_complete():
			return of_roles
		over = {KINDS[role] for role in self.ended.get(user, ()) if role in KINDS}
		return of_roles | (self._kinds_known(user) - over)

	def school(self, user: str, kind: str) -> str | None:
		"""Return the sourcedId of the user's school; None if the roster names none, or two of equal rank."""
		ranked = self.schools.get((user, kind), [])
		primary = {org for first, org in ranked if first}
		every = {org for _first, org in ranked}
		if len(primary) == 1:
			return next(iter(primary))
		primary_org = self.roster.files["users"].rows.get(user, {}).get("primaryOrgSourcedId", "")
		if primary_org in self.schools_known:
			return primary_org
		return next(iter(every)) if len(every) == 1 else None

	def in_two_schools(self, user: str, kind: str) -> bool:
		return len({org for _first, org in self.schools.get((user, kind), [])}) > 1 and not self.school(
			user, kind
		)
