"""The school's own numbers: sending numbers, call-back numbers and its Messaging Services' numbers.

A text or call from one of them was made by one of the school's systems, not by a person. The carrier keeps
the numbers of a Messaging Service, so each one is recorded when the first text or call to it arrives: the
webhook's "To" is signed by the carrier.
"""

import json

from school_dialer.base import site_values
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.messages import store
from school_dialer.schools import registry
from school_dialer.settings import carrier_settings

SEEN, ANSWERED = "dialer_own_numbers", "dialer_answered_numbers"
MOST_SEEN = 500
"""A Messaging Service has 400 numbers (https://www.twilio.com/docs/messaging/services)."""


def own_numbers() -> set[str]:
	"""Return all of the school's numbers in E.164. A disabled sending number is still the school's."""
	doc, school = carrier_settings.settings(), store.school()
	written = [row.phone_number for row in doc.sending_numbers]
	written += [school.call_back_number, school.opt_out_number, doc.opt_out_number]
	written += [school.call_back_number for school in registry.schools().values()]
	return {number for number in map(e164, written) if number} | seen_numbers()


def is_own(phone: str, to: str = "") -> bool:
	"""Return whether a text or call from `phone` (E.164) to the number `to` is from the school itself."""
	return phone == e164(to) or phone in own_numbers()


def note_number(to: str) -> None:
	"""Record the number that received a text or call."""
	number = e164(to)
	if not number or number in own_numbers() or len(seen := seen_numbers()) >= MOST_SEEN:
		return
	site_values.write(SEEN, json.dumps(sorted({*seen, number})))


def seen_numbers() -> set[str]:
	return recorded(SEEN)


def note_answered(to: str) -> None:
	"""Record that this site answers calls to the number. Another system may answer those to others."""
	number, answered = e164(to), answered_numbers()
	if number and number not in answered and len(answered) < MOST_SEEN:
		site_values.write(ANSWERED, json.dumps(sorted({*answered, number})))


def answered_numbers() -> set[str]:
	return recorded(ANSWERED)


def recorded(key: str) -> set[str]:
	return set(json.loads(site_values.cached(key) or "[]"))


def forget() -> None:
	"""Clear the recorded numbers."""
	site_values.forget(SEEN, ANSWERED)


def e164(text: str | None) -> str:
	"""Return the number in E.164, or "" if it is not one. A Messaging Service SID is not one."""
	try:
		return parse(text or "", registry.country()).e164
	except InvalidNumber:
		return ""
