"""One stream of requests for each sending number, shared by all workers on all machines.

A generic cell rate algorithm without burst, in Redis, atomic in Lua and on Redis's own clock: each reservation gets slots at
least 1 / calls-per-second apart. Losing the key (a restarted Redis) costs at most one early request.
"""

import hashlib
from dataclasses import dataclass

import frappe

RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gap, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local next_free = tonumber(redis.call('GET', KEYS[1]) or '0')
local first = math.max(now, next_free)
redis.call('SET', KEYS[1], string.format('%.0f', first + gap * count), 'PX', math.ceil((first - now + gap * count) / 1000) + 60000)
return {string.format('%.0f', first - now), string.format('%.0f', first)}
"""
GIVE_BACK = """
local next_free = redis.call('GET', KEYS[1])
if next_free == ARGV[1] then
	redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
	return 1
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Slots:
	"""``count`` moments, ``gap`` seconds apart, the first ``wait`` seconds after the reservation."""

	key: str
	wait: float
	first: int
	gap: int
	count: int

	def delay(self, index: int) -> float:
		"""Seconds from the reservation to this slot."""
		return self.wait + index * self.gap / 1_000_000


def pacer_key(number: str) -> str:
	"""The sending number is the school's own, but no number stands in a key."""
	digest = hashlib.sha256(number.encode()).hexdigest()[:16]
	return frappe.cache().make_key(f"school_dialer:pace:{digest}").decode()


def reserve(number: str, calls_per_second: float, count: int = 1) -> Slots:
	"""Reserve the next ``count`` slots of a sending number. Raises ValueError unless the rate is above zero."""
	if not calls_per_second > 0:
		raise ValueError("calls per second must be above zero")
	gap = round(1_000_000 / calls_per_second)
	key = pacer_key(number)
	wait, first = frappe.cache().eval(RESERVE, 1, key, gap, count)
	return Slots(key, int(wait) / 1_000_000, int(first), gap, count)


def give_back(slots: Slots, used: int) -> bool:
	"""Return the unused tail, if nobody has reserved after it."""
	if used >= slots.count:
		return False
	end, kept = slots.first + slots.gap * slots.count, slots.first + slots.gap * used
	return bool(frappe.cache().eval(GIVE_BACK, 1, slots.key, f"{end}", f"{kept}"))
