"""Academic sessions: which are years, which are terms, and to which year a term belongs. Pure Python."""

from collections.abc import Collection
from datetime import date

from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.kinds import TERMS, YEARS, Key
from school_dialer.roster_import.reading import values
from school_dialer.roster_import.reading.columns import TERMS as TERM_TYPES
from school_dialer.roster_import.reading.columns import YEAR
from school_dialer.roster_import.reading.roster import Roster

DEEPEST = 10
"""Steps from a session up to its year. A longer way is a circle."""


class Years:
	"""The sessions of a roster, with those of earlier imports."""

	def __init__(self, roster: Roster, known: Collection[Key]):
		self.rows, self.known = roster.active("academicSessions"), known

	def has(self, session: str) -> bool:
		return session in self.rows or (YEARS, session) in self.known or (TERMS, session) in self.known

	def is_year(self, session: str) -> bool:
		row = self.rows.get(session)
		return row["type"].lower() == YEAR if row else (YEARS, session) in self.known

	def is_term(self, session: str) -> bool:
		row = self.rows.get(session)
		return row["type"].lower() in TERM_TYPES if row else (TERMS, session) in self.known

	def of(self, session: str) -> str:
		"""Return the year of a session: its ancestor, or the year with its dates; "" if there is none."""
		step = session
		for _each in range(DEEPEST):
			if self.is_year(step):
				return step
			step = self.rows.get(step, {}).get("parentSourcedId", "")
			if not step:
				break
		row = self.rows.get(session, {})
		start, end = values.day(row.get("startDate", "")), values.day(row.get("endDate", ""))
		return self._covering(start, end) if start and end else ""

	def current(self, today: date) -> str:
		return self._covering(today, today)

	def _covering(self, start: date, end: date) -> str:
		for key, row in sorted(self.rows.items()):
			first, last = values.day(row["startDate"]), values.day(row["endDate"])
			if row["type"].lower() == YEAR and first and last and first <= start and end <= last:
				return key
		return ""


def years_and_terms(roster: Roster, known: Collection[Key]) -> list[tuple[str, str, dict[str, str]]]:
	"""Return (kind, sourcedId, values) of each session that Education can hold."""
	years, sessions = Years(roster, known), []
	for key, row in years.rows.items():
		start, end = values.day(row["startDate"]), values.day(row["endDate"])
		if not start or not end or start >= end:
			roster.error(
				"academicSessions", key, "endDate", _("The dates are none, or end before they begin.")
			)
			continue
		cells = {"title": row["title"][:100], "start": start.isoformat(), "end": end.isoformat()}
		if years.is_year(key):
			sessions.append((YEARS, key, cells))
		elif not years.is_term(key):
			roster.error("academicSessions", key, "type", _("OneRoster has no such type of session."))
		elif year := years.of(key):
			sessions.append((TERMS, key, {**cells, "year": year}))
		else:
			roster.error(
				"academicSessions",
				key,
				"parentSourcedId",
				_("No school year of this roster holds this session."),
			)
	return sessions
