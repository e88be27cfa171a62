"""Copies of the project's bench, in which parts of the tests run in parallel.

They leave the development site as it was. A lane has its own database, Redis servers and ports. What no test
changes is shared: the apps and Python's packages.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dev.site import services
from dev.site.layout import OWN, Bench
from dev.site.steps import run

LANES = OWN / "lanes"
COPIED = ("sites", "stamps", "mariadb/data", "mariadb/secrets.json")
SHARED = ("apps", "env", "bin")
MOST = 4


def how_many() -> int:
	"""Return the number of lanes: one more than there are cores, because tests also wait."""
	return min(MOST, (os.cpu_count() or 1) + 1)


@contextmanager
def running(bench: Bench, count: int, keep: Collection[str]) -> Iterator[list[Bench]]:
	"""Run ``count`` copies of the bench in its current state, with database, Redis and the demo school.

	``keep`` names what keeps running in the bench itself. The copies are deleted at the end; those of a
	killed run are deleted by the next one.
	"""
	clear()
	services.down(keep=set(keep) - {"mariadb"})
	first = _copy(bench, LANES / "1")
	if keep:
		services.up()
	lanes = [first]
	try:
		if count > 1:
			_load_school(first)
			lanes += [_copy(first, LANES / str(number)) for number in range(2, count + 1)]
		for lane in lanes:
			_control(lane, "up")
		yield lanes
	finally:
		for lane in lanes:
			_control(lane, "stop")
		clear()


def clear() -> None:
	for started in LANES.glob("*/run"):
		_control(Bench(started.parent, "", owned=True), "stop")
	shutil.rmtree(LANES, ignore_errors=True)


def _copy(bench: Bench, folder: Path) -> Bench:
	(folder / "logs").mkdir(parents=True)
	for name in COPIED:
		source, target = bench.path / name, folder / name
		target.parent.mkdir(exist_ok=True)
		if source.is_dir():
			shutil.copytree(source, target, symlinks=True)
		else:
			shutil.copy2(source, target)
	for name in SHARED:
		if (bench.path / name).exists():
			(folder / name).symlink_to(bench.path / name)
	return replace(bench, path=folder)


def _load_school(lane: Bench) -> None:
	"""Load the demo school, once for all copies, and stop the lane again. Tests would each load it."""
	_control(lane, "up")
	run(
		"lanes",
		[str(lane.python), "-m", "dev.school", "--site", lane.site, "--if-empty"],
		cwd=lane.sites,
		env=lane.variables(),
		failure="the demo school could not be loaded",
	)
	_control(lane, "stop")


def _control(lane: Bench, verb: str) -> None:
	"""Run a command in its own process, which takes the lane for the project's bench."""
	command = [str(lane.python), "-m", "dev.site", verb]
	run("lanes", command, env=lane.variables(), failure=f"a copy of the site could not be reached: {verb}")
