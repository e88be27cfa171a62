"""Background work beside the requests: counted while it runs, canceled all at once, logged when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger("dev.carrier")


class Crew:
	def __init__(self) -> None:
		self.working = 0
		self.most = 0
		self.failures = 0
		self._tasks: set[asyncio.Task] = set()

	def start(self, work: Coroutine[Any, Any, Any], counted: bool = True) -> asyncio.Task:
		"""Start the work; work that is not ``counted`` may continue while the carrier counts as idle."""
		self.working += counted
		self.most = max(self.most, self.working)
		task = asyncio.create_task(work)
		self._tasks.add(task)
		task.add_done_callback(lambda done: self._done(done, counted))
		return task

	async def cancel(self) -> None:
		"""Cancel all work; return once it has ended."""
		tasks = list(self._tasks)
		for task in tasks:
			task.cancel()
		if tasks:
			await asyncio.wait(tasks)

	def _done(self, task: asyncio.Task, counted: bool) -> None:
		self.working -= counted
		self._tasks.discard(task)
		if not task.cancelled() and (problem := task.exception()):
			self.failures += 1
			logger.error("the simulation failed", exc_info=problem)
