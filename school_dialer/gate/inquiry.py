"""May this number be called now: asked by a person or another system, without a campaign.

The decision is made as a campaign makes it, on facts read now. It permits nothing: at the moment of dialing the gate decides again.
"""

import json

from school_dialer import clock, gate


def decide(
	phone: str, channel: str, purpose: str, person_doctype: str | None = None, person: str | None = None
) -> dict:
	"""The record of the decision for an E.164 number. With a person, that person's address and court orders count too."""
	question = gate.EligibilityCheck("asked", phone, person_doctype, person)
	answer = gate.ask(gate.CallContext(channel, purpose), [question], clock.now())["asked"]
	return json.loads(gate.to_json(answer.decision))
