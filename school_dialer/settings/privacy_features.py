"""Resend texts that failed because the account lacks a privacy feature (Twilio 30029, 30030).

They are sent again without the feature. Nothing was delivered, so no family is affected. No Twilio resource
says whether an account has Message Redaction, so the first refusal shows it: immediately, when the request is
made (`TwilioCarrier.text` then retries by itself), or later in a status callback.
"""

import frappe

from school_dialer.carriers.faults import Fault
from school_dialer.settings import carrier_faults, carrier_settings

AGAIN_SECONDS = 20
"""By then every dispatcher has reread the settings and no longer requests the feature."""
LEAST_SECONDS = 60
"""Minimum between two attempts at a text that the carrier accepted but did not deliver.

Applies even if Dialer Settings have a shorter time.
"""


def found_lacking(logs: dict[str, str]) -> None:
	"""Record the features that the account lacks, given as {call log: feature}, and requeue notices.

	Campaigns retry their recipients by themselves; the notices are set to Waiting and their sending is
	enqueued.
	"""
	carrier_settings.remember_lacking(logs.values())
	waiting = frappe.db.sql(
		"select name from `tabDialer Notice` where call_log in %s and status in ('Sending', 'Sent') for "
		"update",
		(tuple(logs),),
	)
	if waiting:
		frappe.db.sql(
			"update `tabDialer Notice` set status = 'Waiting', call_log = null, sent_at = null where name in "
			"%s",
			(tuple(name for (name,) in waiting),),
		)
		frappe.enqueue(
			"school_dialer.followup.confirmations.send_due", queue="short", enqueue_after_commit=True
		)


def seconds_until_again(fault: Fault) -> int:
	if fault.lacks:
		return AGAIN_SECONDS
	if carrier_faults.waits(fault):
		return carrier_faults.seconds_of_limit(fault)
	return max(LEAST_SECONDS, 60 * (frappe.get_cached_doc("Dialer Settings").failed_after_minutes or 0))
