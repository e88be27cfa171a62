"""Stop asking a family that answered, declined, opted out, or agreed in another way."""

import json
from collections.abc import Sequence

import frappe

from school_dialer.audience.base import Candidate
from school_dialer.audience.columns import existing
from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.consent_drive import scope as scopes
from school_dialer.consent_drive.planning import AGREED, ANSWERED, DECLINED, FAMILY, OPEN, OPTED_OUT
from school_dialer.consent_drive.students import standings_of
from school_dialer.consent_form import requests
from school_dialer.reporting.coverage import CONSENTED, STOPPED

CHUNK = 1000
ANSWERS = (requests.ANSWERED, requests.DECLINED)


def sync(drive) -> None:
	"""End the families of a drive that need not be asked any more. The caller commits.

	What a family answers on the form counts more than what the ledger said before; the newest answer
	counts. Two statements read the answers; each thousand open families take a fixed number of queries.
	"""
	for status, state in ((requests.ANSWERED, ANSWERED), (requests.DECLINED, DECLINED)):
		end_by_request(drive.name, status, state)
	after = ""
	while rows := open_families(drive.name, after):
		update_each(FAMILY, by_ledger(drive, rows))
		after = rows[-1].name


def end_by_request(drive: str, status: str, state: str) -> None:
	frappe.db.sql(
		"""update `tabDialer Consent Family` family join `tabDialer Consent Request` request
		on request.drive = family.drive and request.person = family.person
			and request.person_doctype = family.person_doctype
		set family.state = %s, family.ended_at = ifnull(request.answered_at, %s)
		where family.drive = %s and request.status = %s
			and (family.state in %s or request.answered_at > family.ended_at)""",
		(state, clock.db_now(), drive, status, OPEN),
	)


def open_families(drive: str, after: str) -> list[frappe._dict]:
	return frappe.get_all(
		FAMILY,
		{"drive": drive, "state": ("in", OPEN), "name": (">", after)},
		["name", "person", "people"],
		order_by="name",
		limit=CHUNK,
	)


def by_ledger(drive, rows: Sequence[frappe._dict]) -> dict[str, dict]:
	"""Return {family: changed fields} of those whose consents, or refusals, say that they are not asked."""
	people = {row.name: [name for _doctype, name in json.loads(row.people)] for row in rows}
	adults = guardians({name for names in people.values() for name in names})
	scope = scopes.scope_of(drive)
	later = standings_of(adults, scope, scope.later)
	now = later if not scope.later else standings_of(adults, scope, None)
	changes = {}
	for row in rows:
		if any(later.get(name) == CONSENTED for name in people[row.name]):
			changes[row.name] = {"state": AGREED, "ended_at": clock.db_now()}
		elif now.get(row.person) == STOPPED:
			changes[row.name] = {"state": OPTED_OUT, "ended_at": clock.db_now()}
	return changes


def people_who_answered(drive: str, people: Sequence[str]) -> set[str]:
	"""Return those of these people who answered a request of the drive, or declined it."""
	asked = {"drive": drive, "person": ("in", list(people)), "status": ("in", ANSWERS)}
	return set(frappe.get_all(requests.DOCTYPE, asked, pluck="person", order_by=None))


def guardians(names: set[str]) -> list[Candidate]:
	"""Return these guardians with their numbers as on record."""
	if not names:
		return []
	fields = existing(("mobile_number", "alternate_number"), "Guardian")
	shown = ["name", "guardian_name", *fields]
	rows = frappe.get_all("Guardian", {"name": ("in", sorted(names))}, shown, order_by=None)
	return [
		Candidate("Guardian", row.name, row.guardian_name or "", tuple(row[field] for field in fields))
		for row in rows
	]
