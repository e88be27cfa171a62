"""The code that proves who holds a number: six digits by text or by call, for ten minutes and five attempts.

The code is not stored: it is derived from the answer's random name and the count of its codes, with the
site's key. It goes to the number that the person typed, and only when that person asks for it.
"""

import hmac
from datetime import timedelta
from hashlib import sha256

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.compliance.vocabulary import TEXT, VOICE
from school_dialer.consent import keys
from school_dialer.consent.choices import rate_limits
from school_dialer.consent.replies import answer_limits, confirmation_requests
from school_dialer.consent_form import answers
from school_dialer.lines import record

VALID = timedelta(minutes=10)
MOST_TRIES = 5
PER_ANSWER, PER_NUMBER, PER_LETTER, DAY = 3, 3, 6, 24 * 3600
"""Codes for one answer in all, and to one number and for one letter in a day."""
SENT, TOO_OFTEN, NOT_NOW, LANDLINE = "sent", "often", "hours", "landline"
RIGHT, WRONG, OVER = "right", "wrong", "over"
HOURS = frozenset({"OUTSIDE_CALLING_HOURS", "HOLIDAY", "NO_TIME_ZONE"})
KIND = answer_limits.CONSENT_CODE


def send(row: frappe._dict, channel: str) -> str:
	"""Send a new code for this answer by TEXT or VOICE. Return SENT or why not: one of the words above.

	The text is a notice (`confirmation_requests`); the call is placed by the hook `dialer_code_call_asked`.
	Earlier codes of the answer end. Opt-outs do not prevent the text, which the person asked for a moment
	ago. A call that the usual rules refuse is not placed, and SENT is returned all the same. The caller
	commits.
	"""
	row = answers.named(row.name, for_update=True)
	if row is None or row.status != answers.UNPROVEN or not row.phone:
		return TOO_OFTEN
	if channel == TEXT and record.takes_no_texts(row.phone):
		return LANDLINE
	if channel == VOICE and not is_calling_hour(row.phone):
		return NOT_NOW
	if is_too_often(row):
		return TOO_OFTEN
	expires_at = clock.to_db((clock.now() + VALID).replace(microsecond=0))
	more = {"codes_sent": row.codes_sent + 1, "tries": 0, "code_expires_at": expires_at}
	if row.notice:
		confirmation_requests.take_back(row.notice)
	if channel == TEXT:
		notice = confirmation_requests.request_text(
			KIND, row.phone, language=row.language, not_after=clock.now() + timedelta(minutes=5)
		)
		if not notice:
			return TOO_OFTEN
		answers.update(row, **more, proven_by="Text", notice=notice, call_log=None)
		return SENT
	answers.update(row, **more, proven_by="Call", notice=None, call_log=None)
	for path in frappe.get_hooks("dialer_code_call_asked"):
		frappe.get_attr(path)(row.name)
	return SENT


def is_too_often(row: frappe._dict) -> bool:
	"""Count one code, and return whether it is one too many for the answer, the number or the letter."""
	if row.codes_sent >= PER_ANSWER or answer_limits.number_is_full(row.phone):
		return True
	often = rate_limits.over("consent code to", row.phone, PER_NUMBER, DAY)
	return rate_limits.over("consent code of", row.request or row.name, PER_LETTER, DAY) or often


def is_calling_hour(phone: str) -> bool:
	"""Return whether the hour alone does not prevent a call to this number now.

	Whatever else prevents it, such as an opt-out, is not said: the person may not be the number's holder.
	"""
	decision = gate.ask_trial(VOICE, phone, clock.now()).decision
	return decision.allowed or not set(decision.codes) & HOURS


def check(name: str, typed: str) -> str:
	"""Compare what a person typed with the code of this answer. Return RIGHT, WRONG or OVER.

	Every attempt counts, also of several at once: the row is locked. OVER means that there is no code that
	could be right: none was sent, it expired, or there were too many attempts. A code that was right holds
	until `proof.proven` has used it. The caller commits.
	"""
	row = answers.named(name, for_update=True)
	if row is None or row.status != answers.UNPROVEN or not is_open(row):
		return OVER
	right = hmac.compare_digest(code_of(row).encode(), "".join(typed[:40].split()).encode())
	if not right:
		answers.update(row, tries=row.tries + 1)
		return WRONG
	return RIGHT


def is_open(row: frappe._dict) -> bool:
	"""Return whether a code was sent for this row that can still be typed."""
	sent = row.codes_sent and row.tries < MOST_TRIES and row.code_expires_at
	return bool(sent) and clock.from_db(row.code_expires_at) > clock.now()


def code_of(row: frappe._dict) -> str:
	text = "\0".join((row.name, row.phone, str(row.codes_sent)))
	digest = hmac.digest(keys.derive("consent form number code"), text.encode(), sha256)
	return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def of(column: str, value: str) -> tuple[str, str] | None:
	"""Return (code, language) for the answer with this `notice` or `call_log`, or None if it is over."""
	row = frappe.db.get_value(answers.DOCTYPE, {column: value}, "*", as_dict=True)
	if row is None or row.status != answers.UNPROVEN or not is_open(row):
		return None
	return code_of(row), row.language or ""
