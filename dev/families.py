"""`python -m dev.families`: play drawn courses of families on the development site, and try the judge itself.

`play` runs `tests/integration/with_carrier/families` with more courses and other ones in each run. `mutants`
puts faults back, each by a patch in `tests/families/mutants` on a copy of the code, and shows which of them
the judge finds.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dev.site import services
from dev.site.layout import OWN, ROOT, current
from dev.site.steps import StepFailed, say
from dev.tracked import tracked

TESTS = "tests/integration/with_carrier/families"
MUTANTS = ROOT / "tests" / "families" / "mutants"
REPORT = OWN / "families.json"
COUNTED = ("must_not_told", "must_but_silent", "wrong_words", "unalerted")
COURSES = 2000
ENOUGH = 0.9
"""The share of mutants that the judge has to find."""


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m dev.families", description=__doc__)
	parser.add_argument("verb", choices=("play", "mutants"))
	parser.add_argument("--courses", type=int, default=COURSES)
	parser.add_argument(
		"--seed", type=int, default=None, help="repeats a run; by default another one each time"
	)
	parser.add_argument("--only", nargs="*", default=(), help="names of mutants")
	given = parser.parse_args()
	seed = secrets.randbelow(10**9) if given.seed is None else given.seed
	services.up()
	say(f"{given.courses} courses, seed {seed}")
	if given.verb == "play":
		return play(ROOT, given.courses, seed)
	return mutants(given.courses, seed, given.only)


def play(root: Path, courses: int, seed: int, quietly: bool = False) -> int:
	"""Play courses with the code in this folder. Return pytest's exit status."""
	bench = current()
	variables = {
		**bench.variables(),
		"PYTHONPATH": str(root),
		"DIALER_BENCH": str(OWN),
		"DIALER_SEED": str(seed),
		"DIALER_FAMILIES": str(courses),
	}
	command = [str(bench.python), "-m", "pytest", "-q", "-c", str(root / "pytest.ini")]
	command += ["--rootdir", str(root), "-p", "no:cacheprovider", "-rN", "--tb=short", str(root / TESTS)]
	REPORT.unlink(missing_ok=True)
	output = subprocess.PIPE if quietly else None
	done = subprocess.run(command, cwd=root, env=variables, stdout=output, stderr=subprocess.STDOUT)
	return done.returncode


def mutants(courses: int, seed: int, only: tuple[str, ...]) -> int:
	patches = [one for one in sorted(MUTANTS.glob("*.patch")) if not only or one.stem in only]
	if not patches:
		raise SystemExit("There is no mutant of that name.")
	found = 0
	for patch in patches:
		report = outcome(patch, courses, seed)
		seen = any(report.get(name) for name in COUNTED)
		found += seen
		figures = ", ".join(f"{name} {report[name]}" for name in COUNTED if report.get(name))
		print(f"{'found' if seen else 'MISSED':7} {patch.stem}: {figures or 'nothing'}", flush=True)
	print(f"{found} of {len(patches)} mutants found", flush=True)
	return int(found < ENOUGH * len(patches))


def outcome(patch: Path, courses: int, seed: int) -> dict:
	"""Return the figures of a run with this patch applied to a copy. Raises StepFailed if it does not fit."""
	with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
		copy = Path(folder)
		for path in tracked():
			(copy / path).parent.mkdir(parents=True, exist_ok=True)
			shutil.copy2(ROOT / path, copy / path)
		applied = subprocess.run(["git", "apply", str(patch)], cwd=copy, capture_output=True, text=True)
		if applied.returncode:
			raise StepFailed(f"{patch.name} does not fit the code any more: {applied.stderr[:300]}")
		play(copy, courses, seed, quietly=True)
		return json.loads(REPORT.read_text()) if REPORT.exists() else {}


if __name__ == "__main__":
	os.chdir(ROOT)
	sys.exit(main())
