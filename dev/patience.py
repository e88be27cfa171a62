"""How long tests and demonstrations wait for what must happen.

The bound is generous, so that a busy machine fails nothing. How fast something is, `benchmarks/` measures.
"""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 120
"""Seconds to wait for one thing that must happen, or for the next step of something long."""
MILLISECONDS = PATIENCE * 1000
"""The same for a browser."""
FIRST_POLL, LONGEST_POLL = 0.02, 0.3
"""Seconds between two looks, which grow: a long wait must not slow down what it waits for."""
Answer = TypeVar("Answer")


class Allowance:
	"""So long something may take that has many steps, so that it ends by itself and says how far it came."""

	def __init__(self, seconds: float):
		self.end = time.monotonic() + seconds

	@property
	def is_used_up(self) -> bool:
		return time.monotonic() > self.end


def eventually(
	what: str, happened: Callable[[], Answer], progress: Callable[[], object] | None = None
) -> Answer:
	"""Call ``happened`` until its answer is true, and return that answer.

	``what`` names it, as in "The end of the call". Something long takes as long as the machine needs: while
	``progress()`` still changes, the waiting begins again. Raises TimeoutError after PATIENCE seconds.
	"""
	since, seen, pause = time.monotonic(), progress and progress(), FIRST_POLL
	while not (answer := happened()):
		if progress and (now := progress()) != seen:
			since, seen = time.monotonic(), now
		if time.monotonic() > since + PATIENCE:
			last = f", and nothing moved on from {seen}" if progress else ""
			raise TimeoutError(f"{what} did not happen within {PATIENCE} s{last}")
		time.sleep(pause)
		pause = min(1.5 * pause, LONGEST_POLL)
	return answer
