"""Recognize the one text that answers what the person just did."""

from __future__ import annotations

from datetime import datetime, timedelta

from school_dialer.compliance.model import Request
from school_dialer.compliance.vocabulary import TEXT

WITHIN = timedelta(minutes=5)


def is_answer(request: Request, at: datetime) -> bool:
	"""Return whether this text answers the person: at most five minutes after an opt-out or a link request.

	The text confirms the opt-out, or brings the link that the person asked for. Source: 47 CFR
	64.1200(a)(12): one confirmation text, without marketing, sent within five minutes, does not breach the
	revocation it confirms. Consent, opt-outs, hours and caps do not prevent it; a bad number and a restricted
	person do. After five minutes, and on a call, the usual rules apply. The sender must make sure that there
	is only one.
	"""
	since = request.answers
	return since is not None and request.channel == TEXT and since <= at <= since + WITHIN
