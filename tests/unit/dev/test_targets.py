"""Every target of the Makefile brings the programs that its code asks for, and fails in a sentence.

What the code asks for is found by its imports, so that a new program cannot be forgotten.
"""

import ast
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from dev import targets
from dev.patience import PATIENCE, eventually
from dev.site import apt, processes, steps
from dev.site.layout import ROOT, Bench
from dev.site.steps import StepFailed
from dev.targets import TARGETS
from dev.tracked import tracked

OURS = ("dev", "benchmarks", "tests")
FILES = {".".join(path.with_suffix("").parts): ROOT / path for path in tracked(*OURS, pattern="*.py")}
ENTRY = 'if __name__ == "__main__":'
PROGRAMS = {name: program for name, program in vars(apt).items() if isinstance(program, apt.Program)}
RECIPE = re.compile(r"^([a-z][\w -]*):[^\n]*\n((?:\t[^\n]*\n)*)", re.MULTILINE)
RECIPES = {
	name: steps for names, steps in RECIPE.findall((ROOT / "Makefile").read_text()) for name in names.split()
}
LISTS = {"dev.targets", "tests.unit.dev.test_targets"}
"""Modules that name others without running them."""
WITHOUT_SITE = {"stop", "clean", "bare"}
"""What ends something, and what runs the others elsewhere."""


@cache
def tree(name: str) -> ast.Module:
	return ast.parse(FILES[name].read_text(encoding="utf-8"))


def modules_in(name: str) -> set[str]:
	"""Return the modules of a package, or a module itself."""
	return {module for module in FILES if module == name or module.startswith(f"{name}.")}


@cache
def named_by(module: str) -> frozenset[str]:
	"""Return our modules that this one imports, anywhere in it, or runs, as in ["-m", "dev.chaos"]."""
	named: set[str] = set()
	run: set[str] = set()
	for node in ast.walk(tree(module)):
		if isinstance(node, ast.Import):
			named |= {alias.name for alias in node.names}
		elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
			named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
		elif isinstance(node, ast.Constant) and isinstance(node.value, str) and module not in LISTS:
			run |= {node.value, f"{node.value}.__main__"}
	packages = {f"{name}.__init__" for name in named | run}
	return frozenset((named | run | packages) & FILES.keys())


def reached(runs: tuple[str, ...]) -> set[str]:
	"""Return all modules that these run, with what they import."""
	found: set[str] = set()
	waiting = {module for name in runs for module in modules_in(name)}
	while waiting:
		found |= waiting
		waiting = {named for module in waiting for named in named_by(module)} - found
	return found


def asked_for(module: str) -> Iterator[apt.Program]:
	"""Yield the programs of `apt` that a module names: what it needs, finds or installs."""
	for node in ast.walk(tree(module)):
		if not isinstance(node, ast.Call):
			continue
		called = ast.unparse(node.func)
		if called.rpartition(".")[2] in ("need", "find", "install"):
			names = {one.attr if isinstance(one, ast.Attribute) else one.id for one in names_in(node.args)}
			yield from (PROGRAMS[name] for name in names & PROGRAMS.keys())
		elif called == "apt.node":
			yield apt.NODE


def names_in(arguments: list[ast.expr]) -> Iterator[ast.Attribute | ast.Name]:
	for argument in arguments:
		yield from (node for node in ast.walk(argument) if isinstance(node, ast.Attribute | ast.Name))


def needed(runs: tuple[str, ...]) -> set[apt.Program]:
	modules = reached(runs) - {"dev.site.apt"}
	return {program for module in modules for program in asked_for(module)}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_declares_what_its_code_asks_for(name):
	target = TARGETS[name]
	assert all(modules_in(run) for run in target.runs), target.runs
	missing = needed(target.runs) - set(target.programs)
	assert missing == set(), f"{name} asks for {[program.what for program in missing]}"
	assert target.packages.exists()


def test_what_code_asks_for_is_found():
	"""The check above sees the browser where one is, through imports and names, and only there."""
	assert apt.CHROMIUM in needed(("dev.screenshots",)) and apt.CHROMIUM in needed(("tests.browser",))
	assert apt.CHROMIUM not in needed(("dev.demo",))
	assert set(apt.SITE_PROGRAMS) <= needed(("dev.site",))
	assert "dev.chaos.scheduler" in reached(("tests.chaos",))


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - WITHOUT_SITE))
def test_each_target_of_the_makefile_has_a_declaration(name):
	"""By its own name, by the suites of tests that it runs, or by the module."""
	recipe, target = RECIPES[name], TARGETS.get(name)
	if "$(TARGET)" in recipe:
		assert target and target.inside
	elif "$(RUNNER)" in recipe:
		suites = re.findall(r"\b(?:unit|integration|security|browser|chaos)\b", recipe)
		assert set(suites) <= TARGETS.keys()
	else:
		declared = {run for one in TARGETS.values() for run in one.runs}
		module = re.search(r"-m ([\w.]+)", recipe.replace("$(DEV)", "-m dev.site"))[1]
		assert module in declared, name


def entries() -> list[str]:
	"""Return the commands among our modules that may meet a step that fails."""
	return sorted(
		name
		for name, file in FILES.items()
		if name.startswith(("dev.", "benchmarks."))
		and ENTRY in file.read_text(encoding="utf-8")
		and any("StepFailed" in FILES[one].read_text(encoding="utf-8") for one in reached((name,)))
	)


def test_there_are_commands():
	assert {"dev.demo.__main__", "dev.demo.desk", "dev.chaos.__main__", "dev.families"} <= set(entries())
	assert {"benchmarks.__main__", "dev.screenshots.__main__", "dev.targets", "dev.bare"} <= set(entries())


@pytest.mark.parametrize("name", entries())
def test_a_command_ends_in_a_sentence(name):
	assert "finish(" in FILES[name].read_text(encoding="utf-8").partition(ENTRY)[2], name


def ended(main) -> object:
	with pytest.raises(SystemExit) as exit:
		steps.finish(main)
	return exit.value.code


def test_a_step_that_fails_is_a_sentence_and_status_1():
	def refuse():
		raise StepFailed("Redis is missing")

	assert str(ended(refuse)).startswith("Redis is missing\nRun the same command again")
	assert (ended(lambda: None), ended(lambda: 3)) == (0, 3)


def test_ctrl_c_is_no_traceback():
	def interrupted():
		raise KeyboardInterrupt

	def tidies_up_in_vain():
		try:
			interrupted()
		finally:
			raise ConnectionError("gone")

	assert ended(interrupted) == ended(tidies_up_in_vain) == 130


def test_a_fault_of_the_code_is_a_traceback():
	with pytest.raises(ZeroDivisionError):
		steps.finish(lambda: 1 // 0)


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
	monkeypatch.setattr(processes, "RUN", tmp_path / "run")
	monkeypatch.setattr(steps, "LOGS", tmp_path / "logs")
	bench = Bench(tmp_path, "site", owned=True)
	bench.python.parent.mkdir(parents=True)
	bench.python.symlink_to(sys.executable)
	monkeypatch.setattr(targets, "current", lambda: bench)
	return bench


def sleeper(name: str) -> processes.Process:
	return processes.start(name, ["sleep", str(PATIENCE)], cwd=ROOT)


@pytest.mark.parametrize("refused", [True, False], ids=["not built", "built, and it fails"])
def test_a_target_that_fails_leaves_nothing_running_that_it_started(bench, monkeypatch, refused):
	earlier = sleeper("earlier")
	started = []

	def make(_bench, _programs):
		started.append(sleeper("mariadb"))
		if refused:
			raise StepFailed("npm is missing")

	monkeypatch.setattr(targets.site, "make", make)
	monkeypatch.setattr(targets.services, "run_inside", lambda *_given, **_more: 1)
	monkeypatch.setattr(sys, "argv", ["dev.targets", "demo"])
	try:
		assert ended(targets.main)
		assert not started[0].running and earlier.running
	finally:
		earlier.kill()


def test_a_target_that_succeeds_leaves_its_services_for_the_next(bench, monkeypatch):
	started = []
	monkeypatch.setattr(targets.site, "make", lambda *_given: started.append(sleeper("mariadb")))
	monkeypatch.setattr(targets.services, "run_inside", lambda *_given, **_more: 0)
	monkeypatch.setattr(sys, "argv", ["dev.targets", "chaos", "--seed", "7"])
	try:
		assert targets.main() == 0 and started[0].running
	finally:
		started[0].kill()


def test_a_served_desk_keeps_its_database(bench):
	database, desk = sleeper("mariadb"), sleeper("desk")
	try:
		targets.stop_except(set())
		assert database.running and desk.running
	finally:
		desk.kill()
		database.kill()


def test_a_command_in_the_site_tidies_up_when_it_is_asked_to_end(bench):
	"""It is not killed: a demonstration restores the site's configuration at its end."""
	bench.sites.mkdir()
	inside = (
		"import pathlib, signal, sys\n"
		"signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
		"pathlib.Path('ready').touch()\n"
		"try:\n\tsignal.pause()\n"
		"finally:\n\tpathlib.Path('tidied').touch()\n"
	)
	outside = (
		"import sys\nfrom pathlib import Path\nfrom dev.site import services\n"
		"from dev.site.layout import Bench\n"
		"bench = Bench(Path(sys.argv[1]), 'site', owned=True)\n"
		"sys.exit(services.run_inside(bench, [sys.executable, '-c', sys.argv[2]]))\n"
	)
	command = [sys.executable, "-c", outside, str(bench.path), inside]
	with subprocess.Popen(command, cwd=ROOT) as process:
		eventually("The command", lambda: (bench.sites / "ready").exists())
		process.send_signal(signal.SIGTERM)
		assert process.wait(PATIENCE) == 143
	assert (bench.sites / "tidied").exists()


def test_a_program_that_only_a_snap_provides_counts_as_missing(monkeypatch):
	"""Ubuntu's package chromium-browser installs no browser in a container."""
	shown = "Package: chromium-browser\nVersion: 2:1snap1-0ubuntu2\n"
	found = subprocess.CompletedProcess([], 0, stdout=shown)
	monkeypatch.setattr(apt.subprocess, "run", lambda *_given, **_more: found)
	with pytest.raises(StepFailed, match="Chromium is missing, and this release has no package for it"):
		apt._choose(apt.CHROMIUM)
	found.stdout = "Package: chromium\nVersion: 156.0.8078.79-1\n"
	assert apt._choose(apt.CHROMIUM) == ("chromium-headless-shell",)
