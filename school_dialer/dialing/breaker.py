"""When to stop or to slow down: what one dispatcher hears from the carrier, in whatever thread."""

import threading
from collections import defaultdict, deque

from frappe import _

from school_dialer.carriers.base import (
	AnswerLost,
	BadNumber,
	NotAuthorised,
	Placed,
	Refused,
	TooFast,
	Unreachable,
)
from school_dialer.dialing.request import Answer

UNREACHABLE_MOST = 3
BAD_MOST, BAD_SHARE, LATEST = 20, 0.3, 100


class Breaker:
	"""Open as a whole when no request makes sense: wrong credentials at once, an unreachable carrier after three tries in a row.

	Open for one campaign when more than BAD_MOST of its LATEST requests, and more than BAD_SHARE of them, went to numbers that
	are none. Whoever pauses for it closes it again, so after Resume the count begins anew.
	"""

	def __init__(self):
		self.lock = threading.Lock()
		self.unreachable = 0
		self.reason = ""
		self.latest: dict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=LATEST))

	def hear(self, campaign: str, answer: Answer) -> None:
		with self.lock:
			if isinstance(answer, Unreachable):
				self.unreachable += 1
				if self.unreachable >= UNREACHABLE_MOST:
					self.reason = self.reason or "unreachable"
			elif isinstance(answer, NotAuthorised):
				self.reason = str(answer)
			elif isinstance(answer, Placed | Refused):
				self.unreachable = 0
				self.latest[campaign].append(isinstance(answer, BadNumber))

	def open_for(self, campaign: str) -> bool:
		return bool(self.reason) or self.bad(campaign) > 0

	def bad(self, campaign: str) -> int:
		"""How many of the latest requests went to bad numbers, if these are too many."""
		latest = self.latest[campaign]
		count = sum(latest)
		return count if count > BAD_MOST and count > BAD_SHARE * len(latest) else 0

	def message(self, campaign: str) -> str:
		if self.reason == "unreachable":
			return _(
				"The carrier cannot be reached. Nobody was called meanwhile. Check the connection, then press Resume."
			)
		if self.reason:
			return _(
				"The carrier refused the school's credentials ({0}). Correct them in Dialer Settings, then press Resume."
			).format(self.reason)
		return _(
			"{0} of the last {1} numbers do not exist, says the carrier. Look through the numbers of this audience (the "
			"recipients that are Not Reached), correct them, then press Resume to call the others, or Cancel."
		).format(self.bad(campaign), len(self.latest[campaign]))

	def close(self, campaign: str) -> None:
		with self.lock:
			self.unreachable, self.reason = 0, ""
			self.latest.pop(campaign, None)


def too_fast(answer: Answer) -> bool:
	"""Whether the carrier is overrun: it says so, or breaks."""
	return isinstance(answer, TooFast) or (isinstance(answer, AnswerLost) and (answer.status or 0) >= 500)
