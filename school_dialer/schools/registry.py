"""The schools of this site, as Dialer School records them.

A value that a school leaves blank is the district's, which Dialer Settings holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar

import frappe
from frappe.utils import get_time

from school_dialer.base.database import shared_cache

DOCTYPE = "Dialer School"
CACHE_KEY = "school_dialer_schools"
CODES = "dialer_country_codes"
"""Where `frappe.local` keeps the codes of countries."""
Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class School:
	"""One school. Blank values are the district's.

	- `kind`: as in Dialer Settings (`gate.school_identity.KINDS`).
	- `identities`: the name said at the start of calls, by language.
	- `calls_from`, `calls_until`: local to the person called; the law's hours hold all the same.
	- `holidays`: days without calls, besides the district's.
	- `monthly_limit`: in the settings' currency; 0 for none.
	"""

	name: str
	kind: str = ""
	language: str = ""
	time_zone: str = ""
	caller_identity: str = ""
	identities: tuple[tuple[str, str], ...] = ()
	call_back_number: str = ""
	office_number: str = ""
	office_opens: time | None = None
	office_closes: time | None = None
	registrar: str = ""
	calls_from: time | None = None
	calls_until: time | None = None
	holidays: frozenset[date] = frozenset()
	approvers: tuple[str, ...] = ()
	monthly_limit: float = 0.0

	def identity(self, language: str) -> str:
		"""Return the name said in this language: its own, the school's, or the record's name."""
		names = dict(self.identities)
		return (
			names.get(language) or names.get(language.partition("-")[0]) or self.caller_identity or self.name
		)


def is_district() -> bool:
	"""Return True if the site has more than one school in use."""
	return len(schools()) > 1


def schools() -> dict[str, School]:
	"""Return the schools in use, by name, in alphabetical order. Cached until one of them changes."""
	return shared_cache.get(CACHE_KEY, _read)


def find(name: str | None) -> School | None:
	"""Return the school, or None for the district, for a school not in use, and on a site with one school."""
	return schools().get(name) if name and is_district() else None


def language(name: str | None) -> str:
	"""Return the language of a school's messages: its own, or else the district's; "" if neither has one."""
	school = find(name)
	return (school and school.language) or frappe.get_cached_doc("Dialer Settings").default_language or ""


def rows_for(rows: Sequence[Row], school: str | None) -> list[Row]:
	"""Return the sending numbers that may speak for this school, or for the district if it is blank.

	Rows have a field `school`. A school without rows of its own uses those without a school. On a site with
	one school every row serves it.
	"""
	if not is_district():
		return list(rows)
	theirs = [row for row in rows if school and row.school == school]
	return theirs or [row for row in rows if not row.school]


def all_names() -> list[str]:
	"""Return the names of all schools, in use or not."""
	return frappe.get_all(DOCTYPE, pluck="name", order_by="name")


def country(name: str | None = None) -> str:
	"""Return the ISO 3166 code of a Country record, or of the district's own country.

	It is read for each person of a plan and in each key press, from the cache and without a statement.
	"""
	name = name or frappe.get_cached_doc("Dialer Settings").default_country
	return ((name and _code(name)) or "US").upper()


def _code(name: str) -> str | None:
	"""Return the code of a Country record. It changes with Frappe alone: a request or job reads it once."""
	kept = getattr(frappe.local, CODES, None)
	if kept is None:
		kept = {}
		setattr(frappe.local, CODES, kept)
	if name not in kept:
		kept[name] = frappe.get_cached_value("Country", name, "code")
	return kept[name]


def forget() -> None:
	"""Forget what is cached, in a transaction that changes it."""
	shared_cache.forget(CACHE_KEY)


def _read() -> dict[str, School]:
	if not frappe.db.table_exists(DOCTYPE):
		return {}
	rows = frappe.get_all(DOCTYPE, filters={"enabled": 1}, fields=["*"], order_by="name")
	identities = _children("Dialer School Identity", ("language", "caller_identity"))
	holidays = _children("Dialer Holiday", ("date",))
	approvers = _children("Dialer School Approver", ("user",))
	schools = {}
	for row in rows:
		schools[row.name] = School(
			name=row.name,
			kind=row.school_kind or "",
			language=row.default_language or "",
			time_zone=row.time_zone or "",
			caller_identity=row.caller_identity or "",
			identities=tuple(identities.get(row.name, ())),
			call_back_number=row.call_back_number or "",
			office_number=row.office_number or "",
			office_opens=_time(row.office_opens),
			office_closes=_time(row.office_closes),
			registrar=row.registrar or "",
			calls_from=_time(row.calls_from),
			calls_until=_time(row.calls_until),
			holidays=frozenset(day for (day,) in holidays.get(row.name, ())),
			approvers=tuple(user for (user,) in approvers.get(row.name, ())),
			monthly_limit=row.monthly_limit or 0.0,
		)
	return schools


def _children(doctype: str, fields: tuple[str, ...]) -> dict[str, list[tuple]]:
	by_parent: dict[str, list[tuple]] = {}
	rows = frappe.get_all(
		doctype, filters={"parenttype": DOCTYPE}, fields=["parent", *fields], order_by="idx", as_list=True
	)
	for parent, *values in rows:
		by_parent.setdefault(parent, []).append(tuple(values))
	return by_parent


def _time(value) -> time | None:
	return None if value is None else get_time(str(value))
