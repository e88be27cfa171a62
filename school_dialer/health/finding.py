"""The result of a check: a name for programs, a state, and a sentence that says what to do. Pure Python."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

OK, WARN, FAIL = "ok", "warn", "fail"
SEVERITY = {OK: 0, WARN: 1, FAIL: 2}
"""FAIL: calls do not go out, or go out without a protection.

WARN: they go out, and someone should look at it this week.
"""


@dataclass(frozen=True, slots=True)
class Finding:
	"""The result of one check.

	``figures`` are counts, and ages and durations in seconds. Neither they nor ``text`` contain a name, a
	number or a credential.
	"""

	name: str
	state: str
	text: str
	figures: Mapping[str, float] = field(default_factory=dict)


def worst(findings: Iterable[Finding]) -> str:
	return max((finding.state for finding in findings), key=SEVERITY.__getitem__, default=OK)


def graded(value: float, warn: float, fail: float) -> str:
	"""Return the state of a value for which lower is better. A value equal to a limit has not exceeded it."""
	if value > fail:
		return FAIL
	return WARN if value > warn else OK


def graded_down(value: float, warn: float, fail: float) -> str:
	"""Return the state of a value for which higher is better. One equal to a limit is not below it."""
	return graded(-value, -warn, -fail)


def ago(age: timedelta) -> str:
	"""Return an age in its largest unit, the same in every language: 40 s, 12 min, 3 h, 5 d.

	Future times give 0 s.
	"""
	seconds = max(0, int(age.total_seconds()))
	for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
		if seconds >= 2 * size or (unit == "min" and seconds >= size):
			return f"{seconds // size} {unit}"
	return f"{seconds} s"
