"""The calls that a <Dial> places, each with a parent, callbacks, and a person at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urljoin

from dev.carrier.accounts import rules
from dev.carrier.api.errors import ApiError
from dev.carrier.api.resources import Call
from dev.carrier.attributes import CALL_EVENTS
from dev.carrier.exchange.numbers import normalise
from dev.carrier.network import Network, Talk
from dev.carrier.twiml import Verb
from dev.carrier.world.behaviour import ANSWERING, Voice

RING_SECONDS = 6
DIAL_SECONDS = 1.5
UNREACHABLE, BLOCKED, NO_PERMISSION = 13224, 13225, 13227
CODES = {
	21211: UNREACHABLE,
	21214: UNREACHABLE,
	21217: UNREACHABLE,
	21216: BLOCKED,
	21219: BLOCKED,
	21215: NO_PERMISSION,
}
"""What a refusal of the API is in a <Dial>. Other codes are the same in both."""


@dataclass(eq=False)
class Leg:
	"""One call of a <Dial>; ``code`` is why it fails at once, or None."""

	noun: Verb
	call: Call
	voice: Voice
	code: int | None

	def timetable(self, patience: float) -> list[tuple[float, str]]:
		"""Return what happens to the call after how many seconds, until it is answered or over."""
		if self.code:
			return [(0, "failed")]
		if self.voice.behaviour == "fails":
			return [(DIAL_SECONDS, "failed")]
		if self.voice.behaviour == "busy":
			return [(DIAL_SECONDS, "ringing"), (2 * DIAL_SECONDS, "busy")]
		rings = self.voice.rings * RING_SECONDS if self.voice.behaviour in ANSWERING else math.inf
		end = "answered" if rings <= patience else "no-answer"
		return [(DIAL_SECONDS, "ringing"), (DIAL_SECONDS + min(rings, patience), end)]


def place(talk: Talk, noun: Verb, sender: str) -> Leg | None:
	"""Place the call to a <Number>; None if that is no phone number (alert 13223)."""
	carrier, parent, to = talk.carrier, talk.call, normalise(noun.text)
	if to is None:
		carrier.alert(13223, parent.sid)
		return None
	attempt = carrier.next_attempt("call", to)
	code = _refusal(carrier, to, attempt)
	voice = carrier.people.voice(to, attempt)
	call = Call(
		sid=carrier.new_sid("CA"),
		account_sid=parent.account_sid,
		to=to,
		sender=sender,
		created=carrier.clock.now(),
		attempt=attempt,
		params=_callback(noun, talk.base),
		events=_events(noun),
		direction="outbound-dial",
		parent=parent,
		started=carrier.clock.now(),
		behaviour=voice.behaviour,
	)
	carrier.calls.add(call)
	carrier.switchboard.at_once += 1
	carrier.journal.write("leg", sid=call.sid, parent=parent.sid, to=to, **{"from": sender}, code=code)
	carrier.switchboard.announce(call, "initiated", "initiated")
	if code:
		carrier.alert(code, call.sid)
	return Leg(noun, call, voice, code)


def _refusal(carrier: Network, to: str, attempt: int) -> int | None:
	try:
		rules.may_reach(carrier, to)
	except ApiError as refusal:
		return CODES.get(refusal.code, refusal.code)
	code = carrier.people.refusal(to, attempt)
	return CODES.get(code, code) if code else None


def _events(noun: Verb) -> tuple[str, ...]:
	wanted = noun.attributes.get("statusCallbackEvent", "").split()
	return tuple(event for event in CALL_EVENTS if event in wanted) or ("completed",)


def _callback(noun: Verb, base: str) -> dict[str, str]:
	if not (url := noun.attributes.get("statusCallback")):
		return {}
	method = noun.attributes.get("statusCallbackMethod", "POST").upper()
	return {"StatusCallback": urljoin(base, url), "StatusCallbackMethod": method}
