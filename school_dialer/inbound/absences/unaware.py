"""A guardian answers an absence call with "I did not know": the office hears of it at once."""

import frappe

from school_dialer.consent.lock import number_lock
from school_dialer.inbound.conversations import conversation, pressed, received
from school_dialer.inbound.conversations.received import Received

LOCK_SECONDS = 5


def tell_office(log: frappe._dict) -> None:
	"""Keep the answer of this call in the conversation with its number, as urgent.

	That announces it (hook `dialer_conversation_waiting`). Once for each call. The caller commits.
	"""
	with number_lock([log.phone], timeout=LOCK_SECONDS):
		received.keep(
			Received(
				phone=log.phone,
				words=str(pressed.UNAWARE),
				source=f"Unaware:{log.name}",
				language=log.language or "",
				channel=conversation.VOICE,
				reference_doctype="Dialer Call Log",
				reference_name=log.name,
				urgent=True,
				campaign=log.campaign,
			)
		)
