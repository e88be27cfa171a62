"""Which alerts of a feed concern the school. No Frappe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from school_dialer.base.wording import Wording as _
from school_dialer.public_alerts.cap import model
from school_dialer.public_alerts.cap.model import Alert, Area
from school_dialer.public_alerts.cap.xml import BadDocument

AHEAD = timedelta(hours=1)
"""How much a sender's clock may be ahead."""
OLD = timedelta(days=2)
"""An alert without an end that was sent before this is over."""
MOST_LINES, SHORTEST = 50, 3


@dataclass(frozen=True, slots=True)
class Wanted:
	"""`severity` is the least severity, or "" for any. `areas` are lines as a person entered them."""

	severity: str = ""
	areas: tuple[str, ...] = ()

	def takes(self, alert: Alert) -> bool:
		return self._severe(alert) and self._near(alert)

	def _severe(self, alert: Alert) -> bool:
		"""Unknown severity is less than every known one."""
		order = model.SEVERITIES
		return not self.severity or order.index(alert.severity) <= order.index(self.severity)

	def _near(self, alert: Alert) -> bool:
		if not self.areas:
			return True
		areas = [area for info in alert.infos for area in info.areas]
		return any(fits(line, area) for line in self.areas for area in areas)


def lines_of(written: str | None) -> tuple[str, ...]:
	return tuple(line.strip() for line in (written or "").splitlines() if line.strip())[:MOST_LINES]


def fits(line: str, area: Area) -> bool:
	"""Return whether an area is meant by a line: SYSTEM=CODE, SYSTEM=BEGINNING*, or a part of its name."""
	system, mark, code = line.partition("=")
	if mark:
		return any(one_code(system.strip(), code.strip(), *pair) for pair in area.geocodes)
	return line.casefold() in area.description.casefold()


def one_code(system: str, code: str, own_system: str, own_code: str) -> bool:
	if system.casefold() != own_system.casefold():
		return False
	return own_code.startswith(code[:-1]) if code.endswith("*") else own_code == code


def too_short(lines: Iterable[str]) -> str | None:
	"""Return the first line that would fit nearly every area, or None."""
	for line in lines:
		if len(line.partition("=")[2].strip(" *") if "=" in line else line) < SHORTEST:
			return line
	return None


def is_current(alert: Alert, now: datetime) -> bool:
	"""Return whether this alert is meant for the public now. Raise `BadDocument` if it is from the future.

	Exercises, tests, drafts, acknowledgments, and what has ended are not. `now` is aware.
	"""
	if alert.sent_at > now + AHEAD:
		raise BadDocument(_("The alert was sent in the future."))
	if alert.status != model.ACTUAL or alert.scope != model.PUBLIC:
		return False
	if alert.kind not in (model.ALERT, model.UPDATE, model.CANCEL):
		return False
	ends = alert.expires or alert.sent_at + OLD
	return ends > now or (alert.kind == model.CANCEL and alert.sent_at > now - OLD)
