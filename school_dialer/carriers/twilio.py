"""Twilio, through its own client library. Never retries: a repeated POST is a second call."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from school_dialer.carriers import twilio_incoming
from school_dialer.carriers.base import (
	TWILIO_HEADERS,
	Account,
	AccountState,
	BadNumber,
	CarrierError,
	Incoming,
	Placed,
	ReceivedCall,
	ReceivedText,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Text,
	Voice,
	is_service,
	may_be_any,
)
from school_dialer.carriers.faults import DISCARD, OBFUSCATE
from school_dialer.carriers.twilio_errors import fault_of, translated
from school_dialer.carriers.twilio_http import API, HttpClient
from school_dialer.carriers.twilio_rows import (
	CANCELED,
	NO_ANSWER,
	date_of,
	line_of,
	placed,
	placed_by_api,
	placed_of,
	received,
	received_call,
	rows_of,
	written,
)
from school_dialer.compliance.permit import Permit, lead
from school_dialer.lines.answer import LineAnswer

QUEUED, COMPLETED, RINGING = "queued", "completed", "ringing"
"""Names of status callback events, which differ from status names. That a call was answered is known from the
fetch of its TwiML.
"""
AT_ONCE = "Enable"
"""Asks Twilio who answered as soon as that is known, for a call that speaks meanwhile."""
MESSAGE_END = "DetectMessageEnd"
"""Asks Twilio to request the TwiML once a machine's greeting has ended. With "Enable" the message would play
over the greeting and not be recorded (https://www.twilio.com/docs/voice/answering-machine-detection).
"""
LONGEST_GREETING = 59
"""Seconds, the most Twilio accepts. Whatever this value is, people are distinguished from machines within a
few seconds. After this time the carrier reports "unknown", and the message for an unidentified answerer
plays.
"""
WAITS = timedelta(days=1)
"""How long a call or text may wait in one of Twilio's queues."""
PAGE = 1000
MOST_PAGES = 100
MOST_NUMBERS = 20
"""Up to this many numbers, texts to them are listed number by number."""
NOT_FOUND = 20404
LINE_TYPE, REASSIGNED = "line_type_intelligence", "reassigned_number"
"""Packages of Lookup v2."""
REQUEST_ID = "Twilio-Request-Id"
LACKS = {"content_retention": DISCARD, "address_retention": OBFUSCATE}
"""Parameters of a text, and the account feature each one needs."""


def detection(voice: Voice) -> dict:
	"""Return the parameters of answering-machine detection."""
	if not voice.detected_url:
		return {"machine_detection": MESSAGE_END, "machine_detection_timeout": LONGEST_GREETING}
	return {
		"machine_detection": AT_ONCE,
		"async_amd": "true",
		"async_amd_status_callback": voice.detected_url,
		"async_amd_status_callback_method": "POST",
	}


class TwilioCarrier:
	name = "twilio"
	account_id = re.compile(r"AC[0-9a-f]{32}")
	recording_id = re.compile(r"RE[0-9a-f]{32}")
	signature_headers = TWILIO_HEADERS
	id_with_media = "MM"
	"""How the id of a text begins that may have pictures or files. They are not deleted with it."""
	has_services = True
	"""Whether a Messaging Service may decide where the texts to a number go."""
	longest_validity = 36_000
	"""Seconds. Twilio's own limit and default."""
	fault_of = staticmethod(fault_of)
	translated = staticmethod(translated)

	def __init__(self, account: Account):
		http = self.http_client_of(account)
		self.owner = Client(account.account_sid, account.auth_token, http_client=http)
		"""The account by its token. No other key may read the account itself."""
		self.client = self.owner
		if account.api_key:
			self.client = Client(
				account.api_key, account.api_secret, account_sid=account.account_sid, http_client=http
			)
		self.lacks: set[str] = set()
		self.rung: set[str] = set()

	def http_client_of(self, account: Account) -> HttpClient:
		return HttpClient(account.base_url, account.timeout)

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed:
		permit.spend(at)
		options: dict = {}
		if voice.detect_voicemail:
			options |= detection(voice)
		if voice.fallback_url:
			options |= {"fallback_url": voice.fallback_url, "fallback_method": "GET"}
		call = self.ask(
			self.client.calls.create,
			to=permit.to,
			from_=permit.sender,
			url=voice.answer_url,
			method="POST",
			status_callback=voice.status_url,
			status_callback_method="POST",
			status_callback_event=self.events(permit.sender),
			timeout=voice.ring_timeout,
			**options,
		)
		return placed_of(call)

	def events(self, sender: str) -> list[str]:
		"""Return the status callback events to request.

		For a number's first call made through this object, ringing is included: only that callback carries
		the call's attestation, and requesting it every time would double the callbacks the site has to
		answer.
		"""
		if sender in self.rung:
			return [COMPLETED]
		self.rung.add(sender)
		return [COMPLETED, RINGING]

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed:
		"""Send a text, falling back to one without privacy features if the account lacks one.

		If the account lacks a requested privacy feature (30029, 30030), nothing was sent, so the text is sent
		once more without any. The missing feature is left out from then on and named in the result's
		``lacks``.
		"""
		permit.spend(at)
		send = partial(
			self.ask,
			self.client.messages.create,
			to=permit.to,
			**sent_by(permit.sender),
			body=text.body,
			status_callback=text.status_url,
			**validity(permit, at, self.longest_validity),
		)
		privacy = self.privacy(text)
		try:
			message = send(**privacy)
		except SenderRefused as error:
			if not (error.fault and error.fault.lacks and privacy):
				raise
			self.lacks.add(error.fault.lacks)
			message = send()
		return replace(placed_of(message), lacks=tuple(sorted(self.lacks)))

	def privacy(self, text: Text) -> dict[str, str]:
		"""Return Twilio's privacy parameters.

		https://www.twilio.com/docs/messaging/guides/privacy-message-redaction
		"""
		asked = {
			"content_retention": text.discard and "discard",
			"address_retention": text.obfuscate and "obfuscate",
		}
		return {name: value for name, value in asked.items() if value and LACKS[name] not in self.lacks}

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Return recent calls or texts that may be for one of these numbers.

		Calls are listed by number without a time filter, because a call waiting in Twilio's queue has no
		start time yet. Texts are listed by number too. The number of a text that was sent may be obfuscated,
		so all texts from the sender since then are also read, and the digits that are still visible are
		compared.

		Twilio cannot list by Messaging Service: its texts have any number of its pool as From, and none at
		first. So the account's texts are read, and those that name the service are kept. A row without a date
		may be the one being looked up, so it is kept.
		"""
		resource = self.client.calls if channel == "Voice" else self.client.messages
		whose = {} if is_service(sender) else {"from_": sender}
		by_sid = {
			item.sid: item
			for number in sorted(numbers)
			for item in self.list(resource, partial(placed, shown=number), to=number, **whose)
		}
		if channel == "Text":
			for item in self.list(resource, date_sent_after=since, **whose):
				by_sid.setdefault(item.sid, item)
		recent = [
			item
			for item in by_sid.values()
			if (item.created_at is None or item.created_at >= since)
			and (not is_service(sender) or item.service == sender)
		]
		shown_numbers = {item.to for item in recent}
		fitting = {shown for shown in shown_numbers if may_be_any(shown, numbers)}
		return [item for item in recent if item.to in fitting]

	def list_placed(self, channel: str, sender: str, since: datetime) -> Sequence[Placed]:
		"""Return all calls or texts from this sender since then, oldest first.

		Twilio's filters by date leave out what waits in a queue, so those calls are listed by their status.
		Texts are listed back to a day earlier, by their creation: one may wait in the sender's queue for
		hours, and then has no date of sending.
		"""
		whose = {} if is_service(sender) else {"from_": sender}
		if channel == "Voice":
			calls = self.client.calls
			items = self.list(calls, placed_by_api, start_time_after=since - WAITS, **whose)
			items += self.list(calls, placed_by_api, status=QUEUED, **whose)
		else:
			items = self.newest(self.client.messages, since - WAITS, **whose)
		kept = {
			item.sid: item
			for item in items
			if (item.created_at is None or item.created_at >= since)
			and (not is_service(sender) or item.service == sender)
		}
		return sorted(kept.values(), key=lambda item: (item.created_at is None, item.created_at or since))

	def newest(self, resource, until: datetime, convert: Callable = placed_by_api, **filters) -> list:
		"""Return the rows, converted, down to the first page that is older than this, newest first."""
		converted, page = [], self.ask(resource.page, page_size=PAGE, **filters)
		for _page in range(MOST_PAGES):
			rows = rows_of(page, lambda row: row)
			converted += rows_of(iter(rows), convert)
			if rows and all(row.date_created and row.date_created < until for row in rows):
				return converted
			page = self.ask(page.next_page)
			if page is None:
				return converted
		raise ResponseUnknown("The carrier's list does not end.")

	def fetch_status(self, channel: str, sid: str) -> Placed | None:
		resource = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			row = self.ask(resource.fetch)
		except CarrierError as error:
			if self.is_missing(error):
				return None
			raise
		return placed(row, sid=sid)

	def list_dialed(self, sid: str) -> Sequence[Placed]:
		return self.list(self.client.calls, parent_call_sid=sid)

	def list_received(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedText]:
		"""Return the texts that people sent to these numbers, oldest first.

		Twilio lists the newest first, with dates to the second, and cannot list by direction. With many
		numbers, which are those of a Messaging Service, the account's texts are read once and the received
		ones are kept.
		"""
		each = [{"to": number} for number in sorted(numbers)] if len(numbers) <= MOST_NUMBERS else [{}]
		by_sid = {
			text.sid: text
			for whose in each
			for text in self.list(self.client.messages, received, date_sent_after=since, **whose)
			if text.to in numbers and text.at >= since
		}
		return sorted(reversed(by_sid.values()), key=lambda text: text.at)

	def list_received_calls(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedCall]:
		"""Return the ended calls to these numbers, oldest first. They are listed like received texts."""
		each = [{"to": number} for number in sorted(numbers)] if len(numbers) <= MOST_NUMBERS else [{}]
		by_sid = {
			call.sid: call
			for whose in each
			for call in self.newest(self.client.calls, since, received_call, **whose)
			if call.to in numbers and call.at >= since
		}
		return sorted(by_sid.values(), key=lambda call: call.at)

	def list_incoming(self, senders: Collection[str]) -> Mapping[str, Sequence[Incoming]]:
		"""Return where texts and calls to these numbers and Messaging Services go, by sender."""
		return twilio_incoming.of_senders(
			self.list, self.client, senders, self.has_services, most=MOST_NUMBERS
		)

	def list(self, resource, convert: Callable | None = None, **filters) -> list:
		"""Return the rows of every page, converted (by default to `Placed`).

		An unreadable row is skipped and logged; the others count.
		"""
		rows, page = [], self.ask(resource.page, page_size=PAGE, **filters)
		for _page in range(MOST_PAGES):
			rows += rows_of(page, convert or placed)
			page = self.ask(page.next_page)
			if page is None:
				return rows
		raise ResponseUnknown("The carrier's list does not end.")

	def cancel(self, channel: str, sid: str) -> str:
		context = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		row = self.end(context, CANCELED)
		if row is None:
			return ""
		return NO_ANSWER if placed(row).status == NO_ANSWER else CANCELED

	def hang_up(self, sid: str) -> bool:
		"""End a call that was answered or rings. Return False if it has ended already.

		Other carriers need not have this method.
		"""
		return self.end(self.client.calls(sid), COMPLETED) is not None

	def end(self, context, status: str):
		"""Ask for the end of a call or text. Return its row; None if it has ended or is not known there."""
		try:
			return self.ask(context.update, status=status)
		except Refused:
			return None
		except CarrierError as error:
			if self.is_missing(error):
				return None
			raise

	def is_missing(self, error: CarrierError) -> bool:
		"""Return whether the carrier says that it has no such call, text or recording."""
		return error.code == NOT_FOUND

	def recording_address(self, sid: str) -> str:
		"""Build the URL from our own account and the carrier's own server, whatever URL a callback gave."""
		if not self.recording_id.fullmatch(sid):
			raise ValueError("not a recording's id")
		address = f"{API}/2010-04-01/Accounts/{self.client.account_sid}/Recordings/{sid}"
		return self.client.http_client.address(self.client.get_hostname(address))

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		"""Return the audio as WAV. Twilio answers 404 for a recording it is still processing."""
		http = self.client.http_client
		answer = http.download(f"{self.recording_address(sid)}.wav", self.client.auth, most)
		if answer.status_code == 200:
			return answer.content
		if answer.status_code == 404:
			return None
		raise self.translated(answer.status_code, None)

	def delete_recording(self, sid: str) -> None:
		if not self.recording_id.fullmatch(sid):
			raise ValueError("not a recording's id")
		try:
			self.ask(self.client.recordings(sid).delete)
		except CarrierError as error:
			if not self.is_missing(error):
				raise

	def delete_text(self, sid: str) -> None:
		"""Delete a text with its pictures and files. Other carriers need not have this method."""
		try:
			if sid.startswith(self.id_with_media):
				self.delete_media(sid)
			self.ask(self.client.messages(sid).delete)
		except CarrierError as error:
			if not self.is_missing(error):
				raise

	def delete_media(self, sid: str) -> None:
		for media in self.list(self.client.messages(sid).media, lambda row: row):
			self.ask(media.delete)

	def check(self) -> AccountState:
		"""Fetch the account.

		An account that does not report its status still responded, so it counts as active. An API key has to
		be accepted too.
		"""
		account = self.ask(self.owner.api.accounts(self.owner.account_sid).fetch)
		if self.client is not self.owner:
			self.ask(self.client.calls.page, page_size=1)
		return AccountState(
			written(account.friendly_name), account.status in ("active", None), account.type == "Trial"
		)

	def clock(self) -> datetime | None:
		"""Return the Date header of the response to a request for the account (RFC 9110, 6.6.1)."""
		account = f"{API}/2010-04-01/Accounts/{self.client.account_sid}.json"
		answer = self.ask(self.owner.request, method="GET", uri=account)
		if answer.status_code != 200:
			raise self.translated(answer.status_code, None)
		return date_of((answer.headers or {}).get("Date"))

	def calls_per_second(self, sender: str) -> float | None:
		"""Return None: no resource of Twilio's REST API holds this.

		It is set and shown in the Console, under Voice, Settings, General.
		"""
		return None

	def look_up(self, phone: str, verified_on: date | None, packages: Collection[str]) -> LineAnswer:
		"""Ask Lookup v2 about a number (E.164): its line type, and whether it changed hands since that date.

		`packages` are of `LINE_TYPE` and `REASSIGNED`; the second needs the date. Twilio answers the second
		for numbers in the US only. Raises `BadNumber` for a number that it does not know, and another
		`CarrierError` if there is no answer. Other carriers need not have
		this method.

		https://www.twilio.com/docs/lookup/v2-api/reassigned-number
		"""
		asked: dict = {"fields": ",".join(sorted(packages))}
		if REASSIGNED in packages and verified_on:
			asked["last_verified_date"] = f"{verified_on:%Y%m%d}"
		number = self.client.lookups.v2.phone_numbers(phone)
		try:
			if not hasattr(number, "fetch_with_http_info"):
				return line_of(self.ask(number.fetch, **asked), packages, "")
			response = self.ask(number.fetch_with_http_info, **asked)
		except CarrierError as error:
			if self.is_missing(error):
				raise BadNumber(str(error), error.code, error.status, error.fault) from None
			raise
		return line_of(response.data, packages, (response.headers or {}).get(REQUEST_ID) or "")

	@classmethod
	def ask(cls, method, /, **parameters):
		"""Call a client method and raise only `CarrierError`.

		A response that cannot be read counts as lost. Twilio's client names only the response of a page that
		the carrier refused.
		"""
		try:
			return method(**parameters)
		except CarrierError:
			raise
		except TwilioException as error:
			page = error.args[-1] if error.args else None
			status = getattr(error, "status", getattr(page, "status_code", None))
			if isinstance(status, int):
				raise cls.translated(status, getattr(error, "code", None)) from None
			raise ResponseUnknown("The carrier's list could not be read.") from None
		except Exception as error:
			raise ResponseUnknown(
				f"The carrier's answer could not be read ({type(error).__name__})."
			) from None


def sent_by(sender: str) -> dict[str, str]:
	"""Return the parameter that identifies the sender of a text."""
	return {"messaging_service_sid": sender} if is_service(sender) else {"from_": sender}


def validity(permit: Permit, at: datetime, longest: int) -> dict[str, int]:
	"""Return how many seconds a text may wait in the carrier's queue and still be delivered in calling hours.

	The time counts from the text's arrival at the carrier, which accepts ``longest``. A text that waits
	longer fails with 30036 (https://www.twilio.com/docs/messaging/api/message-resource, ValidityPeriod).
	"""
	if permit.closes_at is None:
		return {}
	left = permit.closes_at - at - lead(permit.decision.request)
	return {"validity_period": max(1, min(longest, int(left.total_seconds())))}
