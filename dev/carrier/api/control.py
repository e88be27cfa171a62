"""The other side of the simulation, under /_control: for tests and demos, not part of Twilio's API.

Takes and returns JSON; what cannot be done is a 400 with {"error": ...}. README.md lists the routes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from dev.carrier.carrier import Carrier
from dev.carrier.exchange.numbers import normalise
from dev.carrier.world import scenarios
from dev.patience import PATIENCE

PREFIX = "/_control"
POSTED = (
	"people",
	"population",
	"lines",
	"faults",
	"time",
	"account",
	"numbers",
	"services",
	"bins",
	"scenario",
	"reset",
	"inbound_text",
	"inbound_call",
)

Action = Callable[[dict], Awaitable[dict]]


def add_routes(app: web.Application, carrier: Carrier) -> None:
	desk = ControlDesk(carrier)
	for name in POSTED:
		app.router.add_post(f"{PREFIX}/{name}", _posted(getattr(desk, name)))
	app.router.add_route("*", "/_bins/{name}", desk.bin)
	for name in ("stats", "idle", "person", "call", "health"):
		app.router.add_get(f"{PREFIX}/{name}", _got(getattr(desk, name)))


class ControlDesk:
	def __init__(self, carrier: Carrier):
		self.carrier = carrier

	async def people(self, people: dict) -> dict:
		self.carrier.people.set(people)
		return {"people": len(self.carrier.people.overrides)}

	async def lines(self, lines: dict) -> dict:
		"""Set what Lookup v2 answers about numbers (`world.lookups.Line`); null forgets one."""
		self.carrier.lines.set(lines)
		return {"lines": len(self.carrier.lines.known)}

	async def person(self, query: dict) -> dict:
		"""Return what the person at ``number`` does on call and text ``attempt`` (default: the next)."""
		number = _number(query, "number")
		attempts = self.carrier.attempts
		given = query.get("attempt")
		called = int(given) if given else attempts["call", number] + 1
		texted = int(given) if given else attempts["message", number] + 1
		voice, text = self.carrier.people.voice(number, called), self.carrier.people.texting(number, texted)
		return {"number": number, "voice": vars(voice), "text": vars(text)}

	async def faults(self, values: dict) -> dict:
		self.carrier.faults.replace(values)
		return self.carrier.faults.values

	async def time(self, settings: dict) -> dict:
		_known(settings, {"speed", "clock_offset", "fetch_seconds"})
		self.carrier.set_time(**settings)
		return {
			"speed": self.carrier.clock.speed,
			"clock_offset": self.carrier.clock.offset,
			"fetch_seconds": self.carrier.webhooks.fetch_seconds,
		}

	async def bins(self, bins: dict) -> dict:
		return {"bins": self.carrier.set_bins(bins)}

	async def scenario(self, given: dict) -> dict:
		"""Apply the settings of a named scenario, replacing those of any other; people and numbers stay."""
		_known(given, {"name"})
		scenarios.apply(self.carrier, str(given.get("name", "")))
		return {"name": given["name"]}

	async def account(self, settings: dict) -> dict:
		self.carrier.account.change(settings)
		if "calls_per_second" in settings:
			self.carrier.switchboard.start_over()
		return {name: value for name, value in vars(self.carrier.account).items() if name != "token"}

	async def numbers(self, numbers: dict) -> dict:
		self.carrier.senders.set(numbers)
		return {"numbers": self.carrier.senders.numbers}

	async def services(self, services: dict) -> dict:
		self.carrier.senders.set_services(services)
		return {"services": self.carrier.senders.services}

	async def population(self, habits: dict) -> dict:
		self.carrier.people.set_habits(habits)
		return vars(self.carrier.people.habits)

	async def reset(self, settings: dict) -> dict:
		_known(settings, {"seed", "truncate_log"})
		await self.carrier.reset(**settings)
		return {"seed": self.carrier.seed}

	async def inbound_text(self, text: dict) -> dict:
		_known(text, {"from", "to", "body", "sid"})
		if sid := text.get("sid"):
			return await self.carrier.texting.receive_again(str(sid))
		return await self.carrier.texting.receive(
			_number(text, "from"), _number(text, "to"), str(text.get("body", ""))
		)

	async def inbound_call(self, call: dict) -> dict:
		behaviour = {name: value for name, value in call.items() if name not in ("from", "to")}
		return await self.carrier.inbound_call(_number(call, "from"), _number(call, "to"), behaviour)

	async def stats(self, query: dict) -> dict:
		return self.carrier.stats()

	async def idle(self, query: dict) -> dict:
		idle = await self.carrier.idle(float(query.get("timeout", PATIENCE)))
		return {"idle": idle, **self.carrier.busy}

	async def call(self, query: dict) -> dict:
		"""Return one call as the API shows it, with what was spoken and pressed."""
		call = self.carrier.calls.by_sid.get(query.get("sid", ""))
		if call is None:
			raise ValueError("no such call")
		return {
			**call.json(),
			"behaviour": call.behaviour,
			"sentences": call.sentences,
			"digits": call.digits,
		}

	async def bin(self, http: web.Request) -> web.Response:
		"""Serve a TwiML bin to any HTTP client."""
		twiml = self.carrier.bins.get(http.match_info["name"])
		return (
			web.Response(status=404) if twiml is None else web.Response(text=twiml, content_type="text/xml")
		)

	async def health(self, query: dict) -> dict:
		return {"ok": True}


def _posted(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
	async def handle(http: web.Request) -> web.Response:
		try:
			given = json.loads(await http.text() or "{}")
			if not isinstance(given, dict):
				raise ValueError("a JSON object is expected")
			return web.json_response(await action(given))
		except (ValueError, TypeError, AttributeError) as problem:
			return web.json_response({"error": str(problem)}, status=400)

	return handle


def _got(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
	async def handle(http: web.Request) -> web.Response:
		try:
			return web.json_response(await action(dict(http.query)))
		except ValueError as problem:
			return web.json_response({"error": str(problem)}, status=400)

	return handle


def _number(given: dict, name: str) -> str:
	number = normalise(str(given.get(name, "")))
	if number is None:
		raise ValueError(f"{name} is not a phone number: {given.get(name)!r}")
	return number


def _known(given: dict, names: set[str]) -> None:
	if unknown := set(given) - names:
		raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(sorted(names))}")
