"""Twilio, through its own client. No automatic retry: a repeated POST is a second call."""

import logging
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from os import environ
from urllib.parse import urlencode

import urllib3
from requests.adapters import HTTPAdapter
from requests.certs import where
from requests.utils import get_environ_proxies, select_proxy
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient as TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from school_dialer.carriers.base import (
	Account,
	AccountState,
	AnswerLost,
	BadNumber,
	NotAuthorised,
	Placed,
	Refused,
	Text,
	TooFast,
	Unreachable,
	Unsubscribed,
	Voice,
	is_service,
	may_be,
)
from school_dialer.compliance.permit import Permit

API = "https://api.twilio.com"
COMPLETED, RINGING = "completed", "ringing"
"""Names of events, which are not the names of statuses. That a call was answered, the fetch of its TwiML tells."""
MESSAGE_END = "DetectMessageEnd"
"""Asks for the words when a machine's greeting is over. With "Enable" they would be spoken over it, and not recorded
(https://www.twilio.com/docs/voice/answering-machine-detection)."""
LONGEST_GREETING = 59
"""Seconds, the most that Twilio takes. People are told from machines within a few seconds, whatever this is; after it the carrier
says "unknown", and the words are those for an answerer whom nobody knows."""
CONNECTIONS = 64
PAGE = 1000
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}")
NOT_FOUND = 20404
UNSUBSCRIBED = 21610
BAD_NUMBERS = (21211, 21214, 21217, 21401, 21614)
AUTH_CODES = (20003, 20005, 20008)
TOO_FAST = 20429


class HttpClient(TwilioHttpClient):
	"""One pool of connections for all threads; tells a lost answer from no connection.

	Twilio's own keeps the latest answer on itself, where threads would take each other's, opens a connection anew when more than
	a few are in use, and takes twice the time. Proxies and certificates are those of the environment, as there. Another base
	URL (the simulated carrier) takes the place of Twilio's.
	"""

	def __init__(self, base_url: str | None, timeout: float):
		super().__init__(logging.getLogger("school_dialer.twilio"), False, timeout)
		self.base_url = base_url or API
		self.pool = connections(self.base_url)

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
		url = uri.replace(API, self.base_url, 1)
		if params:
			url += f"?{urlencode(params, doseq=True)}"
		if auth:
			headers = headers | urllib3.make_headers(basic_auth=":".join(auth))
		try:
			answer = self.pool.urlopen(
				method,
				url,
				body=urlencode(data, doseq=True) if data else None,
				headers=headers,
				timeout=timeout or self.timeout,
				redirect=allow_redirects,
				retries=False,
			)
		except (NewConnectionError, ConnectTimeoutError) as error:
			raise Unreachable("The carrier cannot be reached.") from error
		except HTTPError as error:
			raise AnswerLost("The connection broke before the carrier's answer.") from error
		return Response(answer.status, answer.data.decode(), answer.headers)

	def download(self, url: str, auth: tuple[str, str], most: int) -> Response:
		"""The bytes at an address of this server, in ``content`` as they are. Redirects are not followed. Raises `Refused` for more
		than ``most``, without reading on."""
		try:
			answer = self.pool.urlopen(
				"GET",
				url,
				headers=urllib3.make_headers(basic_auth=":".join(auth)),
				timeout=self.timeout,
				redirect=False,
				retries=False,
				preload_content=False,
			)
			content = answer.read(most + 1)
			answer.close()
		except HTTPError as error:
			raise Unreachable("The recording could not be fetched from the carrier.") from error
		if answer.status == 200 and len(content) > most:
			raise Refused(f"The recording is larger than {most} bytes.")
		return Response(answer.status, content)


def connections(url: str) -> urllib3.PoolManager:
	"""To this server, or to the proxy that the environment names for it."""
	trusted = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or where()
	certificates = {"ca_certs": trusted, "cert_reqs": "CERT_REQUIRED"}
	if proxy := select_proxy(url, get_environ_proxies(url)):
		return HTTPAdapter(pool_maxsize=CONNECTIONS).proxy_manager_for(proxy, **certificates)
	return urllib3.PoolManager(maxsize=CONNECTIONS, **certificates)


class TwilioCarrier:
	name = "twilio"

	def __init__(self, account: Account):
		self.client = Client(
			account.account_sid,
			account.auth_token,
			http_client=HttpClient(account.base_url, account.timeout),
		)
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
		return Placed(call.sid, call.status, call.to)

	def events(self, sender: str) -> list[str]:
		"""Of a number's first call by this object also that it rings: that callback alone has the call's attestation, and to ask for it each
		time would double what the site has to answer."""
		if sender in self.rung:
			return [COMPLETED]
		self.rung.add(sender)
		return [COMPLETED, RINGING]

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed:
		"""The carrier is asked to discard the body and to obfuscate the number once delivered."""
		permit.spend(at)
		message = self.ask(
			self.client.messages.create,
			to=permit.to,
			**sent_by(permit.sender),
			body=text.body,
			status_callback=text.status_url,
			content_retention="discard",
			address_retention="obfuscate",
		)
		return Placed(message.sid, message.status, message.to)

	def placed_to(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Calls by number, of any time: what waits in Twilio's queue has no start time yet. Texts by number too while they wait;
		once they are sent their number is obfuscated, so those of the sender since then are read, and what is left of it compared.

		No list can be had of a Messaging Service: its texts have any number of its pool as From, and none at first. So the account's
		texts are read, and those that name the service are kept."""
		resource = self.client.calls if channel == "Voice" else self.client.messages
		whose = {} if is_service(sender) else {"from_": sender}
		rows = [row for number in numbers for row in self.list(resource, to=number, **whose)]
		if channel == "Text":
			rows += self.list(resource, date_sent_after=since, **whose)
		if is_service(sender):
			rows = [row for row in rows if row.messaging_service_sid == sender]
		recent = {row.sid: placed(row) for row in rows if row.date_created >= since}.values()
		fitting = {
			shown
			for shown in {one.to for one in recent}
			if shown in numbers or ("X" in shown and any(may_be(shown, number) for number in numbers))
		}
		return [one for one in recent if one.to in fitting]

	def look(self, channel: str, sid: str) -> Placed | None:
		resource = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			row = self.ask(resource.fetch)
		except Refused as error:
			if error.code == NOT_FOUND:
				return None
			raise
		return placed(row)

	def list(self, resource, **filters) -> list:
		return self.ask(resource.list, page_size=PAGE, **filters)

	def cancel(self, channel: str, sid: str) -> bool:
		context = self.client.calls(sid) if channel == "Voice" else self.client.messages(sid)
		try:
			self.ask(context.update, status="canceled")
		except Refused:
			return False
		return True

	def recording_address(self, sid: str) -> str:
		"""Made from our own account and the carrier's own server, whatever address a callback may have named."""
		if not RECORDING_SID.fullmatch(sid):
			raise ValueError("not a recording's id")
		http = self.client.http_client
		return f"{http.base_url}/2010-04-01/Accounts/{self.client.account_sid}/Recordings/{sid}"

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		"""As WAV. What Twilio is still processing it answers with 404."""
		http = self.client.http_client
		answer = http.download(f"{self.recording_address(sid)}.wav", self.client.auth, most)
		if answer.status_code == 200:
			return answer.content
		if answer.status_code == 404:
			return None
		raise translated(TwilioRestException(answer.status_code, "", "recording"))

	def delete_recording(self, sid: str) -> None:
		if not RECORDING_SID.fullmatch(sid):
			raise ValueError("not a recording's id")
		try:
			self.ask(self.client.recordings(sid).delete)
		except Refused as error:
			if error.code != NOT_FOUND:
				raise

	def check(self) -> AccountState:
		account = self.ask(self.client.api.accounts(self.client.account_sid).fetch)
		return AccountState(account.friendly_name, account.status == "active", account.type == "Trial")

	def calls_per_second(self, sender: str) -> float | None:
		"""No resource of Twilio's REST API holds it: it is set and shown in the Console, under Voice, Settings, General."""
		return None

	@staticmethod
	def ask(method, /, **parameters):
		try:
			return method(**parameters)
		except TwilioRestException as error:
			raise translated(error) from None
		except TwilioException as error:
			raise AnswerLost("The carrier's list could not be read.") from error


def sent_by(sender: str) -> dict[str, str]:
	"""The parameter that says who sends a text."""
	return {"messaging_service_sid": sender} if is_service(sender) else {"from_": sender}


def placed(row) -> Placed:
	"""Of a call or a text: what the resource does not have, or has as null, is unknown."""
	answered_by, duration = getattr(row, "answered_by", None), str(getattr(row, "duration", None) or "")
	return Placed(
		row.sid,
		row.status,
		row.to,
		row.date_created,
		answered_by or "",
		int(duration) if duration.isdecimal() else None,
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
	if code in BAD_NUMBERS:
		return BadNumber(message, code, status)
	if status >= 500:
		return AnswerLost(message, code, status)
	return Refused(message, code, status)
