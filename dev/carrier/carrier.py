"""The whole simulated carrier: an account, its numbers, its requests, and who is on the line."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dev.carrier.accounts.senders import Senders
from dev.carrier.accounts.settings import Account, positive
from dev.carrier.api.contract.strict import Contract
from dev.carrier.api.errors import ALERTS, DOCUMENTS, ApiError
from dev.carrier.api.resources import Call, Message, Recording
from dev.carrier.clock import DEFAULT_SPEED, Clock
from dev.carrier.dialects import DIALECTS
from dev.carrier.exchange import inbound
from dev.carrier.exchange.shelf import Shelf
from dev.carrier.exchange.switchboard import Switchboard
from dev.carrier.exchange.texting import TextingDesk
from dev.carrier.exchange.webhooks import Answer, Webhooks
from dev.carrier.journal import Journal
from dev.carrier.twiml import DocumentError, parse, plain_speech
from dev.carrier.world.faults import Faults
from dev.carrier.world.lookups import Lines
from dev.carrier.world.people import People

BIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Options:
	"""How a carrier starts, and what a reset returns it to."""

	account: str
	token: str
	log: str
	seed: int = 1
	clock_offset: float = 0.0
	speed: float = DEFAULT_SPEED
	calls_per_second: float = 100.0
	numbers: tuple[str, ...] = ()
	voice_url: str | None = None
	sms_url: str | None = None
	routes: Mapping[str, str] = field(default_factory=dict)
	dialect: str = "twilio"
	signing_key: str = ""


class Carrier:
	def __init__(self, options: Options):
		self.options = options
		self.address = ""  # the URL it is served at, once known; RecordingUrl begins with it
		self.clock = Clock(options.clock_offset, options.speed)
		self.journal = Journal(options.log, self.clock)
		self.started = self.clock.now()
		# SIDs must differ between runs; otherwise a second run would seem to repeat the first one's calls.
		self._run = os.urandom(8)
		self._sids = 0
		self._begin(options.seed)

	def _begin(self, seed: int) -> None:
		options = self.options
		self.seed = seed
		self.clock.offset, self.clock.speed = options.clock_offset, options.speed
		self.account = Account(options.account, options.token, options.calls_per_second)
		hooks = {"voice_url": options.voice_url, "sms_url": options.sms_url}
		self.senders = Senders({number: {} for number in options.numbers}, hooks)
		self.contract = Contract(DIALECTS[options.dialect].description)
		self.bins: dict[str, str] = {}
		self.alerts: Counter[int] = Counter()
		self.people = People(seed)
		self.lines = Lines()
		self.faults = Faults(seed)
		self.errors = 0
		self.dialect = DIALECTS[options.dialect]
		key = options.signing_key or options.token
		self.webhooks = Webhooks(key, self.journal, self.faults, options.routes, self.dialect)
		self.calls: Shelf[Call] = Shelf()
		self.messages: Shelf[Message] = Shelf()
		self.recordings: Shelf[Recording] = Shelf()
		self.switchboard = Switchboard(self)
		self.texting = TextingDesk(self)
		self.attempts: defaultdict[tuple[str, str], int] = defaultdict(int)
		self.requests: Counter[str] = Counter()
		self.refusals: Counter[int] = Counter()
		self.documents = 0
		self.recent: deque[float] = deque()

	async def reset(self, seed: int | None = None, truncate_log: bool = False) -> None:
		"""Return to the initial state; everyone on the line hangs up at once. SIDs stay unique."""
		await self.close_line()
		if truncate_log:
			self.journal.truncate()
		self._begin(self.options.seed if seed is None else seed)

	async def close_line(self) -> None:
		await self.switchboard.close()
		await self.texting.close()
		await self.webhooks.close()

	async def close(self) -> None:
		await self.close_line()
		self.journal.close()

	def new_sid(self, prefix: str) -> str:
		self._sids += 1
		key = self._run + self._sids.to_bytes(8, "big")
		return self.dialect.new_sid(prefix, hashlib.blake2b(key, digest_size=16).hexdigest())

	def next_attempt(self, kind: str, number: str) -> int:
		"""Count a call or text to this number and return which one it is, from 1."""
		self.attempts[kind, number] += 1
		return self.attempts[kind, number]

	def owns(self, number: str) -> bool:
		"""Return whether the account may use this number as its own.

		While it has been given none, any number is accepted.
		"""
		return self.senders.owns(number)

	def number(self, number: str) -> dict[str, Any]:
		"""Return where texts and calls to one of the account's numbers go, and how it sends."""
		return self.senders.settings(number)

	def shelved(self, url: str) -> Answer | None:
		"""Return what the carrier serves itself: a TwiML bin or the sound of a recording.

		Bins are available even when the site is down. Returns None for any other URL.
		"""
		if not url.startswith(f"{self.address}/"):
			return None
		path, _, name = url.partition("?")[0].rpartition("/")
		if path == f"{self.address}/_bins":
			return Answer(200, "text/xml", self.bins[name]) if name in self.bins else Answer(404)
		recording = self.recordings.by_sid.get(name.removesuffix(".wav"))
		found = recording is not None and not recording.deleted
		return Answer(200, "audio/x-wav") if found else Answer(404, "application/json")

	def set_bins(self, bins: Mapping[str, str | None]) -> dict[str, str]:
		"""Set TwiML bins by name and return the URL of each; None removes one.

		Raises ValueError for an invalid name or TwiML.
		"""
		for name, twiml in bins.items():
			try:
				if not BIN_NAME.fullmatch(name) or (twiml is not None and not parse(twiml)):
					raise ValueError(f"no name of a bin: {name!r}")
			except DocumentError as problem:
				raise ValueError(f"{name} is no TwiML: {problem}") from None
		self.bins = {name: twiml for name, twiml in {**self.bins, **bins}.items() if twiml is not None}
		return {name: f"{self.address}/_bins/{name}" for name in self.bins}

	def alert(self, code: int, about: str) -> None:
		"""Log an alert that Twilio would show in the account's debugger but not report to a client."""
		self.alerts[code] += 1
		message = ALERTS.get(code) or DOCUMENTS.get(code) or f"Error {code}"
		self.journal.write("alert", code=code, sid=about, message=message)

	def replies(self, answer: Answer) -> tuple[list[tuple[str, str]], int | None]:
		"""Return the texts, (to, body), that an answer to an inbound text asks for, and its error code or
		None.
		"""
		if answer.content_type == "text/plain":
			return [("", verb.text) for verb in plain_speech(answer.body).verbs], None
		try:
			document = parse(answer.body)
		except DocumentError as problem:
			return [], problem.code
		messages = [
			(verb.attributes.get("to", ""), verb.text)
			for verb in document.verbs
			if verb.name == "Message" and verb.text
		]
		return messages, document.warnings[0] if document.warnings else None

	async def inbound_call(self, person: str, dialer: str, behaviour: dict[str, Any]) -> dict:
		"""Let a person call one of the account's numbers; see `inbound.receive`."""
		return await inbound.receive(self, person, dialer, behaviour)

	@property
	def busy(self) -> dict[str, int]:
		return {
			"queued": self.switchboard.queued,
			"talking": self.switchboard.crew.working,
			"texts": self.texting.on_the_way,
			"callbacks": self.webhooks.crew.working,
		}

	async def idle(self, timeout: float) -> bool:
		"""Wait until no phone rings, no call is in progress, no text is in transit and no callback is
		pending.

		Returns False if that takes longer than ``timeout`` real seconds.
		"""
		deadline = asyncio.get_running_loop().time() + timeout
		while any(self.busy.values()):
			if asyncio.get_running_loop().time() >= deadline:
				return False
			await asyncio.sleep(0.01)
		return True

	def stats(self) -> dict:
		return {
			"seed": self.seed,
			"speed": self.clock.speed,
			"clock_offset": self.clock.offset,
			"calls_per_second": self.account.calls_per_second,
			"requests": dict(self.requests),
			"refusals": {str(code): count for code, count in self.refusals.items()},
			"calls": len(self.calls.items),
			"messages": len(self.messages.items),
			"call_outcomes": dict(self.switchboard.ended),
			"message_outcomes": dict(self.texting.ended),
			"most_calls_at_once": self.switchboard.crew.most,
			"documents": self.documents,
			"callbacks": dict(self.webhooks.counts),
			"faults": dict(self.faults.counts),
			"violations": self.contract.violations,
			"alerts": {str(code): count for code, count in self.alerts.items()},
			"unsubscribed": len(self.texting.unsubscribed),
			"failures": sum(part.crew.failures for part in (self.switchboard, self.texting, self.webhooks)),
			"busy": self.busy,
		}

	def set_time(
		self,
		speed: float | None = None,
		clock_offset: float | None = None,
		fetch_seconds: float | None = None,
	) -> None:
		"""Change the clock's speed and offset and the limit for documents; None leaves a value as it is.

		Raises ValueError for an invalid value.
		"""
		if fetch_seconds is not None and not positive(fetch_seconds):
			raise ValueError(f"fetch_seconds cannot be {fetch_seconds!r}")
		self.webhooks.fetch_limit = fetch_seconds or self.webhooks.fetch_limit
		if speed is not None and not positive(speed):
			raise ValueError(f"speed cannot be {speed!r}")
		if clock_offset is not None and not isinstance(clock_offset, (int, float)):
			raise ValueError(f"clock_offset cannot be {clock_offset!r}")
		self.clock.speed = self.clock.speed if speed is None else speed
		self.clock.offset = self.clock.offset if clock_offset is None else clock_offset

	def admit(self, at: float) -> None:
		"""Count a request against the account's rate limit; raise ApiError 20429 above it."""
		limit = self.account.requests_per_second
		if not limit:
			return
		while self.recent and self.recent[0] <= at - 1:
			self.recent.popleft()
		if len(self.recent) >= limit:
			raise ApiError(20429)
		self.recent.append(at)
