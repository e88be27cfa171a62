"""The audit tools, in their own environment: they are not needed to run or test the app."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.site import python_env, steps
from dev.site.layout import ROOT

TOOLS = ("bandit==1.9.4", "zizmor==1.32.0", "pip-audit==2.10.1")
FOLDER = ROOT / ".bench" / "audit"
RUN_SECONDS = 300


def ready() -> None:
	"""Create the environment unless it already holds exactly these tools.

	Raises StepFailed when they cannot be installed.
	"""
	stamp = FOLDER / "tools.txt"
	wanted = "\n".join(TOOLS)
	if stamp.exists() and stamp.read_text() == wanted:
		return
	python = python_env.choose()["real"]
	shutil.rmtree(FOLDER, ignore_errors=True)
	steps.run("audit", [python, "-m", "venv", FOLDER], failure="the environment for the audit failed")
	pip = [program("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS]
	steps.run("audit", pip, failure="pip could not install the tools of the audit")
	stamp.write_text(wanted)


def program(name: str) -> str:
	return str(FOLDER / ("Scripts" if sys.platform == "win32" else "bin") / name)


def run(name: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
	"""Run one of the tools on the project. The caller judges its exit code."""
	return subprocess.run(
		[program(name), *arguments],
		cwd=folder,
		capture_output=True,
		text=True,
		timeout=RUN_SECONDS,
		env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
	)
