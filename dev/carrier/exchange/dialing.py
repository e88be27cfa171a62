"""<Dial>: phones ring, the one that answers first hears its whisper, and the two parties talk."""

from __future__ import annotations

from urllib.parse import urljoin

from dev.carrier.api.errors import DOCUMENTS
from dev.carrier.api.resources import Call
from dev.carrier.exchange.legs import DIAL_SECONDS, RING_SECONDS, Leg, place
from dev.carrier.exchange.numbers import normalise
from dev.carrier.line import takes
from dev.carrier.line.seconds import CallerLeft, SharedLine, is_own
from dev.carrier.line.steps import HungUp, Interrupted, Over, Step
from dev.carrier.network import Talk
from dev.carrier.twiml import Verb
from dev.carrier.world.listener import Listener

DEFAULT_PATIENCE, LONGEST_PATIENCE = 30, 600
LONGEST_TALK = 4 * 60 * 60
TALK_SECONDS = 30.0
"""How long two parties talk of whom neither has a habit; then the called one hangs up."""
LEAVES_SECONDS = DIAL_SECONDS + RING_SECONDS / 2
"""When a caller who hangs up in a <Dial> does so: during the first ring."""
AT_ONCE = 1.0
ENOUGH = 1e-6  # seconds that are left of a wait by rounding alone


async def dial(talk: Talk, verb: Verb) -> Step | None:
	"""Connect the caller as the verb says and return the step to its action, or None without one.

	When the caller hangs up first, the other calls end and the action is still requested. Raises Over then,
	and at the end of the caller's call; raises Interrupted when the API redirects it.
	"""
	dialing = Dialing(talk, verb)
	try:
		await dialing.run()
	except HungUp:
		dialing.close("caller")
		await takes.leave(talk, dialing.action())
	except (Over, Interrupted):
		dialing.close("call")
		raise
	dialing.close()
	return dialing.action()


class Dialing:
	"""One <Dial> of a caller. ``reported`` is the call that the action is about, None if none was placed."""

	def __init__(self, talk: Talk, verb: Verb):
		self.talk = talk
		self.verb = verb
		self.switchboard = talk.carrier.switchboard
		self.legs: list[Leg] = []
		self.reported: Leg | None = None
		self.bridged = False
		self.seconds = 0.0
		self.ended_by: str | None = None
		self.code: int | None = None

	async def run(self) -> None:
		"""Let phones ring, all at once or one after the other, and connect the first that answers."""
		sender = self._sender()
		if sender is None:
			self.code = 13214
			self.talk.carrier.alert(13214, self.talk.call.sid)
			return
		try:
			for nouns in self._groups():
				legs = [leg for noun in nouns if (leg := place(self.talk, noun, sender))]
				self.legs += legs
				if answered := await self._ring(legs):
					self.reported = answered
					if await self._whisper(answered):
						await self._connect(answered)
					return
		except CallerLeft as left:
			raise left.cause from None

	def _sender(self) -> str | None:
		"""Return the callerId given, or the caller's own number; None if it is not allowed."""
		call, given = self.talk.call, self.verb.attributes.get("callerId")
		if not given:
			return call.sender
		number = normalise(given)
		allowed = number in (call.sender, call.to) or (number and self.talk.carrier.owns(number))
		return number if allowed else None

	def _groups(self) -> list[list[Verb]]:
		if self.verb.switched_on("sequential"):
			return [[noun] for noun in self.verb.nested]
		return [list(self.verb.nested)]

	async def _ring(self, legs: list[Leg]) -> Leg | None:
		"""Let phones ring until one is answered, and cancel the others; None if none is."""
		began, leaves = self.talk.call.talked, self.talk.listener.leaves_in("dial")
		patience = min(self.verb.integer("timeout", 0) or DEFAULT_PATIENCE, LONGEST_PATIENCE)
		moments = [(when, leg, what) for leg in legs for when, what in leg.timetable(patience)]
		for when, leg, what in sorted(moments, key=lambda moment: moment[0]):
			await self._wait(began + (min(when, LEAVES_SECONDS) if leaves else when), legs)
			if leaves and when > LEAVES_SECONDS:
				raise HungUp
			if leg.call.finished:
				continue
			if what == "answered":
				self._cancel(leg)
				self.switchboard.answered(leg.call)
				return leg
			if what == "ringing":
				self.switchboard.rings(leg.call)
			else:
				self.reported = leg
				self.switchboard.finish(leg.call, what)
		return None

	async def _wait(self, until: float, legs: list[Leg]) -> None:
		"""Spend the caller's time until then, or until the API has ended all of these calls."""
		call = self.talk.call
		while until - call.talked > ENOUGH and not all(leg.call.finished for leg in legs):
			try:
				await self.talk.wait(until - call.talked)
			except Interrupted:
				if is_own(call):
					raise
				call.interruption.clear()

	def _cancel(self, but: Leg | None = None) -> None:
		for leg in self.legs:
			if leg is not but:
				answered = leg.call.status == "in-progress"
				self.switchboard.finish(leg.call, "completed" if answered else "canceled")

	async def _whisper(self, leg: Leg) -> bool:
		"""Let the called party hear their document; return whether they are still there at its end."""
		url = leg.noun.attributes.get("url")
		if url:
			step = Step(urljoin(self.talk.base, url), leg.noun.attributes.get("method", "POST").upper())
			try:
				await self.talk.beside(leg.call, Listener(leg.voice)).follow(step)
			except HungUp:
				self.ended_by = "called"
			except Over:
				self.ended_by = "api" if leg.call.finished else "called"
			if self.ended_by:
				return False
		return not leg.call.finished

	async def _connect(self, leg: Leg) -> None:
		"""Let the two parties talk until one of them, a time limit or the API ends it."""
		self.bridged = True
		self.switchboard.answered(self.talk.call)
		began, (ended_by, seconds) = self.talk.call.talked, self._ending(leg)
		try:
			await SharedLine(self.talk, leg.call).spend(seconds)
		except Interrupted:
			ended_by = "api"
		finally:
			self.seconds = self.talk.call.talked - began
		self.ended_by = ended_by
		if ended_by == "caller":
			raise HungUp

	def _ending(self, leg: Leg) -> tuple[str, float]:
		"""Return who or what ends the conversation, and after how many seconds."""
		caller, called = self.talk.listener.voice, leg.voice
		limit = min(self.verb.integer("timeLimit", 0) or LONGEST_TALK, LONGEST_TALK)
		ends = [("time limit", limit - leg.call.talked)]
		if called.behaviour == "hangs up":
			ends.append(("called", AT_ONCE))
		if called.after_seconds is not None:
			ends.append(("called", called.after_seconds - leg.call.talked))
		if called.talks is not None:
			ends.append(("called", called.talks))
		if caller.talks is not None:
			ends.append(("caller", caller.talks))
		if len(ends) == 1:
			ends.append(("called", TALK_SECONDS))
		if caller.star_after is not None and self.verb.switched_on("hangupOnStar"):
			ends.append(("star", caller.star_after))
		ended_by, seconds = min(ends, key=lambda end: end[1])
		return ended_by, max(0.0, seconds)

	def close(self, ended_by: str | None = None) -> None:
		"""End what is left of the calls and write the journal's line."""
		self._cancel()
		call = self.talk.call
		if not is_own(call):
			call.interruption.clear()  # it was meant for one of the calls that are over now
		self.ended_by = self.ended_by or ended_by
		if self.reported is None and self.legs:
			self.reported = self.legs[-1]
		self.code = self.code or (self.reported.code if self.reported else 13223)
		line = {
			"sid": call.sid,
			"numbers": [noun.text for noun in self.verb.nested],
			"legs": [leg.call.sid for leg in self.legs],
			"status": self.status,
			"dialed": self._dialed.sid if self._dialed else None,
			"bridged": self.bridged,
			"seconds": round(self.seconds, 2),
			"ended_by": self.ended_by,
			"whispered": self._dialed.sentences if self._dialed else [],
			"code": self.code,
		}
		self.talk.dials.append(line)
		self.talk.carrier.journal.write("dial", **line)

	@property
	def _dialed(self) -> Call | None:
		return self.reported.call if self.reported else None

	@property
	def status(self) -> str:
		return self._dialed.status if self._dialed else "failed"

	def action(self) -> Step | None:
		"""Return the step to the action with the result of the <Dial>, or None without an action."""
		if "action" not in self.verb.attributes:
			return None
		params = {"DialCallStatus": self.status, "DialBridged": str(self.bridged).lower()}
		if self._dialed:
			params["DialCallSid"] = self._dialed.sid
			if self._dialed.duration is not None:
				params["DialCallDuration"] = str(self._dialed.duration)
		if self.code:
			params |= {"ErrorCode": str(self.code), "ErrorMessage": DOCUMENTS.get(self.code, "")}
		return self.talk.action(self.verb, params)
