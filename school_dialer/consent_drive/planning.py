"""Write down whom a drive asks: a Dialer Consent Family for each, once, when it starts.

A row's name follows from the drive and the adult, so a job that was killed and runs again adds only what is
missing.
"""

import json
from hashlib import sha256

import frappe

from school_dialer.base import clock
from school_dialer.base.database import rows
from school_dialer.consent_drive import covered, families, scope, students
from school_dialer.consent_form import requests

FAMILY = "Dialer Consent Family"
WAITING, ASKED = "Waiting", "Asked"
ANSWERED, DECLINED, OPTED_OUT, AGREED = "Answered", "Declined", "Opted Out", "Agreed Otherwise"
OPEN = (WAITING, ASKED)
CHUNK = 500


def plan(drive) -> None:
	"""Write the drive's families and its coverage at the start, unless that was done. Commits each chunk."""
	if drive.planned_at:
		return
	pupils = list(students.read_students(drive))
	if not drive.coverage_at_start:
		coverage = frappe.as_json(covered.count(pupils), indent=None)
		values = {"coverage_at_start": coverage, "coverage_now": coverage, "counted_at": clock.db_now()}
		frappe.db.set_value(scope.DOCTYPE, drive.name, values, update_modified=False)
	asked = families.wanted(pupils, scope.scope_of(drive).wanted)
	for start in range(0, len(asked), CHUNK):
		made = [row(drive.name, family) for family in asked[start : start + CHUNK]]
		rows.insert(FAMILY, made, ignore=True)
		frappe.db.commit()
	frappe.db.set_value(scope.DOCTYPE, drive.name, "planned_at", clock.db_now(), update_modified=False)
	frappe.db.commit()
	drive.reload()


def row(drive: str, family: families.Family) -> dict:
	doctype, person = family.asked
	return {
		"name": sha256(f"{drive}\n{doctype}\n{person}".encode()).hexdigest()[:24],
		**rows.stamp(clock.db_now()),
		"drive": drive,
		"school": family.youngest.school or None,
		"student_group": family.youngest.group[:140],
		"language": family.language[:20],
		"person_doctype": doctype,
		"person": person,
		"people": json.dumps(family.people),
		"students": json.dumps(family.students),
		"sort_key": family.youngest.shown[:140],
		"standing": family.outcome,
		"state": WAITING,
		"last_wave": 0,
	}


def request_of(family: dict, drive: str, way: str) -> requests.NewRequest:
	"""Return a new request for a row of `FAMILY`. `way` is one of `requests.WAYS`."""
	return requests.NewRequest(
		people=[tuple(person) for person in json.loads(family["people"])],
		students=json.loads(family["students"]),
		school=family["school"] or "",
		language=family["language"] or "",
		way=way,
		drive=drive,
	)
