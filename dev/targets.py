"""What each target of the Makefile needs, and how one that works inside the site is run.

`python3 -m dev.targets demo` installs or refuses what the target needs within its first seconds, builds the
site, and runs the target in it. If that fails, it stops what it started. Only the standard library is used
here, because this code runs before anything is installed.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from dev.site import apt, processes, python_env, services, site
from dev.site.apt import CHROMIUM, NODE, NPM, SITE_PROGRAMS
from dev.site.layout import ROOT, current
from dev.site.steps import finish, say

BROWSER = (*SITE_PROGRAMS, CHROMIUM)
TEST_TOOLS = ROOT / "pyproject.toml"
"""Its extra `test` names what checks style."""


@dataclass(frozen=True)
class Target:
	"""A target of the Makefile, or a suite of tests, which several targets run.

	`runs` are the modules, or folders of tests, that it runs; if `inside`, the first one runs in the site.
	`programs` are all that these and what they import ask for. `packages` is the file that names its Python
	packages, besides those of Frappe and the app.
	"""

	runs: tuple[str, ...]
	programs: tuple[apt.Program, ...] = SITE_PROGRAMS
	packages: Path = python_env.REQUIREMENTS
	inside: bool = False


TARGETS = {
	"site": Target(("dev.site",)),
	"demo": Target(("dev.demo",), inside=True),
	"desk": Target(("dev.demo.desk",), inside=True),
	"bench": Target(("benchmarks",), inside=True),
	# Also the suite of that name, which plays a short form.
	"chaos": Target(("dev.chaos", "tests.chaos"), inside=True),
	"screenshots": Target(("dev.screenshots",), BROWSER, inside=True),
	"families": Target(("dev.families", "tests.families", "tests.integration.with_carrier.families")),
	"unit": Target(("tests.unit",)),
	"integration": Target(("tests.integration",)),
	"security": Target(("tests.security",)),
	"browser": Target(("tests.browser",), BROWSER),
	"style": Target(("dev.style",), (NODE, NPM), TEST_TOOLS),
	"audit": Target(("dev.audit",), (), ROOT / "dev" / "audit" / "tools.py"),
}
"""`test`, `test-rest` and the like run suites of tests, and need what those need."""


def main() -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.targets", description="Run a target in the site")
	parser.add_argument("name", choices=[name for name, target in TARGETS.items() if target.inside])
	given, arguments = parser.parse_known_args()
	target, bench = TARGETS[given.name], current()
	before = {process.name for process in processes.all_running()}
	status = 1
	try:
		site.make(bench, target.programs)
		command = [str(bench.python), "-m", target.runs[0], *arguments]
		status = services.run_inside(bench, command, cwd=ROOT)
	finally:
		if status:
			stop_except(before)
	return status


def stop_except(before: set[str]) -> None:
	"""Stop what was started since, unless the Desk, which another command serves, needs it."""
	if not processes.find("desk") and (stopped := services.down(keep=before)):
		say(f"Stopped: {', '.join(stopped)}")


if __name__ == "__main__":
	finish(main)
