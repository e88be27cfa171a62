"""What a run of the tests found: shown, and kept in `.bench/runs.jsonl` and `.bench/flaky.jsonl`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timezone

from dev.runner import second_look
from dev.runner.parts import PASSED, Part
from dev.runner.second_look import Look
from dev.site.layout import OWN, ROOT
from dev.site.steps import say

RUNS, FLAKY = OWN / "runs.jsonl", OWN / "flaky.jsonl"


@dataclass
class Run:
	"""One run: its parts, and the second looks at what failed in them."""

	command: str
	today: str
	seed: int
	parts: list[Part]
	looks: list[Look] = field(default_factory=list)
	seconds: float = 0

	@property
	def flaky(self) -> list[str]:
		return second_look.flaky_tests(self.looks)

	@property
	def is_green(self) -> bool:
		return second_look.is_green(self.parts, self.looks)

	def counts(self) -> tuple[int, int]:
		"""Return how many tests passed, flaky ones included, and how many failed."""
		counts = [part.counts() for part in self.parts]
		passed, failed = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
		flaky = len(self.flaky)
		return passed + flaky, failed - flaky

	def show(self, suites: list[str]) -> None:
		"""Print the output of failed parts and second looks, then a line per part, failed test and suite."""
		for part in self.parts:
			if not part.is_green:
				_print_output(f"{part.label} {' '.join(part.files)}", part)
		for look in self.looks:
			_print_output(f"a second look at {look.test}", look.again)
		for part in self.parts:
			say(f"{part.title}: {part.end}", part.seconds)
			for line in (*part.counted, *part.failures):
				say(f"  {line}")
		for look in self.looks:
			say(f"{'FLAKY' if look.is_flaky else 'FAILED TWICE'} {look.test}")
		for suite in suites:
			say(f"{suite}: {self._verdict([part for part in self.parts if part.suite == suite])}")
		say(f"on {self.today}, seed {self.seed}", self.seconds)

	def _verdict(self, parts: list[Part]) -> str:
		flaky = set(self.flaky)
		if all(part.is_green for part in parts):
			return "passed" if any(part.status == PASSED for part in parts) else "no tests"
		excused = all(part.is_green or (part.failed and set(part.failed) <= flaky) for part in parts)
		return "flaky" if excused else "FAILED"

	def keep(self) -> None:
		"""Append this run to `.bench/runs.jsonl`, and each flaky test to `.bench/flaky.jsonl`."""
		passed, failed = self.counts()
		run = {
			"at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
			"commit": _git("rev-parse", "HEAD"),
			"clean": not _git("status", "--porcelain"),
			"command": self.command,
			"today": self.today,
			"seed": self.seed,
		}
		failures = sorted(
			{test for part in self.parts for test in part.failed or ([] if part.is_green else part.files)}
		)
		_append(
			RUNS,
			run
			| {
				"seconds": round(self.seconds, 1),
				"green": self.is_green,
				"passed": passed,
				"failed": failed,
				"failures": [test for test in failures if test not in self.flaky],
				"flaky": self.flaky,
			},
		)
		for test in self.flaky:
			_append(FLAKY, run | {"test": test})


def _print_output(title: str, part: Part) -> None:
	print(f"\n===== {title}\n{''.join(part.said)}", flush=True)


def _append(file, line: dict) -> None:
	file.parent.mkdir(parents=True, exist_ok=True)
	with file.open("a") as out:
		out.write(json.dumps(line) + "\n")


def _git(*arguments: str) -> str:
	"""Return what git says, or nothing outside a clone."""
	said = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
	return said.stdout.strip() if said.returncode == 0 else ""
