"""Run parts beside each other, each on a fresh lane."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from dev.runner.parts import Part
from dev.site.layout import Bench

OpenLane = Callable[[str, Part], AbstractContextManager[Bench]]
"""Opens a fresh lane of this name for a part."""


def run(parts: list[Part], open_lane: OpenLane, count: int) -> None:
	"""Run the parts, `count` at a time. If one cannot be run, or at an interrupt, all are ended."""
	waiting = deque(parts)

	def work(name: str) -> None:
		while waiting:
			try:
				part = waiting.popleft()
			except IndexError:
				return
			with open_lane(name, part) as bench:
				part.run(bench)

	with ThreadPoolExecutor(count) as pool:
		try:
			for done in [pool.submit(work, str(number)) for number in range(1, count + 1)]:
				done.result()
		except BaseException:
			waiting.clear()
			for part in parts:
				part.stop()
			raise
