"""An answered call: documents are fetched, spoken and answered with keys until one side ends the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urljoin

from dev.carrier.api.resources import MACHINES, Call
from dev.carrier.exchange import dialing
from dev.carrier.exchange.retrieval import Heard, fetch
from dev.carrier.exchange.webhooks import Answer
from dev.carrier.line import takes
from dev.carrier.line.ear import Ear
from dev.carrier.line.machine import opens_at
from dev.carrier.line.parameters import parameters
from dev.carrier.line.seconds import Line, SharedLine
from dev.carrier.line.steps import HungUp, Interrupted, Over, Step
from dev.carrier.network import Network
from dev.carrier.twiml import LANGUAGE, Document, Verb
from dev.carrier.world.listener import Listener

PLAY_SECONDS = 5.0
GATHER_TIMEOUT = 5
MOST_DOCUMENTS = 60
DEFAULT_TIME_LIMIT = 4 * 60 * 60
SORRY = "We are sorry, an application error has occurred. Goodbye."
IN_WHISPER = frozenset({"Say", "Play", "Gather", "Pause", "Hangup"})
BEFORE_ANSWERING = frozenset({"Pause", "Redirect", "Reject"})
"""Verbs that do not answer an inbound call by themselves."""


class Conversation:
	"""One party and the documents they hear; ``verbs`` are the only ones allowed (None: any)."""

	def __init__(
		self,
		carrier: Network,
		call: Call,
		listener: Listener,
		line: Line | SharedLine | None = None,
		verbs: Collection[str] | None = None,
	):
		self.carrier = carrier
		self.call = call
		self.listener = listener
		self.line = line or Line(carrier, call)
		self.allowed = verbs
		self.documents: list[dict] = []
		self.dials: list[dict] = []
		self.last_answer: Answer | None = None
		self.base = ""
		call.ear = Ear(opens_at(listener.voice), carrier.clock.speed)
		self._limit = int(call.params.get("TimeLimit") or DEFAULT_TIME_LIMIT)
		self._verbs: dict[str, Callable[[Verb, Heard], Awaitable[Step | None]]] = {
			"Say": self._say,
			"Play": self._play,
			"Pause": self._pause,
			"Gather": self._gather,
			"Record": self._record_words,
			"Dial": self._dial,
			"Redirect": self._redirect,
			"Hangup": self._hang_up,
			"Reject": self._reject,
		}

	async def run(self, first: Step) -> str:
		"""Follow the documents to the end of the call and return the call's final status."""
		try:
			await self.follow(first)
		except Over as end:
			return end.status
		return "completed"

	async def follow(self, first: Step) -> None:
		"""Follow the documents until one has no more verbs; raise Over if the call ends before."""
		step: Step | None = first
		for _ in range(MOST_DOCUMENTS):
			try:
				step = await self._follow(step)
			except Interrupted:
				self.call.interruption.clear()
				if not isinstance(self.call.redirect, Step):
					raise Over from None
				step, self.call.redirect = self.call.redirect, None
			if step is None:
				return
		raise Over

	def beside(self, call: Call, listener: Listener) -> Conversation:
		"""Return the conversation with a party that a <Dial> of this call reached: the whisper."""
		return Conversation(self.carrier, call, listener, SharedLine(self, call), IN_WHISPER)

	async def _follow(self, step: Step) -> Step | None:
		heard = Heard()
		document, answer = await self._fetch(step, heard)
		if document is None and self.call.params.get("FallbackUrl") and step.twiml == "":
			params = {"ErrorCode": str(heard.error), "ErrorUrl": step.url}
			self._write(step, answer, heard)
			self.call.fell_back = True
			method = self.call.params.get("FallbackMethod", "POST").upper()
			step, heard = Step(self.call.params["FallbackUrl"], method, params), Heard()
			document, answer = await self._fetch(step, heard)
		if step.url:
			self.base = step.url
		try:
			if self.call.interruption.is_set():
				raise Interrupted
			if document is None:
				self._pick_up()
				await self._hear(SORRY, LANGUAGE, heard, ours=False)
				raise Over
			heard.warnings += document.warnings
			for verb in document.verbs:
				self._pick_up(verb)
				action = self._verbs.get(verb.name)
				following = await action(verb, heard) if action else None
				if following is not None:
					return following
			return None
		finally:
			self._write(step, answer, heard)

	async def _fetch(self, step: Step, heard: Heard) -> tuple[Document | None, Answer]:
		document, self.last_answer = await fetch(self.carrier, self.call, step, heard, self.allowed)
		return document, self.last_answer

	def _pick_up(self, verb: Verb | None = None) -> None:
		"""Answer an inbound call with its first verb, as far as that verb answers."""
		if verb is None or verb.name not in BEFORE_ANSWERING | {"Dial"}:
			self.carrier.switchboard.answered(self.call)
		elif verb.name == "Dial":
			self.call.on_bridge = verb.switched_on("answerOnBridge")
			if not self.call.on_bridge:
				self.carrier.switchboard.answered(self.call)

	async def ask(self, step: Step) -> None:
		"""Request the action of a person who has already hung up; its answer is not followed."""
		params = {**parameters(self.call), "CallStatus": "completed", **step.params}
		answer = await self.carrier.webhooks.document(step.url, step.method, params, step.is_action)
		self.carrier.journal.write(
			"action",
			sid=self.call.sid,
			to=self.call.to,
			url=step.url,
			digits=step.params.get("Digits"),
			recording=step.params.get("RecordingSid"),
			http_status=answer.status,
			http_error=answer.error,
		)

	def _write(self, step: Step, answer: Answer, heard: Heard) -> None:
		line = {
			"sid": self.call.sid,
			"to": self.call.to,
			"from": self.call.sender,
			"direction": self.call.direction,
			"parent": self.call.parent_sid,
			"url": step.url or None,
			"http_status": answer.status,
			"http_error": answer.error,
			"answered_by": self.call.answered_by,
			"behaviour": self.listener.voice.behaviour,
			"sentences": heard.sentences,
			"languages": heard.languages,
			"played": heard.played,
			"digits": heard.digits,
			"warnings": heard.warnings,
			"error": heard.error,
		}
		self.documents.append(line)
		self.carrier.journal.write("twiml", **line)

	async def wait(self, seconds: float) -> None:
		"""Spend simulated seconds on the line.

		Raises Over at the call's time limit, and HungUp when the person has had enough.
		"""
		leaves = self.listener.voice.after_seconds
		end = self._limit if leaves is None else min(self._limit, leaves)
		allowed = max(0.0, min(seconds, end - self.call.talked))
		await self.line.spend(allowed)
		if allowed < seconds:
			raise Over if end == self._limit else HungUp

	async def _hear(self, sentence: str, language: str, heard: Heard, ours: bool = True) -> None:
		heard.sentences.append(sentence)
		heard.languages.append(language)
		began, spoken = self.call.talked, None
		seconds = self.listener.hear(sentence, language)
		self.call.ear.begin(sentence, began, seconds, ours)
		try:
			await self.wait(seconds)
			spoken = seconds
		except Over:
			spoken = self.call.talked - began
			raise
		finally:
			arrived = self.call.ear.end(spoken)
			if self.listener.voice.behaviour not in MACHINES:
				heard.sentences[-1:] = [arrived] if arrived else []
		if self.listener.had_enough:
			raise Over

	async def _say(self, verb: Verb, heard: Heard) -> None:
		# loop="0" means forever; the person gives up long before.
		for _ in range(verb.integer("loop", 1) or 10):
			if verb.text:
				await self._hear(verb.text, verb.attributes.get("language", LANGUAGE), heard)

	async def _play(self, verb: Verb, heard: Heard) -> None:
		if verb.text:
			url = urljoin(self.base, verb.text)
			answer = self.carrier.shelved(url) or await self.carrier.webhooks.request(url, "GET", {})
			heard.played.append(
				{"url": url, "http_status": answer.status, "content_type": answer.content_type}
			)
		sounds = bool(heard.played) and 200 <= (heard.played[-1]["http_status"] or 0) < 300
		for _ in range(verb.integer("loop", 1) or 10):
			began = self.call.talked
			try:
				await self.wait(PLAY_SECONDS)
			finally:
				if verb.text and sounds:
					self.call.ear.sound(began, self.call.talked)

	async def _pause(self, verb: Verb, heard: Heard) -> None:
		await self.wait(verb.integer("length", 1))

	async def _gather(self, verb: Verb, heard: Heard) -> Step | None:
		for nested in verb.nested:
			await self._verbs[nested.name](nested, heard)
			if self.listener.impatient:
				break
		limit = verb.integer("numDigits", 0) or None
		finish_on = verb.attributes.get("finishOnKey", "#")
		digits, finished = "", ""
		if "dtmf" in verb.attributes.get("input", "dtmf") and self.listener.voice.behaviour not in MACHINES:
			digits, finished = self.listener.press(limit, finish_on)
		if self.listener.leaves_in("gather"):
			heard.digits = digits or takes.HANG_UP
			self.call.digits += [digits] if digits else []
			await takes.leave(self, self.action(verb, {"msg": "Gather End", "Digits": heard.digits}))
		if not digits and not finished:
			await self.wait(verb.integer("timeout", GATHER_TIMEOUT))
			if verb.attributes.get("actionOnEmptyResult", "").lower() != "true":
				return None
		else:
			await self.wait(0.5)
			heard.digits = digits
			self.call.digits.append(digits)
		params = {"msg": "Gather End", "Digits": digits}
		if digits:
			params["FinishedOnKey"] = finished
		return self.action(verb, params)

	async def _record_words(self, verb: Verb, heard: Heard) -> Step | None:
		return await takes.record(self, verb)

	async def _dial(self, verb: Verb, heard: Heard) -> Step | None:
		return await dialing.dial(self, verb)

	async def _redirect(self, verb: Verb, heard: Heard) -> Step:
		return Step(urljoin(self.base, verb.text), verb.attributes.get("method", "POST").upper())

	async def _hang_up(self, verb: Verb, heard: Heard) -> None:
		raise Over

	async def _reject(self, verb: Verb, heard: Heard) -> None:
		raise Over("busy" if verb.attributes.get("reason") == "busy" else "no-answer")

	def action(self, verb: Verb, params: dict[str, str]) -> Step:
		url = urljoin(self.base, verb.attributes.get("action", "")) or self.base
		return Step(url, verb.attributes.get("method", "POST").upper(), params, is_action=True)
