"""What the pictures show: the demo school after an ordinary morning, with one of everything staff meet.

Everything goes through the site as staff do it. `set_up` of `dev.demo.stage` comes first. `Scene.tidy` leaves
no recipient waiting for a call.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta

import frappe

from dev import roster_zip
from dev.demo import attendance, inbox, morning
from dev.demo.__main__ import STORIES, Story, in_both_languages, run, settle
from dev.demo.people import APPROVER, MANAGER, Person, wait_for
from dev.demo.stage import SENDER, Stage
from school_dialer.base import clock
from school_dialer.campaigns import actions
from school_dialer.consent.choices import preference_link
from school_dialer.manual_calls import listing
from school_dialer.reporting import coverage
from school_dialer.reporting.reach import counting
from school_dialer.roster_import import folder, imports
from school_dialer.website import preference_page

OFFICER, AGENT = "compliance@riverside.example", "office@riverside.example"
EVENT, _TEXT, EMERGENCY, POLL = STORIES
GRADE = {"audience_source": "Guardians of a Program", "audience_name": "Grade 3"}
CLASS = {"audience_source": "Guardians of a Student Group", "audience_name": "Chess Club"}
UPPER = {"kind": "Program", "names": ["Grade 3", "Grade 4", "Grade 5"]}
ABSENT = {"kind": "Attendance", "status": "Absent", "at_least": 3, "days": 30}
TOURNAMENT = replace(
	EVENT,
	title="Chess tournament",
	audience=CLASS,
	more={"details": "The chess tournament is on Saturday at nine, in the library."},
)
NARROWED = replace(
	TOURNAMENT,
	title="Chess tournament, upper grades",
	more={**TOURNAMENT.more, "audience_filters": json.dumps({"only": [UPPER], "except": [ABSENT]})},
)
PICTURES = replace(
	EVENT,
	title="Picture day",
	more=in_both_languages(
		"School pictures are taken on Tuesday. Please send the order form with your child.",
		"Las fotos escolares son el martes. Por favor envíe la hoja de pedido con su hijo.",
	),
)
UNSURE = "Please do not call me during work"
SLOW = 3
SEEN = 25
"""How many recipients the running campaign has reached before its picture is taken."""


@dataclass
class Scene:
	"""Names of documents, by what they show."""

	url: str
	finished: str
	poll: str
	absences: str
	rule: str
	question: str
	draft: str
	doubtful: str
	narrowed: str
	waiting: str
	running: str
	consent: str
	recipient: str
	log: str
	guardian: str
	student: str
	issue: str
	review: str
	link: str
	conversation: str
	unaware: str
	absence_link: str
	roster: str

	def tidy(self) -> None:
		"""Cancel open campaigns, disable rules and delete drafts, so no recipient waits. Commits."""
		frappe.db.rollback()
		for name in frappe.get_all("Dialer Rule", {"enabled": 1}, pluck="name", order_by="name"):
			frappe.db.set_value("Dialer Rule", name, "enabled", 0)
		for name in (self.finished, self.poll, self.absences, self.waiting, self.running):
			status = frappe.db.get_value("Dialer Campaign", name, "status")
			if status not in ("Completed", "Cancelled", "Failed"):
				actions.cancel(name)
		frappe.delete_doc("Dialer Campaign", self.draft)
		frappe.delete_doc("Dialer Campaign", self.doubtful)
		frappe.delete_doc("Dialer Campaign", self.narrowed)
		frappe.db.commit()


def build(stage: Stage) -> Scene:
	manager, approver = Person(stage.url, MANAGER), Person(stage.url, APPROVER)
	absences, day = attendance.run(stage, settle)
	morning.run(stage, settle, set(day["students"]))
	inbox.write(stage)
	rule = frappe.db.get_value("Dialer Campaign", absences, "rule")
	attendance.press(manager, "switch_on", rule=rule)
	many = switch_on_mass(manager)
	poll = run(POLL, manager, approver)
	finished = run(replace(EVENT, audience=GRADE), manager, approver)
	question = question_of(many)
	stage.carrier.control("inbound_text", {"from": number_with_consent(), "to": SENDER, "body": UNSURE})
	stage.carrier.wait_until_idle()
	coverage.daily()
	counting.nightly()
	listing.fill()
	forget_tours()
	frappe.db.commit()
	draft = draft_of(TOURNAMENT, manager)
	waiting = draft_of(EMERGENCY, manager)
	manager.press("start", waiting)
	return Scene(
		url=stage.url,
		finished=finished,
		poll=poll,
		absences=absences,
		rule=rule,
		question=question,
		draft=draft,
		doubtful=doubtful(manager),
		narrowed=draft_of(NARROWED, manager),
		waiting=waiting,
		running=under_way(manager),
		roster=roster(),
		**people(finished, absences),
		**families(),
	)


def forget_tours(*more: str) -> None:
	"""Mark Frappe's tours as done: it greets each new user with them, and they hide the page behind."""
	tours = frappe.get_all("Form Tour", {"ui_tour": 1}, pluck="name", order_by="name")
	taken = json.dumps({tour: {"is_complete": True} for tour in tours})
	for user in (MANAGER, APPROVER, OFFICER, AGENT, *more):
		frappe.db.set_value("User", user, "onboarding_status", taken)
		frappe.clear_cache(user=user)


def people(finished: str, absences: str) -> dict[str, str]:
	"""Return one record of each kind, by field of `Scene`. Issues a preference link and commits."""
	log = one("Dialer Call Log", campaign=absences, status="completed", language="es")
	guardian = frappe.db.get_value("Dialer Call Log", log, "person")
	disclosed = frappe.get_all(
		"Dialer Disclosure", {"campaign": absences}, pluck="student", limit=1, order_by="name"
	)
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	name = preference_link.issue(phone)
	frappe.db.commit()
	return {
		"consent": one("Contact Consent", phone=phone, channel="Voice"),
		"recipient": one("Dialer Recipient", campaign=finished, reasons="NO_CONSENT"),
		"log": log,
		"guardian": guardian,
		"student": disclosed[0],
		"issue": shared_issue(),
		"review": one("Dialer Review", reason="Unsure words"),
		"link": preference_link.PATH + "?" + preference_link.url(name).partition("?")[2],
	}


def roster() -> str:
	"""Check a roster of a district, and import nothing."""
	rows = roster_zip.district(students=120, schools=3, tag="North")
	rows["users"][5]["sms"] = "call the office"
	name = folder.made("northside-oneroster.zip", roster_zip.roster(rows), nightly=0)
	imports.check(name)
	return name


def families() -> dict[str, str]:
	"""Return a conversation about an absence, the absence page of that family, and a conversation with one
	that did not know of an absence. Commits.
	"""
	report = one("Dialer Absence Report", channel="Text", status="Reported")
	conversation, phone = frappe.db.get_value("Dialer Absence Report", report, ["conversation", "phone"])
	link = preference_link.url(preference_link.issue(phone))
	frappe.db.commit()
	return {
		"conversation": conversation,
		"unaware": frappe.db.get_value(
			"Dialer Conversation Message", {"source": ("like", "Unaware:%")}, "conversation"
		),
		"absence_link": preference_page.ABSENCES + "?" + link.partition("?")[2],
	}


def shared_issue() -> str:
	"""Share an issue with the office and return its name. Commits."""
	name = one("Issue")
	frappe.share.add("Issue", name, AGENT, read=1)
	frappe.db.commit()
	return name


def number_with_consent() -> str:
	return frappe.db.get_value(
		"Contact Consent", {"status": "Granted", "channel": "Text"}, "phone", order_by="name"
	)


def draft_of(story: Story, manager: Person) -> str:
	values = {
		"title": story.title,
		"purpose": story.purpose,
		"channel": story.channel,
		"template": story.template,
		**story.audience,
		**story.more,
	}
	return manager.create("Dialer Campaign", values)


def doubtful(manager: Person) -> str:
	"""Return a draft with three likely mistakes: a past date, a weekday, and a place to fill in."""
	today = clock.db_now().date()
	past, coming = today - timedelta(days=9), today + timedelta(days=6)
	words = (
		f"The book fair opens on {past:%B} {past.day} in [ROOM]. "
		f"It closes on {coming + timedelta(days=1):%A}, {coming:%B} {coming.day}."
	)
	return draft_of(
		replace(TOURNAMENT, title="Book fair", more={**TOURNAMENT.more, "details": words}), manager
	)


def switch_on_mass(manager: Person) -> str:
	"""Switch on a rule that finds unusually many when its time comes, at the next full minute."""
	values = {
		"title": "Fees overdue",
		"kind": "Fees overdue",
		"purpose": "Fees",
		"channel": "Voice",
		"template": "Fees due",
		"days": 1,
		"run_at": f"{clock.db_now() + timedelta(minutes=1):%H:%M}:00",
		"most_percent": 1,
		"most_number": 5,
	}
	rule = manager.create("Dialer Rule", values)
	attendance.press(manager, "switch_on", rule=rule)
	return rule


def question_of(rule: str) -> str:
	"""Wait for the rule's run that needs a person's review and return its name."""

	def waits() -> bool:
		attendance.tick()
		frappe.db.rollback()
		return bool(frappe.db.exists("Dialer Rule Run", {"rule": rule, "status": "Needs Review"}))

	wait_for("The rule's question", waits)
	return one("Dialer Rule Run", rule=rule)


def under_way(manager: Person) -> str:
	"""Return a campaign that is calling, at the pace of a small account."""
	set_pace(SLOW)
	name = draft_of(PICTURES, manager)
	manager.press("start", name)
	wait_for("Calls of the campaign that is under way", lambda: reached(manager, name) >= SEEN)
	return name


def reached(manager: Person, name: str) -> int:
	return manager.progress(name)["counts"].get("Reached", 0)


def set_pace(calls_per_second: float) -> None:
	frappe.db.rollback()
	frappe.db.set_value(
		"Dialer Sending Number", {"phone_number": SENDER}, "calls_per_second", calls_per_second
	)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def one(doctype: str, **filters: object) -> str:
	frappe.db.rollback()
	return frappe.get_all(doctype, filters, pluck="name", limit=1, order_by="name")[0]
