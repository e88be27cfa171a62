"""Programs that must be on the machine, and the Debian or Ubuntu packages that provide them."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dev.site.steps import StepFailed, run, say

SYSTEM_PATHS = "/usr/local/sbin:/usr/sbin:/sbin"
SNAP = re.compile(r"^Version: .*snap", re.MULTILINE)


@dataclass(frozen=True)
class Program:
	"""A program that is needed.

	Any one of `commands` is enough. Of `packages`, the first list that the release knows is installed.
	"""

	what: str
	commands: tuple[str, ...]
	packages: tuple[tuple[str, ...], ...]


# The -core packages install the server without a system service that would start by itself.
MARIADB = Program("MariaDB server", ("mariadbd", "mysqld"), (("mariadb-server-core",), ("mariadb-server",)))
MARIADB_CLIENT = Program(
	"MariaDB client", ("mariadb", "mysql"), (("mariadb-client-core",), ("mariadb-client",))
)
MARIADB_INSTALL = Program(
	"mariadb-install-db",
	("mariadb-install-db", "mysql_install_db"),
	(("mariadb-server-core",), ("mariadb-server",)),
)
REDIS = Program("Redis server", ("redis-server",), (("redis-server",),))
NODE = Program("Node.js", ("node",), (("nodejs",),))
NPM = Program("npm", ("npm",), (("npm",),))
# The headless shell needs a third of the processor time, since it draws no window.
CHROMIUM = Program(
	"Chromium",
	("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
	(("chromium-headless-shell",), ("chromium",), ("chromium-browser",)),
)
SITE_PROGRAMS = (MARIADB, MARIADB_INSTALL, MARIADB_CLIENT, REDIS, NODE, NPM)


def find(program: Program) -> str | None:
	"""Return the full path of the first command found, looking in the system folders too."""
	path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATHS}"
	for command in program.commands:
		if found := shutil.which(command, path=path):
			return found
	return None


def need(program: Program) -> str:
	"""Return the full path of a program. Raises StepFailed if it is missing."""
	if found := find(program):
		return found
	raise StepFailed(f"{program.what} is missing: none of {', '.join(program.commands)} is on the PATH")


def install(programs: tuple[Program, ...]) -> bool:
	"""Install what is missing among these programs. Returns False if nothing was missing."""
	missing = [program for program in programs if not find(program)]
	if not missing:
		return False
	names = ", ".join(program.what for program in missing)
	if not shutil.which("apt-get"):
		raise StepFailed(f"missing: {names}. This machine has no apt-get; install them and run again")
	say(f"Installing {names} with apt-get ...")
	update()
	packages = dict.fromkeys(package for program in missing for package in _choose(program))
	install_packages(*packages)
	for program in missing:
		need(program)
	return True


@cache
def update() -> None:
	"""Read the lists of packages, once for each command."""
	apt_get("update", failure="apt-get could not read its package lists")


def install_packages(*packages: str) -> None:
	apt_get("install", *packages, failure=f"apt-get could not install {' '.join(packages)}")


def apt_get(verb: str, *arguments: str, failure: str) -> None:
	command = ["apt-get", "-y", "-q", *(["--no-install-recommends"] if verb == "install" else []), verb]
	if os.geteuid():
		if not shutil.which("sudo"):
			raise StepFailed(f"{failure}: not root, and sudo is missing")
		if subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
			raise StepFailed(f"{failure}: sudo asks for a password. Run `sudo -v` first")
		command = ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", *command]
	run(
		"apt",
		[*command, *arguments],
		failure=failure,
		env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
	)


def _choose(program: Program) -> tuple[str, ...]:
	for packages in program.packages:
		if all(_known(package) for package in packages):
			return packages
	raise StepFailed(
		f"{program.what} is missing, and this release has no package for it. "
		f"Install one of {', '.join(program.commands)}, and run again"
	)


def _known(package: str) -> bool:
	"""Return whether the release has this package.

	One that only names a snap does not count: Ubuntu's package of Chromium installs none in a container.
	"""
	shown = subprocess.run(["apt-cache", "show", package], capture_output=True, text=True)
	return shown.returncode == 0 and bool(shown.stdout.strip()) and not SNAP.search(shown.stdout)


def node() -> Path:
	"""Return the path of Node.js 16 or newer, which the Desk's asset builder needs."""
	found = need(NODE)
	version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout.strip()
	if int(version.lstrip("v").split(".")[0] or 0) < 16:
		raise StepFailed(f"Node.js 16 or newer is missing: {found} is {version or 'broken'}")
	return Path(found)
