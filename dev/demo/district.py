"""A district of three schools: a public one, a private one, and a college, with families across them.

The classes of the demo school are shared out among the schools, and staff run campaigns as they do: the
academy's own manager for the academy, the district for all. What must come of it is worked out here from the
roster alone and compared with the carrier's journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import frappe

from dev.demo import district_checks
from dev.demo.people import APPROVER, MANAGER, Person, Refused
from dev.demo.stage import SENDER, Stage
from dev.school import users
from dev.school.load import anchor
from dev.school.model import GRADES
from dev.school.roster import SEED, build
from school_dialer.base import clock
from school_dialer.schools import placement

HEAD = "head@academy.example"
"""The academy's own head, who manages its campaigns."""
DEPUTY, DEAN = "deputy@academy.example", "dean@college.example"
"""Approve emergencies, each for one school."""


@dataclass(frozen=True)
class Part:
	"""One school: the grades (indexes of GRADES) that it teaches, and the number that only it calls from."""

	name: str
	kind: str
	grades: range
	sender: str
	said: tuple[tuple[str, str], ...] = ()

	def said_in(self, language: str) -> str:
		return dict(self.said).get(language, self.name)


SCHOOLS = (
	Part(
		"Riverside Elementary",
		"Public school or district",
		range(0, 6),
		"+13125550110",
		(("es", "la Escuela Primaria Riverside"),),
	),
	Part("St. Anne Academy", "Private school", range(6, 11), "+13125550111"),
	Part("Lakeshore College", "College or university", range(11, 13), "+13125550112"),
)
ELEMENTARY, ACADEMY, COLLEGE = SCHOOLS
STAFF = {
	HEAD: ("Frances Keller", ("Dialer Manager", "Academics User"), ACADEMY),
	DEPUTY: ("Ravi Chandra", ("Dialer Emergency Approver", "Academics User"), ACADEMY),
	DEAN: ("Lena Fischer", ("Dialer Emergency Approver", "Academics User"), COLLEGE),
}


def run(stage: Stage, settle) -> tuple[list[str], dict]:
	"""Return the names of the campaigns and the report. ``settle`` waits for a campaign's end."""
	lay(stage)
	roster = build(SEED, anchor(SEED, clock.db_now().date()))
	head, manager = Person(stage.url, HEAD), Person(stage.url, MANAGER)
	campaigns = {
		"own": start(head, settle, title="Open house at the academy", school=ACADEMY.name, **OPEN_HOUSE),
		"each": start(manager, settle, title="Day of health", said_by="Each family's school", **HEALTH),
		"all": start(manager, settle, title="The board's meeting", said_by="The district", **MEETING),
	}
	refused = refusals(stage, head, campaigns)
	campaigns["emergency"], approved = emergency(stage, head, settle)
	stage.carrier.wait_until_idle()
	frappe.db.rollback()
	report = district_checks.report_of(stage, roster, SCHOOLS, campaigns)
	report["violations"] += [*refused, *approved]
	return list(campaigns.values()), report


OPEN_HOUSE = {
	"purpose": "Event",
	"channel": "Voice",
	"template": "Event reminder",
	"audience_source": "All guardians",
	"details": "The open house is on Saturday at ten in the morning.",
	"details_translations": [
		{"language": "es", "details": "La jornada de puertas abiertas es el sábado a las diez de la mañana."}
	],
}
HEALTH = {
	**OPEN_HOUSE,
	"channel": "Text",
	"details": "The day of health is on Friday, in every school.",
	"details_translations": [
		{"language": "es", "details": "El día de la salud es el viernes, en todas las escuelas."}
	],
}
MEETING = {
	**OPEN_HOUSE,
	"details": "The board meets on Monday at seven in the evening.",
	"details_translations": [
		{"language": "es", "details": "La junta se reúne el lunes a las siete de la tarde."}
	],
}
LEAK = {
	"purpose": "Emergency",
	"channel": "Voice",
	"template": "Emergency closure",
	"audience_source": "All guardians",
	"emergency_type": "Weather closure",
	"emergency_reason": "A burst pipe has flooded the building",
	"details": "Because a water pipe has burst, the academy is closed today.",
	"details_translations": [
		{"language": "es", "details": "Por una fuga de agua, la academia está cerrada hoy."}
	],
}


def lay(stage: Stage) -> None:
	"""Make the schools, share out the classes, and create each school's staff and number. Commits."""
	for part in SCHOOLS:
		school = existing(part) or frappe.get_doc({"doctype": "Dialer School"})
		school.update(
			{
				"school_name": part.name,
				"school_kind": part.kind,
				"enabled": 1,
				"identities": [{"language": code, "caller_identity": said} for code, said in part.said],
				"approvers": [
					{"user": user} for user, row in STAFF.items() if row[2] is part and user != HEAD
				],
			}
		)
		staff_of(part)
		school.save()
	for part in SCHOOLS:
		programs = [GRADES[grade] for grade in part.grades]
		frappe.db.set_value("Program", {"name": ("in", programs)}, "dialer_school", part.name)
	for students in placement.chunks():
		placement.place(students)
	numbers(stage)
	frappe.db.commit()


def existing(part: Part):
	"""Return the school's record. The elementary school takes over the one that the settings made."""
	made = frappe.db.get_single_value("Dialer Settings", "school_name")
	if part is ELEMENTARY and frappe.db.exists("Dialer School", made):
		frappe.rename_doc("Dialer School", made, part.name)
	return (
		frappe.get_doc("Dialer School", part.name) if frappe.db.exists("Dialer School", part.name) else None
	)


def staff_of(part: Part) -> None:
	for email, (full_name, roles, school) in STAFF.items():
		if school is not part:
			continue
		users.create_one(email, full_name, roles)


def permit_staff() -> None:
	"""Narrow each school's own staff to their school with Frappe's User Permissions."""
	for email, (_name, _roles, part) in STAFF.items():
		row = {"user": email, "allow": "Dialer School", "for_value": part.name}
		if not frappe.db.exists("User Permission", row):
			frappe.get_doc({"doctype": "User Permission", **row}).insert()


def numbers(stage: Stage) -> None:
	"""Let each school call from its own number, and the district from the one of before."""
	settings = frappe.get_doc("Dialer Settings")
	pattern = next(row for row in settings.sending_numbers if row.phone_number == SENDER)
	known = {row.phone_number for row in settings.sending_numbers}
	for part in SCHOOLS:
		if part.sender not in known:
			row = {"phone_number": part.sender, "school": part.name, "channel": pattern.channel}
			paces = {"calls_per_second": 40, "segments_per_second": 80, "enabled": 1}
			settings.append("sending_numbers", row | paces)
	settings.save()
	permit_staff()
	webhook = f"{stage.url}/api/method/school_dialer.webhooks.twilio"
	hooks = {"sms_url": f"{webhook}.inbound_text", "voice_url": f"{webhook}.inbound_call"}
	stage.carrier.control("numbers", {part.sender: hooks for part in SCHOOLS})


def start(person: Person, settle, **values) -> str:
	name = person.create("Dialer Campaign", values)
	person.press("start", name)
	settle(values["title"], name, person)
	return name


def refusals(stage: Stage, head: Person, campaigns: dict[str, str]) -> Iterator[str]:
	"""Yield what the academy's head could do that only the district may."""
	attempts = {
		"read the district's campaign": lambda: head.progress(campaigns["all"]),
		"call for another school": lambda: head.create(
			"Dialer Campaign", {"title": "Not theirs", "school": ELEMENTARY.name, **OPEN_HOUSE}
		),
		"call for the district": lambda: head.create(
			"Dialer Campaign",
			{"title": "Not theirs either", "said_by": "The district", "school": "", **OPEN_HOUSE},
		),
	}
	for what, attempt in attempts.items():
		try:
			attempt()
		except Refused:
			continue
		yield f"The academy's head could {what}."


def emergency(stage: Stage, head: Person, settle) -> tuple[str, list[str]]:
	"""Return the academy's emergency campaign, approved by its own deputy, and what went wrong on the way."""
	name = head.create("Dialer Campaign", {"title": "Academy closed", "school": ACADEMY.name, **LEAK})
	wrong = []
	if head.press("start", name) != "Awaiting Approval":
		wrong.append("An emergency began without a second person.")
	try:
		Person(stage.url, DEAN).press("approve", name)
		wrong.append("The college's dean approved an emergency of the academy.")
	except Refused:
		pass
	Person(stage.url, DEPUTY).press("approve", name)
	settle("the academy's emergency", name, Person(stage.url, APPROVER))
	return name, wrong
