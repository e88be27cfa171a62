"""Hosts that can vanish: network namespaces whose workers reach this machine's servers over their own link.

The database, both Redis servers, and the carrier stay where they are, on loopback. A relay inside the
namespace listens on its loopback, at the same ports, and passes on to a relay at this end of the link. So a
worker there needs no settings of its own. A link that is cut closes nothing: the servers keep connections to
a host that is gone, as they would after a power cut.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from dev.site import ports, processes
from dev.site.layout import ROOT, current
from dev.site.processes import Process

NETWORK = "198.18.{place}.{end}"
"""Addresses for tests between networks (RFC 2544)."""
PLACES = 250


class Host:
	"""A namespace with a link to this machine. `place`, below PLACES, tells this machine's hosts apart."""

	def __init__(self, place: int):
		self.name, self.link = f"dialer{place}", f"dial{place}"
		self.here, self.there = (NETWORK.format(place=place, end=end) for end in (1, 2))
		self.running: list[Process] = []

	def open(self, served: Sequence[int]) -> None:
		"""Make the namespace, and pass these ports of this machine's loopback on to its own."""
		ip("netns", "add", self.name)
		ip("link", "add", self.link, "type", "veth", "peer", "name", "up0", "netns", self.name)
		ip("address", "add", f"{self.here}/30", "dev", self.link)
		ip("link", "set", self.link, "up")
		self.within("ip", "address", "add", f"{self.there}/30", "dev", "up0")
		self.within("ip", "link", "set", "up0", "up")
		self.within("ip", "link", "set", "lo", "up")
		passed_on = [str(current().python), "-m", "dev.chaos.relay"]
		numbers = list(map(str, served))
		self.start("outer", [*passed_on, self.here, ports.LOOPBACK, *numbers], inside=False)
		self.start("inner", [*passed_on, ports.LOOPBACK, self.here, *numbers])

	def start(self, what: str, command: Sequence[str], inside: bool = True) -> Process:
		prefix = ["ip", "netns", "exec", self.name] if inside else []
		bench = current()
		env, folder = bench.variables(), bench.sites if what == "worker" else ROOT
		process = processes.start(f"{self.name}-{what}", [*prefix, *command], cwd=folder, env=env)
		self.running.append(process)
		return process

	def start_worker(self, queues: Sequence[str]) -> Process:
		"""Start one of Frappe's workers on this host."""
		return self.start("worker", current().frappe("worker", "--queue", ",".join(queues), "--quiet"))

	def vanish(self) -> None:
		"""Cut the link and end everything on the host. No connection is closed."""
		ip("link", "set", self.link, "down")
		for process in self.running:
			if not process.name.endswith("outer"):
				process.kill()

	def close(self) -> None:
		for process in reversed(self.running):
			process.kill()
		for rest in (("link", "delete", self.link), ("netns", "delete", self.name)):
			subprocess.run(["ip", *rest], capture_output=True)

	def within(self, *command: str) -> None:
		ip("netns", "exec", self.name, *command)


def ip(*arguments: str) -> None:
	subprocess.run(["ip", *arguments], check=True, capture_output=True)


def missing() -> str:
	"""Return why this machine cannot have such hosts, or ""."""
	if os.geteuid() or not shutil.which("ip"):
		return "network namespaces need root and the command ip"
	trial = f"dialer-trial-{os.getpid()}"
	if subprocess.run(["ip", "netns", "add", trial], capture_output=True).returncode:
		return "this machine makes no network namespaces"
	subprocess.run(["ip", "netns", "delete", trial], capture_output=True)
	return ""


@contextmanager
def hosts(count: int, served: Sequence[int]) -> Iterator[list[Host]]:
	"""Yield so many hosts that reach these ports of this machine. They are gone after the block."""
	with ExitStack() as stack:
		first, made = os.getpid() % PLACES, []
		for number in range(count):
			host = Host((first + number) % PLACES)
			stack.callback(host.close)
			host.open(served)
			made.append(host)
		yield made
