"""Legal holds: records about a number or person that must stay unchanged.

A hold applies no matter how old the records are or who requests their erasure.
"""

import json
from dataclasses import dataclass

import frappe
from frappe import _

from school_dialer.audience import on_record
from school_dialer.base import clock
from school_dialer.base.database import aliases
from school_dialer.base.refusal import throw
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.conversations import conversation
from school_dialer.privacy import scrub

DOCTYPE = "Dialer Legal Hold"
NONE = "none"
"""No number and no record has this name: a list in SQL may not be empty."""
NO_PARTY = """not exists (select 1 from `tabDialer Party` party
	where party.parent = `tabDialer Recipient`.name
	and (party.phone in %(party_phones)s or (party.person_doctype, party.person) in %(party_people)s
		or party.student in %(party_students)s))"""
"""The condition that a recipient tells no one who is held, and about no student who is."""
IN_FORCE, RELEASED = "In Force", "Released"


@dataclass(frozen=True)
class Held:
	"""What a hold covers: numbers (E.164), and people as (DocType, name)."""

	phones: frozenset[str] = frozenset()
	people: frozenset[tuple[str, str]] = frozenset()

	def __bool__(self) -> bool:
		return bool(self.phones or self.people)

	@property
	def students(self) -> list[str]:
		return sorted(name for doctype, name in self.people if doctype == "Student")


def in_force() -> Held:
	"""Return the holds in force.

	A person's hold covers the numbers on their record now, and what was written under their earlier names.
	"""
	rows = frappe.get_all(
		DOCTYPE,
		{"status": IN_FORCE},
		["phone", "person_doctype", "person"],
		order_by="name",
	)
	people = {(row.person_doctype, row.person) for row in rows if row.person}
	phones = {row.phone for row in rows if row.phone}
	for doctype in {doctype for doctype, _name in people}:
		names = [name for kind, name in people if kind == doctype]
		phones |= {number.phone for number in on_record.numbers_of(doctype, names)}
	return Held(frozenset(phones), frozenset(aliases.of_people(people)))


def condition(held: Held, doctype: str) -> tuple[str, dict]:
	"""Return (SQL, values) that exclude rows of a DocType under a hold. The SQL is "" without holds."""
	if doctype == "Dialer Rule Case":
		students = tuple(held.students)
		return ("ifnull(student, '') not in %(students)s", {"students": students}) if students else ("", {})
	if doctype == conversation.MESSAGE:
		spared, values = condition(held, conversation.DOCTYPE)
		of_others = f"conversation in (select name from `tab{conversation.DOCTYPE}` where {spared})"
		return of_others if spared else "", values
	parts, values = [], {}
	if held.phones:
		if doctype in scrub.WITHOUT_PHONE:
			parts.append(
				"(call_log is null or call_log not in"
				" (select log.name from `tabDialer Call Log` log where log.phone in %(held_phones)s))"
			)
		else:
			parts.append("(phone is null or phone not in %(held_phones)s)")
		values["held_phones"] = tuple(held.phones)
	if doctype in ("Dialer Notice", "Dialer Review"):
		return " and ".join(parts), values
	for place, (kind, name) in enumerate(sorted(held.people)):
		parts.append(f"not (person_doctype <=> %(kind{place})s and person <=> %(person{place})s)")
		values |= {f"kind{place}": kind, f"person{place}": name}
	if doctype == absences.DOCTYPE:
		if held.students:
			parts.append("ifnull(student, '') not in %(students)s")
		return " and ".join(parts), {**values, "students": tuple(held.students)}
	for place, student in enumerate(held.students):
		parts.append(f"ifnull(locate(%(student{place})s, students), 0) = 0")
		values[f"student{place}"] = json.dumps(student)
	if doctype == "Dialer Recipient" and held:
		parts.append(NO_PARTY)
		values |= {
			"party_phones": tuple(held.phones) or (NONE,),
			"party_people": tuple(held.people) or ((NONE, NONE),),
			"party_students": tuple(held.students) or (NONE,),
		}
	return " and ".join(parts), values


def release(name: str, reason: str) -> None:
	"""Release a hold. Retention and erasure apply again from now on.

	Raises ValidationError if it has been released or `reason` is blank.
	"""
	hold = frappe.get_doc(DOCTYPE, name)
	if hold.status == RELEASED:
		throw(_("This hold has been released already."))
	if not reason.strip():
		throw(_("Say why the hold is released."))
	hold.flags.releasing = True
	hold.update(
		{
			"status": RELEASED,
			"released_at": clock.db_now(),
			"released_by": frappe.session.user,
			"release_reason": reason.strip(),
		}
	)
	hold.save()
