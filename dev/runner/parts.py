"""The parts into which the suites are divided, and how one part is run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from subprocess import PIPE, STDOUT
from threading import Timer

from dev.runner.today import Clock
from dev.site import processes
from dev.site.layout import ROOT, Bench
from dev.site.steps import StepFailed, log_file

CHAOS = "chaos"
SUITES = ("unit", "integration", "security", "browser", CHAOS)
WAITS = "integration"
"""The suite that often waits for calls, answers and clocks. The others keep a core and more busy."""
ORDER = (CHAOS, "browser", "unit", "security", WAITS)
"""The longest parts first."""
LARGEST_PART = {"integration": 20, "browser": 4}
"""Files of one folder that run together."""
MORE_OF_FEW = 1.5
"""So many times as many files run together when not all of their tests run.

A lane takes half a minute until its first test begins. With still larger parts, one lane is at work long
after the others.
"""
LONGER = "with_carrier"
"""The folder whose files take the longest for their number: they wait for calls."""
UNINSTALLS = "tests/integration/test_zz_uninstall.py"
ALONE = {"tests/browser/test_planted.py", "tests/browser/test_screens.py", UNINSTALLS}
"""Files that are a part of their own: they take the longest, or leave no app on their site.

None of them is in a quick run.
"""
QUICK, REST, BOTH, ALL = EFFORTS = "quick", "rest", "both", "all"
EFFORT_HELP = (
	"quick: what shows most mistakes within minutes; rest: a few cases of what that leaves out; "
	"both: what these two try, in one run"
)
LIMIT = 30 * 60
"""Seconds after which a part is ended, with a dump of its threads."""
DUMPING = 20
"""Seconds for that dump."""
PASSED, TESTS_FAILED, NONE_COLLECTED = 0, 1, 5
HEADING = re.compile(r"_+ (?:ERROR at \w+ of )?(?P<test>test_.*?) _+$")
FAILURE = re.compile(r"(FAILED|ERROR) \S+?::(?P<test>.*?)(?= - |$)", re.MULTILINE)
COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b")
LONGEST_ERROR = 200
PROGRESS = re.compile(r"\[ *\d+%\]$")


@dataclass
class Part:
	"""Test files of one suite that run together, in their own process.

	`only` is the name of a single test to run of these files. `marked` selects tests by a marker. `label`
	tells parts of the same files apart.
	"""

	suite: str
	files: list[str]
	effort: str = ALL
	only: str | None = None
	marked: str | None = None
	clock: Clock | None = None
	label: str = ""
	limit: float = LIMIT
	status: int | None = None
	seconds: float = 0
	said: list[str] = field(default_factory=list)
	failed: list[str] = field(default_factory=list)
	"""The names of the tests that failed, as pytest remembers them."""
	_process: subprocess.Popen | None = None

	@property
	def name(self) -> str:
		name = "-".join([self.files[0].removeprefix("tests/"), *self.label.split()[:1]])
		return name.replace(".py", "").replace("/", "-") + ("-again" if self.only else "")

	@property
	def title(self) -> str:
		return f"{self.files[0]} … {len(self.files)}{self.label and f', {self.label}'}"

	@property
	def is_green(self) -> bool:
		return self.status in (PASSED, NONE_COLLECTED)

	@property
	def end(self) -> str:
		return self.said[-1].strip(" =\n") if self.said else f"ended with status {self.status}"

	@property
	def counted(self) -> list[str]:
		"""What tests print about how much they tried (`tests/security/conftest.py`)."""
		return [line.strip() for line in self.said if line.startswith("counted: ")]

	def counts(self) -> tuple[int, int]:
		"""Return how many tests passed and failed. A part that broke off counts as a failed test."""
		found: dict[str, int] = {}
		for number, what in COUNT.findall(self.end):
			found[what.rstrip("s")] = int(number)
		failed = found.get("failed", 0) + found.get("error", 0)
		return found.get("passed", 0), failed or int(not self.is_green)

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
		memory = bench.path / "pytest"
		begin = time.monotonic()
		with subprocess.Popen(
			self.command(bench, memory),
			cwd=ROOT,
			env={**bench.variables(), "DIALER_TESTS": self.effort},
			stdout=PIPE,
			stderr=STDOUT,
			text=True,
			errors="replace",
		) as process:
			self._process = process
			watch = Timer(self.limit, end, [process])
			watch.start()
			for line in process.stdout:
				self.said.append(line)
				if PROGRESS.search(line):
					print(line, end="", flush=True)
			watch.cancel()
		self.status, self.seconds = process.returncode, time.monotonic() - begin
		self.failed = _last_failed(memory)
		log_file(f"test-{self.name}").write_text("".join(self.said))

	def stop(self) -> None:
		"""End this part at once if it is running."""
		if self._process and self._process.poll() is None:
			end(self._process)

	def command(self, bench: Bench, memory: Path) -> list[str]:
		command = [str(bench.python), "-m", "pytest", "--durations=10", "--durations-min=5"]
		command += ["--rootdir", str(ROOT), "-c", str(ROOT / "pytest.ini"), "-o", f"cache_dir={memory}"]
		if self.only:
			_remember(memory, self.only)
			command += ["--last-failed", "--last-failed-no-failures", "none"]
		if self.marked:
			command += ["-m", self.marked]
		return [*command, *self.files]


def end(process: subprocess.Popen) -> None:
	"""End a part that has used up its time: SIGABRT makes Python print what each thread is doing."""
	family = processes.descendants(process.pid)
	process.send_signal(signal.SIGABRT)
	try:
		process.wait(DUMPING)
	except subprocess.TimeoutExpired:
		process.kill()
	for pid in family:
		try:
			os.kill(pid, signal.SIGKILL)
		except ProcessLookupError:
			continue


def _memory_file(memory: Path) -> Path:
	return memory / "v" / "cache" / "lastfailed"


def _last_failed(memory: Path) -> list[str]:
	try:
		return sorted(json.loads(_memory_file(memory).read_text()))
	except FileNotFoundError:
		return []


def _remember(memory: Path, test: str) -> None:
	"""Let pytest's `--last-failed` choose this test, whatever characters its name has."""
	file = _memory_file(memory)
	file.parent.mkdir(parents=True, exist_ok=True)
	file.write_text(json.dumps({test: True}))


def chosen(wanted: list[str], effort: str = ALL) -> list[tuple[str, list[str]]]:
	"""Return the suite and the files of each part of suites, or of paths under `tests/`.

	Each path is a part of its own. Raises StepFailed for anything else.
	"""
	parts = [(suite, files) for suite in ORDER if suite in wanted for files in parts_of(suite, effort)]
	found = in_turn(parts)
	for path in (name for name in wanted if name not in SUITES):
		suite = path.removeprefix("tests/").partition("/")[0]
		if suite not in SUITES or not (ROOT / path.partition("::")[0]).exists():
			raise StepFailed(f"{path} is neither one of {', '.join(SUITES)} nor a path under tests/")
		found.append((suite, [path]))
	return found


def in_turn(parts: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
	"""Return the parts that wait and those that are busy in turn: lanes at work together share the cores."""
	waiting = [part for part in parts if part[0] == WAITS]
	busy = [part for part in parts if part[0] != WAITS]
	return [part for two in zip_longest(busy, waiting) for part in two if part]


def on_one_site(parts: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
	"""Return the parts in an order for a site that all of them use: what takes the app from it is last."""
	return sorted(parts, key=lambda part: UNINSTALLS in part[1])


def parts_of(suite: str, effort: str = ALL) -> list[list[str]]:
	"""Return the suite's files by folder, the longest part first: small folders together, a large one split.

	Those that end the run are short, so that no lane is at work alone for long. A quick run tells one story
	in a browser, so it needs no parts.
	"""
	folder = ROOT / "tests" / suite
	if suite not in LARGEST_PART or (suite, effort) == ("browser", QUICK):
		return [[f"tests/{suite}"]]
	few = effort in (QUICK, REST) or (suite, effort) == ("browser", BOTH)
	largest = int(LARGEST_PART[suite] * (MORE_OF_FEW if few else 1))
	alone = () if effort == QUICK else sorted(ALONE)
	parts = [[file] for name in alone if (file := ROOT / name).is_relative_to(folder)]
	grouped: list[list[Path]] = []
	for inner in sorted(inner for inner in folder.iterdir() if inner.is_dir()):
		files = sorted(inner.rglob("test_*.py"))
		if grouped and len(grouped[-1]) + len(files) <= largest:
			grouped[-1] += files
		elif files:
			grouped += _split(files, largest)
	loose = [file for file in sorted(folder.glob("test_*.py")) if [file] not in parts]
	parts += _split(loose, largest)
	parts += sorted(grouped, key=_length, reverse=True)
	return [[str(file.relative_to(ROOT)) for file in part] for part in parts]


def _length(part: list[Path]) -> tuple[bool, int]:
	return any(LONGER in file.parts for file in part), len(part)


def _split(files: list[Path], largest: int) -> list[list[Path]]:
	count = -(-len(files) // largest)
	return [files[start::count] for start in range(count)]
