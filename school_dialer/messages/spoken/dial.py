"""A <Dial> that connects the person on the line to one other number. Pure Python with twilio's builder."""

from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

LEG_EVENTS = "ringing answered completed"
LONGEST_TALK = 60 * 60
"""Seconds after which the carrier ends a conversation that no one ended."""


@dataclass(frozen=True, slots=True)
class Dial:
	"""Whom to call, and which URLs the carrier requests.

	``number`` and ``caller_id`` are E.164, and the caller id is a number of the carrier account.
	``ring_seconds`` is how long the phone rings. At ``whisper_url`` are the words that the called person
	hears alone before being connected, ``leg_url`` gets the other call's statuses, and ``action_url`` is
	requested when it is over.
	"""

	number: str
	caller_id: str
	ring_seconds: int
	whisper_url: str
	leg_url: str
	action_url: str


def add(response: VoiceResponse, call: Dial) -> None:
	"""Add the <Dial> as the response's last verb: what follows is in the answer to its action."""
	dial = response.dial(
		action=call.action_url,
		method="POST",
		timeout=call.ring_seconds,
		time_limit=LONGEST_TALK,
		caller_id=call.caller_id,
	)
	dial.number(
		call.number,
		url=call.whisper_url,
		method="POST",
		status_callback=call.leg_url,
		status_callback_method="POST",
		status_callback_event=LEG_EVENTS,
	)
