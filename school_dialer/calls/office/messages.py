"""Messages that callers leave for the office: kept once, in the conversation with their number.

The recording stays at the carrier, where staff play it and where retention deletes it, as it does a spoken
reason for an absence.
"""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.calls import recording_retention
from school_dialer.consent.lock import number_lock
from school_dialer.inbound.conversations import conversation, received
from school_dialer.inbound.conversations.received import Received
from school_dialer.settings import carrier_settings

MOST, WITHIN = 10, timedelta(hours=24)
"""How many messages one number may leave within that time."""


def may_leave(log) -> bool:
	"""Return whether the caller may leave a message: not without a number, which no one could answer."""
	if carrier_settings.settings().no_office_messages or not (log.phone or "").startswith("+"):
		return False
	since = clock.to_db(clock.now() - WITHIN)
	left = {"phone": log.phone, "recording": ("is", "set"), "said_at": (">", since)}
	return frappe.db.count(conversation.MESSAGE, left) < MOST


def keep(log, recording: str, seconds: int) -> None:
	"""Add the message to the conversation with the caller's number. A repeat changes nothing."""
	with number_lock([log.phone]):
		received.keep(
			Received(
				log.phone,
				_("Spoken message of {0} seconds").format(seconds) if seconds else _("Spoken message"),
				source=recording,
				language=log.language or "",
				channel=conversation.VOICE,
				reference_doctype="Dialer Call Log",
				reference_name=log.name,
				recording=recording,
			)
		)


def discard(log, recording: str) -> None:
	"""Let a recording be deleted that belongs to no message."""
	recording_retention.discard_take(log.name, recording)
