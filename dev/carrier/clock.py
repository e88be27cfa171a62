"""Time at the carrier: real seconds, the site's clock, and the compressed seconds people live in."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

UTC = timezone.utc
DEFAULT_SPEED = 200.0


class Clock:
	"""The carrier's clock.

	``offset`` is how many seconds the site's clock is ahead of the real one. ``speed`` is how many simulated
	seconds (ringing, talking, delivery) pass in a real one.
	"""

	def __init__(self, offset: float = 0.0, speed: float = DEFAULT_SPEED):
		self.offset = offset
		self.speed = speed

	def real(self) -> datetime:
		return datetime.now(UTC)

	def now(self) -> datetime:
		"""Return the time that the carrier writes on its resources, in aware UTC.

		It follows the site's clock, so the two agree.
		"""
		return self.at_site(self.real())

	def at_site(self, real: datetime) -> datetime:
		return real + timedelta(seconds=self.offset)

	def shorten(self, seconds: float) -> float:
		"""Return the real seconds that this many simulated seconds take."""
		return seconds / self.speed

	async def pass_time(self, seconds: float) -> None:
		await asyncio.sleep(self.shorten(seconds))


def rfc2822(moment: datetime | None) -> str | None:
	return None if moment is None else format_datetime(moment)


def http_date(moment: datetime) -> str:
	return format_datetime(moment, usegmt=True)


def log_time(moment: datetime) -> str:
	return moment.isoformat(timespec="microseconds")
