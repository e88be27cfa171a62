"""Calls that are being canceled at the carrier. Only its answer says whether the phone had begun to ring.

The carrier also reports the end by a callback, which may come first and does not say that. So such a callback
changes nothing while the answer is waited for. If the answer is lost, the reconciler asks. Without Redis,
calls are canceled all the same, and the callback counts.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

import frappe
from redis import Redis
from redis.exceptions import RedisError

CANCELED, NO_ANSWER = "canceled", "no-answer"
LONGEST = 60
"""Seconds for which an answer is waited for, if the worker that asked was killed."""


@contextmanager
def awaited(logs: Collection[str]) -> Iterator[None]:
	"""Leave out callbacks that say that these calls were canceled, while this context lasts."""
	marks = [_mark(log) for log in logs]
	if marks:
		with suppress(RedisError), _redis().pipeline() as pipe:
			for mark in marks:
				pipe.set(mark, 1, ex=LONGEST)
			pipe.execute()
	try:
		yield
	finally:
		if marks:
			with suppress(RedisError):
				_redis().delete(*marks)


def among(logs: Iterable[str]) -> set[str]:
	"""Return those of these call logs that are being canceled, with one command to Redis."""
	logs = list(logs)
	if not logs:
		return set()
	try:
		marks = _redis().mget([_mark(log) for log in logs])
	except RedisError:
		return set()
	return {log for log, mark in zip(logs, marks, strict=True) if mark}


def _redis() -> Redis:
	return frappe.cache()


def _mark(log: str) -> bytes:
	return frappe.cache().make_key(f"school_dialer:canceling:{log}")
