"""What the carrier reports of a sending number's STIR/SHAKEN attestation: how sure the called phone's carrier can be of the caller ID.

Twilio says it in StirStatus, a parameter of the status callback of the event "ringing" (A full, B partial, C gateway, or none), and
nowhere in the call resource (https://www.twilio.com/docs/voice/api/call-resource#statuscallback). So that event is asked for now and
then (`TwilioCarrier.events`), and the latest word is kept on the line of the number in Dialer Settings.
"""

import frappe

from school_dialer import clock

LEVELS = ("A", "B", "C")


def note_level(log_name: str, level: str) -> None:
	"""Keep it for the number that this call was made from. Unknown levels say nothing."""
	if level in LEVELS:
		frappe.db.sql(
			"""update `tabDialer Sending Number` number join `tabDialer Call Log` log on log.sender = number.phone_number
			set number.attestation = %s, number.attested_at = %s where log.name = %s and log.direction = 'Outbound'""",
			(level, clock.db_now(), log_name),
		)


def keep_levels(doc, before) -> None:
	"""Part of saving Dialer Settings: the carrier's word is not written by hand. A number that is new has none."""
	known = {row.phone_number: row for row in before.sending_numbers} if before else {}
	for row in doc.sending_numbers:
		was = known.get(row.phone_number)
		row.attestation, row.attested_at = (was.attestation, was.attested_at) if was else (None, None)
