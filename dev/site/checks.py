"""The tests and the style checks, with the services they need."""

import os

from dev.site import apt, processes, services, site
from dev.site.layout import ROOT, Bench
from dev.site.steps import StepFailed, say

SUITES = ("unit", "integration", "browser", "chaos")
LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("lint-imports",))
NO_TESTS_COLLECTED = 5


def test(bench: Bench, suites: list[str]) -> int:
	"""Build what is missing, run each suite in a process of its own, and stop what was not running before."""
	before = {process.name for process in processes.all_running()}
	browser = (apt.CHROMIUM,) if "browser" in suites else ()
	try:
		site.make(bench, (*apt.SITE_PROGRAMS, *browser))
		results = {suite: _run(bench, suite) for suite in suites}
	finally:
		services.down(keep=before)
	for suite, status in results.items():
		say(
			f"{suite}: {'passed' if status == 0 else 'no tests' if status == NO_TESTS_COLLECTED else 'FAILED'}"
		)
	return max(results.values())


def _run(bench: Bench, suite: str) -> int:
	_need_tools(bench, "pytest")
	command = [str(bench.python), "-m", "pytest", f"tests/{suite}"]
	return services.run_inside(bench, command, cwd=ROOT)


def lint(bench: Bench) -> int:
	_need_tools(bench, "ruff")
	return max([services.run_inside(bench, list(command), cwd=ROOT) for command in LINTERS])


def _need_tools(bench: Bench, tool: str) -> None:
	if not os.access(bench.env / "bin" / tool, os.X_OK):
		advice = "run `make site` first" if bench.owned else "install dev/requirements.txt into it"
		raise StepFailed(f"{tool} is missing in {bench.env}: {advice}")
