"""Someone writes that we have the wrong number. It stops what is no emergency, a person looks at it, and the telephone is asked once.

Free words cut no one off: half of those that look like it come from parents ("Wrong person, my daughter Ana was present today"). Only a
key in a call, the preference page and staff make a number a stranger's (`ledger.wrong_number`).
"""

from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.consent import ledger
from school_dialer.consent.replies import reviews
from school_dialer.consent.replies.confirmation_requests import WRONG_NUMBER_QUESTION
from school_dialer.consent.replies.reviews import SAYS_WRONG_NUMBER

ASKED_AGAIN_AFTER = timedelta(days=14)
RIGHT, WRONG = 1, 2


def asked_lately(phone: str) -> bool:
	return bool(
		frappe.db.exists(
			"Dialer Notice",
			{
				"phone": phone,
				"kind": WRONG_NUMBER_QUESTION,
				"creation": (">", clock.to_db(clock.now() - ASKED_AGAIN_AFTER)),
			},
		)
	)


def answer(phone: str, digit: int, evidence: ledger.Evidence) -> bool:
	"""Take the answer to the question; False when it is none. Returns whether calls and texts are on again.

	1 lifts the stop that the doubt made, and no other: someone who had said STOP stays stopped. The review stays open for a person.
	"""
	reviews.ask_for_review(
		reviews.WRONG_NUMBER,
		reference_doctype=evidence.reference_doctype,
		reference_name=evidence.reference_name,
		phone=phone,
		words=evidence.wording or "",
	)
	if digit != RIGHT or ledger.is_strangers(phone):
		return False
	if ledger.other_stops(phone, SAYS_WRONG_NUMBER):
		ledger.verify(phone, evidence=evidence)
		return False
	ledger.opt_in(phone, evidence=evidence)
	return True
