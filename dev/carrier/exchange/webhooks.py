"""Requests from the carrier to the site: signed as Twilio signs them, and only ever to this machine."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import aiohttp
from yarl import URL

from dev.carrier.dialects import TWILIO, Dialect
from dev.carrier.exchange.crew import Crew
from dev.carrier.journal import Journal
from dev.carrier.world.faults import Faults

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
CONNECTIONS = 64
CONNECT_SECONDS, READ_SECONDS = 5, 15
RETRY_SECONDS = 0.2


@dataclass(frozen=True)
class Answer:
	"""The site's answer; without a status, ``error`` says why there was none."""

	status: int | None = None
	content_type: str = ""
	body: str = ""
	error: str | None = None

	@property
	def good(self) -> bool:
		return self.status is not None and 200 <= self.status < 300


# A fault of the site -> its answer while the fault strikes.
SITE_FAULTS = {
	"site_down": Answer(error="ClientConnectorError"),
	"site_500": Answer(500, "text/html", "<h1>Internal Server Error</h1>"),
	"site_slow": Answer(error="TimeoutError"),
}


class Webhooks:
	"""Sends webhooks and status callbacks.

	``routes`` maps a public base URL to where it is served on this machine. The request is signed for the
	public URL and arrives as if through a reverse proxy.
	"""

	def __init__(
		self,
		token: str,
		journal: Journal,
		faults: Faults,
		routes: Mapping[str, str] | None = None,
		dialect: Dialect = TWILIO,
	):
		self.dialect = dialect
		self.token = token
		self.journal = journal
		self.faults = faults
		self.routes = {public.rstrip("/"): local.rstrip("/") for public, local in (routes or {}).items()}
		self.fetch_limit: float | None = None
		self.counts: Counter[str] = Counter()
		self.crew = Crew()
		self._tails: dict[str, asyncio.Task] = {}
		self._sent: defaultdict[tuple, int] = defaultdict(int)
		self._session: aiohttp.ClientSession | None = None

	@property
	def fetch_seconds(self) -> float:
		"""Real seconds within which a document must arrive.

		Twilio's 15 at any speed, because a site does not compute faster when people talk faster.
		"""
		return self.fetch_limit or READ_SECONDS

	async def document(
		self, url: str, method: str, params: Mapping[str, str], is_action: bool = False
	) -> Answer:
		"""Request a document that a person on the line is waiting for, within ``fetch_seconds``.

		Faults lose the request of an action, send it late, or send it twice with one token; then the second
		answer counts.
		"""
		place = (urlsplit(url).path, params.get("From", ""), params.get("To", ""))
		if is_action and self.faults.strikes("lose_action", *place):
			return Answer(error="lost")
		await asyncio.sleep(self.faults.values["delay_document"])
		token = str(uuid4())
		answer = await self.request(url, method, params, token, self.fetch_seconds)
		if self.faults.strikes("double_document", *place):
			answer = await self.request(url, method, params, token, self.fetch_seconds)
		return answer

	async def request(
		self,
		url: str,
		method: str,
		params: Mapping[str, str],
		token: str | None = None,
		seconds: float = READ_SECONDS,
	) -> Answer:
		"""Send one webhook now. The parameters go into the body of a POST or the query string of a GET."""
		for fault, answer in SITE_FAULTS.items():
			if self.faults.strikes(fault, urlsplit(url).path, params.get("To", "")):
				return answer
		form = self.dialect.said(params)
		if method == "GET":
			url += ("&" if "?" in url else "?") + urlencode(form)
			form = {}
		where = self._where(url)
		if where is None:
			return Answer(error="refused: not a loopback address")
		headers = {
			**self.dialect.signed(self.token, url, form),
			"I-Twilio-Idempotency-Token": token or str(uuid4()),
			"User-Agent": "TwilioProxy/1.1",
			"Accept": "*/*",
			"Host": urlsplit(url).netloc,
			"X-Forwarded-Proto": urlsplit(url).scheme,
		}
		if method == "POST":
			headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
		data = urlencode(form).encode() if method == "POST" else None
		try:
			async with self._open_session().request(
				method,
				URL(where, encoded=True),
				data=data,
				headers=headers,
				allow_redirects=False,
				timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=seconds),
			) as response:
				body = await response.text(errors="replace")
				return Answer(response.status, response.content_type, body)
		except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
			return Answer(error=type(problem).__name__)

	def callback(
		self, about: str, who: str, url: str, method: str, params: Mapping[str, str], event: str
	) -> None:
		"""Send a status callback in the background.

		Callbacks of one resource (``about``) are sent in order, unless a fault delays one, drops it or sends
		it twice.
		"""
		place = (who, event, self._sent[who, event])
		self._sent[who, event] += 1
		if self.faults.strikes("drop_callback", *place):
			self._record(about, event, url, params, Answer(error="dropped"), 0)
			return
		delay = self.faults.hold_back(*place)
		waits_for = None if self.faults.values["reorder"] else self._tails.get(about)
		times = 2 if self.faults.strikes("double_callback", *place) else 1
		task = self.crew.start(self._deliver(about, url, method, params, event, delay, waits_for, times))
		self._tails[about] = task
		task.add_done_callback(lambda done: self._delivered(about, done))

	async def settled(self, about: str) -> None:
		"""Wait until the pending callbacks of one resource have been delivered or lost."""
		if tail := self._tails.get(about):
			await asyncio.wait({tail})

	async def _deliver(
		self,
		about: str,
		url: str,
		method: str,
		params: Mapping[str, str],
		event: str,
		delay: float,
		waits_for: asyncio.Task | None,
		times: int,
	) -> None:
		if delay:
			await asyncio.sleep(delay)
		if waits_for is not None:
			await asyncio.wait({waits_for})
		token = str(uuid4())
		for time in range(times):
			answer = await self.request(url, method, params, token)
			if answer.error and answer.error.startswith("ClientConnect"):
				await asyncio.sleep(RETRY_SECONDS)
				answer = await self.request(url, method, params, token)
			self._record(about, event, url, params, answer, time + 1)

	def _delivered(self, about: str, task: asyncio.Task) -> None:
		if self._tails.get(about) is task:
			del self._tails[about]

	def _record(
		self, about: str, event: str, url: str, params: Mapping[str, str], answer: Answer, time: int
	) -> None:
		self.counts["dropped" if answer.error == "dropped" else "delivered" if answer.good else "failed"] += 1
		self.journal.write(
			"callback",
			sid=about,
			event=event,
			callback_status=params.get("CallStatus")
			or params.get("MessageStatus")
			or params.get("RecordingStatus")
			or params.get("AnsweredBy"),
			sequence=params.get("SequenceNumber"),
			url=url,
			http_status=answer.status,
			error=answer.error,
			time=time,
		)

	def _where(self, url: str) -> str | None:
		for public, local in self.routes.items():
			if url == public or url.startswith((public + "/", public + "?")):
				return local + url[len(public) :]
		parts = urlsplit(url)
		host = parts.hostname or ""
		if host in LOOPBACK:
			return url
		if host.endswith(".localhost"):
			return parts._replace(netloc="127.0.0.1" + (f":{parts.port}" if parts.port else "")).geturl()
		return None

	def _open_session(self) -> aiohttp.ClientSession:
		"""Open a session that uses a new connection for each request.

		The site may close a kept connection just as the next request enters it, and a POST lost that way is
		not sent again.
		"""
		if self._session is None:
			self._session = aiohttp.ClientSession(
				connector=aiohttp.TCPConnector(limit=CONNECTIONS, force_close=True),
				cookie_jar=aiohttp.DummyCookieJar(),
			)
		return self._session

	async def close(self) -> None:
		await self.crew.cancel()
		if self._session is not None:
			await self._session.close()
			self._session = None
