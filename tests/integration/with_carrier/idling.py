"""A thread of a dispatcher that works for longer than the others stay without work, in no time.

In place of a sleep, the last work is moved to an hour ago each time that another thread has looked for some.
"""

import threading
from collections import Counter

from dev.patience import eventually
from school_dialer.outbound.dispatch.dispatcher import Dispatcher
from school_dialer.outbound.dispatch.lane_scheduler import LaneScheduler

LONG = 3600.0
LOOKS = 3
"""At the first one the last work may be recent. At the next a thread without a reason to stay would leave."""


class IdleTime:
	"""Notes what the threads of a dispatcher do. `pass_by` is called by one that is at work."""

	def __init__(self, monkeypatch):
		self.passing, self.looks, self.threads = False, Counter(), 0
		run, idle_seconds = Dispatcher.run, LaneScheduler.idle_seconds

		def runs(dispatcher: Dispatcher, until: float) -> bool:
			self.threads = sum(line.threads for line in dispatcher.lines)
			return run(dispatcher, until)

		def looked(scheduler: LaneScheduler) -> float:
			seconds = idle_seconds(scheduler)
			if self.passing:
				self.looks[threading.get_ident()] += 1
				scheduler.busy_at -= LONG
			return seconds

		monkeypatch.setattr(Dispatcher, "run", runs)
		monkeypatch.setattr(LaneScheduler, "idle_seconds", looked)

	def pass_by(self) -> None:
		"""Return when each other thread has looked for work, long after the last, several times."""
		self.passing, self.looks = True, Counter()
		eventually("A look for work by all other threads", self.all_have_looked)
		self.passing = False

	def all_have_looked(self) -> bool:
		return sum(count >= LOOKS for count in self.looks.values()) == self.threads - 1
