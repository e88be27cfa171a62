"""Which day the tests run on: `DIALER_TODAY`, the same for every process of a lane.

Database, web server, workers and the simulated carrier are started under libfaketime with one offset, so they
agree. Time passes at its real speed, and monotonic clocks are real. Two do not work under libfaketime: Redis,
which only compares its own times with each other, and Chromium, whose pages get the offset in another way
(`dev/screenshots/browser.py`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

from dev.site import apt
from dev.site.steps import StepFailed

UTC = timezone.utc
VARIABLE = "DIALER_TODAY"
DEFAULT = "2026-12-08"
"""A Tuesday on which schools are open in every state, as on the Tuesdays around it."""
REAL = "now"
START = time(16)
"""When a day without a time begins, in UTC: 10 a.m. in Chicago, while calls are allowed in all 48 states."""
BUILT = "2026-10-01"
"""When the site that tests start from was built, before any day of the tests."""
LEAD = timedelta(minutes=10)
"""How long before the tests begin the demo school is loaded."""
FAKETIME = apt.Program("libfaketime", ("faketime",), (("faketime",),))
LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")

DAYS = {
	"2026-12-08": "a Tuesday",
	"2026-12-04T23:00": "a Friday evening",
	"2026-12-05": "a Saturday",
	"2026-11-26": "Thanksgiving",
	"2026-12-03": "a week after Thanksgiving",
	"2026-12-31": "the last day of the year",
	"2027-01-01": "the first day of the year",
	"2027-01-31": "the day by which all laws are due for review",
	"2027-03-14T07:30": "the spring change of the clocks",
	"2027-08-01": "the first day of a school year",
	"2027-11-07T06:30": "the autumn change of the clocks, in the hour that is repeated",
	"2028-02-29": "a leap day",
	"2026-12-09T23:58": "two minutes before midnight in UTC",
}


@dataclass(frozen=True)
class Clock:
	"""The moment at which a lane's clock begins, in aware UTC; None for the real clock."""

	begins: datetime | None

	@classmethod
	def of(cls, text: str) -> Clock:
		"""Read `2026-12-08`, `2026-12-08T23:58` (in UTC), or `now`. Raises StepFailed for anything else."""
		if text == REAL:
			return cls(None)
		try:
			moment = datetime.fromisoformat(text)
		except ValueError:
			raise StepFailed(f"{VARIABLE}={text} is no day: write 2026-12-08T23:58, or now") from None
		if "T" not in text:
			moment = datetime.combine(moment, START)
		return cls(moment.replace(tzinfo=UTC))

	def __str__(self) -> str:
		return f"{self.begins:%A %Y-%m-%d %H:%M} UTC" if self.begins else "the real day"

	def before(self, lead: timedelta) -> Clock:
		return Clock(self.begins and self.begins - lead)

	def environment(self) -> dict[str, str]:
		"""Return the variables with which a process that starts now sees this moment.

		File times stay real: gunicorn compares them with a monotonic clock.
		"""
		if not self.begins:
			return {}
		offset = round((self.begins - datetime.now(UTC)).total_seconds())
		return {
			"LD_PRELOAD": str(library()),
			"FAKETIME": f"{offset:+d}",
			"FAKETIME_DONT_FAKE_MONOTONIC": "1",
			# This fix for an older C library lets timed waits on the monotonic clock end too soon. Python's
			# threads wait so for each other: two that compute take ten times as long with it as without.
			"FAKETIME_FORCE_MONOTONIC_FIX": "0",
			"NO_FAKE_STAT": "1",
		}


def asked() -> str:
	return os.environ.get(VARIABLE) or DEFAULT


def library() -> Path:
	"""Return the path of libfaketime. Raises StepFailed if it is not installed."""
	for pattern in LIBRARIES:
		for found in sorted(Path("/").glob(pattern.lstrip("/"))):
			return found
	raise StepFailed(f"libfaketime is missing: install the package faketime, or set {VARIABLE}={REAL}")
