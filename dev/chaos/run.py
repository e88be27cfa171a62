"""One run: people are called while everything breaks, then nothing breaks any more, and when all is quiet it is judged."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import frappe

from dev.chaos import checks, people, schedule
from dev.chaos.crew import Crew
from dev.chaos.office import CONCERT, EMERGENCY, HELD_BACK, TAKEN_BACK, TESTS, Office
from dev.chaos.people import EASTERN, HAWAII, Person
from dev.chaos.stage import SENDERS, Stage, set_up
from dev.site import processes, services
from dev.site.layout import Bench
from dev.site.processes import descendants
from dev.site.steps import say
from school_dialer.dialing import campaign as actions

TICK_SECONDS = 2.0
QUIET_SECONDS = 6.0
"""Longer than a scheduler's tick and a dispatcher's last look."""
FORWARD_MINUTES = 11.0
"""More than any silence after which the engine asks the carrier."""
MOST_FORWARD = 8
SETTLE_SECONDS = 420
REPEAT_SECONDS = 1.0


@dataclass
class Run:
	bench: Bench
	stage: Stage
	office: Office
	crew: Crew
	people: list[Person]
	plan: schedule.Plan
	begin: float = 0.0
	over: threading.Event = field(default_factory=threading.Event)
	threads: list[threading.Thread] = field(default_factory=list)

	def storm(self) -> None:
		"""Staff do their work and things break, each at its time."""
		self.begin = time.monotonic()
		self.stage.carrier.control("faults", schedule.ALWAYS)
		self.beside(self.hunt_planners)
		self.beside(self.leave)
		staff = [(share * self.plan.seconds, action) for share, action in self.staff()]
		troubles = [(trouble.at, partial(self.trouble, trouble)) for trouble in self.plan.troubles]
		for at, action in sorted([*staff, *troubles], key=lambda pair: pair[0]):
			while (left := self.begin + at - time.monotonic()) > 0:
				self.office.resume_what_stopped()
				time.sleep(min(1.0, max(0.0, left)))
			action()
		self.over.set()
		for thread in self.threads:
			thread.join()

	def beside(self, work: Callable[[], None]) -> None:
		thread = threading.Thread(target=work, name=work.__name__, daemon=True)
		self.threads.append(thread)
		thread.start()

	def staff(self) -> list[tuple[float, Callable[[], None]]]:
		"""When, as a part of the whole time, and what. In the middle is a night."""
		office = self.office
		return [
			(0.0, partial(office.start, CONCERT)),
			(0.05, partial(office.schedule, HELD_BACK, 2)),
			(0.1, partial(office.start, TESTS)),
			(0.2, partial(office.start, TAKEN_BACK)),
			(0.25, partial(office.press, actions.pause, HELD_BACK)),
			(0.35, partial(office.press, actions.cancel, TAKEN_BACK)),
			(0.4, partial(office.press, actions.resume, HELD_BACK)),
			(0.45, partial(office.start, EMERGENCY)),
			(0.55, self.night),
		]

	def night(self) -> None:
		self.crew.power_cut(lambda: self.stage.set_clock(self.stage.next_morning(EASTERN)))

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
		}
		does[trouble.what]()

	def hunt_planners(self) -> None:
		for delay in self.plan.planner_kills:
			while not self.over.is_set():
				if self.crew.kill_planner(delay, patience=1.0):
					break

	def leave(self) -> None:
		"""People text STOP, and again until it is acknowledged."""
		going = sorted((one for one in self.people if one.leaves is not None), key=lambda one: one.leaves)
		unheard: list[tuple[float, Person]] = [(one.leaves * self.plan.seconds, one) for one in going]
		while unheard and not self.over.is_set():
			at, one = unheard.pop(0)
			self.over.wait(max(0.0, self.begin + at - time.monotonic()))
			text = {"from": one.phone, "to": SENDERS[0], "body": "STOP"}
			if self.stage.carrier.control("inbound_text", text)["http_status"] != 200:
				unheard.append((time.monotonic() - self.begin + REPEAT_SECONDS, one))
				unheard.sort(key=lambda pair: pair[0])

	def settle(self) -> None:
		"""Nothing breaks any more. The clock goes forward while something waits for its time, and stops when nothing moves."""
		self.stage.carrier.control("faults", {})
		self.crew.power_cut(lambda: self.stage.set_clock(self.stage.next_morning(HAWAII)))
		end = time.monotonic() + SETTLE_SECONDS
		forward = 0
		while time.monotonic() < end:
			left = self.quiet(end)
			if not any(left.values()) or forward == MOST_FORWARD:
				return
			say(f"Still open: {left}")
			self.stage.forward(FORWARD_MINUTES)
			forward += 1

	def quiet(self, end: float) -> dict[str, int]:
		"""What is open, once that has not changed for a while."""
		left, since = self.office.tally(), time.monotonic()
		while any(left.values()) and time.monotonic() < min(end, since + QUIET_SECONDS):
			time.sleep(0.5)
			self.office.resume_what_stopped()
			now = self.office.tally()
			if now != left:
				left, since = now, time.monotonic()
		return left


def kill_web(which: int) -> None:
	"""One of gunicorn's two processes, in the middle of its requests; the master starts another."""
	web = processes.find("chaos-web")
	if web and (servers := descendants(web.pid)):
		os.kill(servers[which % len(servers)], signal.SIGKILL)


def run(bench: Bench, seed: int, recipients: int, kills: int, fresh: bool) -> dict:
	plan = schedule.plan(seed, kills)
	began = time.monotonic()
	with set_up(bench, seed, recipients, plan.seconds, fresh) as stage:
		known = set() if fresh else set(frappe.get_all("Consent Head", pluck="phone", limit_page_length=0))
		crowd = people.crowd(seed, recipients, known)
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
		finally:
			one.over.set()
			crew.go_home()
		evidence = office.evidence(stage.carrier.log(), crowd)
	breaches = checks.breaches(evidence)
	return {
		"recipients": len(evidence.recipients),
		"kills": crew.kills,
		"posted": len(evidence.accepted),
		**{name: len(breaches[name]) for name in checks.COUNTED},
		"seed": seed,
		"seconds": round(time.monotonic() - began, 1),
		"details": {
			"kills_while_planning": crew.in_plan,
			"opted_out": len(evidence.opted_out),
			"without_consent": len(breaches["without_consent"]),
			"faults": faults,
			"breaches": {name: lines[:20] for name, lines in breaches.items() if lines},
		},
	}
