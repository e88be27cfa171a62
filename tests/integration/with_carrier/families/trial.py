"""Play groups of courses, judge each, and report: figures for machines, stories for people."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import frappe

from dev.demo import stage as demo
from dev.patience import Allowance
from dev.school import users
from dev.site.layout import OWN, current
from school_dialer.base import clock
from tests.families import judge
from tests.families.course import Course
from tests.families.judge import Finding
from tests.families.known import JUDGED, KNOWN, is_known
from tests.families.simpler import simpler
from tests.families.story import tell
from tests.integration import districts
from tests.integration.with_carrier import conftest as stage
from tests.integration.with_carrier.families.happenings import Happenings
from tests.integration.with_carrier.families.player import Player
from tests.integration.with_carrier.families.witness import Witness
from tests.integration.with_carrier.families.world import World

REPORT = Path(os.environ.get("DIALER_FAMILIES_REPORT") or OWN / "families.json")
PACE, SPEED = 200, 2000
MOST_STORIES = 5
"""How many stories of wrong courses are told, each made as short as it gets."""
MOST_SHORTER = 12
"""How often a course is made shorter."""
SHORTENING = 180
"""Seconds for all stories together. After them a course is told as long as it is by then."""


class Trial:
	"""`morning`: the seconds from the real time to the morning on which each group begins."""

	def __init__(self, carrier, set_pace: Callable, set_clock: Callable, morning: float):
		self.carrier, self.set_clock, self.morning = carrier, set_clock, morning
		set_pace(PACE, account=2 * PACE)
		carrier.control("account", {"calls_per_second": 0})
		carrier.control("time", {"speed": SPEED})
		users.create()
		frappe.db.commit()
		self.courses = self.children = 0
		self.counts: Counter[str] = Counter()
		self.wrong: list[tuple[Course, list[Finding]]] = []

	def hold_all(self, groups: Iterable[Sequence[Course]], seconds: float, first: bool) -> None:
		"""Play the groups, as many as there is time for, or if `first` until something is wrong."""
		allowance = Allowance(seconds)
		for group in groups:
			if allowance.is_used_up or (first and self.wrong):
				return
			self.hold(group)

	def hold(self, group: Sequence[Course]) -> None:
		"""Play these courses, and keep what was wrong."""
		self.courses += len(group)
		self.children += sum(len(course.family.children) for course in group)
		for course, findings in zip(group, self.play(group), strict=True):
			self.counts.update(finding.kind for finding in findings)
			if findings:
				self.wrong.append((course, findings))

	def play(self, courses: Sequence[Course]) -> list[list[Finding]]:
		"""Return what is wrong with each of these courses, which share one script."""
		if not courses:
			return []
		stage.leave_nothing()
		self.set_time(datetime.now(clock.UTC) + timedelta(seconds=self.morning))
		if courses[0].script.school is None:
			return self.play_in(World(courses))
		with districts.district("Oak", "Elm", committed=True) as schools:
			return self.play_in(World(courses, schools))

	def play_in(self, world: World) -> list[list[Finding]]:
		happenings = Happenings(world, self.carrier, self.forward)
		player, witness = Player(world, self.carrier, self.forward), Witness(world, self.carrier)
		player.prepare()
		try:
			for move in range(len(world.script.moves)):
				happenings.let_happen(move)
				since = witness.where()
				player.move(move)
				witness.look(move, since)
			witness.ask_staff(player.campaigns, player.rule and player.rule.name)
		finally:
			player.close()
		return [
			[
				found
				for found in judge.judge(one.course, witness.seen[one.key])
				if not is_known(one.course, found)
			]
			for one in world.households
		]

	def forward(self, minutes: float) -> None:
		self.set_time(clock.now() + timedelta(minutes=minutes))

	def set_time(self, moment: datetime) -> None:
		"""Set the clocks of the carrier, of this process, and of the web server."""
		self.set_clock(moment)
		self.tell_web_server()

	def tell_web_server(self) -> None:
		config = current().site_config
		offset = {clock.OFFSET_KEY: frappe.conf[clock.OFFSET_KEY]}
		demo.write(config, {**json.loads(config.read_text()), **offset})

	def write(self, seed: str) -> None:
		figures = {
			"courses": self.courses,
			"children": self.children,
			**{kind: self.counts[kind] for kind in judge.KINDS},
			"seed": seed,
			"known": 0 if JUDGED else len(KNOWN),
		}
		REPORT.write_text(json.dumps(figures, indent=1))
		print(f"counted: {figures}")

	def stories(self) -> str:
		"""Tell the first wrong courses, one of each kind of fault, as short as they still go wrong."""
		chosen: dict[frozenset[str], tuple[Course, list[Finding]]] = {}
		for course, findings in self.wrong:
			chosen.setdefault(frozenset(one.kind for one in findings), (course, findings))
		allowance = Allowance(SHORTENING)
		told = [tell(*self.shortest(*one, allowance)) for one in list(chosen.values())[:MOST_STORIES]]
		return "\n\n".join([f"{len(self.wrong)} of {self.courses} courses went wrong.", *told])

	def shortest(
		self, course: Course, findings: list[Finding], allowance: Allowance
	) -> tuple[Course, list[Finding]]:
		"""Make a course simpler while it still goes wrong in the same way, for as long as is allowed."""
		kinds = {one.kind for one in findings}
		for _again in range(MOST_SHORTER):
			if allowance.is_used_up:
				break
			tries = simpler(course)
			found = self.play(tries)
			better = [
				(one, wrong)
				for one, wrong in zip(tries, found, strict=True)
				if {finding.kind for finding in wrong} == kinds
			]
			if not better:
				break
			course, findings = better[0]
		return course, findings
