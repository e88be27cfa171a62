"""Handle a text that says we have the wrong number.

It stops non-emergency messages, a person reviews it, and the number is asked once.

Free text alone cuts no one off: half of what looks like a wrong number comes from parents ("Wrong person, my
daughter Ana was present today"). Only a key in a call, the preference page and staff can mark a number as a
stranger's (`ledger.wrong_number`).
"""

from datetime import timedelta

import frappe

from school_dialer.base import clock
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
	"""Record the answer (1 or 2) to the question. Return whether calls and texts are back on.

	1 lifts the stop that the doubt caused, and no other: a person who had sent STOP stays opted out. The
	review stays open for a person.
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
