"""Processes that this project starts, and only those: by pid files that are checked against /proc."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dev.patience import PATIENCE
from dev.site.layout import OWN
from dev.site.steps import StepFailed, log_file

RUN = OWN / "run"


def _stat(pid: int) -> list[str] | None:
	"""Return the fields of /proc/<pid>/stat after the command name, or None if there is no such process."""
	try:
		return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
	except (FileNotFoundError, ProcessLookupError):
		return None


def _identity(pid: int) -> str | None:
	"""Return the boot and the clock tick in which a live process began.

	No later process with its pid has the same. A killed process counts as live, with its sockets, until the
	last of its threads is gone.
	"""
	fields = _stat(pid)
	if not fields or (fields[0] in "ZX" and int(fields[17]) <= 1):
		return None
	return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{fields[19]}"


def descendants(pid: int) -> list[int]:
	"""Return children, grandchildren and so on of a process, nearest first."""
	children: dict[int, list[int]] = {}
	for entry in Path("/proc").iterdir():
		if entry.name.isdigit() and (fields := _stat(int(entry.name))):
			children.setdefault(int(fields[1]), []).append(int(entry.name))
	found, queue = [], [pid]
	while queue:
		queue += children.get(queue[0], [])
		found.append(queue.pop(0))
	return found[1:]


@dataclass
class Process:
	"""A process started here, now or by an earlier command."""

	name: str
	pid: int
	log: Path
	identity: str
	borrowed: bool = False
	details: dict = field(default_factory=dict)
	_child: subprocess.Popen | None = None

	@property
	def running(self) -> bool:
		if self._child:
			self._child.poll()
		return _identity(self.pid) == self.identity

	def stop(self, timeout: float = 20) -> None:
		"""End it gently, then firmly. A borrowed process, which another command runs, is left alone."""
		if self.borrowed:
			return
		for wait, number in ((timeout, signal.SIGTERM), (3, signal.SIGTERM)):
			if self.running:
				os.kill(self.pid, number)
				self._gone_within(wait)
		self.kill()

	def kill(self) -> None:
		"""End it and everything it started at once, as a power cut would."""
		if self.borrowed:
			return
		if self.running:
			family = [self.pid, *descendants(self.pid)]
			for pid in family:
				try:
					os.kill(pid, signal.SIGKILL)
				except ProcessLookupError:
					continue
			self._gone_within(PATIENCE)
		(RUN / f"{self.name}.json").unlink(missing_ok=True)

	def _gone_within(self, seconds: float) -> bool:
		return wait_until(lambda: not self.running, seconds)


def start(name: str, command: list[str], *, cwd: Path, env: dict | None = None, **details: object) -> Process:
	"""Start a process in its own session, with its output in `.bench/logs/<name>.log`.

	`details` are stored for any later `find`. Raises StepFailed when it cannot be started.
	"""
	log = log_file(name)
	RUN.mkdir(parents=True, exist_ok=True)
	with log.open("ab") as out:
		try:
			child = subprocess.Popen(
				list(map(str, command)),
				cwd=cwd,
				env=env,
				stdin=subprocess.DEVNULL,
				stdout=out,
				stderr=out,
				start_new_session=True,
			)
		except OSError as error:
			raise StepFailed(f"{name} could not be started: {error}", log) from error
	record = {
		"pid": child.pid,
		"identity": _identity(child.pid) or "ended",
		"details": details,
		"bench": str(OWN),
	}
	(RUN / f"{name}.json").write_text(json.dumps(record))
	return Process(name, child.pid, log, record["identity"], details=details, _child=child)


def find(name: str) -> Process | None:
	"""Return the running process of this name, started by any command of this project, or None.

	A folder copied together with its pid files names processes of the original: those are not ours.
	"""
	file = RUN / f"{name}.json"
	try:
		record = json.loads(file.read_text())
	except (FileNotFoundError, json.JSONDecodeError):
		return None
	if record.get("bench", str(OWN)) != str(OWN):
		file.unlink(missing_ok=True)
		return None
	process = Process(name, record["pid"], log_file(name), record["identity"], details=record["details"])
	if process.running:
		return process
	file.unlink(missing_ok=True)
	return None


def all_running() -> list[Process]:
	names = sorted(file.stem for file in RUN.glob("*.json"))
	return [process for name in names if (process := find(name))]


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
	"""Return True once the condition holds, False if it does not within ``seconds``."""
	end = time.monotonic() + seconds
	while not condition():
		if time.monotonic() > end:
			return False
		time.sleep(every)
	return True


def wait_ready(process: Process, condition: Callable[[], bool]) -> Process:
	"""Wait until a just started process serves. Raises StepFailed when it ends or takes too long."""
	if wait_until(lambda: condition() or not process.running, PATIENCE) and process.running:
		return process
	process.kill()
	raise StepFailed(f"{process.name} did not come up", process.log)
