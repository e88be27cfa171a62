"""Twilio, through its own client library. Never retries: a repeated POST is a second call."""

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from os import environ
from urllib.parse import urlencode, urlsplit

import urllib3
from requests.adapters import HTTPAdapter
from requests.certs import where
from requests.utils import get_environ_proxies, select_proxy
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient as TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from school_dialer.carriers.base import (
	Account,
	AccountState,
	BadNumber,
	CarrierError,
	ConnectionFailed,
	NotAuthorised,
	Placed,
	RateLimited,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Text,
	Unsubscribed,
	Voice,
	is_service,
	may_be,
)
from school_dialer.carriers.faults import DISCARD, LATER, LIST, OBFUSCATE, STOP, Fault
from school_dialer.carriers.twilio_errors import CREDENTIALS, OVERRUN, UNKNOWN_CODE, fault_of
from school_dialer.compliance.permit import Permit, lead

logger = logging.getLogger("school_dialer.twilio")

API = "https://api.twilio.com"
COMPLETED, RINGING = "completed", "ringing"
"""Names of status callback events, which differ from status names. That a call was answered is known from the
fetch of its TwiML.
"""
LONGEST_VALIDITY = 36_000
"""Seconds. Twilio's own limit and default."""
MESSAGE_END = "DetectMessageEnd"
"""Asks Twilio to request the TwiML once a machine's greeting has ended. With "Enable" the message would play
over the greeting and not be recorded (https://www.twilio.com/docs/voice/answering-machine-detection).
"""
LONGEST_GREETING = 59
"""Seconds, the most Twilio accepts. Whatever this value is, people are distinguished from machines within a
few seconds. After this time the carrier reports "unknown", and the message for an unidentified answerer
plays.
"""
CONNECTIONS = 64
PAGE = 1000
MOST_PAGES = 100
TWILIO_HOST = re.compile(r"(?:[a-z0-9-]+\.){1,3}twilio\.com")
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}")
NOT_FOUND = 20404
LACKS = {"content_retention": DISCARD, "address_retention": OBFUSCATE}
"""Parameters of a text, and the account feature each one needs."""


class HttpClient(TwilioHttpClient):
	"""An HTTP client with one connection pool for all threads.

	It distinguishes a lost response from a connection that was never made.

	Twilio's own client keeps the latest response on itself, where threads would take each other's. It also
	opens new connections when more than a few are in use, and takes twice the time. Proxies and certificates
	come from the environment, as in Twilio's client.

	With a base URL (the simulated carrier), every request goes there and nowhere else, whatever host its
	address names, without a proxy. Without a base URL, only Twilio's own hosts are contacted, including those
	of TWILIO_EDGE and TWILIO_REGION.
	"""

	def __init__(self, base_url: str | None, timeout: float):
		super().__init__(logging.getLogger("school_dialer.twilio"), False, timeout)
		self.base_url = base_url
		self.pool = connections(None if base_url else API)

	def request(
		self,
		method,
		uri,
		params=None,
		data=None,
		headers=None,
		auth=None,
		timeout=None,
		allow_redirects=False,
	) -> Response:
		"""Send one request. Redirects are not followed, because they could lead to another host.

		Raises `ConnectionFailed` if no connection was made, `ResponseUnknown` if the response was lost, and
		`WrongHost` if the address is not the carrier's.
		"""
		url = self.address(uri)
		if params:
			url += f"{'&' if urlsplit(url).query else '?'}{urlencode(params, doseq=True)}"
		if auth:
			headers = headers | urllib3.make_headers(basic_auth=":".join(auth))
		try:
			answer = self.pool.urlopen(
				method,
				url,
				body=urlencode(data, doseq=True) if data else None,
				headers=headers,
				timeout=timeout or self.timeout,
				redirect=False,
				retries=False,
			)
		except (NewConnectionError, ConnectTimeoutError) as error:
			raise ConnectionFailed("The carrier cannot be reached.") from error
		except HTTPError as error:
			raise ResponseUnknown("The connection broke before the carrier's answer.") from error
		return Response(answer.status, answer.data.decode(errors="replace"), answer.headers)

	def address(self, url: str) -> str:
		"""Return the URL a request for this address is sent to.

		Raises `WrongHost`, before anything is sent, if it is not the carrier's.
		"""
		asked = urlsplit(url)
		if self.base_url:
			base = urlsplit(self.base_url)
			asked = asked._replace(
				scheme=base.scheme,
				netloc=base.netloc,
				path=f"{base.path.rstrip('/')}/{asked.path.lstrip('/')}",
				fragment="",
			)
			allowed = urlsplit(asked.geturl())[:2] == base[:2]
		else:
			allowed = asked.scheme == "https" and TWILIO_HOST.fullmatch(asked.hostname or "")
		if not allowed:
			raise WrongHost("The address is not the carrier's.")
		return asked.geturl()

	def download(self, url: str, auth: tuple[str, str], most: int) -> Response:
		"""Return the raw bytes at a URL of this server in the response's ``content``.

		Redirects are not followed.

		Raises `Refused` if there are more than ``most`` bytes, without reading further.
		"""
		try:
			answer = self.pool.urlopen(
				"GET",
				self.address(url),
				headers=urllib3.make_headers(basic_auth=":".join(auth)),
				timeout=self.timeout,
				redirect=False,
				retries=False,
				preload_content=False,
			)
			content = answer.read(most + 1)
			answer.close()
		except HTTPError as error:
			raise ConnectionFailed("The recording could not be fetched from the carrier.") from error
		if answer.status == 200 and len(content) > most:
			raise Refused(f"The recording is larger than {most} bytes.")
		return Response(answer.status, content)


class WrongHost(CarrierError):
	"""The address is not the carrier's. Nothing was sent."""


def connections(url: str | None) -> urllib3.PoolManager:
	"""Return a connection pool to the server, or to the proxy the environment names for it.

	With None, no proxy is used.
	"""
	trusted = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or where()
	certificates = {"ca_certs": trusted, "cert_reqs": "CERT_REQUIRED"}
	if proxy := url and select_proxy(url, get_environ_proxies(url)):
		return HTTPAdapter(pool_maxsize=CONNECTIONS).proxy_manager_for(proxy, **certificates)
	return urllib3.PoolManager(maxsize=CONNECTIONS, **certificates)


class TwilioCarrier:
	name = "twilio"
	fault_of = staticmethod(fault_of)

	def __init__(self, account: Account):
		self.client = Client(
			account.account_sid,
			account.auth_token,
			http_client=HttpClient(account.base_url, account.timeout),
		)
		self.lacks: set[str] = set()
		self.rung: set[str] = set()

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed:
		permit.spend(at)
		options: dict = {}
		if voice.detect_voicemail:
			options |= {"machine_detection": MESSAGE_END, "machine_detection_timeout": LONGEST_GREETING}
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
			**validity(permit, at),
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
		found = {
			one.sid: one
			for number in sorted(numbers)
			for one in self.list(resource, to=number, shown=number, **whose)
		}
		if channel == "Text":
			for one in self.list(resource, date_sent_after=since, **whose):
				found.setdefault(one.sid, one)
		recent = [
			one
			for one in found.values()
			if (one.created_at is None or one.created_at >= since)
			and (not is_service(sender) or one.service == sender)
		]
		fitting = {
			shown
			for shown in {one.to for one in recent}
			if shown in numbers
			or ((not shown or "X" in shown) and any(may_be(shown, number) for number in numbers))
		}
		return [one for one in recent if one.to in fitting]

	def fetch_status(self, channel: str, sid: str) -> Placed | None:
		resource = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			row = self.ask(resource.fetch)
		except CarrierError as error:
			if error.code == NOT_FOUND:
				return None
			raise
		return placed(row, sid=sid)

	def list(self, resource, shown: str = "", **filters) -> list[Placed]:
		"""Return the rows of every page. An unreadable row is skipped and logged; the others count.

		``shown`` is the number the list was filtered by.
		"""
		rows, page = [], self.ask(resource.page, page_size=PAGE, **filters)
		for _page in range(MOST_PAGES):
			rows += rows_of(page, shown)
			page = self.ask(page.next_page)
			if page is None:
				return rows
		raise ResponseUnknown("The carrier's list does not end.")

	def cancel(self, channel: str, sid: str) -> bool:
		context = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			self.ask(context.update, status="canceled")
		except Refused:
			return False
		except CarrierError as error:
			if error.code == NOT_FOUND:
				return False
			raise
		return True

	def recording_address(self, sid: str) -> str:
		"""Build the URL from our own account and the carrier's own server, whatever URL a callback gave."""
		if not RECORDING_SID.fullmatch(sid):
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
		raise translated(answer.status_code, None)

	def delete_recording(self, sid: str) -> None:
		if not RECORDING_SID.fullmatch(sid):
			raise ValueError("not a recording's id")
		try:
			self.ask(self.client.recordings(sid).delete)
		except CarrierError as error:
			if error.code != NOT_FOUND:
				raise

	def check(self) -> AccountState:
		"""Fetch the account.

		An account that does not report its status still responded, so it counts as active.
		"""
		account = self.ask(self.client.api.accounts(self.client.account_sid).fetch)
		return AccountState(
			written(account.friendly_name), account.status in ("active", None), account.type == "Trial"
		)

	def clock(self) -> datetime | None:
		"""Return the Date header of the response to a request for the account (RFC 9110, 6.6.1)."""
		account = f"{API}/2010-04-01/Accounts/{self.client.account_sid}.json"
		answer = self.ask(self.client.request, method="GET", uri=account)
		if answer.status_code != 200:
			raise translated(answer.status_code, None)
		return date_of((answer.headers or {}).get("Date"))

	def calls_per_second(self, sender: str) -> float | None:
		"""Return None: no resource of Twilio's REST API holds this.

		It is set and shown in the Console, under Voice, Settings, General.
		"""
		return None

	@staticmethod
	def ask(method, /, **parameters):
		"""Call a client method and raise only `CarrierError`.

		A response that cannot be read counts as lost.
		"""
		try:
			return method(**parameters)
		except CarrierError:
			raise
		except TwilioException as error:
			status = getattr(error, "status", None)
			if isinstance(status, int):
				raise translated(status, getattr(error, "code", None)) from None
			raise ResponseUnknown("The carrier's list could not be read.") from None
		except Exception as error:
			raise ResponseUnknown(
				f"The carrier's answer could not be read ({type(error).__name__})."
			) from None


def sent_by(sender: str) -> dict[str, str]:
	"""Return the parameter that identifies the sender of a text."""
	return {"messaging_service_sid": sender} if is_service(sender) else {"from_": sender}


def validity(permit: Permit, at: datetime) -> dict[str, int]:
	"""Return how many seconds a text may wait in Twilio's queue and still be delivered within calling hours.

	The time counts from the text's arrival at Twilio. A text that waits longer fails with 30036
	(https://www.twilio.com/docs/messaging/api/message-resource, ValidityPeriod).
	"""
	if permit.closes_at is None:
		return {}
	left = permit.closes_at - at - lead(permit.decision.request)
	return {"validity_period": max(1, min(LONGEST_VALIDITY, int(left.total_seconds())))}


def placed_of(row) -> Placed:
	"""Return what was just created.

	Raises `ResponseUnknown` if it has no id: it cannot be tracked, so it is looked up like a request whose
	response was lost.
	"""
	if not written(row.sid):
		raise ResponseUnknown("The carrier's answer has no id.")
	return placed(row)


def placed(row, sid: str = "", shown: str = "") -> Placed:
	"""Convert a Twilio row. Twilio's documentation allows null in every field except the id.

	A resource that exists but has no status counts as queued.
	"""
	date = row.date_created
	code = getattr(row, "error_code", None)
	seconds = str(getattr(row, "duration", None) or "")
	return Placed(
		written(row.sid) or sid,
		written(row.status) or "queued",
		written(row.to) or shown,
		date if isinstance(date, datetime) else None,
		str(code) if code else "",
		written(getattr(row, "answered_by", None)),
		int(seconds) if seconds.isascii() and seconds.isdecimal() else None,
		service=written(getattr(row, "messaging_service_sid", None)),
	)


def date_of(header: object) -> datetime | None:
	"""Parse an HTTP date. Returns None if it is not a date with a time zone."""
	try:
		found = parsedate_to_datetime(written(header))
	except (ValueError, TypeError, IndexError, OverflowError):
		return None
	return found if found.tzinfo else None


def written(value: object) -> str:
	return value if isinstance(value, str) else ""


def rows_of(page, shown: str) -> list[Placed]:
	rows = []
	while True:
		try:
			one = placed(next(page), shown=shown)
		except StopIteration:
			return rows
		except Exception as error:
			logger.warning("a row of the carrier's list could not be read: %s", type(error).__name__)
			continue
		if one.sid:
			rows.append(one)
		else:
			logger.warning("a row of the carrier's list has no id")


def translated(status: int, code: object) -> CarrierError:
	"""Convert a Twilio error, by its code first and its HTTP status second.

	Twilio's message may quote the phone number, so only the code is kept.
	"""
	fault = fault_of(code)
	number = int(str(code)) if fault and str(code).isdecimal() else None
	message = f"Twilio error {number or status} (HTTP {status})"
	if fault is None or fault is UNKNOWN_CODE:
		kind, fault = kind_of_status(status, fault)
	else:
		kind = kind_of_fault(fault)
	if fault is UNKNOWN_CODE:
		logger.warning("an error code of the carrier is not in the table: %s (HTTP %s)", number, status)
	return kind(message, number, status, fault)


def kind_of_fault(fault: Fault) -> type[CarrierError]:
	if fault.opted_out:
		return Unsubscribed
	if fault.kind == LATER:
		return RateLimited
	if fault.of_the_school:
		return NotAuthorised if fault.breaker == STOP else SenderRefused
	return BadNumber if fault.breaker == LIST else Refused


def kind_of_status(status: int, fault: Fault | None) -> tuple[type[CarrierError], Fault | None]:
	"""Classify an error by HTTP status when the code says nothing.

	A 403 without a code is about the account; with a code it may be about this one number.
	"""
	if status == 429:
		return RateLimited, OVERRUN
	if status == 401 or (status == 403 and fault is None):
		return NotAuthorised, CREDENTIALS
	if status >= 500:
		return ResponseUnknown, None
	return Refused, fault or UNKNOWN_CODE
