"""Who will be called, who waits and until when, and who is blocked and why.

Each household counts once, under its main reason. Decisions are added one chunk at a time. Only a few words
are kept per household, so 100,000 of them fit in memory.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from frappe import _

from school_dialer import gate
from school_dialer.base.phone import PhoneNumber
from school_dialer.calls import pins
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.planning.candidate_choice import VERDICT_ORDER, CandidateNumber
from school_dialer.reporting import reasons

CALLED, WAITING, HELD = "ALLOW", "DEFER", "BLOCK"
NO_PIN = "PIN"
"""The group of people without a PIN when the campaign asks for one.

They are called, so they are in another group as well.
"""
PEOPLE_MOST = 500
"""The most people listed for one group. Counts include everyone."""


class Breakdown:
	"""`listed` is how many people per group to keep for display."""

	def __init__(self, listed: int = 0):
		self.listed = listed
		self.groups: dict[str, str] = {}
		self.untils: dict[str, datetime] = {}
		self.people: dict[str, dict[str, dict]] = defaultdict(dict)
		self.without_pin: dict[tuple, dict] = {}

	def add(self, options: Iterable[CandidateNumber], problems: dict[str, str] | None = None) -> None:
		"""Add the decisions of a chunk.

		`problems` maps a household key to why no message can be made for a person who might be called.
		"""
		for option in options:
			key = option.household_key
			group = group_of(option, (problems or {}).get(key, ""))
			if key in self.groups:
				if order(self.groups[key]) <= order(group):
					continue
				self.people[self.groups[key]].pop(key, None)
			self.groups[key] = group
			self.note(key, group, option, (problems or {}).get(key, ""))

	def note(self, key: str, group: str, option: CandidateNumber, problem: str) -> None:
		until = option.answer.decision.until
		if until and group.startswith(WAITING):
			self.untils[group] = min(until, self.untils.get(group, until))
		if len(self.people[group]) < self.listed:
			self.people[group][key] = person(option, problem)

	def note_pins(self, options: Iterable[CandidateNumber]) -> None:
		"""Record which callable people have no PIN. Runs one query for the chunk."""
		lines = [
			line for option in options if option.verdict != HELD for line in (option.line, *option.others)
		]
		having = pins.owners({line.owner for line in lines if line.person})
		for line in lines:
			if line.owner not in having:
				self.without_pin.setdefault(line.owner if line.person else (line.phone,), who(line))

	def pin_row(self) -> dict | None:
		"""Return a row like `row` for the people without a PIN, or None."""
		if not self.without_pin:
			return None
		return {
			"group": NO_PIN,
			"verdict": NO_PIN,
			"people": len(self.without_pin),
			"words": _("Have no PIN"),
			"remedy": _(
				"They hear only that there is a message, and are asked to call back. New PIN in a person's "
				"record makes one."
			),
		}

	def listed_without_pin(self) -> list[dict]:
		return list(self.without_pin.values())[:PEOPLE_MOST]

	def counts(self) -> Counter:
		return Counter(self.groups.values())

	def verdicts(self) -> Counter:
		return Counter(group.partition(":")[0] for group in self.groups.values())

	def rows(self) -> list[dict]:
		"""Return the groups in words: called, then waiting, then blocked, the largest first within each."""
		counts = sorted(self.counts().items(), key=lambda item: (order(item[0]), -item[1]))
		return [self.row(group, count) for group, count in counts]

	def row(self, group: str, count: int) -> dict:
		verdict, code, zone = (*group.split(":"), "", "")[:3]
		title, remedy = reasons.reason_words(code) if code else ("", "")
		until = self.untils.get(group)
		time = until.astimezone(ZoneInfo(zone)).strftime("%H:%M") if until and zone else ""
		return {
			"group": group,
			"verdict": verdict,
			"code": code,
			"people": count,
			"words": title,
			"remedy": remedy,
			"time": time,
			"place": place_name(zone),
		}


def group_of(option: CandidateNumber, problem: str = "") -> str:
	"""Return `ALLOW`, `DEFER:<code>:<zone>` or `BLOCK:<code>`."""
	decision = option.answer.decision
	if option.verdict == HELD:
		return f"{HELD}:{reasons.blocking(', '.join(option.codes))[0]}"
	if problem:
		return f"{HELD}:{reasons.HELD_BACK}"
	if decision.verdict == CALLED:
		return CALLED
	return f"{WAITING}:{min(decision.codes, key=reasons.rank)}:{zone_of(option)}"


def zone_of(option: CandidateNumber) -> str:
	"""Return the person's time zone if known, or else the number's first zone, or ""."""
	request = option.answer.decision.request
	if request.person.time_zone:
		return request.person.time_zone
	return (
		request.phone.time_zones[0]
		if isinstance(request.phone, PhoneNumber) and request.phone.time_zones
		else ""
	)


def place_name(zone: str) -> str:
	"""Return the name people know a zone by: `America/Indiana/Knox` is Knox."""
	return zone.rpartition("/")[2].replace("_", " ")


def order(group: str) -> int:
	return VERDICT_ORDER[group.partition(":")[0]]


def who(line: ContactPoint) -> dict:
	"""Return a dict for display.

	`students` is for `desk.support.people`, which decides what of the row a user sees.
	"""
	return {
		"students": list(line.students),
		"person_doctype": line.person_doctype,
		"person": line.person,
		"person_name": line.person_name,
		"phone_masked": gate.masked(line.phone),
		"why": _("No PIN"),
	}


def person(option: CandidateNumber, problem: str = "") -> dict:
	"""Return a dict like `who`, with the reasons."""
	candidate = option.candidate
	return {
		"students": list({*candidate.students, *option.answer.students}),
		"person_doctype": candidate.person_doctype,
		"person": candidate.person,
		"person_name": candidate.person_name,
		"phone_masked": gate.masked(option.phone) or _("no working phone number"),
		"why": problem or "; ".join(map(reasons.title, option.codes)),
	}
