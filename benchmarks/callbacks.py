"""Callbacks: the cost of the carrier's webhooks, compared with Frappe's own `ping`.

A ping goes through Frappe's request handling and does nothing else, so it is the floor for anything Frappe
answers. It runs on the same web server in the same turn. The server is the site's own: two gunicorn processes
behind the fast path, or "door" (`school_dialer/webhooks/callback_fast_path.py`). The same status callbacks,
fetches of words, and opt-outs also go to a server without it. Requests are built and signed beforehand, and
another process sends them over a few persistent connections. Apart from that process's share, both cores are
left to the site, its database and its Redis servers. A burst ends when every callback in it has been applied.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from statistics import median
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import frappe
import psutil

from benchmarks import place, planning, population
from dev.carrier.__main__ import DEFAULT_ACCOUNT, DEFAULT_TOKEN
from dev.carrier.api.resources import Call
from dev.carrier.dialects import signature
from dev.carrier.line.parameters import parameters
from dev.demo import stage
from dev.site import ports, processes, services
from school_dialer.base import clock, states
from school_dialer.campaigns import transitions
from school_dialer.outbound.attempts import callback_queue

TITLE = "Callbacks"
CALLS = 500
PINGS = 500
KEYS = 200
CONNECTIONS = 8
DOUBLED = 5
"""One in this many status callbacks is sent twice."""
LAG = 20
"""How many other calls are answered before a call ends."""
SERVING = ("mariadb", "redis_cache", "redis_queue")
WEB, WITHOUT_DOOR = "web-bench", "web-bench-without-door"
HOOK = "/api/method/school_dialer.webhooks.twilio."


@dataclass(frozen=True, slots=True)
class Burst:
	"""Answered requests: their count, the time they took, and the CPU seconds they used.

	`web_cpu` is the web server's, `other_cpu` that of the database and Redis together.
	"""

	count: int
	seconds: float
	web_cpu: float
	other_cpu: float

	@property
	def per_second(self) -> float:
		return self.count / self.seconds

	@property
	def cpu_ms(self) -> float:
		return 1000 * (self.web_cpu + self.other_cpu) / self.count


def measure(rounds: int = 5) -> dict[str, Any]:
	with (
		place.connected(planning.SIZES[-1]),
		served(WEB, WITHOUT_DOOR) as (url, without_door),
		multiprocessing.get_context("spawn").Pool(1) as sender,
	):
		name = running_campaign()
		turns = [turn(name, url, without_door, sender, number) for number in range(rounds + 1)][1:]
		clear(name)
		place.discard(name)
	found: dict[str, Any] = {"rounds": rounds}
	for kind in turns[0]:
		bursts = [one[kind] for one in turns]
		found[kind] = {
			"per_second": round(median(burst.per_second for burst in bursts)),
			"cpu_ms": round(median(burst.cpu_ms for burst in bursts), 2),
			"of_ping": round(median(one[kind].cpu_ms / one["ping"].cpu_ms for one in turns), 2),
			"web_ms": round(median(1000 * burst.web_cpu / burst.count for burst in bursts), 2),
		}
	return found


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	rows = []
	for kind, words, goal in (
		("status", "Status callbacks a second", "500"),
		("without_door", "… without the door, each a request to Frappe", ""),
		("mix", "Callbacks a second, as many for words as for an end", ""),
		("voice", "Fetches of a call's words a second", "800"),
		("voice_without_door", "… without the door", ""),
		("keypress", "Opt-outs by key a second", "300"),
		("keypress_without_door", "… without the door", ""),
		("ping", "Frappe's `ping` a second", ""),
	):
		if not (one := found.get(kind)):
			continue
		rows.append((words, f"{one['per_second']:,}", goal))
		most = "2.5 or less" if kind == "voice" else ""
		rows.append(("… CPU of web server, database and Redis for each, ms", f"{one['cpu_ms']:.2f}", most))
		if kind != "ping":
			rows.append(("… as a multiple of a ping", f"{one['of_ping']:.2f}", ""))
	return rows


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [
		("Status callbacks a second", found["status"]["per_second"], 500, "least"),
		("Fetches of a call's words a second", found["voice"]["per_second"], 800, "least"),
		("Opt-outs by key a second", found["keypress"]["per_second"], 300, "least"),
	]


@contextmanager
def served(*names: str) -> Iterator[tuple[str, ...]]:
	"""Serve the benchmark site like the development site, and yield the URL of each of these web servers.

	`WEB` has the callback fast path, `WITHOUT_DOOR` has not. The first one is where the carrier calls back.
	"""
	stage.settle_settings(SimpleNamespace(account=DEFAULT_ACCOUNT, token=DEFAULT_TOKEN))
	frappe.db.commit()
	chosen = os.environ.get("SITE")
	os.environ["SITE"] = place.bench().site
	with ExitStack() as stack:
		try:
			for name in names:
				stack.callback(services.start_web(ports.any_free(), name=name, door=name == WEB).stop)
		finally:
			os.environ.pop("SITE") if chosen is None else os.environ.update(SITE=chosen)
		urls = tuple(processes.find(name).details["url"] for name in names)
		stage.set_public_url(urls[0])
		yield urls


def running_campaign() -> str:
	name = place.campaign(1)
	transitions.move(name, states.RUNNING)
	frappe.db.commit()
	return name


def turn(name: str, url: str, without_door: str, sender, number: int) -> dict[str, Burst]:
	"""Return one burst of each kind, by kind.

	The numbers that opt out are new ones, chosen at random. They have heard the words of their call before.
	"""
	clear(name)
	calls, again, mixed = groups = [
		[place_call(group * 1_000 + index) for index in range(CALLS)] for group in range(3)
	]
	first = secrets.randbelow(400) * 100 + 10_000 + 50_000 * (number % 2)
	keyed, keyed_slowly = (
		[place_call(first + group * KEYS // 2 + index) for index in range(KEYS // 2)] for group in range(2)
	)
	write(name, [*flat(groups), *keyed, *keyed_slowly])
	answered = [request(url, "voice", call, "in-progress") for call in (*keyed, *keyed_slowly)]
	sender.apply(send, (urlsplit(url).port, answered, CONNECTIONS))
	place.settle()
	ping = [f"GET /api/method/ping HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()]
	words = [request(url, "voice", call, "in-progress") for call in calls]
	keys, keys_slowly = (
		[request(url, "keypress", call, "in-progress", Digits="9") for call in some]
		for some in (keyed, keyed_slowly)
	)
	slow_words = [request(url, "voice", call, "in-progress") for call in again]
	bursts = {"ping": burst(url, sender, ping * PINGS), "voice": burst(url, sender, words)}
	bursts["voice_without_door"] = burst(without_door, sender, slow_words, WITHOUT_DOOR)
	bursts["status"] = burst(url, sender, flat(ends(url, calls)))
	bursts["without_door"] = burst(without_door, sender, flat(ends(url, again)), WITHOUT_DOOR)
	bursts["mix"] = burst(url, sender, interleaved(url, mixed))
	bursts["keypress"] = burst(url, sender, keys)
	bursts["keypress_without_door"] = burst(without_door, sender, keys_slowly, WITHOUT_DOOR)
	assert_settled(name, [*calls, *again, *mixed])
	return bursts


def place_call(number: int) -> Call:
	return Call(
		sid=f"CA{secrets.token_hex(16)}",
		account_sid=DEFAULT_ACCOUNT,
		to=population.number(number),
		sender=stage.SENDER,
		created=datetime.now(timezone.utc),
		attempt=1,
		answered_by="human",
		duration=21,
	)


def ends(url: str, calls: list[Call]) -> list[list[bytes]]:
	"""Return the requests for each call's final status; some calls get theirs twice."""
	over = {"CallDuration": "21", "Duration": "1", "SipResponseCode": "200"}
	return [
		[request(url, "status", call, "completed", **over)] * (1 if number % DOUBLED else 2)
		for number, call in enumerate(calls)
	]


def interleaved(url: str, calls: list[Call]) -> list[bytes]:
	"""Return requests in which calls are answered while earlier ones end."""
	words = [[request(url, "voice", call, "in-progress")] for call in calls]
	late: list[list[bytes]] = [[]] * LAG
	return flat(word + end for word, end in zip([*words, *late], [*late, *ends(url, calls)], strict=True))


def flat(groups: Iterable[list[bytes]]) -> list[bytes]:
	return [one for group in groups for one in group]


def request(url: str, method: str, call: Call, status: str, **more: str) -> bytes:
	"""Return a signed webhook request as raw bytes, as the carrier sends it."""
	form = {**parameters(replace(call, status=status)), **more}
	path = f"{HOOK}{method}?log={call.sid[2:18]}"
	body = urlencode(form)
	return (
		f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
		"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nAccept: */*\r\n"
		f"X-Twilio-Signature: {signature(DEFAULT_TOKEN, url + path, form)}\r\n"
		f"Content-Length: {len(body)}\r\n\r\n{body}"
	).encode()


def write(name: str, calls: list[Call]) -> None:
	"""Insert a call log and a recipient for each call, as they are after the carrier's answer to its POST.
	Commits.
	"""
	now, template = clock.db_now(), place.template()
	population.insert(
		"Dialer Recipient",
		(
			"campaign",
			"status",
			"channel",
			"phone",
			"household_key",
			"attempts",
			"max_attempts",
			"last_call_log",
		),
		(
			(f"R{call.sid[2:18]}", name, states.DIALING, "Voice", call.to, call.sid, 1, 1, call.sid[2:18])
			for call in calls
		),
	)
	population.insert(
		"Dialer Call Log",
		(
			*("status", "status_rank", "direction", "channel", "purpose", "campaign", "recipient", "attempt"),
			*("phone", "placed_at", "verdict", "template", "language", "students", "carrier_sid"),
		),
		(
			(
				*(call.sid[2:18], "queued", states.rank("queued"), "Outbound", "Voice", "Event", name),
				*(f"R{call.sid[2:18]}", 1, call.to, now, "ALLOW", template, "en", "[]", call.sid),
			)
			for call in calls
		),
	)
	frappe.db.commit()


def clear(name: str) -> None:
	place.empty(name)
	frappe.db.sql("delete from `tabDialer Call Log` where campaign = %s", name)
	frappe.db.commit()


def assert_settled(name: str, calls: list[Call]) -> None:
	frappe.db.rollback()
	reached = frappe.db.count("Dialer Recipient", {"campaign": name, "status": states.REACHED})
	assert reached == len(calls), f"{reached} of {len(calls)} calls were settled"


def burst(url: str, sender, requests: list[bytes], served_by: str = WEB) -> Burst:
	web = processes.find(served_by)
	web_pids = [web.pid, *processes.descendants(web.pid)]
	other_pids = [processes.find(name).pid for name in SERVING]
	before = cpu_of(web_pids), cpu_of(other_pids)
	seconds = sender.apply(send, (urlsplit(url).port, requests, CONNECTIONS)) + until_applied()
	after = cpu_of(web_pids), cpu_of(other_pids)
	return Burst(len(requests), seconds, after[0] - before[0], after[1] - before[1])


def until_applied() -> float:
	"""Wait until no callback is queued and return the seconds it took.

	A callback leaves the queue only after its effect is committed.
	"""
	begin = time.perf_counter()
	while frappe.cache().llen(callback_queue.LIST):
		time.sleep(0.002)
	return time.perf_counter() - begin


def cpu_of(pids: Iterable[int]) -> float:
	"""Return the CPU seconds that these processes have used."""
	return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def send(port: int, requests: list[bytes], connections: int) -> float:
	"""Send the requests over so many connections at once and return the seconds it took.

	It runs in the other process, which does not have the numbers of a small run. Raises AssertionError unless
	every answer is a 200 or 204.
	"""
	begin = time.perf_counter()
	with ThreadPoolExecutor(connections) as pool:
		waiting = iter(requests)
		for done in [pool.submit(send_in_turn, port, waiting) for _ in range(connections)]:
			done.result()
	return time.perf_counter() - begin


def send_in_turn(port: int, waiting: Iterator[bytes]) -> None:
	with socket.create_connection((ports.LOOPBACK, port)) as connection:
		for one in waiting:
			connection.sendall(one)
			answer = connection.recv(65536)
			while not is_whole(answer):
				more = connection.recv(65536)
				assert more, f"cut off: {answer[:200]!r}"
				answer += more
			assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")), answer[:500]


def is_whole(answer: bytes) -> bool:
	head, end, body = answer.partition(b"\r\n\r\n")
	if not end:
		return False
	_, said, rest = head.partition(b"Content-Length: ")
	return answer.startswith(b"HTTP/1.1 204") or not said or len(body) >= int(rest.split(b"\r\n")[0])
