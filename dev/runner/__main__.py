"""Run tests: `python3 -m dev.runner test|days`. See the package's docstring."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack, nullcontext

from dev import targets
from dev.runner import lanes, parts, second_look, today
from dev.runner.beside import OpenLane
from dev.runner.parts import Part
from dev.runner.record import Run
from dev.runner.today import Clock
from dev.site import processes, services, site
from dev.site.layout import Bench, current
from dev.site.steps import StepFailed, finish, say

SEED = "DIALER_SEED"
DEFAULT_SEED = 1
DATED_SUITES = ("unit", "integration")


def main() -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.runner", description="Run the tests")
	verbs = parser.add_subparsers(dest="verb", required=True)
	tester = verbs.add_parser("test", help="run test suites, folders, files or single tests, by default all")
	tester.add_argument("wanted", nargs="*", help=f"{', '.join(parts.SUITES)}, or tests/...")
	tester.add_argument("--own-site", action="store_true", help="start from the development site as it is")
	tester.add_argument("--effort", choices=parts.EFFORTS, default=parts.ALL, help=parts.EFFORT_HELP)
	verbs.add_parser("days", help="run the tests that depend on the date, on many days")
	arguments = parser.parse_args()
	# Not the handler that SIGINT has: a shell lets its background jobs ignore that.
	signal.signal(signal.SIGTERM, signal.default_int_handler)
	return VERBS[arguments.verb](arguments)


def test(arguments) -> int:
	"""Run what is wanted on the day that DIALER_TODAY names."""
	asked, owned = today.asked(), current().owned
	clock = Clock.of(asked) if owned else Clock(None)
	wanted = parts.chosen(arguments.wanted or list(parts.SUITES), arguments.effort)
	chosen = [
		Part(suite, files, arguments.effort, clock=clock)
		for suite, files in (wanted if owned else parts.on_one_site(wanted))
	]
	suites = list(dict.fromkeys(part.suite for part in chosen))
	return judge(_run(chosen, asked, clock, arguments.own_site), suites)


def days(_arguments) -> int:
	"""Run the tests that depend on the date on each of `today.DAYS`, and show which day each part had."""
	if not current().owned:
		raise StepFailed("the clock of another bench is not ours to set")
	chosen = [
		Part(suite, [f"tests/{suite}"], marked="dates", clock=Clock.of(day), label=f"{day} ({why})")
		for day, why in today.DAYS.items()
		for suite in DATED_SUITES
	]
	return judge(_run(chosen, "many days", None), list(DATED_SUITES))


VERBS = {"test": test, "days": days}


def judge(run: Run, suites: list[str]) -> int:
	run.show(suites)
	run.keep()
	print("{} passed, {} failed".format(*run.counts()), flush=True)
	return 0 if run.is_green else 1


def _run(chosen: list[Part], asked: str, clock: Clock | None, own_site: bool = False) -> Run:
	"""Build what is missing, run the parts, look again at what failed, and stop what was started.

	`clock` is None if parts have several.
	"""
	seed = int(os.environ.setdefault(SEED, str(DEFAULT_SEED)))
	os.environ["PYTHONHASHSEED"] = str(seed)
	os.environ[today.VARIABLE] = asked
	run = Run(" ".join(sys.argv[1:]), asked, seed, chosen)
	begin = time.monotonic()
	say(f"Tests on {clock or asked}, seed {seed}")
	before = {process.name for process in processes.all_running()}
	with ExitStack() as stack:
		stack.enter_context(lanes.reserved())
		stack.callback(services.down, keep=before)
		open_lane, count = _lanes(stack, current(), chosen, clock, own_site)
		run.looks = second_look.run(chosen, open_lane, count)
	run.seconds = time.monotonic() - begin
	return run


def _lanes(
	stack: ExitStack, bench: Bench, chosen: list[Part], clock: Clock | None, own_site: bool
) -> tuple[OpenLane, int]:
	"""Return what opens a lane for a part, and how many lanes run at a time."""
	needed = dict.fromkeys(program for part in chosen for program in targets.TARGETS[part.suite].programs)
	faketime = (today.FAKETIME,) if any(part.clock and part.clock.begins for part in chosen) else ()
	programs = (*needed, *faketime)
	if not bench.owned:
		site.make(bench, programs)
		return lambda _name, _part: nullcontext(bench), 1
	if own_site:
		site.make(bench, programs)
		services.down()
		source = bench
	else:
		source = site.make_pristine(bench, programs, Clock.of(today.BUILT).environment)
	count = min(lanes.how_many(), len(chosen))
	if clock is None:
		lanes.clear()
		stack.callback(lanes.clear)
		return lambda name, part: lanes.fresh(source, name, part.clock, with_school=False), count
	school = stack.enter_context(lanes.school(source, clock))
	return lambda name, part: lanes.fresh(school, name, clock), count


if __name__ == "__main__":
	finish(main)
