"""One stream of requests for each sending number, shared by all workers on all machines.

Each request asks for its slot right before it is sent, in Redis, atomic in Lua and on Redis's own clock. Slots are 1 / calls-per-second
apart (a generic cell rate algorithm). A stream that fell behind, because a worker was kept waiting, catches up, but of any
calls-per-second + 2 slots in a row the first and the last are more than a second apart by the length of a slot: so no second holds
more than one request too many, even when requests reach the carrier late by up to that length. Losing the key (a restarted Redis)
costs at most one early request.

A carrier that says "too many requests" halves the number's pace for everybody. It doubles again every RECOVERY seconds.
"""

import hashlib
import time
from collections import deque

import frappe

CATCH_UP = 0.25
"""Seconds that a stream makes good. What stood still for longer begins anew."""
SLOWEST = 8
RECOVERY = 10
ONCE = 1.0
"""Complaints within this many seconds of one are about the same pace."""

STREAM = f"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local stream = redis.call('HMGET', KEYS[1], 'free', 'slow', 'slowed_at')
local free, slow, slowed_at = tonumber(stream[1] or 0), tonumber(stream[2] or 1), tonumber(stream[3] or 0)
slow = math.max(1, slow * 2 ^ ((slowed_at - now) / {RECOVERY * 1_000_000}))
"""
RESERVE = f"""{STREAM}
local gap, many = tonumber(ARGV[1]) * slow, tonumber(ARGV[2])
if free < now - {round(CATCH_UP * 1_000_000)} then free = now end
local latest = tonumber(redis.call('LINDEX', KEYS[2], 0) or 0)
local earlier = redis.call('LINDEX', KEYS[2], many)
local slot = math.max(now, free, latest)
if earlier then slot = math.max(slot, earlier + 1000000 + gap) end
local kept = math.ceil((slot - now + gap) / 1000) + 60000
redis.call('HSET', KEYS[1], 'free', string.format('%.0f', free + gap))
redis.call('PEXPIRE', KEYS[1], kept)
redis.call('LPUSH', KEYS[2], string.format('%.0f', slot))
redis.call('LTRIM', KEYS[2], 0, many)
redis.call('PEXPIRE', KEYS[2], kept)
return string.format('%.0f', slot - now)
"""
LOOK = f"""{STREAM}
return {{string.format('%.0f', math.max(0, free - now)), tostring(slow)}}
"""
SLOW_DOWN = f"""{STREAM}
if now - slowed_at > {round(ONCE * 1_000_000)} then
	slow = math.min({SLOWEST}, slow * 2)
	redis.call('HSET', KEYS[1], 'slow', slow, 'slowed_at', string.format('%.0f', now))
	redis.call('PEXPIRE', KEYS[1], 120000)
end
return tostring(slow)
"""
scripts: dict[str, object] = {}


def digest(number: str) -> str:
	"""The sending number is the school's own, but no number stands in the name of a key or lock."""
	return hashlib.sha256(number.encode()).hexdigest()[:16]


def pacer_key(number: str) -> str:
	return frappe.cache().make_key(f"school_dialer:pace:{digest(number)}").decode()


def reserve(number: str, calls_per_second: float) -> float:
	"""Take the next slot of a sending number; the seconds until then. Raises ValueError unless the rate is above zero."""
	if not calls_per_second > 0:
		raise ValueError("calls per second must be above zero")
	return float(run(RESERVE, number, round(1_000_000 / calls_per_second), int(calls_per_second))) / 1_000_000


def look(number: str) -> tuple[float, float]:
	"""Seconds until the next slot, without taking it, and by how much the number's pace is divided now."""
	microseconds, slower = run(LOOK, number)
	return float(microseconds) / 1_000_000, float(slower)


def slow_down(number: str) -> float:
	"""The carrier complained about this number's pace. By how much it is divided now."""
	return float(run(SLOW_DOWN, number))


def run(script: str, number: str, *arguments: int):
	key = pacer_key(number)
	if script not in scripts:
		scripts[script] = frappe.cache().register_script(script)
	return scripts[script]((key, f"{key}:slots"), arguments, client=frappe.cache())


class Window:
	"""A number's requests as one process sees them: keeps a second at the carrier from holding more than one too many.

	A slot says when a request leaves; when it arrives is known only when it has been answered: not before its answer less the time
	that the quickest one took. The way out of one and the way back of another may together be quicker than that, so the length of
	a slot is left for it, which costs no pace. A busy machine or network delays some and not others, and the late ones must not
	meet those after them.
	"""

	def __init__(self):
		self.sent: deque[list[float]] = deque()
		self.quickest = float("inf")

	def opens_in(self, calls_per_second: float) -> float | None:
		"""Seconds until one more may leave; None as long as it depends on an answer that is not there."""
		while len(self.sent) > int(calls_per_second) + 1:
			self.sent.popleft()
		if len(self.sent) <= int(calls_per_second):
			return 0.0
		left_and_answered = self.sent[0]
		if len(left_and_answered) < 2:
			return None
		on_the_way = max(0.0, self.quickest - 1 / calls_per_second)
		return max(0.0, left_and_answered[1] - on_the_way + 1 - time.monotonic())

	def leaves(self) -> list[float]:
		"""What `answered` is to be told."""
		self.sent.append([time.monotonic()])
		return self.sent[-1]

	def answered(self, request: list[float]) -> None:
		now = time.monotonic()
		self.quickest = min(self.quickest, now - request[0])
		request.append(now)
