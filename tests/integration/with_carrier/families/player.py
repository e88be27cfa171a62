"""Play a world's script on the real app: the school's moves, the families' events, and the carrier's calls.

Planning, dialing and the scheduler's jobs run in this process, one after the other. Delays of retries do not
pass: what waits for one is made due.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import frappe

from dev.days import next_ordinary
from dev.demo.people import MANAGER
from dev.demo.stage import seconds_to, site_config
from dev.site.layout import current
from school_dialer import scheduler as tick
from school_dialer.automation import run as rule_runs
from school_dialer.automation import scheduler
from school_dialer.base import clock, states
from school_dialer.calls import missed_texts
from school_dialer.campaigns import actions, completing, resending, scale_check
from school_dialer.campaigns.corrections import late, making
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.plausibility import questions
from school_dialer.consent.choices import wrong_number
from school_dialer.continuity import maintenance
from school_dialer.followup import fallback
from school_dialer.outbound.attempts import reconciler, revocation
from school_dialer.outbound.dispatch import dispatcher
from tests.families import course as c
from tests.families.school import DISTRICT
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.families.happenings import as_manager
from tests.integration.with_carrier.families.world import STRANGER, WAIT_MINUTES, World

FAULTS: dict[str, dict] = {
	"": {},
	"too fast": {"http_429": 0.2},
	"errors": {"http_500": 0.15},
	"lost answers": {"lose_answer": 0.2, "drop_callback": 0.2},
	"lost requests": {"lose_request": 0.1},
	"doubled": {"double_callback": 0.5, "reorder": True},
}
WORDS = {
	"Event": {
		"en": "This is school news about {{ student_names }}.",
		"es": "Estas son noticias de la escuela sobre {{ student_names }}.",
	},
	"Emergency": {
		"en": "The school is closed because of a fire.",
		"es": "La escuela está cerrada por un incendio.",
	},
}
TAKEN_BACK = {
	"en": "Our message was a mistake. Please ignore it.",
	"es": "Nuestro mensaje fue un error. No lo tenga en cuenta.",
}
MACHINES = {"en": "We have news. Please call us.", "es": "Tenemos noticias. Por favor, llámenos."}
EVENING = timedelta(hours=29, minutes=30)
"""From midnight in UTC to when it is half past nine in the evening, or later, on the whole mainland."""
SILENT_MINUTES = 12
"""More than any silence after which the carrier is asked about a call."""
OPEN = (states.AWAITING, states.PREPARING, states.RUNNING, states.PAUSED)
ROUNDS = 12
"""How often what is due is dialed in one move, at most."""


class Player:
	def __init__(self, world: World, carrier, forward: Callable[[float], None]):
		self.world, self.carrier, self.forward = world, carrier, forward
		self.script = world.script
		self.campaigns: list[str] = []
		self.corrections: list[str] = []
		self.rule = None
		self.halted = False

	def prepare(self) -> None:
		"""Enter the families, and the message or the rule. Commits."""
		self.world.enroll()
		if self.script.about_records:
			self.rule = rules.rule(
				self.world,
				channel=self.script.channel,
				reach=self.script.reach,
				max_attempts=self.script.tries,
				**self.in_school(),
			)
		frappe.db.commit()
		self.carrier.control("people", self.world.people())
		missed_texts.run()

	def move(self, index: int) -> None:
		frappe.db.rollback()
		self.moves[self.script.moves[index]](self)
		frappe.db.rollback()

	def close(self) -> None:
		"""End what is still open, and remove the school's records."""
		frappe.db.rollback()
		if self.rule:
			frappe.db.set_value("Dialer Rule", self.rule.name, "enabled", 0)
		for name in (*self.campaigns, *self.corrections):
			if status_of(name) in OPEN:
				actions.cancel(name)
		maintenance.forget()
		maintenance.heard()
		frappe.db.commit()
		self.world.leave()

	def look(self) -> None:
		"""Run the rules as the scheduler does. A person approves a run that found unusually many."""
		scheduler.run_rules()
		waiting = frappe.get_all(
			"Dialer Rule Run", {"rule": self.rule.name}, ["name", "status"], order_by="name"
		)
		for run in waiting:
			if run.status == rule_runs.REVIEW:
				rule_runs.approve(run.name, frappe.db.get_value("Dialer Rule Run", run.name, "found"))
				frappe.db.commit()
				scheduler.run_rules()
		self.campaigns = rules.campaigns_of(self.rule)
		self.plan()

	def start(self) -> None:
		self.halted = False
		doc = frappe.get_doc(
			{
				"doctype": "Dialer Campaign",
				"title": f"{make.OURS}{secrets.token_hex(4)}",
				"purpose": self.script.purpose,
				"channel": self.script.channel,
				"audience_source": "Guardians of a Student Group",
				"audience_name": self.world.group,
				"reach": self.script.reach,
				"max_attempts": self.script.tries,
				"text_fallback": int(self.script.fallback),
				"template": message(self.script.purpose),
				**self.in_school(),
				**(emergencies.FIRE if self.script.purpose == c.EMERGENCY else {}),
			}
		).insert()
		self.begin(doc)

	def begin(self, doc) -> None:
		"""Start this draft and plan it. Commits. All that the Desk asks before is confirmed.

		That is also its size: a second try of what a rule said is started by hand, and is asked about.
		"""
		self.campaigns.append(doc.name)
		frappe.db.commit()
		if self.script.purpose == c.EMERGENCY:
			emergencies.asked_for([], doc)
			emergencies.approve(doc.name)
		else:
			agreed = [one["key"] for one in questions.questions_for(doc)]
			asked = scale_check.question(doc) or {"people": 0}
			actions.start(doc.name, asked["people"], agreed)
			frappe.db.commit()
		self.plan()

	def in_school(self) -> dict[str, str]:
		school = self.script.school
		return {} if school in (None, DISTRICT) else {"school": self.world.schools[school]}

	def plan(self) -> None:
		for name in self.campaigns:
			if status_of(name) == states.PREPARING:
				planner.run(name)

	def dial(self) -> None:
		"""Dial under the script's faults, then without them what the faults left over."""
		self.carrier.control("faults", FAULTS[self.script.faults])
		self.serve()
		self.carrier.control("faults", {})
		if self.script.faults:
			self.settle()

	def settle(self) -> None:
		"""Let the carrier be asked about what is unknown, and dial what was not sent."""
		self.forward(SILENT_MINUTES)
		reconciler.run()
		frappe.db.rollback()
		if not self.halted:
			for name in self.campaigns:
				if status_of(name) == states.PAUSED:
					actions.resume(name)
			frappe.db.commit()
			self.serve()

	def serve(self) -> None:
		urgent = self.script.purpose == c.EMERGENCY
		for _round in range(ROUNDS):
			dispatcher.run(urgent)
			self.carrier.wait_until_idle()
			self.follow_up()
			if not due_campaigns(urgent):
				return

	def follow_up(self) -> None:
		"""Plan the texts to those whom no call reached, as the job that the dispatcher enqueues."""
		frappe.db.rollback()
		for name in self.campaigns:
			if completing.fallback_owed(name):
				fallback.run(name)

	def later(self) -> None:
		frappe.db.sql(
			"""update `tabDialer Recipient` set not_before = %(now)s
			where campaign in %(ours)s and status in ('Pending', 'Retry') and not_before > %(now)s""",
			{"now": clock.db_now(), "ours": [*self.campaigns, ""]},
		)
		frappe.db.commit()
		self.dial()

	def pause(self) -> None:
		self.halted = True
		self.each(actions.pause, states.RUNNING)

	def change(self) -> None:
		def limit(name: str) -> None:
			doc = frappe.get_doc("Dialer Campaign", name)
			doc.most_at_once = 20
			doc.save()

		self.each(limit, states.PAUSED)

	def resume(self) -> None:
		self.halted = False
		self.each(lambda name: emergencies.as_user(MANAGER, actions.resume, name), states.PAUSED)

	def approve(self) -> None:
		self.each(emergencies.approve, states.AWAITING)
		self.plan()

	def cancel(self) -> None:
		self.each(actions.cancel, states.RUNNING, states.PAUSED, states.PREPARING)

	def correct(self) -> None:
		"""Press Correct This at each campaign that someone heard, and dial the corrections. Commits."""
		self.halted = True
		for name in self.campaigns:
			if people := making.propose(name)["people"]:
				as_manager(partial(self.take_back, name, people))
		for correction in self.corrections:
			if status_of(correction) == states.AWAITING:
				emergencies.approve(correction)
			planner.run(correction)
			late.add(correction)
		self.serve()

	def take_back(self, campaign: str, people: int) -> None:
		self.corrections.append(making.correct(campaign, TAKEN_BACK, people))
		frappe.db.commit()
		revocation.end_calls(campaign)
		frappe.db.commit()

	def resend(self) -> None:
		"""Press Try Again at each campaign that did not reach everyone, and start it in the same way."""
		way = resending.BOTH if self.script.fallback else self.script.channel
		drafts: list[str] = []
		for name in self.campaigns:
			if resending.propose(name)["families"]:
				as_manager(lambda name=name: drafts.append(resending.make(name, way)))
		for name in drafts:
			self.begin(frappe.get_doc("Dialer Campaign", name))

	def wait(self) -> None:
		"""Let the time pass in which a report of a wrong number can be undone, and more."""
		self.forward(WAIT_MINUTES)
		self.pass_time()

	def pass_time(self) -> None:
		wrong_number.settle()
		frappe.db.commit()

	def evening(self) -> None:
		"""Let it get so late that no one may be called, the farthest west either."""
		now = clock.now()
		midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
		self.forward((midnight + EVENING - now) / timedelta(minutes=1))
		self.pass_time()

	def night(self) -> None:
		"""Let the next school day begin, as late as this one did, and the scheduler look."""
		day = next_ordinary(clock.db_now().date() + timedelta(days=1))
		self.forward(seconds_to(day, clock.now()) / 60)
		self.pass_time()
		tick.expire_past_deadline()
		frappe.db.commit()
		if self.rule:
			scheduler.run_rules()
			frappe.db.rollback()

	def maintain(self) -> None:
		"""Let a worker begin while the site is in maintenance."""
		with site_config(current(), {maintenance.KEY: 1}):
			dispatcher.run(self.script.purpose == c.EMERGENCY)
			self.carrier.wait_until_idle()

	def intrude(self) -> None:
		"""Add a stranger's number for each family: as a manager by hand, and past the app as planned rows."""
		numbers = [one.numbers[STRANGER] for one in self.world.households]
		for number in numbers:
			self.add_by_hand(number)
		planned = frappe.db.sql(
			"select * from `tabDialer Recipient` where campaign in %s limit 1",
			([*self.campaigns, ""],),
			as_dict=True,
		)
		known = set(
			frappe.get_all("Dialer Recipient", {"phone": ("in", numbers)}, pluck="phone", order_by=None)
		)
		for number in numbers if planned else ():
			if number not in known:
				plant(planned[0], number)
		frappe.db.commit()

	def add_by_hand(self, number: str) -> None:
		values = {"doctype": "Dialer Recipient", "campaign": self.campaigns[0], "phone": number}
		try:
			as_manager(lambda: frappe.get_doc(values).insert())
			frappe.db.commit()
		except (frappe.ValidationError, frappe.PermissionError):
			frappe.db.rollback()
			frappe.clear_messages()

	def each(self, action: Callable[[str], object], *statuses: str) -> None:
		"""Do this to the campaigns in these states. Those that have ended already stay as they are."""
		for name in self.campaigns:
			if status_of(name) in statuses:
				action(name)
		frappe.db.commit()

	moves = {
		c.LOOK: look,
		c.START: start,
		c.DIAL: dial,
		c.LATER: later,
		c.PAUSE: pause,
		c.CHANGE: change,
		c.RESUME: resume,
		c.APPROVE: approve,
		c.CANCEL: cancel,
		c.INTRUDE: intrude,
		c.MAINTAIN: maintain,
		c.WAIT: wait,
		c.EVENING: evening,
		c.NIGHT: night,
		c.CORRECT: correct,
		c.RESEND: resend,
	}


def status_of(campaign: str) -> str:
	return frappe.db.get_value("Dialer Campaign", campaign, "status")


def message(purpose: str) -> str:
	"""Return a message of this purpose in two languages, made once on a site."""
	name = f"{make.OURS}families {purpose}"
	if not frappe.db.exists("Dialer Message Template", name):
		rows = [
			{"language": language, "voice": words, "text": words, "voicemail": MACHINES[language]}
			for language, words in WORDS[purpose].items()
		]
		frappe.get_doc(
			{
				"doctype": "Dialer Message Template",
				"template_name": name,
				"purpose": purpose,
				"voice": 1,
				"text": 1,
				"translations": rows,
			}
		).insert()
	return name


def plant(planned: frappe._dict, number: str) -> None:
	"""Insert a copy of a planned row, and of those whom it tells, with another number."""
	row = {**planned, "name": secrets.token_hex(10), "phone": number, "household_key": number}
	row |= {"status": states.PENDING, "verdict": "ALLOW", "not_before": clock.db_now(), "reasons": None}
	told = frappe.db.sql("select * from `tabDialer Party` where parent = %s", planned.name, as_dict=True)
	name = row["name"]
	parties = [
		{**one, "name": f"{name}-{secrets.token_hex(16)}", "parent": name, "phone": number} for one in told
	]
	for doctype, rows in (("Dialer Recipient", [row]), ("Dialer Party", parties)):
		if rows:
			frappe.db.bulk_insert(doctype, list(rows[0]), [tuple(one.values()) for one in rows])
