"""Calls on their way: the account's queue at its calls per second, ringing, answering machines, the end."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from typing import TYPE_CHECKING

from dev.carrier.chance import choose, draw
from dev.carrier.clock import rfc2822
from dev.carrier.conversation import Conversation, Interrupted, Step, parameters, pause
from dev.carrier.crew import Crew
from dev.carrier.listener import Listener
from dev.carrier.people import ANSWERING, Voice
from dev.carrier.resources import Call

if TYPE_CHECKING:
	from dev.carrier.carrier import Carrier

RING_SECONDS = 6
CATCH_UP_SECONDS = 0.02  # by which a late wake-up may be made good
DIAL_SECONDS = 1.5
DEFAULT_RINGING_SECONDS = 60
QUEUE_SECONDS = 24 * 60 * 60
SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 480, "failed": 404, "canceled": 487}
# How long it takes to tell who answered: (with Enable, with DetectMessageEnd), simulated seconds.
DETECTION = {"human": (2.5, 2.5), "voicemail": (4.0, 14.0), "fax": (3.0, 3.0)}
MESSAGE_ENDS = (("machine_end_beep", 85), ("machine_end_silence", 10), ("machine_end_other", 5))


class Switchboard:
	"""``calls_per_second`` (0: no limit) holds in real time, as the dialer's own pace does; whatever waits
	longer than ``queue_seconds`` is cancelled, as at Twilio after 24 hours."""

	def __init__(self, carrier: Carrier, calls_per_second: float):
		self.carrier = carrier
		self.calls_per_second = calls_per_second
		self.queue_seconds: float = QUEUE_SECONDS
		self.crew = Crew()
		self.ended: Counter[str] = Counter()
		self.queued = 0
		self._queue: deque[Call] = deque()
		self._dispatcher: asyncio.Task | None = None
		self._next_slot = 0.0

	def place(self, call: Call) -> None:
		self._queue.append(call)
		self.queued += 1
		if self._dispatcher is None or self._dispatcher.done():
			self._dispatcher = asyncio.create_task(self._dispatch())

	async def answer(self, call: Call, step: Step, listener: Listener) -> Conversation:
		"""An inbound call, from its first document to its end."""
		conversation = Conversation(self.carrier, call, listener)
		self._move(call, "ringing")
		call.started = self.carrier.clock.now()
		await asyncio.wait({self.crew.start(self._talk(call, conversation, step))})
		return conversation

	async def close(self) -> None:
		if self._dispatcher is not None:
			self._dispatcher.cancel()
		await self.crew.cancel()

	async def _dispatch(self) -> None:
		loop = asyncio.get_running_loop()
		while self._queue:
			if self._queue[0].finished:
				self._queue.popleft()
				continue
			if self.calls_per_second and (wait := self._next_slot - loop.time()) > 0:
				# Woken at least every 0.2 s: the pace may be changed, or the first call cancelled.
				await asyncio.sleep(min(wait, 0.2))
				continue
			call = self._queue.popleft()
			call.queue_seconds = (self.carrier.clock.now() - call.created).total_seconds()
			if call.queue_seconds > self.queue_seconds:
				self.finish(call, "canceled")
				continue
			self.queued -= 1
			call.started = self.carrier.clock.now()
			if self.calls_per_second:
				self._next_slot = (
					max(self._next_slot, loop.time() - CATCH_UP_SECONDS) + 1 / self.calls_per_second
				)
			self.crew.start(self._run(call))

	async def _run(self, call: Call) -> None:
		try:
			status = await self._dial(call)
		except Interrupted:
			status = "canceled"
		self.finish(call, status)

	async def _dial(self, call: Call) -> str:
		"""Dials, rings and talks; returns the status the call ends with. Raises Interrupted when the API
		ends it before it is answered."""
		voice = self.carrier.people.voice(call.to, call.attempt)
		call.behaviour = voice.behaviour
		self.announce(call, "initiated", "initiated")
		await pause(self.carrier, call, DIAL_SECONDS)
		if voice.behaviour == "fails":
			return "failed"
		self._move(call, "ringing")
		self.announce(call, "ringing", "ringing")
		if voice.behaviour == "busy":
			await pause(self.carrier, call, DIAL_SECONDS)
			return "busy"
		patience = int(call.params.get("Timeout") or DEFAULT_RINGING_SECONDS)
		ringing = voice.rings * RING_SECONDS if voice.behaviour in ANSWERING else math.inf
		await pause(self.carrier, call, min(ringing, patience))
		if ringing > patience:
			return "no-answer"
		self._move(call, "in-progress")
		self.announce(call, "answered", "in-progress")
		step = await self._detect(call, voice)
		if step is None:
			return "completed"
		return await Conversation(self.carrier, call, Listener(voice)).run(step)

	async def _talk(self, call: Call, conversation: Conversation, step: Step) -> None:
		status = await conversation.run(step)
		self.finish(call, status)

	async def _detect(self, call: Call, voice: Voice) -> Step | None:
		"""Answering machine detection, if asked for, and then the first document; None if the API ended
		the call meanwhile."""
		step = first_step(call)
		mode = call.params.get("MachineDetection")
		if not mode or call.params.get("SendDigits"):
			return step
		seconds = self._detection_seconds(voice, mode)
		limit = float(call.params.get("MachineDetectionTimeout") or 30)
		answered_by = self._answered_by(call, voice, mode) if seconds <= limit else "unknown"
		seconds = min(seconds, limit)
		if call.params.get("AsyncAmd", "").lower() == "true":
			self.crew.start(self._detect_meanwhile(call, answered_by, seconds))
			return step
		call.talked += seconds
		try:
			await pause(self.carrier, call, seconds)
		except Interrupted:
			call.interruption.clear()
			return call.redirect if isinstance(call.redirect, Step) else None
		call.answered_by = answered_by
		return step

	async def _detect_meanwhile(self, call: Call, answered_by: str, seconds: float) -> None:
		await self.carrier.clock.pass_time(seconds)
		if call.finished:
			return
		call.answered_by = answered_by
		if url := call.params.get("AsyncAmdStatusCallback"):
			params = {
				"CallSid": call.sid,
				"AccountSid": call.account_sid,
				"AnsweredBy": answered_by,
				"MachineDetectionDuration": str(round(seconds * 1000)),
			}
			method = call.params.get("AsyncAmdStatusCallbackMethod", "POST").upper()
			self.carrier.webhooks.callback(call.sid, call.to, url, method, params, "amd")

	def _detection_seconds(self, voice: Voice, mode: str) -> float:
		kind = voice.behaviour if voice.behaviour in DETECTION else "human"
		return DETECTION[kind][mode == "DetectMessageEnd"]

	def _answered_by(self, call: Call, voice: Voice, mode: str) -> str:
		if voice.answered_by:
			return voice.answered_by
		if voice.behaviour == "fax":
			return "fax"
		if voice.behaviour != "voicemail":
			return "human"
		if mode == "Enable":
			return "machine_start"
		return choose(MESSAGE_ENDS, draw(self.carrier.seed, "message end", call.to, call.attempt))

	def interrupt(self, call: Call, redirect: Step | None = None) -> None:
		"""Sends a call in progress to another document, or (without one) tells its line that it is over."""
		call.redirect = redirect
		call.interruption.set()

	def finish(self, call: Call, status: str) -> None:
		"""The end of a call, once: what comes later changes nothing."""
		if call.finished:
			return
		if call.started is None:
			self.queued -= 1
		if status == "completed":
			call.duration = max(1, round(call.talked))
		call.ended = self.carrier.clock.now()
		call.sip_code = SIP_CODES[status]
		self._move(call, status)
		self.ended[status] += 1
		self.announce(call, "completed", status)
		self.carrier.journal.write(
			"outcome",
			resource="call",
			sid=call.sid,
			to=call.to,
			status=status,
			direction=call.direction,
			attempt=call.attempt,
			behaviour=call.behaviour,
			answered_by=call.answered_by,
			duration=call.duration,
			digits=call.digits,
			sentences=call.sentences,
		)

	def announce(self, call: Call, event: str, status: str) -> None:
		"""The status callback of an event, if it was asked for. The names of events are not those of
		statuses: "completed" carries busy, failed, no-answer and canceled as well."""
		url = call.params.get("StatusCallback")
		if not url or event not in call.events:
			return
		params = {
			**parameters(call),
			"CallStatus": status,
			"CallbackSource": "call-progress-events",
			"SequenceNumber": str(call.sequence),
			"Timestamp": rfc2822(self.carrier.clock.now()),
		}
		call.sequence += 1
		if event == "completed":
			params |= {
				"CallDuration": str(call.duration or 0),
				"Duration": str(math.ceil((call.duration or 0) / 60)),
				"SipResponseCode": str(call.sip_code),
			}
		method = call.params.get("StatusCallbackMethod", "POST").upper()
		self.carrier.webhooks.callback(call.sid, call.to, url, method, params, event)

	def _move(self, call: Call, status: str) -> None:
		if not call.finished:
			call.status = status
			call.updated = self.carrier.clock.now()


def first_step(call: Call) -> Step:
	"""The document a call begins with. A Url wins over Twiml, as the description says."""
	if url := call.params.get("Url"):
		return Step(url, call.params.get("Method", "POST").upper())
	return Step(twiml=call.params["Twiml"])
