"""The carrier as its parts see it: what its desks, its line and its scenarios use of the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Protocol

from dev.carrier.accounts.senders import Senders
from dev.carrier.accounts.settings import Account
from dev.carrier.api.resources import Call, Message, Recording
from dev.carrier.clock import Clock
from dev.carrier.dialects import Dialect
from dev.carrier.exchange.shelf import Shelf
from dev.carrier.exchange.webhooks import Answer, Webhooks
from dev.carrier.journal import Journal
from dev.carrier.line.steps import Step
from dev.carrier.twiml import Verb
from dev.carrier.world.faults import Faults
from dev.carrier.world.listener import Listener
from dev.carrier.world.people import People


class Network(Protocol):
	"""`dev.carrier.carrier.Carrier`, for the annotations of modules that it imports itself."""

	address: str
	account: Account
	alerts: Counter[int]
	attempts: defaultdict[tuple[str, str], int]
	bins: dict[str, str]
	calls: Shelf[Call]
	clock: Clock
	dialect: Dialect
	documents: int
	errors: int
	faults: Faults
	journal: Journal
	messages: Shelf[Message]
	options: Any
	people: People
	recordings: Shelf[Recording]
	senders: Senders
	switchboard: Any
	texting: Any
	webhooks: Webhooks

	def new_sid(self, prefix: str) -> str: ...

	def next_attempt(self, kind: str, number: str) -> int: ...

	def owns(self, number: str) -> bool: ...

	def number(self, number: str) -> dict[str, Any]: ...

	def shelved(self, url: str) -> Answer | None: ...

	def alert(self, code: int, about: str) -> None: ...

	def replies(self, answer: Answer) -> tuple[list[tuple[str, str]], int | None]: ...


class Talk(Protocol):
	"""`dev.carrier.exchange.conversation.Conversation`, as its verbs use it."""

	carrier: Network
	call: Call
	base: str
	listener: Listener
	dials: list[dict]

	async def wait(self, seconds: float) -> None: ...

	async def ask(self, step: Step) -> None: ...

	def beside(self, call: Call, listener: Listener) -> Any: ...

	def action(self, verb: Verb, params: dict[str, str]) -> Step: ...
