"""Calls in progress: the queue at the account's pace, ringing, answering-machine detection, the end."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque

from dev.carrier.api.resources import MACHINES, Call
from dev.carrier.clock import log_time, rfc2822
from dev.carrier.exchange.conversation import Conversation
from dev.carrier.exchange.crew import Crew
from dev.carrier.exchange.legs import DIAL_SECONDS, RING_SECONDS
from dev.carrier.line.machine import detect
from dev.carrier.line.parameters import parameters
from dev.carrier.line.seconds import pause
from dev.carrier.line.steps import Interrupted, Step
from dev.carrier.network import Network
from dev.carrier.world.behaviour import ANSWERING, Voice
from dev.carrier.world.listener import Listener

CATCH_UP_SECONDS = 0.02  # how late a wake-up may be and still be made up for
DEFAULT_RINGING_SECONDS = 60
SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 480, "failed": 404, "canceled": 487}


class Switchboard:
	"""Places calls at the account's ``calls_per_second`` (0: no limit).

	The pace is in real time, like the dialer's own. A call that waits longer than ``queue_seconds`` is
	canceled, as at Twilio after 24 hours.
	"""

	def __init__(self, carrier: Network):
		self.carrier = carrier
		self.crew = Crew()
		self.ended: Counter[str] = Counter()
		self.queued = 0
		self.at_once = 0  # the account's calls that are not over: queued, ringing or in progress
		self._queue: deque[Call] = deque()
		self._dispatcher: asyncio.Task | None = None
		self._pace = self._next_slot = 0.0

	def place(self, call: Call) -> None:
		self._queue.append(call)
		self.at_once += 1
		self.queued += 1
		if self._dispatcher is None or self._dispatcher.done():
			self._dispatcher = asyncio.create_task(self._dispatch())

	def start_over(self) -> None:
		"""Let the next call begin at once: the slot computed for another pace does not apply any more."""
		self._next_slot = 0.0

	async def answer(self, call: Call, step: Step, listener: Listener) -> Conversation:
		"""Run an inbound call from its first document to its end."""
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
			if not self.carrier.account.begins_calls:
				await asyncio.sleep(0.2)
				continue
			pace = self.carrier.account.calls_per_second
			if pace != self._pace:
				# The slot computed for another pace no longer applies.
				self._pace, self._next_slot = pace, 0.0
			if pace and (wait := self._next_slot - loop.time()) > 0:
				# Wake at least every 0.2 s: the pace may change, or the first call may be canceled.
				await asyncio.sleep(min(wait, 0.2))
				continue
			call = self._queue.popleft()
			call.queue_seconds = (self.carrier.clock.now() - call.created).total_seconds()
			if call.queue_seconds > self.carrier.account.queue_seconds:
				self.finish(call, "canceled")
				continue
			self.queued -= 1
			call.started = self.carrier.clock.now()
			if pace:
				self._next_slot = self._slot(loop.time()) + 1 / pace
			self.crew.start(self._run(call))

	def _slot(self, now: float) -> float:
		"""Return when this call's slot began: a late wake-up is made up for, an idle queue is not."""
		return self._next_slot if now - self._next_slot <= CATCH_UP_SECONDS else now

	async def _run(self, call: Call) -> None:
		try:
			status = await self._dial(call)
		except Interrupted:
			status = "canceled"
		self.finish(call, status)

	async def _dial(self, call: Call) -> str:
		"""Dial, ring and talk; return the status the call ends with.

		Raises Interrupted when the API ends the call before it is answered.
		"""
		voice = self.carrier.people.voice(call.to, call.attempt)
		call.behaviour, call.sip_code = voice.behaviour, voice.sip_code
		self.announce(call, "initiated", "initiated")
		await pause(self.carrier, call, DIAL_SECONDS)
		if voice.behaviour == "fails":
			return "failed"
		self.rings(call)
		if voice.behaviour == "busy":
			await pause(self.carrier, call, DIAL_SECONDS)
			return "busy"
		patience = int(call.params.get("Timeout") or DEFAULT_RINGING_SECONDS)
		ringing = voice.rings * RING_SECONDS if voice.behaviour in ANSWERING else math.inf
		await pause(self.carrier, call, min(ringing, patience))
		if ringing > patience:
			return "no-answer"
		self.answered(call)
		step = await self._detect(call, voice)
		if step is None:
			return "completed"
		return await Conversation(self.carrier, call, Listener(voice)).run(step)

	def rings(self, call: Call) -> None:
		"""Let the phone at the other end ring."""
		self._move(call, "ringing")
		call.rang = self.carrier.clock.now()
		self.announce(call, "ringing", "ringing")

	def answered(self, call: Call) -> None:
		"""Have a call answered that is ringing; any other stays as it is."""
		if call.status == "ringing":
			self._move(call, "in-progress")
			self.announce(call, "answered", "in-progress")

	async def _talk(self, call: Call, conversation: Conversation, step: Step) -> None:
		status = await conversation.run(step)
		self.finish(call, status)

	async def _detect(self, call: Call, voice: Voice) -> Step | None:
		"""Run answering-machine detection if requested, and return the first document.

		Returns None if the API or the person ended the call meanwhile.
		"""
		step = first_step(call)
		mode = call.params.get("MachineDetection")
		if not mode or call.params.get("SendDigits"):
			return step
		found = detect(voice, call.params)
		if call.params.get("AsyncAmd", "").lower() == "true":
			self.crew.start(self._detect_meanwhile(call, found.answered_by, found.seconds))
			return step
		leaves = voice.after_seconds
		seconds = found.seconds if leaves is None else min(leaves, found.seconds)
		call.talked += seconds
		try:
			await pause(self.carrier, call, seconds)
		except Interrupted:
			call.interruption.clear()
			return call.redirect if isinstance(call.redirect, Step) else None
		if seconds < found.seconds:
			return None
		call.answered_by = found.answered_by
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

	def interrupt(self, call: Call, redirect: Step | None = None) -> None:
		"""Redirect a call in progress to another document or, without one, signal its line to end.

		The call whose <Dial> placed this one is woken too, because the time of both passes there.
		"""
		call.redirect = redirect
		call.interruption.set()
		if call.parent:
			call.parent.interruption.set()

	def finish(self, call: Call, status: str) -> None:
		"""End a call, once: later results change nothing."""
		if call.finished:
			return
		if status == "completed" and call.on_bridge and call.status == "ringing":
			status = "no-answer"
		if call.started is None:
			self.queued -= 1
		self.at_once -= call.direction != "inbound"
		call.settle(self.carrier.clock.speed)
		call.ear.end()
		machine = call.behaviour in MACHINES
		if status == "completed":
			call.duration = max(1, round(call.talked))
		call.ended = self.carrier.clock.now()
		call.sip_code = (status != "completed" and call.sip_code) or SIP_CODES[status]
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
			parent=call.parent_sid,
			attempt=call.attempt,
			behaviour=call.behaviour,
			answered_by=call.answered_by,
			duration=call.duration,
			digits=call.digits,
			sentences=call.sentences,
			heard_seconds=0.0 if machine else round(call.ear.seconds, 2),
			left=call.ear.taken if machine else [],
			left_seconds=round(call.ear.seconds, 2) if machine else 0.0,
			fell_back=call.fell_back,
			rang_at=log_time(call.rang) if call.rang else None,
		)

	def announce(self, call: Call, event: str, status: str) -> None:
		"""Send the status callback of an event, if it was requested.

		Event names are not status names: "completed" carries busy, failed, no-answer and canceled as well.
		"""
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
		attestation = self.carrier.number(call.sender).get("attestation")
		if attestation and event in ("ringing", "answered"):
			params["StirStatus"] = attestation
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
	"""Return the document a call begins with. A Url takes precedence over Twiml, as the description says."""
	if url := call.params.get("Url"):
		return Step(url, call.params.get("Method", "POST").upper())
	return Step(twiml=call.params["Twiml"])
