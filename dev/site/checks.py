"""The tests, with the services they need."""

import os
import re
import subprocess
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT

from dev.site import apt, lanes, processes, services, site
from dev.site.layout import ROOT, Bench
from dev.site.steps import StepFailed, log_file, say

CHAOS = "chaos"
SUITES = ("unit", "integration", "security", "browser", CHAOS)
ORDER = (CHAOS, "browser", "security", "unit", "integration")
"""The longest parts first."""
LARGEST_PART = {"integration": 20, "browser": 4}
"""Files of one folder that run together."""
QUICK, REST, ALL = EFFORTS = "quick", "rest", "all"
EFFORT_HELP = "quick: what shows most mistakes within minutes; rest: what that leaves out"
HEADING = re.compile(r"_+ (?:ERROR at \w+ of )?(?P<test>test_.*?) _+$")
FAILURE = re.compile(r"(FAILED|ERROR) \S+?::(?P<test>.*?)(?= - |$)", re.MULTILINE)
LONGEST_ERROR = 200
PROGRESS = re.compile(r"\[ *\d+%\]$")
NO_TESTS_COLLECTED = 5


def test(bench: Bench, suites: list[str], effort: str = ALL) -> int:
	"""Build what is missing, run each suite, and stop what was not running before."""
	before = {process.name for process in processes.all_running()}
	browser = (apt.CHROMIUM,) if "browser" in suites else ()
	try:
		site.make(bench, (*apt.SITE_PROGRAMS, *browser))
		_need_tools(bench, "pytest")
		parts = [
			Part(suite, files, effort)
			for suite in ORDER
			if suite in suites
			for files in parts_of(suite, effort)
		]
		if bench.owned:
			count = min(lanes.how_many() + (CHAOS in suites), len(parts))
			with lanes.running(bench, count, keep=before) as benches:
				run_beside(parts, benches)
		else:
			for part in parts:
				part.run(bench)
	finally:
		services.down(keep=before)
	return report(parts, suites)


@dataclass
class Part:
	"""Test files of one suite that run together, in their own process."""

	suite: str
	files: list[str]
	effort: str = ALL
	status: int | None = None
	seconds: float = 0
	said: list[str] = field(default_factory=list)

	@property
	def end(self) -> str:
		return self.said[-1].strip(" =\n") if self.said else f"ended with status {self.status}"

	@property
	def counted(self) -> list[str]:
		"""What tests print about how much they tried (`tests/security/conftest.py`)."""
		return [line.strip() for line in self.said if line.startswith("counted: ")]

	@property
	def failures(self) -> list[str]:
		"""The line of each failed test, with the first line of its error."""
		errors: dict[str, str] = {}
		test = ""
		for line in self.said:
			if heading := HEADING.match(line):
				test = heading["test"]
			elif line.startswith("E  "):
				errors.setdefault(test, line[1:].strip())
		failed = [found for line in self.said if (found := FAILURE.match(line))]
		return [f"{one[0]}: {errors.get(one['test'], '')[:LONGEST_ERROR]}" for one in failed]

	def run(self, bench: Bench) -> None:
		"""Run pytest and keep its output, in `.bench/logs` too; its progress lines are shown at once."""
		command = [str(bench.python), "-m", "pytest", "--durations=10", "--durations-min=5", *self.files]
		begin = time.monotonic()
		with subprocess.Popen(
			command,
			cwd=ROOT,
			env={**bench.variables(), "DIALER_TESTS": self.effort},
			stdout=PIPE,
			stderr=STDOUT,
			text=True,
			errors="replace",
		) as process:
			for line in process.stdout:
				self.said.append(line)
				if PROGRESS.search(line):
					print(line, end="", flush=True)
		self.status, self.seconds = process.returncode, time.monotonic() - begin
		name = self.files[0].removeprefix("tests/").removesuffix(".py").replace("/", "-")
		log_file(f"test-{name}").write_text("".join(self.said))


def parts_of(suite: str, effort: str = ALL) -> list[list[str]]:
	"""Return the suite's files by folder, the largest part first: small folders together, a large one split.

	Loose files come last: one of them takes the app's records away. A quick run tells one story in a browser,
	so it needs no parts.
	"""
	folder = ROOT / "tests" / suite
	if suite not in LARGEST_PART or (suite, effort) == ("browser", QUICK):
		return [[f"tests/{suite}"]]
	largest = LARGEST_PART[suite]
	parts: list[list[Path]] = []
	for inner in sorted(inner for inner in folder.iterdir() if inner.is_dir()):
		files = sorted(inner.rglob("test_*.py"))
		if parts and len(parts[-1]) + len(files) <= largest:
			parts[-1] += files
		elif files:
			parts += _split(files, largest)
	parts.sort(key=len, reverse=True)
	parts += _split(sorted(folder.glob("test_*.py")), largest)
	return [[str(file.relative_to(ROOT)) for file in part] for part in parts]


def _split(files: list[Path], largest: int) -> list[list[Path]]:
	count = -(-len(files) // largest)
	return [files[start::count] for start in range(count)]


def run_beside(parts: list[Part], benches: list[Bench]) -> None:
	"""Let each bench take the next part as soon as it has finished one.

	Chaos is the last part of its bench: it turns the clock on, and no test may meet what it leaves behind.
	"""
	waiting = deque(parts)

	def work(bench: Bench) -> None:
		while waiting:
			part = waiting.popleft()
			part.run(bench)
			if part.suite == CHAOS:
				return

	with ThreadPoolExecutor(len(benches)) as pool:
		for done in [pool.submit(work, bench) for bench in benches]:
			done.result()


def report(parts: list[Part], suites: list[str]) -> int:
	"""Print the output of failed parts, a line per part, failed test and suite; return the exit status."""
	for part in parts:
		if part.status not in (0, NO_TESTS_COLLECTED):
			print(f"\n===== {' '.join(part.files)}\n{''.join(part.said)}", flush=True)
	for part in parts:
		say(f"{part.files[0]} … {len(part.files)}: {part.end}", part.seconds)
		for line in (*part.counted, *part.failures):
			say(f"  {line}")
	worst = 0
	for suite in suites:
		statuses = {part.status for part in parts if part.suite == suite}
		failed = statuses - {0, NO_TESTS_COLLECTED}
		say(f"{suite}: {'FAILED' if failed else 'passed' if 0 in statuses else 'no tests'}")
		worst = max([worst, *(1 if status is None else status for status in failed)])
	return worst


def _need_tools(bench: Bench, tool: str) -> None:
	if not os.access(bench.env / "bin" / tool, os.X_OK):
		advice = "run `make site` first" if bench.owned else "install dev/requirements.txt into it"
		raise StepFailed(f"{tool} is missing in {bench.env}: {advice}")
