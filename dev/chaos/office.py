"""The staff: they prepare campaigns, press buttons, retry while the site is down, and count at the end."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import frappe
from redis.exceptions import RedisError

from dev.chaos.checks import ENDED, FINAL_RANK, OPEN, Evidence
from dev.chaos.people import Person
from dev.patience import PATIENCE
from dev.school import users
from dev.site.layout import Bench
from school_dialer.base import clock, states
from school_dialer.base.database.errors import of_libraries
from school_dialer.base.jobs import TICK
from school_dialer.campaigns.plausibility import questions
from school_dialer.campaigns.transitions import WrongState
from school_dialer.consent import ledger
from school_dialer.desk import campaigns as desk

MANAGER, APPROVER = "communications@riverside.example", "principal@riverside.example"
WORDS = "We have news about the school year. It concerns all families."
AGREED_BEFORE = timedelta(days=9)
AGAIN_SECONDS = 0.3
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Part:
	"""A campaign of the run.

	``share`` is its share of all recipients. ``to`` is where its recipients begin, as a fraction of all
	people.
	"""

	title: str
	channel: str
	share: float
	to: float
	purpose: str = "Event"
	attempts: int = 1
	more: dict = field(default_factory=dict)


CONCERT = Part("Spring concert", "Text", 0.4, 0.0)
TESTS = Part("Weeks of tests", "Voice", 0.3, 0.4, attempts=3)
TAKEN_BACK = Part("Taken back", "Text", 0.1, 0.7, "General")
HELD_BACK = Part("Held back", "Voice", 0.1, 0.8, "General", attempts=2)
EMERGENCY = Part(
	"School closed",
	"Voice",
	0.1,
	0.35,
	"Emergency",
	attempts=2,
	more={"emergency_type": "Weather closure", "emergency_reason": "Ice on the roads"},
)
PARTS = (CONCERT, TESTS, TAKEN_BACK, HELD_BACK, EMERGENCY)


class Office:
	def __init__(self, bench: Bench):
		self.bench = bench
		self.campaigns: dict[str, str] = {}
		self.invited: dict[str, list[str]] = {}

	def prepare(self, people: list[Person], recipients: int) -> None:
		"""Create consents, messages and a draft of every campaign. Commits."""
		users.create()
		agreed = [one for one in people if one.agreed]
		evidence = ledger.Evidence("Enrolment", wording="You may call me about my child.", language="en")
		for start in range(0, len(agreed), 1000):
			ledger.record_many(
				[
					ledger.Event(
						"Grant", one.phone, evidence, basis="number provided", at=clock.now() - AGREED_BEFORE
					)
					for one in agreed[start : start + 1000]
				]
			)
			frappe.db.commit()
		for part in PARTS:
			first = round(part.to * recipients)
			invited = people[first : first + round(part.share * recipients)]
			name = draft(part, invited)
			self.campaigns[part.title] = name
			self.invited[name] = [one.phone for one in invited]
		frappe.db.commit()

	def again(self, work: Callable[[], Answer]) -> Answer:
		"""Do this, and retry while the database or Redis is down. Commits.

		Raises the last error after PATIENCE seconds.
		"""
		end = time.monotonic() + PATIENCE
		while True:
			try:
				frappe.db.rollback()
				answer = work()
				frappe.db.commit()
				return answer
			except (*database_errors(), RedisError):
				if time.monotonic() > end:
					raise
				time.sleep(AGAIN_SECONDS)
				self.reconnect()

	def reconnect(self) -> None:
		with suppress(*database_errors(), RedisError):
			frappe.destroy()
		with suppress(*database_errors(), RedisError):
			frappe.init(self.bench.site, sites_path=".")
			frappe.connect()
			frappe.flags.mute_emails = True

	def press(self, button: Callable[..., object], part: Part, user: str = MANAGER) -> None:
		"""Perform an action on a campaign as this user.

		WrongState is ignored: an earlier try may have succeeded before its error.
		"""

		def work() -> None:
			frappe.set_user(user)
			try:
				with suppress(WrongState):
					button(self.campaigns[part.title])
			finally:
				frappe.set_user("Administrator")

		self.again(work)

	def press_while_it_runs(self, button: Callable[..., object], part: Part) -> None:
		"""Press the button once a person has been called, or when PATIENCE seconds are over."""
		end = time.monotonic() + PATIENCE
		logs = {"campaign": self.campaigns[part.title]}
		while not self.again(lambda: frappe.db.exists("Dialer Call Log", logs)) and time.monotonic() < end:
			time.sleep(AGAIN_SECONDS)
		self.press(button, part)

	def start(self, part: Part) -> None:
		self.press(lambda campaign: desk.start(campaign, 0, confirmed(campaign)), part)
		if part is EMERGENCY:
			self.press(desk.approve, part, APPROVER)

	def schedule(self, part: Part, seconds: float) -> None:
		"""Schedule a campaign that long from now, and from the time of the last try if the site was down."""

		def set_and_schedule(campaign: str) -> None:
			if frappe.db.get_value("Dialer Campaign", campaign, "status") == states.DRAFT:
				at = clock.db_now() + timedelta(seconds=seconds)
				frappe.db.set_value("Dialer Campaign", campaign, "scheduled_at", at)
			desk.schedule(campaign, 0, confirmed(campaign))

		self.press(set_and_schedule, part)

	def resume_what_stopped(self) -> None:
		"""Resume campaigns that paused by themselves, as staff do after reading the stated reason."""
		for title in self.again(lambda: stopped(list(self.invited))):
			self.press(desk.resume, next(part for part in PARTS if part.title == title))

	def tally(self) -> dict[str, int]:
		"""Return the counts of what is not over yet."""
		return self.again(lambda: open_things(self.invited))

	def next_due(self) -> datetime | None:
		"""Return when (aware) the first of those who wait is due, or None if no one waits."""
		return self.again(lambda: next_due(list(self.invited)))

	def rounds(self) -> int:
		"""Return how often the tick, which enqueues the reconciler first, has run to the end."""
		return self.again(complete_rounds)

	def evidence(self, journal: list[dict], people: list[Person]) -> Evidence:
		return self.again(lambda: collect(journal, people, dict(self.invited)))


def confirmed(campaign: str) -> str:
	"""Return the questions before the start, all confirmed: here the same words go to many on purpose."""
	found = questions.questions_for(frappe.get_doc("Dialer Campaign", campaign))
	return json.dumps([one["key"] for one in found])


def database_errors() -> tuple[type[Exception], ...]:
	"""Return the errors of a database that is down, and those after which a person presses again."""
	down = (*of_libraries("OperationalError", "InterfaceError", "InternalError"), AttributeError)
	return (*down, frappe.QueryDeadlockError, frappe.QueryTimeoutError)


def draft(part: Part, invited: list[Person]) -> str:
	lines = ["name,phone", *(f"{one.name},{one.phone}" for one in invited)]
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"chaos-{secrets.token_hex(4)}.csv",
			"content": "\n".join(lines),
			"is_private": 1,
		}
	).insert()
	return (
		frappe.get_doc(
			{
				"doctype": "Dialer Campaign",
				"title": part.title,
				"purpose": part.purpose,
				"channel": part.channel,
				"audience_source": "CSV file",
				"audience_file": file.file_url,
				"max_attempts": part.attempts,
				"template": template(part.purpose),
				**part.more,
			}
		)
		.insert()
		.name
	)


def template(purpose: str) -> str:
	title = f"Chaos: {purpose}"
	if found := frappe.db.get_value("Dialer Message Template", {"template_name": title}):
		return found
	words = {"language": "en", "voice": WORDS, "voicemail": "We have news for you.", "text": WORDS}
	values = {"template_name": title, "purpose": purpose, "voice": 1, "text": 1, "translations": [words]}
	return frappe.get_doc({"doctype": "Dialer Message Template", **values}).insert().name


def stopped(campaigns: list[str]) -> list[str]:
	return frappe.get_all(
		"Dialer Campaign",
		{"name": ("in", campaigns), "status": states.PAUSED, "status_message": ("not like", "Paused by%")},
		pluck="title",
		order_by="title",
	)


def complete_rounds() -> int:
	name = frappe.db.get_value("Scheduled Job Type", {"method": TICK})
	return frappe.db.count("Scheduled Job Log", {"scheduled_job_type": name, "status": "Complete"})


def open_things(invited: dict[str, list[str]]) -> dict[str, int]:
	"""Return what is open in a run's campaigns, and open notices to the numbers invited to them."""
	count, campaigns = frappe.db.count, list(invited)
	phones = sorted({phone for some in invited.values() for phone in some})
	return {
		"campaigns": count("Dialer Campaign", {"name": ("in", campaigns), "status": ("not in", ENDED)}),
		"recipients": count("Dialer Recipient", {"campaign": ("in", campaigns), "status": ("in", OPEN)}),
		"logs": count(
			"Dialer Call Log",
			{"campaign": ("in", campaigns), "status_rank": ("<", FINAL_RANK), "ended_at": ("is", "not set")},
		),
		"notices": count(
			"Dialer Notice", {"phone": ("in", phones), "status": ("in", ("Waiting", "Sending"))}
		),
	}


def next_due(campaigns: list[str]) -> datetime | None:
	waiting = {"campaign": ("in", campaigns), "status": ("in", states.WAITING)}
	rows = frappe.get_all("Dialer Recipient", waiting, pluck="not_before", order_by="not_before", limit=1)
	return clock.from_db(rows[0]) if rows and rows[0] else None


def collect(journal: list[dict], people: list[Person], invited: dict[str, list[str]]) -> Evidence:
	campaigns = list(invited)
	named = [
		parse_qs(urlsplit(entry["params"].get("StatusCallback", "")).query).get("log", [""])[0]
		for entry in journal
		if entry["kind"] in ("call", "message")
	]
	fields = "name, campaign, recipient, attempt, person, purpose, status, status_rank, ended_at"
	logs = frappe.db.sql(
		f"select {fields} from `tabDialer Call Log` "
		"where direction = 'Outbound' and (campaign in %s or name in %s)",
		(campaigns, [*set(named), ""]),
		as_dict=True,
	)
	recipients = frappe.db.sql(
		"select name, campaign, phone, status, outcome, max_attempts from `tabDialer Recipient` "
		"where campaign in %s",
		(campaigns,),
		as_dict=True,
	)
	rows = frappe.db.sql(
		"select name, title, status, purpose, deadline from `tabDialer Campaign` where name in %s",
		(campaigns,),
		as_dict=True,
	)
	return Evidence(
		journal,
		{row.name: row for row in logs},
		{row.name: row for row in recipients},
		{row.name: row for row in rows},
		invited,
		{one.phone: one for one in people},
		notices_open=open_things(invited)["notices"],
	)
