"""Check that a correction goes to those who got the message it corrects."""

from __future__ import annotations

from datetime import datetime

from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import NOT_HEARD


def due(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Send a correction only to a number at which the message it corrects was heard, or may have been.

	Source: the school's own rule. What a correction is exempt from (`frequency.capped`,
	`opt_out.covers`) it is exempt from because the person has the wrong message already. So the exemption
	ends with them.
	"""
	if not request.corrects or facts.heard:
		return []
	detail = "The message that this corrects was not heard at this number."
	return [Reason(NOT_HEARD, "correction.due", policy.citation(NOT_HEARD), detail)]
