"""Texts that the carrier could not send because the account lacks a privacy feature (Twilio 30029, 30030): they go out again without it.

Nothing was delivered, so no family is concerned. No resource of Twilio's tells whether an account has Message Redaction, so the first
refusal does: at once, when the request is made (`TwilioCarrier.text` sends it once more by itself), or later by a callback.
"""

import frappe

from school_dialer.carriers.faults import Fault
from school_dialer.settings import carrier_settings

AGAIN_SECONDS = 20
"""By then each dispatcher has read the settings again, and asks for the feature no more."""
LEAST_SECONDS = 60
"""Between two attempts at what the carrier accepted and then did not deliver, even when Dialer Settings say less."""


def found_lacking(logs: dict[str, str]) -> None:
	"""By log, the feature that the account lacks. Campaigns send to the recipients again by themselves; notices are asked for again."""
	carrier_settings.remember_lacking(logs.values())
	waiting = frappe.db.sql(
		"select name from `tabDialer Notice` where call_log in %s and status in ('Sending', 'Sent') for update",
		(tuple(logs),),
	)
	if waiting:
		frappe.db.sql(
			"update `tabDialer Notice` set status = 'Waiting', call_log = null, sent_at = null where name in %s",
			(tuple(name for (name,) in waiting),),
		)
		frappe.enqueue(
			"school_dialer.followup.confirmations.send_due", queue="short", enqueue_after_commit=True
		)


def seconds_until_again(fault: Fault) -> int:
	if fault.lacks:
		return AGAIN_SECONDS
	return max(LEAST_SECONDS, 60 * (frappe.get_cached_doc("Dialer Settings").failed_after_minutes or 0))
