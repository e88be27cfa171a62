"""`make style` runs every check, whichever fails, with tools that are installed once."""

import sys

import pytest

from dev.site import apt, steps
from dev.site.steps import StepFailed
from dev.style import __main__ as style
from dev.style import tools
from dev.style.__main__ import Check

PASSES = Check("passes", (sys.executable, "-c", "print('a.py:1: UserWarning: nearly too many')"))
FAILS = Check("fails", (sys.executable, "-c", "print('E501 too long'); raise SystemExit(2)"))
MISSING = Check("missing", ("no-such-tool",))


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
	"""Leave this machine's tools as they are."""
	for module, name in ((steps, "STAMPS"), (steps, "LOGS"), (tools, "FOLDER"), (tools, "SCRIPT_TOOLS")):
		monkeypatch.setattr(module, name, tmp_path / name)
	tools.SCRIPT_TOOLS.mkdir()
	(tools.SCRIPT_TOOLS / "package-lock.json").write_text("{}")


@pytest.fixture
def commands(monkeypatch):
	"""Record commands instead of running them; what they would leave is there afterwards."""
	ran = []

	def run(name, command, **_options):
		ran.append([str(part) for part in command])
		left = tools.SCRIPT_TOOLS / "node_modules" / ".package-lock.json"
		left.parent.mkdir(exist_ok=True)
		left.touch()

	monkeypatch.setattr(tools, "run", run)
	monkeypatch.setattr(tools.python_env, "choose", lambda: {"real": "/usr/bin/python3"})
	monkeypatch.setattr(tools.python_env, "probe", lambda python: {})
	monkeypatch.setattr(apt, "find", lambda program: f"/usr/bin/{program.commands[0]}")
	return ran


@pytest.mark.parametrize(
	("checks", "passed"), [([PASSES, PASSES], True), ([FAILS, PASSES], False), ([MISSING, PASSES], False)]
)
def test_all_checks_run_whichever_fail(checks, passed, capsys):
	assert style.run_all(checks) is passed
	said = capsys.readouterr()
	assert [check.name for check in checks if f"  {check.name}: " not in said.err] == []
	assert ("E501 too long" in said.out) == (FAILS in checks)


def test_a_warning_is_shown_though_the_check_passed(capsys):
	style.run_all([PASSES])
	assert "nearly too many" in capsys.readouterr().err


@pytest.mark.parametrize(
	("check", "ready", "status"), [(PASSES, True, 0), (FAILS, True, 1), (PASSES, False, 1)]
)
def test_the_exit_status(monkeypatch, commands, check, ready, status):
	monkeypatch.setattr(style, "python_checks", lambda: [PASSES])
	monkeypatch.setattr(style, "rules", lambda: check)
	monkeypatch.setattr(style, "script_checks", lambda install: ([], ready))
	assert style.main([]) == status


def test_linters_alone_leave_the_rules_out(monkeypatch, commands):
	monkeypatch.setattr(style, "python_checks", lambda: [PASSES])
	monkeypatch.setattr(style, "rules", lambda: FAILS)
	monkeypatch.setattr(style, "script_checks", lambda install: ([], True))
	assert style.main(["--linters"]) == 0


def test_tools_are_installed_once_for_the_same_requirements(monkeypatch, commands):
	monkeypatch.setattr(tools, "requirements", lambda: ["ruff>=0.6,<1"])
	tools.prepare()
	tools.prepare()
	assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
	assert commands[-1][-1] == "ruff>=0.6,<1"
	monkeypatch.setattr(tools, "requirements", lambda: ["ruff>=0.7,<1"])
	tools.prepare()
	assert commands[-1][-1] == "ruff>=0.7,<1"


def test_tools_are_installed_again_when_their_python_is_gone(monkeypatch, commands):
	tools.prepare()
	monkeypatch.setattr(tools.python_env, "probe", lambda python: None)
	tools.prepare()
	assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]] * 2


def test_the_requirements_are_those_of_the_extra():
	names = {requirement.partition(">")[0] for requirement in tools.requirements()}
	assert {"ruff", "import-linter", "pytest", "hypothesis"} <= names


def test_without_npm_the_tools_for_scripts_are_left_out_and_named(monkeypatch, commands, capsys):
	monkeypatch.setattr(apt, "find", lambda program: None)
	assert style.script_checks(install=False) == ([], True)
	assert "LEFT OUT: npm is missing" in capsys.readouterr().err and commands == []


def test_npm_is_installed_where_it_is_asked_for(monkeypatch, commands):
	asked = []
	monkeypatch.setattr(apt, "install", asked.append)
	checks, ready = style.script_checks(install=True)
	assert (asked, ready) == ([(apt.NODE, apt.NPM)], True)
	assert [check.name for check in checks] == ["ESLint", "Prettier"]
	assert commands == [["/usr/bin/npm", "ci", "--no-audit", "--no-fund"]]


def test_tools_for_scripts_that_cannot_be_installed_fail(monkeypatch, commands):
	def refuse(*_arguments, **_options):
		raise StepFailed("npm could not install what checks scripts")

	monkeypatch.setattr(tools, "run", refuse)
	assert style.script_checks(install=False) == ([], False)
