"""Is it the one text that answers what the person just did."""

from __future__ import annotations

from datetime import datetime, timedelta

from school_dialer.compliance.model import TEXT, Request

WITHIN = timedelta(minutes=5)


def is_answer(request: Request, at: datetime) -> bool:
	"""A text within five minutes of the opt-out it confirms, or of the person's own request for a link.

	Source: 47 CFR 64.1200(a)(12): one confirmation text, without marketing, sent within five minutes, is no breach of
	the revocation it confirms. Consent, opt-outs, hours and caps do not stand in its way; a bad number and a
	restricted person do. Later
	than that, and on a call, the text is like any other. That there is only one is the sender's to keep.
	"""
	since = request.answers
	return since is not None and request.channel == TEXT and since <= at <= since + WITHIN
