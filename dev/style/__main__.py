"""Check style: ``python3 -m dev.style [--linters] [--install]``. Exits 1 if any check fails."""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from subprocess import PIPE, STDOUT

from dev.site.layout import ROOT
from dev.site.steps import StepFailed, finish, say
from dev.style import tools
from dev.tracked import tracked

LIMIT = 600
"""Seconds after which a check that hangs is ended."""
WARNING = "Warning: "
"""What pytest prints of a rule that warns, though it passes."""


@dataclass(frozen=True)
class Check:
	"""A tool and the files that it looks at."""

	name: str
	command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
	name: str
	passed: bool
	seconds: float
	output: str

	@property
	def warnings(self) -> list[str]:
		return [line.strip() for line in self.output.splitlines() if WARNING in line]


def main(argv: list[str] | None = None) -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.style", description="Check style")
	parser.add_argument("--linters", action="store_true", help="leave out the rules in tests/unit/dev")
	parser.add_argument("--install", action="store_true", help="install npm if it is missing (apt-get)")
	arguments = parser.parse_args(argv)
	tools.prepare()
	scripts, ready = script_checks(arguments.install)
	checks = [*([] if arguments.linters else [rules()]), *scripts, *python_checks()]
	return 0 if run_all(checks) and ready else 1


def python_checks() -> list[Check]:
	files = names("*.py")
	return [
		Check("ruff check", ("ruff", "check", "--force-exclude", "pyproject.toml", *files)),
		Check("ruff format", ("ruff", "format", "--check", "--force-exclude", *files)),
		Check("lint-imports", ("lint-imports",)),
	]


def rules() -> Check:
	return Check("tests/unit/dev", ("pytest", "-q", "tests/unit/dev"))


def script_checks(install: bool) -> tuple[list[Check], bool]:
	"""Return the checks of the Desk's scripts, and False where their tools could not be installed."""
	try:
		if not tools.prepare_scripts(install):
			say("ESLint and Prettier are LEFT OUT: npm is missing. `make site` or --install installs it")
			return [], True
	except StepFailed as failure:
		print(failure.report(), file=sys.stderr)
		return [], False
	eslint, prettier = (str(tools.script_program(name)) for name in ("eslint", "prettier"))
	files = names("*.js", "school_dialer")
	return [
		Check("ESLint", (eslint, "--config", "dev/js/eslint.config.js", "--no-warn-ignored", *files)),
		Check("Prettier", (prettier, "--log-level", "warn", "--check", *files)),
	], True


def names(pattern: str, *folders: str) -> list[str]:
	return [str(path) for path in tracked(*folders, pattern=pattern)]


def run_all(checks: list[Check]) -> bool:
	"""Run all checks, one on each core, whichever fail. Returns whether all passed.

	It prints a line for each, and then what the failed ones said.
	"""
	failed = []
	with ThreadPoolExecutor(os.cpu_count()) as pool:
		for done in as_completed([pool.submit(run, check) for check in checks]):
			result = done.result()
			say(f"{result.name}: {'passed' if result.passed else 'FAILED'}", result.seconds)
			if result.passed:
				for line in result.warnings:
					say(f"  {line}")
			else:
				failed.append(result)
	for result in failed:
		print(f"\n===== {result.name}\n{result.output}", flush=True)
	return not failed


def run(check: Check) -> Result:
	begin = time.monotonic()
	try:
		done = subprocess.run(
			check.command,
			cwd=ROOT,
			env=tools.variables(),
			stdin=subprocess.DEVNULL,
			stdout=PIPE,
			stderr=STDOUT,
			text=True,
			errors="replace",
			timeout=LIMIT,
		)
		passed, output = not done.returncode, done.stdout
	except (OSError, subprocess.TimeoutExpired) as error:
		passed, output = False, str(error)
	return Result(check.name, passed, time.monotonic() - begin, output)


if __name__ == "__main__":
	finish(main)
