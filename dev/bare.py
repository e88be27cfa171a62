"""`make bare`: try the README's two commands on a machine that has nothing but git, make and Python.

`debootstrap` makes a Debian root, which gets a copy of the last commit. Each command runs there in a file and
process space of its own, as root, with no variable, cache or program of this machine. What the root takes
along is the way to the package registries, because each machine has its own: the names of hosts, the trusted
certificates, and the variables of a proxy. Prints the seconds of each part; exits 1 if a command fails.

	python3 -m dev.bare [--release trixie] [--keep] [COMMAND ...]
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.site import apt
from dev.site.apt import Program
from dev.site.layout import ROOT
from dev.site.steps import StepFailed, finish, say

HAS = ("git", "make", "python3", "ca-certificates")
"""What the machine has. Without certificates it could not have cloned anything over https."""
PROGRAMS = (
	Program("debootstrap", ("debootstrap",), (("debootstrap",),)),
	Program("unshare", ("unshare",), (("util-linux",),)),
	Program("chroot", ("chroot",), (("coreutils",),)),
)
COMMANDS = ("make demo", "make test")
HOME = Path("root", "school_dialer")
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")
PROXY = ("http_proxy", "https_proxy", "no_proxy")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENTER = """
set -e
root=$1 command=$2
shift 2
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
exec chroot "$root" /usr/bin/env -i "$@" sh -c "$command"
"""
LIMIT = 60 * 60
"""Seconds after which a command is ended."""


def main() -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.bare")
	parser.add_argument("commands", nargs="*", default=COMMANDS, help=f"by default: {', '.join(COMMANDS)}")
	parser.add_argument("--release", default="stable", help="of Debian: bookworm, trixie, ...")
	parser.add_argument("--keep", action="store_true", help="leave the machine there, to look at it")
	given = parser.parse_args()
	if os.geteuid():
		raise StepFailed("`make bare` makes a root of its own, which needs root: sudo make bare")
	apt.install(PROGRAMS)
	parts: list[tuple[str, float, int]] = []
	with folder(given.keep) as root:
		timed(parts, f"Debian {given.release}", lambda: make(root, given.release))
		for command in given.commands:
			timed(parts, command, lambda command=command: inside(root, f"cd /{HOME} && {command}"))
			if parts[-1][2]:
				break
	for title, seconds, status in parts:
		say(f"{title}: {'FAILED' if status else 'passed'}", seconds)
	return int(any(status for _title, _seconds, status in parts))


def timed(parts: list[tuple[str, float, int]], title: str, action) -> None:
	say(f"{title} ...")
	begin = time.monotonic()
	status = action()
	parts.append((title, time.monotonic() - begin, status or 0))


@contextmanager
def folder(keep: bool) -> Iterator[Path]:
	"""Yield an empty folder for the machine: on the disk, and not in a /tmp that may be memory."""
	root = Path(tempfile.mkdtemp(prefix="bare-", dir="/var/tmp"))
	try:
		yield root
	finally:
		if keep:
			say(f"The machine is in {root}")
		else:
			shutil.rmtree(root, ignore_errors=True)


def make(root: Path, release: str) -> None:
	"""Make a Debian root with a clone of the last commit, and the way to the registries."""
	call("debootstrap", "--variant=minbase", f"--include={','.join(HAS)}", release, str(root))
	for name in ("resolv.conf", "hosts"):
		shutil.copy(Path("/etc", name), root / "etc" / name)
	for certificate in OWN_CERTIFICATES.glob("*.crt"):
		shutil.copy(certificate, root / OWN_CERTIFICATES.relative_to("/") / certificate.name)
	call("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(root / HOME))
	if inside(root, "update-ca-certificates > /dev/null 2>&1"):
		raise StepFailed("the machine's certificates could not be put together")


def call(*command: str) -> None:
	done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
	if done.returncode:
		raise StepFailed(f"{shlex.join(command)} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def inside(root: Path, command: str) -> int:
	"""Run a shell command in the root. What it leaves running ends with it."""
	proxy = [f"{name}={value}" for name in PROXY if (value := os.environ.get(name))]
	variables = ("HOME=/root", f"PATH={PATH}", "LANG=C.UTF-8", *proxy)
	own_space = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
	enter = ("sh", "-c", ENTER, "sh", str(root), command, *variables)
	try:
		return subprocess.run([*own_space, *enter], stdin=subprocess.DEVNULL, timeout=LIMIT).returncode
	except subprocess.TimeoutExpired:
		print(f"{command} did not end within {LIMIT} s", file=sys.stderr)
		return 1


if __name__ == "__main__":
	finish(main)
