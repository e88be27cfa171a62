"""The Python interpreter and the virtual environment of the bench."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.site import apt
from dev.site.layout import ROOT, Bench
from dev.site.steps import StepFailed, digest, run, say, step

OLDEST, NEWEST = (3, 10), (3, 14)
REQUIREMENTS = ROOT / "dev" / "requirements.txt"

PROBE = """
import importlib.util, json, platform, sys
print(json.dumps({
	"version": sys.version_info[:2], "release": platform.python_version(), "real": sys.executable,
	"venv": bool(importlib.util.find_spec("ensurepip")), "debian": sys.prefix == "/usr",
}))
"""


def probe(python: str) -> dict | None:
	"""Return facts about this interpreter, or None if it does not run (like a pyenv shim without its
	version).
	"""
	try:
		result = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=30)
		return json.loads(result.stdout)
	except (OSError, subprocess.TimeoutExpired, json.JSONDecodeError):
		return None


def candidates() -> list[str]:
	"""Return PYTHON if set, then `python3` on the PATH, then every python3.14 ... python3.10 there."""
	minors = range(NEWEST[1], OLDEST[1] - 1, -1)
	folders = os.environ.get("PATH", "").split(os.pathsep)
	found = [os.environ.get("PYTHON", ""), shutil.which("python3") or "", sys.executable]
	for name in (*(f"python3.{minor}" for minor in minors), "python3"):
		found += [path for folder in folders if (path := shutil.which(name, path=folder))]
	return list(dict.fromkeys(filter(None, found)))


def choose() -> dict:
	"""Return the first candidate that runs, has a version Frappe can use, and can make virtual environments.

	Raises StepFailed if there is none. On Debian it may install the missing venv package first.
	"""
	seen, without_venv = [], None
	for python in candidates():
		facts = probe(python)
		if facts is None:
			continue
		seen.append(f"{python} is {facts['release']}")
		if not OLDEST <= tuple(facts["version"]) <= NEWEST:
			continue
		if facts["venv"]:
			return facts
		without_venv = without_venv or facts
	if without_venv and without_venv["debian"]:
		package = "python{}.{}-venv".format(*without_venv["version"])
		say(f"Installing {package} with apt-get ...")
		apt.update()
		apt.install_packages(package)
		if (facts := probe(without_venv["real"])) and facts["venv"]:
			return facts
	raise StepFailed(
		"Python 3.10 to 3.14 with the venv module is missing; set PYTHON=/path/to/python. "
		f"Found: {'; '.join(seen) or 'no Python at all'}"
	)


def make(bench: Bench) -> str:
	"""Create the virtual environment if it is missing or stale, and return the key that identifies it."""
	stamped = bench.env / "made-by.json"
	kept = json.loads(stamped.read_text()) if stamped.exists() else None
	if kept and not os.environ.get("PYTHON") and probe(str(bench.python)):
		return digest(kept["real"], kept["release"])
	chosen = choose()

	def create() -> None:
		shutil.rmtree(bench.env, ignore_errors=True)
		run("python", [chosen["real"], "-m", "venv", bench.env], failure="the virtual environment failed")
		stamped.write_text(json.dumps(chosen))

	key = digest(chosen["real"], chosen["release"])
	ready = stamped.exists() and probe(str(bench.python)) is not None
	step("python", f"Python {chosen['release']} ({chosen['real']})", key, create, ready=ready)
	return key


def install(bench: Bench, environment: str, folders: list[Path]) -> bool:
	"""Install these project folders (editable) and the development tools into the environment."""
	editable = [argument for folder in folders for argument in ("-e", folder)]
	command = [bench.python, "-m", "pip", "install", "--no-input", "-r", REQUIREMENTS, *editable]
	key = digest(
		environment, REQUIREMENTS, *map(str, folders), *(folder / "pyproject.toml" for folder in folders)
	)
	return step(
		"packages",
		f"Python packages ({', '.join(folder.name for folder in folders)}, test tools)",
		key,
		lambda: run("packages", command, failure="pip could not install the Python packages"),
	)
