"""Twilio, through its own client. No automatic retry: a repeated POST is a second call."""

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
	NotForAnybody,
	Placed,
	RateLimited,
	Refused,
	ResponseUnknown,
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
"""Names of events, which are not the names of statuses. That a call was answered, the fetch of its TwiML tells."""
LONGEST_VALIDITY = 36_000
"""Seconds, Twilio's own limit and default."""
MESSAGE_END = "DetectMessageEnd"
"""Asks for the words when a machine's greeting is over. With "Enable" they would be spoken over it, and not recorded
(https://www.twilio.com/docs/voice/answering-machine-detection)."""
LONGEST_GREETING = 59
"""Seconds, the most that Twilio takes. People are told from machines within a few seconds, whatever this is; after it the carrier
says "unknown", and the words are those for an answerer whom nobody knows."""
CONNECTIONS = 64
PAGE = 1000
MOST_PAGES = 100
TWILIO_HOST = re.compile(r"(?:[a-z0-9-]+\.){1,3}twilio\.com")
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}")
NOT_FOUND = 20404
LACKS = {"content_retention": DISCARD, "address_retention": OBFUSCATE}
"""Parameters of a text, and the feature of the account that each needs."""


class HttpClient(TwilioHttpClient):
	"""One pool of connections for all threads; tells a lost answer from no connection.

	Twilio's own keeps the latest answer on itself, where threads would take each other's, opens a connection anew when more than
	a few are in use, and takes twice the time. Proxies and certificates are those of the environment, as there.

	With a base URL (the simulated carrier) every request goes there and nowhere else, whatever host its address names, without
	a proxy. Without one only Twilio's own hosts are asked, those of TWILIO_EDGE and TWILIO_REGION too.
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
		"""Redirects are not followed: they could lead to another host."""
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
		"""Where a request for this address goes. Raises `WrongHost`, before anything is sent, when that is not the carrier."""
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
		"""The bytes at an address of this server, in ``content`` as they are. Redirects are not followed. Raises `Refused` for more
		than ``most``, without reading on."""
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
	"""Nothing was sent."""


def connections(url: str | None) -> urllib3.PoolManager:
	"""To the server, or to the proxy that the environment names for it; None never takes a proxy."""
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
		"""Of a number's first call by this object also that it rings: that callback alone has the call's attestation, and to ask for it each
		time would double what the site has to answer."""
		if sender in self.rung:
			return [COMPLETED]
		self.rung.add(sender)
		return [COMPLETED, RINGING]

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed:
		"""Where the account lacks a privacy feature that is asked for (30029, 30030), nothing was sent: then it goes out once more, without
		any. What is lacking is left out from then on, and named in the answer."""
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
		except NotForAnybody as error:
			if not (error.fault and error.fault.lacks and privacy):
				raise
			self.lacks.add(error.fault.lacks)
			message = send()
		return replace(placed_of(message), lacks=tuple(sorted(self.lacks)))

	def privacy(self, text: Text) -> dict[str, str]:
		"""Twilio's parameters: https://www.twilio.com/docs/messaging/guides/privacy-message-redaction."""
		asked = {
			"content_retention": text.discard and "discard",
			"address_retention": text.obfuscate and "obfuscate",
		}
		return {name: value for name, value in asked.items() if value and LACKS[name] not in self.lacks}

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Calls by number, of any time: what waits in Twilio's queue has no start time yet. Texts by number too; the number of
		one that was sent may be obfuscated, so those of the sender since then are read, and what is left of it compared.

		No list can be had of a Messaging Service: its texts have any number of its pool as From, and none at first. So the account's
		texts are read, and those that name the service are kept. What has no date may be the one that is looked for, and stays."""
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
		"""Every page. A row that cannot be read is passed over and logged; the others count. ``shown`` is the number that was asked for."""
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
		"""Made from our own account and the carrier's own server, whatever address a callback may have named."""
		if not RECORDING_SID.fullmatch(sid):
			raise ValueError("not a recording's id")
		address = f"{API}/2010-04-01/Accounts/{self.client.account_sid}/Recordings/{sid}"
		return self.client.http_client.address(self.client.get_hostname(address))

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		"""As WAV. What Twilio is still processing it answers with 404."""
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
		"""An account that does not tell its status answered all the same, so it is open."""
		account = self.ask(self.client.api.accounts(self.client.account_sid).fetch)
		return AccountState(
			written(account.friendly_name), account.status in ("active", None), account.type == "Trial"
		)

	def clock(self) -> datetime | None:
		"""The header Date of the answer to a request for the account (RFC 9110, 6.6.1)."""
		account = f"{API}/2010-04-01/Accounts/{self.client.account_sid}.json"
		answer = self.ask(self.client.request, method="GET", uri=account)
		if answer.status_code != 200:
			raise translated(answer.status_code, None)
		return date_of((answer.headers or {}).get("Date"))

	def calls_per_second(self, sender: str) -> float | None:
		"""No resource of Twilio's REST API holds it: it is set and shown in the Console, under Voice, Settings, General."""
		return None

	@staticmethod
	def ask(method, /, **parameters):
		"""Raises `CarrierError` and nothing else: an answer that cannot be read is one that was lost."""
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
	"""The parameter that says who sends a text."""
	return {"messaging_service_sid": sender} if is_service(sender) else {"from_": sender}


def validity(permit: Permit, at: datetime) -> dict[str, int]:
	"""For how many seconds from its arrival a text may wait in Twilio's queue, so that it is delivered inside the hours
	(https://www.twilio.com/docs/messaging/api/message-resource, ValidityPeriod). What waits longer fails with 30036."""
	if permit.closes_at is None:
		return {}
	left = permit.closes_at - at - lead(permit.decision.request)
	return {"validity_period": max(1, min(LONGEST_VALIDITY, int(left.total_seconds())))}


def placed_of(row) -> Placed:
	"""What was just created. Without an id it cannot be followed, and is looked up as a lost answer is."""
	if not written(row.sid):
		raise ResponseUnknown("The carrier's answer has no id.")
	return placed(row)


def placed(row, sid: str = "", shown: str = "") -> Placed:
	"""Every field but the id may be null in Twilio's description. Something that exists and has no status is on its way."""
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
	"""None for what is no date with a time zone."""
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
	"""Twilio's error as ours, by its code and only then by its status. Its message may quote the number, so only the code is kept."""
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
		return NotAuthorised if fault.breaker == STOP else NotForAnybody
	return BadNumber if fault.breaker == LIST else Refused


def kind_of_status(status: int, fault: Fault | None) -> tuple[type[CarrierError], Fault | None]:
	"""Where the code tells nothing. A 403 without a code is about the account; with one it may be about this one number."""
	if status == 429:
		return RateLimited, OVERRUN
	if status == 401 or (status == 403 and fault is None):
		return NotAuthorised, CREDENTIALS
	if status >= 500:
		return ResponseUnknown, None
	return Refused, fault or UNKNOWN_CODE
