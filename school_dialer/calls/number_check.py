"""What follows from the answer to "Is this still the right number?", by key or by text.

Only the answer itself counts, from the number that was asked: silence, a voicemail or a person at the school
confirm nothing. A person who says that they are a stranger is not called again.
"""

from datetime import datetime

import frappe

from school_dialer.base.phone import mask
from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import reviews
from school_dialer.inbound.conversations import conversation, pressed, received
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages.spoken import question

LOCK_SECONDS = 5


def by_key(log: frappe._dict, answer: int, label: str) -> None:
	"""Record what a key in this call means.

	1 renews the consents of the number. 2 does too, and the office is asked to find the better number. 3 ends
	every consent, and the registrar gets a task (`help_desk.registrar`). The same key again in the same call
	changes nothing. The caller commits.
	"""
	if is_noted(log, answer):
		return
	evidence = ledger.Evidence(
		source="Keypad",
		actor=log.person_name,
		wording=f"Pressed {answer}: {label}"[:140],
		language=log.language,
		reference_doctype="Dialer Call Log",
		reference_name=log.name,
	)
	if answer == question.WRONG_NUMBER:
		ledger.wrong_number(log.phone, evidence=evidence)
		return
	ledger.verify(log.phone, evidence=evidence)
	if answer == question.OTHER_NUMBER:
		ask_for_number(log, conversation.VOICE)


def by_text(log: frappe._dict, answer: int, evidence: ledger.Evidence, at: datetime | None) -> bool:
	"""Record what a text means that answers the question, written at `at` (aware, by default now).

	Return whether it is answered with the usual words. One that says that the number is wrong gets the text
	that confirms the stop instead (`followup.confirmations`), which asks once more: a text alone never marks
	a number as a stranger's. The caller holds the number's lock, and commits.
	"""
	if answer == question.WRONG_NUMBER:
		doubted = ledger.Evidence(**{**evidence.__dict__, "note": reviews.SAYS_WRONG_NUMBER})
		event = ledger.opt_out(
			log.phone, scope="all non-emergency", evidence=doubted, received_at=at, heard=True
		)
		reviews.ask_for_review(
			reviews.WRONG_NUMBER,
			reference_doctype=evidence.reference_doctype,
			reference_name=evidence.reference_name,
			phone=log.phone,
			consent_event=event,
			words=evidence.wording or "",
		)
		return False
	ledger.verify(log.phone, evidence=evidence, at=at)
	if answer == question.OTHER_NUMBER:
		ask_for_number(log, conversation.TEXT)
	return True


def is_noted(log: frappe._dict, answer: int) -> bool:
	"""Return whether this answer of this call is on record already."""
	asked = {"recipient": log.recipient, "call_log": log.name, "answer": answer}
	return bool(frappe.db.exists("Dialer Answer", asked))


def ask_for_number(log: frappe._dict, channel: str) -> None:
	"""Keep the wish for another number in the conversation with this one, for the office to answer."""
	with number_lock([log.phone], timeout=LOCK_SECONDS):
		received.keep(
			Received(
				phone=log.phone,
				words=pressed.OTHER_NUMBER.format(mask(log.phone)),
				source=f"Number:{log.name}",
				language=log.language or "",
				channel=channel,
				reference_doctype="Dialer Call Log",
				reference_name=log.name,
			)
		)
