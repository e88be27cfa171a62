"""Which numbers are the school's own: those it calls and texts from, those it is called back at, and those of its Messaging Services.

What comes from one of them was written by a program of the school's, and is no person's word. The numbers of a Messaging Service are kept
by the carrier, so each is noted when the first text or call to it comes in: the webhook's "To" is signed by the carrier.
"""

import json

import frappe

from school_dialer.messages import store
from school_dialer.phone import InvalidNumber, parse
from school_dialer.settings import carrier_settings

SEEN = "dialer_own_numbers"
MOST_SEEN = 500
"""A Messaging Service has 400 numbers (https://www.twilio.com/docs/messaging/services)."""


def own_numbers() -> set[str]:
	"""All of them, as E.164. A sending number that is switched off is still the school's."""
	doc, school = carrier_settings.settings(), store.school()
	written = [row.phone_number for row in doc.sending_numbers]
	written += [school.call_back_number, school.opt_out_number, doc.opt_out_number]
	return {number for number in map(e164, written) if number} | seen_numbers()


def is_own(phone: str, to: str = "") -> bool:
	"""Whether a text or call from `phone` (E.164), which came to the number `to`, is from the school itself."""
	return phone == e164(to) or phone in own_numbers()


def note_number(to: str) -> None:
	"""Remember the number at which something came in."""
	number = e164(to)
	if not number or number in own_numbers() or len(known := seen_numbers()) >= MOST_SEEN:
		return
	frappe.db.set_global(SEEN, json.dumps(sorted({*known, number})))


def seen_numbers() -> set[str]:
	return set(json.loads(frappe.db.get_global(SEEN) or "[]"))


def forget() -> None:
	"""Part of an uninstall."""
	frappe.db.set_global(SEEN, None)


def e164(text: str | None) -> str:
	"""Empty for what is no number, the SID of a Messaging Service among it."""
	try:
		return parse(text or "").e164
	except InvalidNumber:
		return ""
