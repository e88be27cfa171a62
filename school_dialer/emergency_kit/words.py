"""What a campaign of the kit says in the school's language, as it would be said now: without examples.

The other previews fill what is missing with examples. Here someone decides on what families will hear, so
missing details are missing, and a message that cannot be said without them has a problem.
"""

from collections.abc import Callable
from typing import Any

from frappe import _

from school_dialer import gate
from school_dialer.base.wording import translated
from school_dialer.campaigns import language_gaps, message_content
from school_dialer.messages import campaign_details, store
from school_dialer.messages.details import DETAILS
from school_dialer.messages.model import MessageError, Outgoing, Subject
from school_dialer.messages.preview import example_values


def campaign_words(campaign: Any) -> tuple[str, str, str]:
	"""Return (words, problem, language) of a campaign, saved or not; `problem` is "" or says why not."""
	return said(campaign, message_content.message_words)


def without_keys(campaign: Any) -> tuple[str, str, str]:
	"""Return the same without a call's own keys, for an approver on the phone, whose 1 approves."""
	return said(campaign, message_content.body_words)


def said(campaign: Any, words_of: Callable[[Outgoing, str], str]) -> tuple[str, str, str]:
	school = store.school(campaign.school)
	language = school.language
	values, details = example_values(), campaign_details.details_of(campaign)
	values.pop(DETAILS, None)
	values["school_name"] = school.name
	if details.all():
		values[DETAILS] = details
	name = values.get("recipient_name") or ""
	subject = Subject("example", "", "", name, language=language, school=campaign.school or "")
	try:
		outgoing = store.outgoing(gate.template_of(campaign), subject, values)
		words = words_of(message_content.asking(outgoing, campaign), campaign.channel)
	except MessageError as error:
		return "", translated(error, _), language
	return words, "", language


def outdated(campaign: Any) -> str:
	"""Return which languages say what the school's own said before, in the user's language, or ""."""
	return " ".join(gap.sentence() for gap in language_gaps.outdated(campaign))
