"""May this number be called now? Asked by a person or another system, without a campaign.

The decision is made as for a campaign, on current facts. It permits nothing: the gate decides again at the
moment of dialing.
"""

import json

from school_dialer import gate
from school_dialer.base import clock


def decide(
	phone: str, channel: str, purpose: str, person_doctype: str | None = None, person: str | None = None
) -> dict:
	"""Return the record of the decision for an E.164 number, as a dict.

	With a person, that person's address and court orders count too.
	"""
	question = gate.EligibilityCheck("asked", phone, person_doctype, person)
	answer = gate.ask(gate.CallContext(channel, purpose), [question], clock.now())["asked"]
	return json.loads(gate.to_json(answer.decision))
