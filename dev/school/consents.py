"""Consent events of the demo school's people for the consent ledger, with their evidence.

About four in five numbers have a consent: mostly "number provided" at enrollment, some oral, some written
(the only kind that allows fundraising), some for voice alone. Some have expired, some were not verified for
years, and some people opted out later. Importing the roster itself gives no consent; these events do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from dev.school.model import COURT_ORDER, Roster
from school_dialer.consent.events import GRANT, OPT_IN, OPT_OUT, VERIFY, Event, Evidence

OFFICE = "office@riverside.example"
GRANTED = 0.8
PROFILES = {"plain": 64, "written": 14, "voice only": 6, "oral": 6, "expired": 5, "stale": 5}
OPTED_OUT = 0.08
SCOPES = {"all non-emergency": 60, "this purpose": 25, "everything": 15}
WORDING = {
	"en": "I give this number to Riverside School District so that the school can reach me about my child by "
	"automated calls and texts. I can stop them at any time.",
	"es": "Doy este número al Distrito Escolar de Riverside para que la escuela me informe sobre mi hijo "
	"con llamadas "
	"y mensajes automáticos. Puedo cancelarlos en cualquier momento.",
	"zh": "我向河滨学区提供此号码，同意学校就我孩子的事情向我拨打自动电话和发送短信。我可以随时停止接收。",
	"ar": "أعطي هذا الرقم لمنطقة ريفرسايد التعليمية لكي تتصل بي المدرسة بشأن طفلي بمكالمات ورسائل آلية. "
	"يمكنني إيقافها في أي وقت.",
	"vi": "Tôi cung cấp số này cho Học khu Riverside để nhà trường liên lạc với tôi về con tôi "
	"bằng cuộc gọi và tin nhắn "
	"tự động. Tôi có thể ngừng nhận bất cứ lúc nào.",
}
OWN_WORDING = (
	"I give this number to Riverside School District so that it can reach me by automated calls and texts. "
	"I can stop them at any time."
)
WRITTEN = (
	"I agree that Riverside School District may call and text this number with automated messages "
	"about fundraising. "
	"I need not agree in order to enrol my child. Signed by the parent."
)
SPOKEN = "Yes, you can call and text me on this number about school."
STOP_WORDS = {
	"Text": ("STOP", "stop texting me", "ALTO", "unsubscribe"),
	"Keypad": ("9",),
	"Agent": ("She asked the office to take her number off the list.",),
}


@dataclass(frozen=True)
class Owner:
	"""The person who gave a number first, and when."""

	phone: str
	doctype: str
	name: str
	language: str
	since: date
	record: tuple[str, str]


def owners(roster: Roster) -> Iterator[Owner]:
	"""Yield each distinct number of the roster once: guardians before staff before students."""
	joined: dict[str, date] = {}
	child: dict[str, str] = {}
	for student in roster.students:
		for link in student.links:
			joined[link.guardian] = min(student.joining_date, joined.get(link.guardian, student.joining_date))
			child.setdefault(link.guardian, student.name)
	people = [
		(phone, "Guardian", g.name, g.language or "en", joined[g.name], ("Student", child[g.name]))
		for g in roster.guardians
		for phone in g.numbers()
	]
	people += [
		(e.cell.e164, "Employee", e.name, "en", e.date_of_joining, ("Employee", e.name))
		for e in roster.employees
		if e.cell.e164
	]
	people += [
		(s.mobile.e164, "Student", s.name, s.language, s.joining_date, ("Student", s.name))
		for s in roster.students
		if s.mobile.e164
	]
	seen: set[str] = set()
	for person in people:
		if person[0] not in seen:
			seen.add(person[0])
			yield Owner(*person)


def events(roster: Roster) -> list[Event]:
	"""Return the events in the order they happened, the last at least two days before the roster's day."""
	rng = random.Random(f"{roster.seed}:consents")
	barred = {
		phone
		for student in roster.students
		for link in student.links
		if link.permission == COURT_ORDER
		for phone in roster.guardian(link.guardian).numbers()
	}
	story = Story(rng, roster)
	for owner in owners(roster):
		if owner.phone in barred:
			story.grant(owner, "plain")
		elif rng.random() < GRANTED:
			story.grant(owner, rng.choices(tuple(PROFILES), tuple(PROFILES.values()))[0])
			if rng.random() < OPTED_OUT:
				story.stop(owner)
		elif rng.random() < 0.03:
			story.stop(owner)
	return sorted(story.events, key=lambda event: event.at)


class Story:
	"""Writes events; `last` is the latest moment at which anything may have happened."""

	def __init__(self, rng: random.Random, roster: Roster):
		self.rng, self.year = rng, roster.year
		self.last = datetime.combine(roster.today - timedelta(days=2), time(15), timezone.utc)
		self.events: list[Event] = []
		self.sharing: dict[str, list[str]] = {}
		for guardian in roster.guardians:
			for phone in guardian.numbers():
				self.sharing.setdefault(phone, []).append(guardian.name)

	def moment(self, day: date) -> datetime:
		"""Return a moment in the office hours of a day, but never after `last`. Aware UTC."""
		opening = datetime.combine(day, time(14), timezone.utc)
		return min(opening + timedelta(minutes=self.rng.randrange(420)), self.last)

	def add(self, owner: Owner, kind: str, at: datetime, source: str, words: dict, **details) -> None:
		doctype, name = owner.record
		known = {"actor": OFFICE, "language": owner.language, **words}
		evidence = Evidence(source, reference_doctype=doctype, reference_name=name, **known)
		person = {"person_doctype": owner.doctype, "person": owner.name}
		self.events.append(Event(kind, owner.phone, evidence, at=at, **person, **details))
		if details.get("basis") == "number provided":
			for other in self.sharing.get(owner.phone, ()):
				if other != owner.name:
					person = {"person_doctype": "Guardian", "person": other}
					self.events.append(Event(kind, owner.phone, evidence, at=at, **person, **details))

	def grant(self, owner: Owner, profile: str) -> None:
		day = owner.since
		if profile == "stale":
			day = date(self.year.start - 4, 8, 9)
		elif profile == "expired":
			day = self.year.before.first_day + timedelta(days=7)
		at = self.moment(day)
		details: dict = {"basis": "number provided"}
		words = {"wording": wording(owner)}
		source = "Enrolment"
		if profile == "voice only":
			details["channel"], words["note"] = "Voice", "The family asked for calls, not texts."
		elif profile == "oral":
			source, details["basis"], words["wording"] = "Inbound Call", "express oral", SPOKEN
		elif profile == "expired":
			details["expires_at"] = self.moment(self.year.before.last_day)
		self.add(owner, GRANT, at, source, words, **details)
		if profile == "written":
			signed = self.moment(at.date() + timedelta(days=1))
			words = {"wording": WRITTEN, "language": "en"}
			self.add(
				owner, GRANT, signed, "Signed Form", words, basis="express written", purpose="Fundraising"
			)
		if at.date() < self.year.first_day and profile not in ("stale", "expired"):
			confirmed = self.moment(self.year.first_day + timedelta(days=self.rng.randrange(9, 30)))
			self.add(owner, VERIFY, confirmed, "Enrolment", {"note": "Confirmed on the yearly update form."})

	def stop(self, owner: Owner) -> None:
		rng = self.rng
		source = rng.choice(tuple(STOP_WORDS))
		scope = rng.choices(tuple(SCOPES), tuple(SCOPES.values()))[0]
		if source == "Text" and scope == "everything":
			scope = "all non-emergency"
		purpose = rng.choice(("Event", "General", "Fundraising")) if scope == "this purpose" else "All"
		channel = "Text" if source == "Text" and rng.random() < 0.4 else "Any"
		before = self.events[-1] if self.events and self.events[-1].phone == owner.phone else None
		after = before.at if before else self.last - timedelta(days=90)
		at = min(after + timedelta(days=rng.randrange(1, 60)), self.last)
		words = {"wording": rng.choice(STOP_WORDS[source])}
		self.add(owner, OPT_OUT, at, source, words, scope=scope, purpose=purpose, channel=channel)
		if source == "Text" and rng.random() < 0.2:
			again = min(at + timedelta(days=3), self.last + timedelta(hours=1))
			self.add(owner, OPT_IN, again, "Text", {"wording": "START"})


def wording(owner: Owner) -> str:
	"""Return the wording of the form on which the number was given."""
	return WORDING[owner.language] if owner.doctype == "Guardian" else OWN_WORDING
