"""The account's settings, as /_control/account sets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dev.carrier.api.errors import is_code
from dev.carrier.exchange.numbers import normalise

QUEUE_SECONDS = 24 * 60 * 60
# An ordinary account has no redaction.
DEFAULT_REDACTION = "none"


@dataclass
class Account:
	"""The account and its settings. README.md explains each one."""

	sid: str
	token: str
	calls_per_second: float = 0.0
	status: str = "active"
	type: str = "Full"
	verified: list[str] = field(default_factory=list)
	trial_status: int = 403
	opt_out_handling: bool = True
	requests_per_second: float = 0.0
	calls_at_once: int = 0
	begins_calls: bool = True
	queue_seconds: float = QUEUE_SECONDS
	redaction: str = DEFAULT_REDACTION
	redaction_refusal: str = "at once"
	unowned_sender: int = 21606
	refuse: dict[str, int] = field(default_factory=dict)
	hangup_order: str = "action first"
	list_dates: str = "days"
	strict: bool = True
	api_keys: dict[str, str] = field(default_factory=dict)

	def change(self, settings: Mapping[str, Any]) -> None:
		"""Change these settings.

		Raises ValueError and changes nothing if a setting does not exist or a value is not valid.
		"""
		for name, value in settings.items():
			if name not in FITS or not FITS[name](value):
				raise ValueError(f"{name} cannot be {value!r}")
		for name, value in settings.items():
			setattr(self, name, value)


def positive(value: object, or_zero: bool = False) -> bool:
	if isinstance(value, bool) or not isinstance(value, (int, float)):
		return False
	return value > 0 or (or_zero and value == 0)


def _limit(value: object) -> bool:
	return positive(value, or_zero=True)


def _whole_limit(value: object) -> bool:
	return isinstance(value, int) and positive(value, or_zero=True)


def _queue(value: object) -> bool:
	return positive(value) and value <= QUEUE_SECONDS


def _numbers(value: object) -> bool:
	return isinstance(value, list) and all(isinstance(one, str) and normalise(one) == one for one in value)


def _switch(value: object) -> bool:
	return isinstance(value, bool)


def _keys(value: object) -> bool:
	return isinstance(value, dict) and all(isinstance(one, str) for pair in value.items() for one in pair)


def _refusals(value: object) -> bool:
	"""Return whether it is {"call": code, "message": code, "status": HTTP status}; every key is optional."""
	if not isinstance(value, dict) or not set(value) <= {"call", "message", "status"}:
		return False
	status, codes = value.get("status", 400), [one for name, one in value.items() if name != "status"]
	return isinstance(status, int) and 400 <= status < 600 and all(is_code(code) for code in codes)


def _one_of(*values: object) -> Callable[[object], bool]:
	return lambda value: not isinstance(value, bool) and value in values


FITS: dict[str, Callable[[object], bool]] = {
	"status": _one_of("active", "suspended", "closed"),
	"type": _one_of("Full", "Trial"),
	"verified": _numbers,
	"trial_status": _one_of(400, 403),
	"opt_out_handling": _switch,
	"calls_per_second": _limit,
	"requests_per_second": _limit,
	"calls_at_once": _whole_limit,
	"begins_calls": _switch,
	"queue_seconds": _queue,
	"redaction": _one_of("none", "content", "all"),
	"redaction_refusal": _one_of("at once", "later"),
	"unowned_sender": _one_of(21606, 21659, 21660),
	"refuse": _refusals,
	"hangup_order": _one_of("action first", "status first"),
	"list_dates": _one_of("days", "instants"),
	"strict": _switch,
	"api_keys": _keys,
}
