"""`python3 -m dev.families`: play drawn courses of families on fresh sites, and try the judge itself.

`play` runs `tests/integration/with_carrier/families` with more courses and other ones in each run, a share on
each of two sites. `mutants` puts faults back, each by a patch in `tests/families/mutants` on a copy of the
code, and shows which of them the judge finds.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dev.runner import lanes, today
from dev.runner.today import Clock
from dev.site import processes, services, site
from dev.site.layout import OWN, ROOT, Bench, current
from dev.site.steps import StepFailed, finish, say
from dev.targets import TARGETS
from dev.tracked import tracked

TESTS = "tests/integration/with_carrier/families"
MUTANTS = ROOT / "tests" / "families" / "mutants"
REPORT = OWN / "families.json"
COUNTED = ("must_not_told", "must_but_silent", "wrong_words", "unalerted")
ADDED = ("courses", "children", *COUNTED)
COURSES = 2000
SITES = 2
APART = 10**9
"""How far apart the seeds of the sites are."""
LONGEST = 2 * 60 * 60
"""Seconds after which a site's share is ended. Its own limit is far below (`SECONDS` of the test)."""
ENOUGH = 0.9
"""The share of mutants that the judge has to find."""


def main() -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.families", description=__doc__)
	parser.add_argument("verb", choices=("play", "mutants"))
	parser.add_argument("--courses", type=int, default=COURSES)
	parser.add_argument(
		"--seed", type=int, default=None, help="repeats a run; by default another one each time"
	)
	parser.add_argument("--only", nargs="*", default=(), help="names of mutants")
	parser.add_argument("--move", default="", help="plays only courses with this move, such as resend")
	given = parser.parse_args()
	os.environ["DIALER_FAMILIES_MOVE"] = given.move
	seed = secrets.randbelow(APART) if given.seed is None else given.seed
	with fresh_sites() as benches:
		say(f"{given.courses} courses on {len(benches)} sites, seed {seed}")
		if given.verb == "play":
			return play(benches, given.courses, seed)
		return mutants(benches, given.courses, seed, given.only)


@contextmanager
def fresh_sites() -> Iterator[list[Bench]]:
	"""Yield copies of the tests' site, on the tests' day. A bench of others is taken as it is."""
	bench, clock = current(), Clock.of(today.asked())
	programs = TARGETS["families"].programs
	if not bench.owned:
		site.make(bench, programs)
		yield [bench]
		return
	before = {process.name for process in processes.all_running()}
	programs += (today.FAKETIME,) if clock.begins else ()
	with ExitStack() as stack:
		stack.enter_context(lanes.reserved())
		stack.callback(services.down, keep=before)
		pristine = site.make_pristine(bench, programs, Clock.of(today.BUILT).environment)
		school = stack.enter_context(lanes.school(pristine, clock))
		yield [stack.enter_context(lanes.fresh(school, f"families-{n}", clock)) for n in range(SITES)]


def play(benches: list[Bench], courses: int, seed: int) -> int:
	"""Play the courses, show what went wrong, and write the figures."""
	begin = time.monotonic()
	shares = played(ROOT, benches, courses, seed)
	for status, said, _figures in shares:
		if status:
			print(said, flush=True)
	figures = {**added(shares), "seed": seed, "seconds": round(time.monotonic() - begin)}
	REPORT.write_text(json.dumps(figures, indent=1))
	print(json.dumps(figures), flush=True)
	return int(any(status for status, _said, _figures in shares))


def played(
	root: Path, benches: list[Bench], courses: int, seed: int, **variables: str
) -> list[tuple[int, str, dict]]:
	"""Play a share on each site with the code in this folder. Return status, output, and figures of each."""
	share = -(-courses // len(benches))
	with ThreadPoolExecutor(len(benches)) as pool:
		running = [
			pool.submit(played_on, bench, root, share, seed + number * APART, variables)
			for number, bench in enumerate(benches)
		]
		return [one.result() for one in running]


def played_on(
	bench: Bench, root: Path, courses: int, seed: int, variables: dict[str, str]
) -> tuple[int, str, dict]:
	report = bench.path / "families.json"
	report.unlink(missing_ok=True)
	environment = {
		**bench.variables(),
		"PYTHONPATH": str(root),
		"DIALER_SEED": str(seed),
		"DIALER_FAMILIES": str(courses),
		"DIALER_FAMILIES_REPORT": str(report),
		**variables,
	}
	command = [str(bench.python), "-m", "pytest", "-q", "-c", str(root / "pytest.ini")]
	command += ["--rootdir", str(root), "-p", "no:cacheprovider", "-rN", "--tb=short", str(root / TESTS)]
	done = subprocess.run(
		command,
		cwd=root,
		env=environment,
		stdout=subprocess.PIPE,
		stderr=subprocess.STDOUT,
		text=True,
		timeout=LONGEST,
	)
	return done.returncode, done.stdout, json.loads(report.read_text()) if report.exists() else {}


def added(shares: list[tuple[int, str, dict]]) -> dict[str, int]:
	return {name: sum(figures.get(name, 0) for _status, _said, figures in shares) for name in ADDED}


def mutants(benches: list[Bench], courses: int, seed: int, only: tuple[str, ...]) -> int:
	patches = [one for one in sorted(MUTANTS.rglob("*.patch")) if not only or one.stem in only]
	if not patches:
		raise StepFailed("There is no mutant of that name.")
	found = 0
	for patch in patches:
		shares = outcome(patch, benches, courses, seed)
		figures = added(shares)
		seen = any(figures[name] for name in COUNTED)
		found += seen
		counts = ", ".join(f"{name} {figures[name]}" for name in ADDED if figures[name])
		print(f"{'found' if seen else 'MISSED':7} {patch.stem}: {counts or 'nothing was played'}", flush=True)
		for _status, said, share in shares:
			if not share:
				print(said[-2000:], flush=True)
	print(f"{found} of {len(patches)} mutants found", flush=True)
	return int(found < ENOUGH * len(patches))


def outcome(patch: Path, benches: list[Bench], courses: int, seed: int) -> list[tuple[int, str, dict]]:
	"""Play on a copy with this patch until something is wrong. Raises StepFailed if it does not fit."""
	with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
		copy = Path(folder)
		for path in tracked():
			(copy / path).parent.mkdir(parents=True, exist_ok=True)
			shutil.copy2(ROOT / path, copy / path)
		applied = subprocess.run(["git", "apply", str(patch)], cwd=copy, capture_output=True, text=True)
		if applied.returncode:
			raise StepFailed(f"{patch.name} does not fit the code any more: {applied.stderr[:300]}")
		return played(copy, benches, courses, seed, DIALER_FAMILIES_FIRST="1")


if __name__ == "__main__":
	os.chdir(ROOT)
	finish(main)
