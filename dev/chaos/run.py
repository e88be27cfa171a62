"""One run: people are called while everything breaks, then faults end, and once all is quiet it is judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import frappe

from dev.chaos import checks, failover, people, restore, schedule
from dev.chaos.crew import PLAN, Crew, kill_if_there
from dev.chaos.office import CONCERT, EMERGENCY, HELD_BACK, TAKEN_BACK, TESTS, Office
from dev.chaos.people import EASTERN, HAWAII, Person
from dev.chaos.stage import SENDERS, Stage, set_up
from dev.patience import PATIENCE
from dev.site import processes, services
from dev.site.layout import Bench
from dev.site.processes import descendants
from dev.site.steps import say
from school_dialer.desk import campaigns as desk

TICK_SECONDS = 2.0
QUIET_ROUNDS = 4
"""Ticks in which nothing changes. In so many the reconciler has run too, even if its worker was killed before
them: another job frees it after `jobs.LOOK_SECONDS`."""
FORWARD_MINUTES = 11.0
"""More than any silence after which the engine queries the carrier."""
MOST_FORWARD = 8
QUEUED, QUEUED_SHARE, QUEUE_SECONDS = 20, 0.05, 30
"""How many calls wait in the carrier's queue when calling hours end, or which share of the people if that is
fewer, if they arrive within QUEUE_SECONDS."""
DRAWN_NEAR, AFTERWARDS = 45, 5
"""Seconds before the end of calling hours, in which workers restart, and seconds after it."""


@dataclass
class Run:
	bench: Bench
	stage: Stage
	office: Office
	crew: Crew
	people: list[Person]
	plan: schedule.Plan
	progress: float = 0.0
	"""Progress of the storm, from 0 to 1."""
	over: threading.Event = field(default_factory=threading.Event)
	works: list[Future[None]] = field(default_factory=list)
	"""What runs beside the staff's work."""

	def storm(self) -> None:
		"""Let staff do their work while things break.

		Progress is counted in troubles, so a slow machine takes longer and misses none.
		"""
		self.stage.carrier.control("faults", schedule.ALWAYS)
		with ThreadPoolExecutor(3) as beside:
			self.works = [beside.submit(work) for work in (self.break_things, self.hunt_planners, self.leave)]
			try:
				for share, action in self.staff():
					self.mind_the_office(share)
					action()
				self.mind_the_office(1.0)
			finally:
				self.over.set()
			for work in self.works:
				work.result()

	def mind_the_office(self, until: float) -> None:
		"""Wait until the storm has come this far, and resume campaigns that paused.

		Raises what one of the works beside raised: otherwise the storm would never end.
		"""
		while self.progress < until and not self.over.is_set():
			for work in self.works:
				if work.done():
					work.result()
			self.office.resume_what_stopped()
			self.over.wait(0.5)

	def break_things(self) -> None:
		before = 0.0
		for trouble in self.plan.troubles:
			if self.over.wait(trouble.at - before):
				return
			self.trouble(trouble)
			before = trouble.at
			self.progress = before / self.plan.seconds
		self.progress = 1.0

	def staff(self) -> list[tuple[float, Callable[[], None]]]:
		"""Return the staff's actions with their times as fractions of the storm. In the middle is a night."""
		office = self.office
		return [
			(0.0, partial(office.start, CONCERT)),
			(0.05, partial(office.schedule, HELD_BACK, 10)),
			(0.1, partial(office.start, TESTS)),
			(0.12, self.hours_end),
			(0.2, partial(office.start, TAKEN_BACK)),
			(0.25, partial(office.press_while_it_runs, desk.pause, HELD_BACK)),
			(0.35, partial(office.press_while_it_runs, desk.cancel, TAKEN_BACK)),
			(0.4, partial(office.press, desk.resume, HELD_BACK)),
			(0.45, partial(office.start, EMERGENCY)),
			(0.55, self.night),
		]

	def hours_end(self) -> None:
		"""Let calling hours end in New York while calls wait in the carrier's queue."""
		self.stage.slow_account()
		enough = min(QUEUED, QUEUED_SHARE * len(self.people))
		for _ in range(QUEUE_SECONDS):
			if self.stage.waits("queued") >= enough or self.over.wait(1):
				break
		self.crew.power_cut(self.draw_near)
		left = (self.stage.closes - self.stage.now()).total_seconds()
		self.over.wait(max(0, left) + AFTERWARDS)
		self.stage.usual_account()

	def draw_near(self) -> None:
		"""Move the clock to shortly before the end of calling hours.

		Texts in transit are valid for minutes of a clock that now jumps ahead, so they arrive first.
		"""
		self.stage.usual_senders()
		for _ in range(PATIENCE):
			if not self.stage.waits("texts") or self.over.wait(1):
				break
		self.stage.set_clock(self.stage.closes - timedelta(seconds=DRAWN_NEAR))

	def night(self) -> None:
		self.crew.power_cut(self.sleep)

	def sleep(self) -> None:
		"""Move the clock to the next morning. By then everything queued at the carrier has gone out."""
		self.stage.usual_account()
		self.stage.carrier.wait_until_idle()
		self.stage.set_clock(self.stage.next_morning(EASTERN))

	def trouble(self, trouble: schedule.Trouble) -> None:
		crew = self.crew
		does: dict[str, Callable[[], object]] = {
			"kill worker": lambda: crew.kill_worker(trouble.which),
			"kill dispatcher": lambda: crew.kill_dispatcher(trouble.which),
			"kill horse": lambda: crew.kill_horse(trouble.which),
			"kill scheduler": lambda: crew.kill_scheduler(trouble.which),
			"kill web": lambda: kill_web(trouble.which),
			"stop database": lambda: services.restart("mariadb"),
			"kill database": lambda: services.restart("mariadb", kill=True),
			"kill redis": lambda: [services.restart(name, kill=True) for name in services.REDIS],
			"flush redis": lambda: [
				services.flush(processes.find(name).details["port"]) for name in services.REDIS
			],
			"faults": lambda: self.stage.carrier.control(
				"faults", schedule.ALWAYS | schedule.BURSTS[trouble.which]
			),
			"fewer faults": lambda: self.stage.carrier.control("faults", schedule.ALWAYS),
			"slow account": self.stage.slow_account,
			"usual account": self.stage.usual_account,
		}
		does[trouble.what]()

	def hunt_planners(self) -> None:
		for delay in self.plan.planner_kills:
			while not self.over.is_set():
				if self.crew.kill_one_that(PLAN, patience=1.0, after=delay):
					break

	def leave(self) -> None:
		"""Let people text STOP when their time comes, and repeat it until it is acknowledged."""
		leaving = [one for one in self.people if one.leaves is not None]
		while leaving and not self.over.wait(0.1):
			due = [one for one in leaving if one.leaves <= self.progress]
			leaving = [one for one in leaving if one not in due] + [one for one in due if not self.heard(one)]

	def heard(self, one: Person) -> bool:
		text = {"from": one.phone, "to": SENDERS[0], "body": "STOP"}
		return self.stage.carrier.control("inbound_text", text)["http_status"] == 200

	def settle(self) -> None:
		"""End all faults and let everything settle.

		The clock moves forward while anything waits for its time, and stops when nothing is open. A recipient
		who had all calls of a day waits for the next one.
		"""
		self.stage.carrier.control("faults", {})
		self.stage.usual_account()
		self.crew.power_cut(lambda: self.stage.set_clock(self.stage.next_morning(HAWAII)))
		for number in range(MOST_FORWARD):
			left = self.quiet()
			if not any(left.values()):
				return
			say(f"Still open: {left}")
			self.stage.forward(FORWARD_MINUTES)
			if number >= MOST_FORWARD // 2 and (due := self.office.next_due()):
				self.stage.set_clock(max(due, self.stage.now()))

	def quiet(self) -> dict[str, int]:
		"""Return what is open once nothing changes.

		That is, while the tick ran through several times and no worker was planning or dialing.
		"""
		since, seen, rounds = time.monotonic(), self.office.tally(), self.office.rounds()
		while any(seen.values()) and time.monotonic() < since + PATIENCE:
			time.sleep(0.5)
			self.office.resume_what_stopped()
			now, turned = self.office.tally(), self.office.rounds()
			if now != seen or self.crew.busy():
				since, seen, rounds = time.monotonic(), now, turned
			elif turned >= rounds + QUIET_ROUNDS:
				break
		return seen


def kill_web(which: int) -> None:
	"""Kill one of gunicorn's two processes in the middle of its requests; the master starts another."""
	web = processes.find("chaos-web")
	if web and (servers := descendants(web.pid)):
		kill_if_there(servers[which % len(servers)])


def crowds(seed: int, recipients: int, fresh: bool) -> tuple[list[Person], list[Person]]:
	"""Draw the people of the storm, and those of the restore."""
	known = set() if fresh else set(frappe.get_all("Consent Head", pluck="phone"))
	guests = restore.DRAWN * restore.count_of(recipients)
	everyone = people.crowd(seed, recipients + guests, known)
	return everyone[:recipients], everyone[recipients:]


def run(
	bench: Bench,
	seed: int,
	recipients: int,
	kills: int,
	fresh: bool,
	urgent: int = 0,
	modes: tuple[str, ...] = failover.MODES,
) -> dict:
	"""Carry out one chaos run and return the report, ready for JSON.

	``urgent`` people get an emergency in the middle of which a carrier account fails, in each of the `modes`.
	"""
	plan = schedule.plan(seed, kills)
	began = time.monotonic()
	with set_up(bench, seed, recipients, plan.seconds, fresh) as stage:
		crowd, guests = crowds(seed, recipients, fresh)
		office = Office(bench)
		office.prepare(crowd, recipients)
		crew = Crew(bench, TICK_SECONDS)
		one = Run(bench, stage, office, crew, crowd, plan)
		crew.start()
		try:
			say("Prepared", time.monotonic() - began)
			one.storm()
			say("Storm", time.monotonic() - began)
			one.settle()
			stage.carrier.wait_until_idle()
			faults = stage.carrier.control("stats")["faults"]
			say("Settled", time.monotonic() - began)
			failed_over = failover.run(stage, office, seed, urgent, modes) if urgent else None
			evidence = office.evidence(stage.carrier.log(), crowd)
			restored = restore.act(stage, office, crew, guests)
			say("Restored", time.monotonic() - began)
		finally:
			crew.go_home()
	seconds = round(time.monotonic() - began, 1)
	found = {"failover": failed_over, "restore": restored, "seed": seed, "seconds": seconds}
	return report_of(evidence, crew, faults, found)


def report_of(evidence: checks.Evidence, crew: Crew, faults: dict, found: dict) -> dict:
	breaches = checks.breaches(evidence)
	return {
		"recipients": len(evidence.recipients),
		"kills": crew.kills,
		"posted": len(evidence.accepted),
		**{name: len(breaches[name]) for name in checks.COUNTED},
		**found,
		"details": {
			"kills_while_planning": crew.in_plan,
			"faults": faults,
			**checks.details(evidence, breaches),
		},
	}
