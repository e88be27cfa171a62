"""SignalWire's Compatibility API, through Twilio's client at the account's own address.

SignalWire's own Python client (2.1.1) is Twilio's 6.54 with another address, which cannot be installed beside
the one this app uses. So the same is done here (`signalwire_http`). Paths, parameters, fields and callbacks
are compared with https://developer.signalwire.com/rest/compatibility-api, whose differences from Twilio are
what this module holds:

- An account is a Project. Its id and the ids of calls, texts and recordings are UUIDs.
- Callbacks are signed like Twilio's, but by the Project's signing key and not by its API token.
- Texts have no privacy parameters. Only their words can be emptied, not a text that waits be canceled.
- Lists of texts filter by the day they were sent, and not "since".
- A request about something that does not exist is 404, whatever its code; one that comes too late is 10000.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta, timezone
from email.utils import format_datetime
from functools import partial

from school_dialer.carriers.base import Account, CarrierError, Placed, ReceivedText, Text
from school_dialer.carriers.signalwire_errors import fault_of, translated
from school_dialer.carriers.signalwire_http import SignalWireHttpClient
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.carriers.twilio_rows import placed, received

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEADERS = ("X-SignalWire-Signature", "X-Twilio-Signature")
"""Which header signs a callback of the Compatibility API
(https://signalwire.com/docs/server-sdks/reference/python/core/security/validate-webhook-signature)."""
TOO_LATE = 10000
"""Also "an attempt was made to cancel an in-progress call" and "to update a completed call"."""


class SignalWireCarrier(TwilioCarrier):
	name = "signalwire"
	account_id = UUID
	recording_id = UUID
	id_with_media = ""
	"""Ids look all alike."""
	signature_headers = HEADERS
	has_services = False
	longest_validity = 14_400
	"""Seconds. The default of ValidityPeriod, beyond which nothing is promised."""
	fault_of = staticmethod(fault_of)
	translated = staticmethod(translated)
	look_up = None
	"""SignalWire's Compatibility API has no look-up of numbers."""

	def http_client_of(self, account: Account) -> SignalWireHttpClient:
		return SignalWireHttpClient(account.base_url, account.timeout, account.space)

	def privacy(self, text: Text) -> dict[str, str]:
		"""Return nothing: texts have no such parameters here."""
		return {}

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Return recent calls or texts for these numbers. They are listed by number, never masked."""
		resource = self.client.calls if channel == "Voice" else self.client.messages
		by_sid = {
			placed_row.sid: placed_row
			for number in sorted(numbers)
			for placed_row in self.list(resource, partial(placed, shown=number), to=number, from_=sender)
		}
		return [
			placed_row
			for placed_row in by_sid.values()
			if placed_row.to in numbers and (placed_row.created_at is None or placed_row.created_at >= since)
		]

	def list_placed(self, channel: str, sender: str, since: datetime) -> Sequence[Placed]:
		"""Return the calls or texts from this sender since then, oldest first, from the newest pages back."""
		resource = self.client.calls if channel == "Voice" else self.client.messages
		by_sid = {placed_row.sid: placed_row for placed_row in self.newest(resource, since, from_=sender)}
		kept = [
			placed_row
			for placed_row in by_sid.values()
			if placed_row.created_at is None or placed_row.created_at >= since
		]
		return sorted(kept, key=lambda placed_row: placed_row.created_at or since)

	def list_received(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedText]:
		"""Return the texts that people sent to these numbers, oldest first, read day by day (UTC)."""
		by_sid = {}
		for number in sorted(numbers):
			for day in days(since):
				for text in self.list(self.client.messages, received, to=number, date_sent=day):
					if text.to in numbers and text.at >= since:
						by_sid[text.sid] = text
		return sorted(by_sid.values(), key=lambda text: text.at)

	def cancel(self, channel: str, sid: str) -> str:
		return super().cancel(channel, sid) if channel == "Voice" else ""

	def end(self, context, status: str):
		try:
			return super().end(context, status)
		except CarrierError as error:
			if error.code == TOO_LATE:
				return None
			raise

	def is_missing(self, error: CarrierError) -> bool:
		return error.status == 404


def days(since: datetime) -> list[str]:
	"""Return midnight (UTC, RFC 2822) of each day from then until tomorrow: clocks differ."""
	first, today = since.astimezone(timezone.utc).date(), datetime.now(timezone.utc).date()
	last = max(first, today) + timedelta(days=1)
	return [
		format_datetime(datetime.combine(first + timedelta(days=index), time(), timezone.utc))
		for index in range((last - first).days + 1)
	]
