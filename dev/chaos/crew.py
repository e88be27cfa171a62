"""Workers, schedulers and the web server, restarted when they end, as a supervisor does at a school."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import NoSuchJobError

from dev.site import processes, services
from dev.site.layout import Bench
from dev.site.processes import Process, descendants

WORKERS, SCHEDULERS = 3, 2
LOOK_SECONDS = 0.2
PATIENCE = 5.0
DISPATCH, PLAN = (
	"school_dialer.outbound.dispatch.dispatcher.run",
	"school_dialer.campaigns.planning.planner.run",
)


class Crew:
	"""The workers and schedulers, and the thread that restarts them.

	``kills`` counts the killed workers, ``in_plan`` those that were planning when killed.
	"""

	def __init__(self, bench: Bench, tick_seconds: float):
		self.bench = bench
		self.tick_seconds = tick_seconds
		self.members: dict[str, Process | None] = {}
		self.kills = self.in_plan = 0
		self.guard = threading.RLock()
		self.leaving = threading.Event()
		self.supervisor = threading.Thread(target=self.tend, name="supervisor", daemon=True)

	def start(self) -> None:
		self.members = dict.fromkeys(
			[
				*(f"worker-{number}" for number in range(WORKERS)),
				*(f"scheduler-{number}" for number in range(SCHEDULERS)),
			]
		)
		self.supervisor.start()

	def tend(self) -> None:
		while not self.leaving.wait(LOOK_SECONDS):
			with self.guard:
				for name, process in self.members.items():
					if process is None or not process.running:
						self.members[name] = self.start_one(name)

	def start_one(self, name: str) -> Process | None:
		if name.startswith("worker"):
			return services.start_worker()[0]
		command = [self.bench.python, "-m", "dev.chaos.scheduler", self.tick_seconds]
		return processes.start(f"chaos-{name}", command, cwd=self.bench.sites, env=self.bench.variables())

	def workers(self) -> list[Process]:
		with self.guard:
			return [
				process
				for name, process in self.members.items()
				if name.startswith("worker") and process and process.running
			]

	def kill(self, process: Process) -> None:
		"""Kill a process with everything it has forked, as the kernel does when it is out of memory."""
		process.kill()
		self.kills += 1
		self.in_plan += self.doing().get(process.pid) == PLAN

	def kill_worker(self, which: int) -> None:
		if workers := self.workers():
			self.kill(workers[which % len(workers)])

	def kill_dispatcher(self, which: int) -> None:
		"""Kill the worker that dials; any other one if none dials for PATIENCE seconds."""
		if not self.kill_one_that(DISPATCH, PATIENCE):
			self.kill_worker(which)

	def kill_one_that(self, does: str, patience: float, after: float = 0.0) -> bool:
		"""Wait for a worker that does this, then ``after`` more seconds, and kill it.

		Returns False if there was none within ``patience`` seconds.
		"""
		end = time.monotonic() + patience
		while time.monotonic() < end:
			doing = self.doing()
			for process in self.workers():
				if doing.get(process.pid) == does:
					time.sleep(after)
					self.kill(process)
					return True
			time.sleep(0.05)
		return False

	def kill_horse(self, which: int) -> None:
		"""Kill only the process that does the job; its worker lives on. Kills a whole worker when all are
		idle.
		"""
		horses = [pid for process in self.workers() for pid in descendants(process.pid)]
		if horses and kill_if_there(horses[which % len(horses)]):
			self.kills += 1
		else:
			self.kill_worker(which)

	def power_cut(self, meanwhile: Callable[[], None]) -> None:
		"""Kill all members at once; they are restarted after ``meanwhile`` has run."""
		with self.guard:
			for name, process in self.members.items():
				if process and process.running:
					process.kill()
					self.kills += name.startswith("worker")
			meanwhile()

	def go_home(self) -> None:
		self.leaving.set()
		if self.supervisor.ident:
			self.supervisor.join()
		for process in filter(None, self.members.values()):
			process.kill()

	def kill_scheduler(self, which: int) -> None:
		with self.guard:
			schedulers = [process for name, process in self.members.items() if name.startswith("scheduler")]
		if process := schedulers[which % len(schedulers)]:
			process.kill()

	def busy(self) -> bool:
		"""Return whether any worker plans or dials."""
		doing = self.doing()
		return any(doing.get(process.pid) in (DISPATCH, PLAN) for process in self.workers())

	def doing(self) -> dict[int, str]:
		"""Return each worker's current job by process ID, according to Redis.

		For a killed worker it is the last job.
		"""
		found = {}
		with suppress(RedisError, OSError), self.queue() as connection:
			for worker in Worker.all(connection):
				with suppress(NoSuchJobError):
					if job := worker.get_current_job():
						found[worker.pid] = job.kwargs["method"]
		return found

	def queue(self) -> Redis:
		return Redis.from_url(self.bench.config()["redis_queue"], socket_timeout=2)


def kill_if_there(pid: int) -> bool:
	"""Kill a process; return False if it had already ended."""
	try:
		os.kill(pid, signal.SIGKILL)
	except ProcessLookupError:
		return False
	return True
