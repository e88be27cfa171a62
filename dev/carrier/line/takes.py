"""What is spoken into a <Record>, and the last request for a person who hangs up there or in a <Gather>."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from dev.carrier.api.resources import Recording
from dev.carrier.attributes import KEYS
from dev.carrier.clock import rfc2822
from dev.carrier.line.steps import HungUp, Step
from dev.carrier.network import Talk
from dev.carrier.twiml import Verb
from dev.carrier.world.listener import Spoken

RECORD_TIMEOUT, LONGEST_RECORDING = 5, 3600
KEY_SECONDS = 0.5
HANG_UP = "hangup"


async def record(conversation: Talk, verb: Verb) -> Step | None:
	"""Record what the person says and return the step to the verb's action, or None.

	A key of finishOnKey, ``timeout`` seconds of silence or maxLength ends the recording. Silence alone makes
	no recording, and the call continues after the verb, unless the person's ``silent_take`` says that Twilio
	keeps one. When a person hangs up, what they said so far is kept and the action is requested with
	Digits=hangup.
	"""
	take = Take.begin(conversation, verb)
	voice = conversation.listener.voice
	spoken = conversation.listener.speak(take.longest)
	began = conversation.call.talked
	try:
		await conversation.wait(spoken.seconds)
		key = "" if conversation.listener.leaves_in("record") else await take.end(spoken)
	except HungUp:
		passed = round(conversation.call.talked - began)
		kept = spoken.first(passed) if spoken.seconds else Spoken(min(voice.silent_take, passed))
		await leave(conversation, take.action(kept, HANG_UP))
	kept = spoken if spoken.seconds else Spoken(voice.silent_take)
	if conversation.listener.leaves_in("record"):
		await leave(conversation, take.action(kept, HANG_UP))
	return take.action(take.with_silence(kept, key), key)


@dataclass(frozen=True)
class Take:
	"""One <Record> in a call, with the SID of the recording it may make."""

	talk: Talk
	verb: Verb
	sid: str

	@classmethod
	def begin(cls, talk: Talk, verb: Verb) -> Take:
		take = cls(talk, verb, talk.carrier.new_sid("RE"))
		take.report("in-progress", {"RecordingSid": take.sid})
		return take

	@property
	def longest(self) -> int:
		return min(self.verb.integer("maxLength", 0) or LONGEST_RECORDING, LONGEST_RECORDING)

	@property
	def silence(self) -> int:
		"""The seconds of silence that end the recording."""
		return self.verb.integer("timeout", 0) or RECORD_TIMEOUT

	async def end(self, spoken: Spoken) -> str:
		"""Spend the seconds until the recording ends and return the key that ends it, or ""."""
		key = self.talk.listener.voice.finishes_with
		if spoken.seconds >= self.longest:
			return ""
		if key and spoken.seconds and key in self.verb.attributes.get("finishOnKey", KEYS):
			await self.talk.wait(min(KEY_SECONDS, self.longest - spoken.seconds))
			self.talk.call.digits.append(key)
			return key
		await self.talk.wait(min(self.silence, self.longest - spoken.seconds))
		return ""

	def with_silence(self, kept: Spoken, key: str) -> Spoken:
		"""Return a recording with the silence that ended it, which only do-not-trim keeps."""
		if not kept.seconds or key or self.verb.attributes.get("trim", "").lower() != "do-not-trim":
			return kept
		return Spoken(min(kept.seconds + self.silence, self.longest), kept.words)

	def action(self, spoken: Spoken, digits: str) -> Step | None:
		"""Keep and report the recording and return the verb's action; None if there is none."""
		if not spoken.seconds:
			self.report("absent", {"RecordingSid": self.sid})
			return None
		names = self._keep(spoken)
		return self.talk.action(self.verb, {**names, "Digits": digits})

	def _keep(self, spoken: Spoken) -> dict[str, str]:
		"""Store the recording, report it, and return its parameters."""
		carrier, call = self.talk.carrier, self.talk.call
		recording = Recording(self.sid, call.account_sid, call.sid, carrier.clock.now(), spoken.seconds)
		carrier.recordings.add(recording)
		carrier.journal.write(
			"recording",
			sid=recording.sid,
			call=call.sid,
			seconds=spoken.seconds,
			words=spoken.words,
			beep=self.verb.switched_on("playBeep", default=True),
		)
		names = {
			"RecordingSid": recording.sid,
			"RecordingUrl": carrier.address + recording.uri,
			"RecordingDuration": str(spoken.seconds),
		}
		more = {
			"RecordingChannels": "1",
			"RecordingSource": recording.source,
			"RecordingStartTime": rfc2822(recording.created) or "",
			"ErrorCode": "0",
		}
		self.report("completed", {**names, **more})
		return names

	def report(self, event: str, params: dict[str, str]) -> None:
		"""Send the recording's status callback of an event, if it was requested."""
		attributes, call = self.verb.attributes, self.talk.call
		url = attributes.get("recordingStatusCallback")
		if not url or event not in attributes.get("recordingStatusCallbackEvent", "completed").split():
			return
		about = {"AccountSid": call.account_sid, "CallSid": call.sid, **params, "RecordingStatus": event}
		method = attributes.get("recordingStatusCallbackMethod", "POST").upper()
		address = urljoin(self.talk.base, url)
		self.talk.carrier.webhooks.callback(self.sid, call.to, address, method, about, "recording")


async def leave(conversation: Talk, step: Step | None) -> None:
	"""Request the action of a person who has hung up, then raise HungUp.

	The request comes before or after the call's status callback, depending on the account's ``hangup_order``.
	Its answer is not followed.
	"""
	carrier, call = conversation.carrier, conversation.call
	if step is not None:
		if carrier.account.hangup_order == "status first":
			carrier.switchboard.finish(call, "completed")
			await carrier.webhooks.settled(call.sid)
		await conversation.ask(step)
	raise HungUp
