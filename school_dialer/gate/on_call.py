"""May an approver be asked at their own phone to approve an emergency, now?

They are on the school's list of people to ask, they verified the phone, and the matter is an emergency that
someone else asked for: they are the second person that it needs. So what holds for an emergency holds for
this call (47 USC 227(b)(1)(A), 47 CFR 64.1200(f)(4)): no consent, hours or caps, but opt-outs from everything
and blocks at the carrier.
"""

from datetime import datetime

from school_dialer.compliance import Emergency
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.gate.decide import CallContext, EligibilityCheck, EligibilityResult, ask

APPROVER = "approver"


def ask_approver(
	channel: str, phone: str, emergency: tuple[str, str], user: str, at: datetime
) -> EligibilityResult:
	"""Decide whether this approver may be called or texted at their own number (E.164).

	`emergency` is its type and who asked for it; `at` is aware.
	"""
	kind, starter = emergency
	context = CallContext(channel, EMERGENCY, Emergency(kind, starter, user))
	return ask(context, [EligibilityCheck(APPROVER, phone, None, None)], at)[APPROVER]
