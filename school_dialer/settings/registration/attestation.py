"""The STIR/SHAKEN attestation that the carrier reports for a sending number.

Attestation is how sure the called phone's carrier can be of the caller ID. Twilio reports it in StirStatus, a
parameter of the status callback for the "ringing" event (A full, B partial, C gateway, or none), and nowhere
in the call resource (https://www.twilio.com/docs/voice/api/call-resource#statuscallback). So that event is
requested now and then (`TwilioCarrier.events`), and the latest value is stored on the number's row in Dialer
Settings.
"""

import frappe

from school_dialer.base import clock

LEVELS = ("A", "B", "C")


def note_level(log_name: str, level: str) -> None:
	"""Store the level for the number this call was made from. Unknown levels are ignored."""
	if level in LEVELS:
		frappe.db.sql(
			"""update `tabDialer Sending Number` number join `tabDialer Call Log` log
				on log.sender = number.phone_number
			set number.attestation = %s, number.attested_at = %s where log.name = %s
				and log.direction = 'Outbound'""",
			(level, clock.db_now(), log_name),
		)


def keep_levels(doc, before) -> None:
	"""Restore the stored levels when Dialer Settings are saved.

	The carrier's report cannot be edited by hand. A new number has no level.
	"""
	earlier = {row.phone_number: row for row in before.sending_numbers} if before else {}
	for row in doc.sending_numbers:
		was = earlier.get(row.phone_number)
		row.attestation, row.attested_at = (was.attestation, was.attested_at) if was else (None, None)
