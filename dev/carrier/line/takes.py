"""What is spoken into a <Record>, and the last words to the site of a person who hangs up there or in a <Gather>."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from dev.carrier.clock import rfc2822
from dev.carrier.line.steps import HungUp, Step
from dev.carrier.resources import Recording
from dev.carrier.twiml import Verb

if TYPE_CHECKING:
	from dev.carrier.conversation import Conversation

RECORD_TIMEOUT, LONGEST_RECORDING = 5, 3600
HANG_UP = "hangup"


async def record(conversation: Conversation, verb: Verb) -> Step | None:
	"""Silence makes no recording, and the call goes on behind the verb, unless the person's ``silent_take`` says that
	Twilio keeps one. A person who hangs up leaves what was said so far, and the action is asked with Digits=hangup."""
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


async def leave(conversation: Conversation, step: Step | None) -> None:
	"""The person is gone: the site is asked for the action all the same, before or after its status callback, and what it
	answers is not followed. Raises HungUp."""
	carrier, call = conversation.carrier, conversation.call
	if step is not None:
		if carrier.account.hangup_order == "status first":
			carrier.switchboard.finish(call, "completed")
			await carrier.webhooks.settled(call.sid)
		await conversation.ask(step)
	raise HungUp


def _action(conversation: Conversation, verb: Verb, seconds: int, digits: Mapping[str, str]) -> Step | None:
	"""The verb's action, with a recording of that many seconds; None without one."""
	if not seconds:
		return None
	return conversation.action(verb, {**_keep(conversation, verb, seconds), **digits})


def _keep(conversation: Conversation, verb: Verb, seconds: int) -> dict[str, str]:
	"""Puts a recording on the shelf, reports it where the document asks for that, and returns the parameters that name it."""
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
