"""Calls that come in: a person with a behavior calls one of the account's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dev.carrier.api.resources import CALL_OVER, Call
from dev.carrier.exchange.conversation import Conversation
from dev.carrier.line.steps import Step
from dev.carrier.network import Network
from dev.carrier.world.listener import Listener
from dev.carrier.world.people import People


async def receive(carrier: Network, person: str, dialer: str, behaviour: dict[str, Any]) -> dict:
	"""Let a person call one of the account's numbers, and return when the call is over.

	The result holds what the site answered, what was spoken, pressed and recorded, and who was dialed. Raises
	ValueError for a number without a voice webhook.
	"""
	settings = carrier.number(dialer)
	hook, method = settings.get("voice_url"), settings.get("voice_method", "POST")
	if not hook:
		raise ValueError(f"{dialer} has no voice_url: set one under /_control/numbers")
	caller = People(carrier.people.seed)
	caller.set({person: {"behaviour": "answers", **behaviour}})
	voice = caller.voice(person, 1)
	call = Call(
		sid=carrier.new_sid("CA"),
		account_sid=carrier.account.sid,
		to=dialer,
		sender=person,
		created=carrier.clock.now(),
		attempt=1,
		params=_lasting(settings),
		events=("completed",),
		direction="inbound",
		behaviour=voice.behaviour,
	)
	carrier.calls.add(call)
	conversation = await carrier.switchboard.answer(call, Step(hook, method), Listener(voice))
	result = _transcript(carrier, call, conversation, hook)
	carrier.journal.write("inbound_call", **result)
	return result


def _lasting(settings: Mapping[str, Any]) -> dict[str, str]:
	"""Return what a number's settings mean for a call to it, as parameters of a call."""
	names = {"FallbackUrl": "voice_fallback_url", "StatusCallback": "voice_status_url"}
	return {name: settings[setting] for name, setting in names.items() if settings.get(setting)}


def _transcript(carrier: Network, call: Call, conversation: Conversation, hook: str) -> dict:
	first = conversation.documents[0] if conversation.documents else {}
	answer = conversation.last_answer
	return {
		"sid": call.sid,
		"from": call.sender,
		"to": call.to,
		"url": hook,
		"status": call.status if call.status in CALL_OVER else None,
		"http_status": first.get("http_status"),
		"http_error": first.get("http_error"),
		"duration": call.duration,
		"sentences": call.sentences,
		"digits": call.digits,
		"documents": conversation.documents,
		"dials": conversation.dials,
		"recordings": [one.sid for one in carrier.recordings.items if one.to == call.sid],
		"last_answer": answer.body if answer else None,
	}
