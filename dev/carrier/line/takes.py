"""What is spoken into a <Record>, and the last request for a person who hangs up there or in a <Gather>."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from dev.carrier.api.resources import Recording
from dev.carrier.clock import rfc2822
from dev.carrier.line.steps import HungUp, Step
from dev.carrier.network import Talk
from dev.carrier.twiml import Verb

RECORD_TIMEOUT, LONGEST_RECORDING = 5, 3600
HANG_UP = "hangup"


async def record(conversation: Talk, verb: Verb) -> Step | None:
	"""Record what the person says and return the step to the verb's action, or None.

	Silence makes no recording, and the call continues after the verb, unless the person's ``silent_take``
	says that Twilio keeps one. When a person hangs up, what they said so far is kept and the action is
	requested with Digits=hangup.
	"""
	listener, call = conversation.listener, conversation.call
	seconds = listener.speak(verb.integer("maxLength", LONGEST_RECORDING))
	kept = seconds or listener.voice.silent_take
	began = call.talked
	try:
		await conversation.wait(seconds or verb.integer("timeout", RECORD_TIMEOUT))
	except HungUp:
		spoken = min(kept, round(call.talked - began))
		await leave(conversation, _action(conversation, verb, spoken, {"Digits": HANG_UP}))
	if listener.leaves_in("record"):
		await leave(conversation, _action(conversation, verb, kept, {"Digits": HANG_UP}))
	return _action(conversation, verb, kept, {"Digits": ""}) if kept else None


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


def _action(conversation: Talk, verb: Verb, seconds: int, digits: Mapping[str, str]) -> Step | None:
	"""Return the verb's action with a recording of this many seconds, or None without one."""
	if not seconds:
		return None
	return conversation.action(verb, {**_keep(conversation, verb, seconds), **digits})


def _keep(conversation: Talk, verb: Verb, seconds: int) -> dict[str, str]:
	"""Store a recording, report it if the document asks for that, and return its parameters."""
	carrier, call = conversation.carrier, conversation.call
	recording = Recording(carrier.new_sid("RE"), call.account_sid, call.sid, carrier.clock.now(), seconds)
	carrier.recordings.add(recording)
	carrier.journal.write("recording", sid=recording.sid, call=call.sid, seconds=seconds)
	names = {
		"RecordingSid": recording.sid,
		"RecordingUrl": carrier.address + recording.uri,
		"RecordingDuration": str(seconds),
	}
	if url := verb.attributes.get("recordingStatusCallback"):
		params = {
			"AccountSid": call.account_sid,
			"CallSid": call.sid,
			**names,
			"RecordingStatus": "completed",
			"RecordingChannels": "1",
			"RecordingSource": recording.source,
			"RecordingStartTime": rfc2822(recording.created),
			"ErrorCode": "0",
		}
		method = verb.attributes.get("recordingStatusCallbackMethod", "POST").upper()
		address = urljoin(conversation.base, url)
		carrier.webhooks.callback(recording.sid, call.to, address, method, params, "recording")
	return names
