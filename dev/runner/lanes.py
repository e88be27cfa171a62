"""Copies of a site that no one has used: one for each part of the tests, deleted after it.

A lane has its own database, Redis servers, ports and clock, so a part meets the same site and the same time
wherever and whenever it runs. What no test changes is shared: the apps, Python's packages and the Desk's
assets.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dev.runner.today import LEAD, Clock
from dev.site.layout import OWN, Bench
from dev.site.steps import StepFailed, run

LANES = OWN / "lanes"
COPIED = ("sites", "stamps", "mariadb/data", "mariadb/secrets.json")
SHARED = ("apps", "env", "bin")
MOST = 4


def how_many() -> int:
	"""Return how many lanes run at a time: one more than there are cores, because tests also wait."""
	return min(MOST, (os.cpu_count() or 1) + 1)


def is_lane(bench: Bench) -> bool:
	"""Return whether this is a copy that is deleted after its tests, also when asked inside of it."""
	return bench.owned and bench.path.parent.name == LANES.name


@contextmanager
def reserved() -> Iterator[None]:
	"""Keep the lanes of this clone for one run. Raises StepFailed while another one has them."""
	OWN.mkdir(exist_ok=True)
	with (OWN / "lanes.lock").open("w") as lock:
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			raise StepFailed("another run of the tests is under way in this clone") from None
		yield


@contextmanager
def school(pristine: Bench, clock: Clock) -> Iterator[Bench]:
	"""Yield a copy of the site with the demo school, loaded shortly before the tests' clock begins.

	It is stopped, to be copied by `fresh`. All lanes are deleted at the end; those of a killed run are
	deleted by the next one.
	"""
	clear()
	lane = _copy(pristine, LANES / "school")
	try:
		load_school(lane, clock)
		yield lane
	finally:
		clear()


def load_school(lane: Bench, clock: Clock) -> None:
	"""Load the demo school into a lane that is stopped, and stop it again. Tests would each load it."""
	early = _at(lane, clock.before(LEAD))
	_control(early, "up")
	run(
		"lanes",
		[str(early.python), "-m", "dev.school", "--site", early.site, "--if-empty"],
		cwd=early.sites,
		env=early.variables(),
		failure="the demo school could not be loaded",
	)
	_control(early, "stop")


@contextmanager
def fresh(source: Bench, name: str, clock: Clock, *, with_school: bool = True) -> Iterator[Bench]:
	"""Yield a running copy of a stopped site whose clock begins now, and delete it at the end.

	`with_school` is False when `source` has no school yet.
	"""
	lane = _copy(source, LANES / name)
	try:
		if not with_school:
			load_school(lane, clock)
		lane = _at(lane, clock)
		_control(lane, "up")
		yield lane
	finally:
		_control(lane, "kill")
		shutil.rmtree(lane.path, ignore_errors=True)


def clear() -> None:
	for started in LANES.glob("*/run"):
		_control(Bench(started.parent, "", owned=True), "kill")
	shutil.rmtree(LANES, ignore_errors=True)


def _at(lane: Bench, clock: Clock) -> Bench:
	return replace(lane, clock=tuple(clock.environment().items()))


def _copy(source: Bench, folder: Path) -> Bench:
	(folder / "logs").mkdir(parents=True)
	for name in COPIED:
		original, target = source.path / name, folder / name
		target.parent.mkdir(exist_ok=True)
		if original.is_dir():
			shutil.copytree(original, target, symlinks=True)
		else:
			shutil.copy2(original, target)
	for name in SHARED:
		if (source.path / name).exists():
			(folder / name).symlink_to((source.path / name).resolve())
	return replace(source, path=folder)


def _control(lane: Bench, verb: str) -> None:
	"""Run a command in its own process, which takes the lane for the project's bench."""
	python = lane.python if lane.python.exists() else OWN / "env" / "bin" / "python"
	command = [str(python), "-m", "dev.site", verb]
	run("lanes", command, env=lane.variables(), failure=f"a copy of the site could not be reached: {verb}")
