"""The pace of requests: one stream per carrier limit, shared by all workers and sites on all machines.

A carrier limits calls per second by account, and text segments per second by sending number. A school may
limit a number's calls too. What is sent faster waits in the carrier's own queue, up to a day, and may ring at
night. So right before a request is sent, it reserves a slot in every limit that applies to it: in Redis,
atomically in Lua, on Redis's own clock. Slots are 1 / rate apart per unit, which is a call or a segment (a
generic cell rate algorithm).

A stream that fell behind because a worker had to wait catches up. But of any rate + 2 slots in a row, the
first and the last are more than a second apart by the length of a slot. So no second has more than one
request too many, even if requests reach the carrier late by up to that length. Losing the keys (a restarted
Redis) costs at most one early request.

When a carrier says "too many requests", the pace is halved for everyone. It doubles again every RECOVERY
seconds. `hold_streams` stops a stream for a while when the carrier's queue is behind.
"""

import hashlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import frappe

from school_dialer.settings import carrier_settings

CATCH_UP = 0.25
"""Seconds of delay that a stream makes up. A stream that was idle for longer starts over."""
SLOWEST = 8
RECOVERY = 10
AHEAD = 0.1
"""Seconds for which a chunk reserves slots at once, and an emergency waits longer for the account's pace."""
ONCE = 1.0
"""Complaints within this many seconds of each other are about the same pace."""
KEPT_SECONDS = 120
"""Seconds for which a stream is kept beyond its last slot: more than its pace takes to recover."""

STREAM = f"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local function read(index)
	local free, slow, slowed_at, slots = string.match(kept[index] or '0 1 0', '^(%S+) (%S+) (%S+)(.*)$')
	return tonumber(free), tonumber(slow), tonumber(slowed_at), slots
end
local function divisor(slow, slowed_at)
	return math.max(1, slow * 2 ^ ((slowed_at - now) / {RECOVERY * 1_000_000}))
end
local function write(index, free, slow, slowed_at, slots, seconds)
	local text = string.format('%.0f %.17g %.0f', free, slow, slowed_at) .. slots
	redis.call('SET', KEYS[index], text, 'EX', math.ceil(seconds) + {KEPT_SECONDS})
end
"""
"""What every script begins with. A stream is one string: when it is free next, the divisor of its pace and
when that was said, and its last slots, the latest first. Times are Redis's own, in microseconds."""
RESERVE = f"""{STREAM}
local count, streams, waits = tonumber(ARGV[1]), {{}}, {{}}
for index = 1, #KEYS do
	local free, slow, slowed_at, text = read(index)
	local gap = tonumber(ARGV[count + 2 * index]) * divisor(slow, slowed_at)
	local many, slots = tonumber(ARGV[count + 2 * index + 1]), {{}}
	for slot in string.gmatch(text, '%S+') do table.insert(slots, slot) end
	if free < now - {round(CATCH_UP * 1_000_000)} then free = now end
	streams[index] = {{free = free, gap = gap, many = many, slots = slots}}
	streams[index].slow, streams[index].slowed_at = slow, slowed_at
end
for place = 1, count do
	local slot = now
	for _, stream in ipairs(streams) do
		slot = math.max(slot, stream.free, tonumber(stream.slots[1] or 0))
		local earlier = stream.slots[stream.many + 1]
		if earlier then slot = math.max(slot, earlier + 1000000 + stream.gap) end
	end
	waits[place] = string.format('%.0f', slot - now)
	for _, stream in ipairs(streams) do
		stream.free = stream.free + stream.gap * tonumber(ARGV[1 + place])
		table.insert(stream.slots, 1, string.format('%.0f', slot))
	end
end
for index, stream in ipairs(streams) do
	local last = math.min(#stream.slots, stream.many + 1)
	local slots = ' ' .. table.concat(stream.slots, ' ', 1, last)
	local seconds = (math.max(stream.free, stream.slots[1]) - now) / 1000000
	write(index, stream.free, stream.slow, stream.slowed_at, slots, seconds)
end
return waits
"""
LOOK = f"""{STREAM}
local free_in, slowest = 0, 1
for index = 1, #KEYS do
	local free, slow, slowed_at = read(index)
	free_in, slowest = math.max(free_in, free - now), math.max(slowest, divisor(slow, slowed_at))
end
return {{string.format('%.0f', free_in), tostring(slowest)}}
"""
SLOW_DOWN = f"""{STREAM}
local slowest = 1
for index = 1, #KEYS do
	local free, slow, slowed_at, slots = read(index)
	local divided_by = divisor(slow, slowed_at)
	if now - slowed_at > {round(ONCE * 1_000_000)} then
		divided_by = math.min({SLOWEST}, divided_by * 2)
		write(index, free, divided_by, now, slots, math.max(0, free - now) / 1000000)
	end
	slowest = math.max(slowest, divided_by)
end
return tostring(slowest)
"""
HOLD = f"""{STREAM}
for index = 1, #KEYS do
	local free, slow, slowed_at, slots = read(index)
	local until_then = math.max(free, now + tonumber(ARGV[1]))
	write(index, until_then, slow, slowed_at, slots, (until_then - now) / 1000000)
end
"""
scripts: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class Stream:
	"""A carrier limit: `per_second` units (calls or text segments) of a sending number or the account."""

	name: str
	per_second: float

	@property
	def key(self) -> str:
		"""Return the key in Redis: the same for all sites of the bench, as the carrier's limit is.

		Sites in Simulated mode reach a test carrier each, and keep their own.
		"""
		key = f"school_dialer:stream:{digest(self.name)}"
		is_live = carrier_settings.settings().mode == "Live"
		return key if is_live else frappe.cache().make_key(key).decode()


def streams_of(number: carrier_settings.SendingNumber, channel: str) -> tuple[Stream, ...]:
	"""Return the limits that apply to a call or text from this number.

	Calls count toward the account's limit, texts do not
	(https://www.twilio.com/docs/glossary/what-is-calls-per-second-cps).
	"""
	if channel == "Text":
		return (Stream(f"{number.phone_number} texts", number.segments_per_second),)
	return (Stream(number.phone_number, number.calls_per_second), account_stream(number.account))


def account_stream(account: str = "") -> Stream:
	"""Return the limit of an account, given by its id; "" is the first."""
	name = account or carrier_settings.settings().account_sid
	return Stream(f"account {name}", carrier_settings.account_calls_per_second(account))


def pace(streams: Sequence[Stream]) -> float:
	"""Return the units per second that all of these limits allow."""
	return min(stream.per_second for stream in streams)


def digest(name: str) -> str:
	"""Return a short hash of the name.

	The sending number is the school's own, but no phone number appears in the name of a key or lock.
	"""
	return hashlib.sha256(name.encode()).hexdigest()[:16]


def reserve(streams: Sequence[Stream], units: int = 1) -> float:
	"""Reserve the next slot that is free in all of these streams. Return the seconds until then.

	The slot is for `units` calls or segments. Raise ValueError unless every rate is above zero.
	"""
	return reserve_all(streams, [units])[0]


def reserve_all(streams: Sequence[Stream], units: Sequence[int]) -> list[float]:
	"""Reserve one slot after another, as `reserve` does, with one request to Redis. Return the seconds.

	Each of `units` is for one call or text.
	"""
	if not all(stream.per_second > 0 for stream in streams):
		raise ValueError("calls per second must be above zero")
	limits = [
		part for stream in streams for part in (round(1_000_000 / stream.per_second), int(stream.per_second))
	]
	return [
		float(microseconds) / 1_000_000 for microseconds in run(RESERVE, streams, len(units), *units, *limits)
	]


def next_slot(streams: Sequence[Stream]) -> "NextSlot":
	"""Return the next slot without reserving it."""
	microseconds, slower = run(LOOK, streams)
	return NextSlot(float(microseconds) / 1_000_000, float(slower))


class NextSlot(NamedTuple):
	"""Seconds until the next slot, and the current divisor of the pace."""

	free_in: float
	slower: float


def slow_down(streams: Sequence[Stream]) -> float:
	"""Slow down after the carrier complained about the pace. Return the current divisor of the pace."""
	return float(run(SLOW_DOWN, streams))


def slow_down_number(phone_number: str, channel: str) -> None:
	"""Slow down the streams of a number that sent something, if the school still uses it."""
	for number in carrier_settings.sending_numbers(channel):
		if number.phone_number == phone_number:
			slow_down(streams_of(number, channel))


def hold_streams(streams: Sequence[Stream], seconds: float) -> None:
	"""Give out no slot for this many seconds."""
	run(HOLD, streams, round(seconds * 1_000_000))


def run(script: str, streams: Sequence[Stream], *arguments: int):
	if script not in scripts:
		scripts[script] = frappe.cache().register_script(script)
	return scripts[script]([stream.key for stream in streams], arguments, client=frappe.cache())


class Slots:
	"""The slots of a chunk's requests, in order, reserved for the next AHEAD seconds at a time.

	So a fast stream takes a fraction of a request to Redis for each call. What a chunk that stops has
	reserved and does not use is lost: AHEAD seconds of the pace at most.
	"""

	def __init__(self, streams: Sequence[Stream], units: Sequence[int]):
		"""Each of `units` is for one call or text of the chunk."""
		self.streams = streams
		self.waiting = deque(units)
		self.due: deque[float] = deque()
		"""Reserved slots, by `time.monotonic`."""

	def next_in(self) -> float:
		"""Return the seconds until the next request's slot. Call it once for each request."""
		if not self.due:
			many = max(1, int(pace(self.streams) * AHEAD / max(1, self.waiting[0])))
			units = [self.waiting.popleft() for _ in range(min(many, len(self.waiting)))]
			waits = reserve_all(self.streams, units)
			self.due.extend(time.monotonic() + seconds for seconds in waits)
		return max(0.0, self.due.popleft() - time.monotonic())


class ArrivalWindow:
	"""A number's requests as one process sees them.

	Keeps any second at the carrier from having more than one request too many. A slot says when a request
	leaves. When it arrives is known only after its response: no earlier than the response less the time the
	fastest request took. One request's way out and another's way back may together be faster than that, so
	the length of a slot is left for it, which costs no pace. A busy machine or network delays some requests
	and not others, and the late ones must not collide with those after them.
	"""

	def __init__(self):
		self.sent: deque[list[float]] = deque()
		self.quickest = float("inf")

	def opens_in(self, calls_per_second: float) -> float | None:
		"""Return the seconds until one more may leave, or None while that depends on a missing response."""
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
		"""Record that a request leaves. Return the value to pass to `answered`."""
		self.sent.append([time.monotonic()])
		return self.sent[-1]

	def answered(self, request: list[float]) -> None:
		now = time.monotonic()
		self.quickest = min(self.quickest, now - request[0])
		request.append(now)
