"""The tools that check style: those for Python in an environment of their own, those for scripts from npm."""

import os
import re
import shutil
from pathlib import Path

from dev.site import apt, python_env
from dev.site.layout import OWN, ROOT
from dev.site.steps import digest, run, step

FOLDER = OWN / "style"
PROJECT = ROOT / "pyproject.toml"
SCRIPT_TOOLS = ROOT / "dev" / "js"
EXTRA = re.compile(r"^test = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
REQUIREMENT = re.compile(r'^\s*"([^"]+)"', re.MULTILINE)


def requirements() -> list[str]:
	"""Return what the extra `test` of pyproject.toml names."""
	return REQUIREMENT.findall(EXTRA.search(PROJECT.read_text(encoding="utf-8"))[1])


def prepare() -> None:
	"""Create the environment, unless it was made of the same requirements and its Python still runs.

	Raises StepFailed where there is no usable Python, or pip does not find a package.
	"""
	needed = requirements()

	def create() -> None:
		python = python_env.choose()["real"]
		shutil.rmtree(FOLDER, ignore_errors=True)
		run("style", [python, "-m", "venv", FOLDER], failure="the environment for style failed")
		pip = [program("python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
		run("style", [*pip, *needed], failure="pip could not install what checks style")

	ready = python_env.probe(str(program("python"))) is not None
	step("style", "Tools for style (.bench/style)", digest(*needed), create, ready=ready)


def prepare_scripts(install: bool) -> bool:
	"""Install the tools for scripts as they are locked. Returns False where there is no npm to do it.

	With `install`, a missing npm is installed like the programs of the site. Raises StepFailed if that fails.
	"""
	if install:
		apt.install((apt.NODE, apt.NPM))
	npm = apt.find(apt.NPM)
	if not npm or not apt.find(apt.NODE):
		return False
	step(
		"script-tools",
		"Tools for scripts (npm)",
		digest(SCRIPT_TOOLS / "package-lock.json"),
		lambda: run(
			"script-tools",
			[npm, "ci", "--no-audit", "--no-fund"],
			cwd=SCRIPT_TOOLS,
			failure="npm could not install what checks scripts",
		),
		ready=(SCRIPT_TOOLS / "node_modules" / ".package-lock.json").exists(),
	)
	return True


def program(name: str) -> Path:
	return FOLDER / "bin" / name


def script_program(name: str) -> Path:
	return SCRIPT_TOOLS / "node_modules" / ".bin" / name


def variables() -> dict[str, str]:
	"""Return the environment for the tools: the site, if there is one, does not concern them."""
	ours = {name: value for name, value in os.environ.items() if name not in ("BENCH", "SITES_PATH", "SITE")}
	path = os.pathsep.join((str(FOLDER / "bin"), ours.get("PATH", "")))
	return {**ours, "PATH": path, "VIRTUAL_ENV": str(FOLDER), "DIALER_TESTS": "all"}
