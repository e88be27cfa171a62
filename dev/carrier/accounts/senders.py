"""The numbers of an account as senders of texts: kind, pace, queues, and the services that pool them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from dev.carrier.accounts.settings import positive
from dev.carrier.exchange.numbers import normalise

SEGMENTS_PER_SECOND = {"long code": 1.0, "toll-free": 3.0, "short code": 100.0, "10dlc": 1.0}
LONGEST_QUEUE = 10 * 60 * 60
EVERY_NUMBER = "*"
ANY_SENDER = "+15005550006"
UNREGISTERED = {"toll-free": 30032}
"""The error code of a text from an unregistered number, by its kind; 30034 for any other kind."""


class Senders:
	"""The account's sending numbers and messaging services.

	``numbers`` are the numbers the account was given; "*" is what all have unless they set it themselves.
	While there are none, any number is accepted. The same goes for ``services``, each a pool of numbers. Pace
	and queues are in real time, like the pace of calls, and follow from the segments. Nothing in a queue can
	be canceled, so the time when a text will leave is known when it arrives.
	"""

	def __init__(
		self,
		numbers: Mapping[str, Mapping[str, Any]],
		hooks: Mapping[str, str],
		now: Callable[[], float] = time.monotonic,
	):
		self._now = now
		self.numbers: dict[str, dict[str, Any]] = {number: dict(given) for number, given in numbers.items()}
		self.every: dict[str, Any] = {}
		self.services: dict[str, list[str]] = {}
		self.inbound: dict[str, dict[str, Any]] = {}
		self._hooks = {name: url for name, url in hooks.items() if url}
		self._free: dict[str, float] = {}

	def owns(self, number: str) -> bool:
		return not self.numbers or number in self.numbers

	def settings(self, number: str) -> dict[str, Any]:
		return {**self._hooks, **self.every, **self.numbers.get(number, {})}

	def set(self, numbers: Mapping[str, Mapping[str, Any] | None]) -> None:
		"""Set numbers of the account; None removes one.

		Raises ValueError and changes nothing if a number or a setting is not valid.
		"""
		for number, settings in numbers.items():
			if number != EVERY_NUMBER and normalise(number) != number:
				raise ValueError(f"not an E.164 number: {number!r}")
			for name, value in (settings or {}).items():
				if name not in FITS or not FITS[name](value):
					raise ValueError(
						f"{name} of a number cannot be {value!r}; it has {', '.join(sorted(FITS))}"
					)
		for number, settings in numbers.items():
			if number == EVERY_NUMBER:
				self.every = {**self.every, **settings} if settings else {}
			elif settings is None:
				self.numbers.pop(number, None)
			else:
				self.numbers[number] = {**self.numbers.get(number, {}), **settings}

	def set_services(self, services: Mapping[str, Mapping[str, Any] | None]) -> None:
		"""Set messaging services: {"MG…": {"numbers": [...]} or None to remove it}.

		A service may have the settings of `INBOUND` too, which say where the texts to its numbers go. Raises
		ValueError.
		"""
		for sid, pool in services.items():
			numbers = pool.get("numbers", []) if pool is not None else []
			if not sid.startswith("MG") or len(sid) != 34 or any(normalise(one) != one for one in numbers):
				raise ValueError(f"{sid} cannot be a messaging service with {numbers!r}")
			for name, value in (pool or {}).items():
				if name != "numbers" and not (name in INBOUND and INBOUND[name](value)):
					raise ValueError(f"{name} of a messaging service cannot be {value!r}")
		for sid, pool in services.items():
			self.inbound.pop(sid, None)
			if pool is None:
				self.services.pop(sid, None)
			else:
				self.services[sid] = list(pool.get("numbers", []))
				self.inbound[sid] = {name: value for name, value in pool.items() if name != "numbers"}

	def text_hook(self, number: str) -> tuple[str, str]:
		"""Return the address and the method with which texts to this number are reported, "" if they are not.

		A messaging service goes before its numbers, unless it leaves this to them.
		"""
		for service, pool in self.services.items():
			given = self.inbound[service]
			if number in pool and not given.get("use_inbound_webhook_on_number", True):
				return given.get("inbound_request_url", ""), given.get("inbound_method", "POST")
		settings = self.settings(number)
		return settings.get("sms_url", ""), settings.get("sms_method", "POST")

	def is_dropped(self, number: str) -> bool:
		"""Return whether a messaging service drops the texts to this number."""
		given = [self.inbound[service] for service, pool in self.services.items() if number in pool]
		return bool(given) and not given[0].get("use_inbound_webhook_on_number", True)

	def of(self, service: str | None) -> list[str]:
		"""Return the numbers that a service sends from.

		While no service is defined, they are the account's numbers, or a single default number.
		"""
		return self.services.get(service or "") or list(self.numbers) or [ANY_SENDER]

	def pooled_with(self, number: str) -> list[str]:
		"""Return the numbers for which a stop word to this one counts: all those of its service."""
		return next((pool for pool in self.services.values() if number in pool), [number])

	def shortest(self, service: str | None) -> str:
		"""Return the number of a service that has the shortest queue now; the first among equals."""
		return min(self.of(service), key=self.waiting)

	def pace(self, sender: str) -> float:
		"""Return segments per second; 0 for no limit."""
		settings = self.settings(sender)
		return settings.get("segments_per_second", SEGMENTS_PER_SECOND.get(settings.get("kind", ""), 0.0))

	def waiting(self, sender: str) -> float:
		"""Return the real seconds until a text given to this sender now would leave."""
		return max(0.0, self._free.get(sender, 0.0) - self._now())

	def is_full(self, sender: str) -> bool:
		return self.waiting(sender) > LONGEST_QUEUE

	def take_turn(self, sender: str, segments: int, patience: float) -> float | None:
		"""Queue a text of this many segments and return the real seconds until it leaves.

		Returns None, without queueing it, if that is longer than ``patience``.
		"""
		wait = self.waiting(sender)
		if wait > patience:
			return None
		if pace := self.pace(sender):
			self._free[sender] = self._now() + wait + segments / pace
		return wait

	def block(self, sender: str) -> int | None:
		"""Return the error code with which all texts of this sender end, or None if they arrive.

		The sender is unregistered, unverified or filtered.
		"""
		settings = self.settings(sender)
		if settings.get("registered") is False:
			return UNREGISTERED.get(settings.get("kind", ""), 30034)
		return 30007 if settings.get("filtered") else None


def _url(value: object) -> bool:
	return isinstance(value, str)


def _switch(value: object) -> bool:
	return isinstance(value, bool)


def _pace(value: object) -> bool:
	return positive(value, or_zero=True)


FITS: dict[str, Callable[[object], bool]] = {
	"voice_url": _url,
	"voice_fallback_url": _url,
	"voice_status_url": _url,
	"sms_url": _url,
	"voice_method": lambda value: value in ("GET", "POST"),
	"sms_method": lambda value: value in ("GET", "POST"),
	"kind": lambda value: value in SEGMENTS_PER_SECOND,
	"segments_per_second": _pace,
	"registered": _switch,
	"filtered": _switch,
	"sms": _switch,
	"attestation": lambda value: value in ("A", "B", "C"),
	"sms_application_sid": _url,
	"voice_application_sid": _url,
	"trunk_sid": _url,
}
INBOUND: dict[str, Callable[[object], bool]] = {
	"inbound_request_url": _url,
	"inbound_method": lambda value: value in ("GET", "POST"),
	"use_inbound_webhook_on_number": _switch,
}
