"""Twilio, through its own client. No automatic retry: a repeated POST is a second call."""

from collections.abc import Sequence
from datetime import datetime

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from school_dialer.carriers.base import (
	Account,
	AnswerLost,
	NotAuthorised,
	Placed,
	Refused,
	Text,
	TooFast,
	Unreachable,
	Unsubscribed,
	Voice,
)
from school_dialer.compliance.permit import Permit

API = "https://api.twilio.com"
EVENTS = ["completed"]
"""Names of events, which are not the names of statuses. That a call was answered, the fetch of its TwiML tells."""
LOOKED_AT = 1000
"""Entries read in one look-up, newest first."""
UNSUBSCRIBED = 21610
AUTH_CODES = (20003, 20005, 20008)
TOO_FAST = 20429


class HttpClient(TwilioHttpClient):
	"""Sends to another base URL (the simulated carrier) when one is given, and tells a lost answer from no connection."""

	def __init__(self, base_url: str | None, timeout: float):
		super().__init__(timeout=timeout, max_retries=None)
		self.base_url = base_url

	def request(self, method, url, *args, **kwargs):
		if self.base_url:
			url = url.replace(API, self.base_url, 1)
		try:
			return super().request(method, url, *args, **kwargs)
		except requests.exceptions.ConnectTimeout as error:
			raise Unreachable("The carrier did not answer the connection.") from error
		except requests.exceptions.ConnectionError as error:
			if never_connected(error):
				raise Unreachable("The carrier cannot be reached.") from error
			raise AnswerLost("The connection broke before the carrier's answer.") from error
		except requests.exceptions.RequestException as error:
			raise AnswerLost("The carrier's answer did not come in time.") from error


def never_connected(error: Exception) -> bool:
	"""Whether the connection itself failed, so that no request can have arrived."""
	reason = getattr(error.args[0], "reason", None) if error.args else None
	return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


class TwilioCarrier:
	name = "twilio"

	def __init__(self, account: Account):
		self.client = Client(
			account.account_sid,
			account.auth_token,
			http_client=HttpClient(account.base_url, account.timeout),
		)

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed:
		permit.spend(at)
		options = {"machine_detection": "Enable"} if voice.detect_voicemail else {}
		call = self.ask(
			self.client.calls.create,
			to=permit.to,
			from_=permit.sender,
			url=voice.answer_url,
			method="POST",
			status_callback=voice.status_url,
			status_callback_method="POST",
			status_callback_event=EVENTS,
			timeout=voice.ring_timeout,
			**options,
		)
		return Placed(call.sid, call.status, call.to)

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed:
		"""The carrier is asked to discard the body and to obfuscate the number once delivered."""
		permit.spend(at)
		message = self.ask(
			self.client.messages.create,
			to=permit.to,
			from_=permit.sender,
			body=text.body,
			status_callback=text.status_url,
			content_retention="discard",
			address_retention="obfuscate",
		)
		return Placed(message.sid, message.status, message.to)

	def placed_to(self, channel: str, to: str, sender: str, since: datetime) -> Sequence[Placed]:
		"""By date of creation: what waits in Twilio's queue has no start time yet, and a text's number is obfuscated once
		sent, so texts are listed by sender and matched by what is left of it."""
		if channel == "Voice":
			rows = self.ask(self.client.calls.list, to=to, from_=sender, limit=LOOKED_AT)
		else:
			rows = self.ask(self.client.messages.list, from_=sender, limit=LOOKED_AT)
		return [
			Placed(row.sid, row.status, row.to, row.date_created)
			for row in rows
			if row.date_created >= since and may_be(row.to, to)
		]

	def cancel(self, channel: str, sid: str) -> bool:
		context = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			self.ask(context.update, status="canceled")
		except Refused:
			return False
		return True

	def check(self) -> str:
		return self.ask(self.client.api.accounts(self.client.account_sid).fetch).friendly_name

	@staticmethod
	def ask(method, /, **parameters):
		try:
			return method(**parameters)
		except TwilioRestException as error:
			raise translated(error) from None
		except TwilioException as error:
			raise AnswerLost("The carrier's list could not be read.") from error


def may_be(shown: str, number: str) -> bool:
	"""Whether a number as Twilio shows it, with the last digits as X when obfuscated, is this one."""
	return len(shown) == len(number) and all(
		one in ("X", other) for one, other in zip(shown, number, strict=True)
	)


def translated(error: TwilioRestException) -> Exception:
	"""Twilio's error as ours. Its message may quote the number, so only its code is kept."""
	code, status = error.code, error.status
	message = f"Twilio error {code} (HTTP {status})"
	if code == UNSUBSCRIBED:
		return Unsubscribed(message, code, status)
	if status == 429 or code == TOO_FAST:
		return TooFast(message, code, status)
	if status in (401, 403) or code in AUTH_CODES:
		return NotAuthorised(message, code, status)
	if status >= 500:
		return AnswerLost(message, code, status)
	return Refused(message, code, status)
