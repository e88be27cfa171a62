"""Dispatching: the dispatcher's CPU time per call, compared with a bare twilio client's request.

Both go to the same carrier. Claiming, deciding on current facts, recording and pacing are what a dispatcher's
call costs beyond the bare request. The carrier is another process, and so are MariaDB and Redis: only the
client's side is counted, in all its threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import frappe
from twilio.rest import Client

from benchmarks import place
from dev.carrier.client import client
from dev.carrier.server import Handle
from dev.demo.stage import SENDER
from school_dialer.carriers.twilio import LONGEST_GREETING, MESSAGE_END
from school_dialer.outbound.dispatch import dispatcher

PEOPLE = 800
PACE, UNLIMITED = 50, 2_000
TITLE = "Dispatching"


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Measure at a fixed pace and as fast as it goes; the bare client keeps the same pace.

	Returns medians, including the median of the rounds' ratios.
	"""
	with place.connected(PEOPLE), place.dialing(PACE) as carrier:
		paced = medians([one_round(carrier, PACE) for _ in range(rounds)])
		flat_out = medians([one_round(carrier, UNLIMITED) for _ in range(rounds)])
	return {"rounds": rounds, "calls_per_second": PACE, "paced": paced, "flat_out": flat_out}


def medians(each: list[dict[str, float]]) -> dict[str, float]:
	return {
		"calls": each[0]["calls"],
		"dispatch_ms": round(median(one["dispatch"] for one in each) * 1000, 3),
		"bare_ms": round(median(one["bare"] for one in each) * 1000, 3),
		"beyond": round(median(one["dispatch"] / one["bare"] - 1 for one in each), 2),
	}


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	rows = []
	for one, name in (
		(found["paced"], f"at {PACE} calls a second"),
		(found["flat_out"], "as fast as it goes"),
	):
		rows += [
			(f"CPU of a call, ms, {name}", f"{one['dispatch_ms']}", ""),
			("… of the bare twilio client's request at that pace", f"{one['bare_ms']}", ""),
			("… beyond the bare request, as a multiple of it", f"{one['beyond']}", "1 or less, better 0.3"),
		]
	return rows


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [
		(
			"CPU of a call beyond twilio's bare client, times its own",
			max(found["paced"]["beyond"], 0),
			1,
			"most",
		)
	]


def one_round(carrier: Handle, pace: float) -> dict[str, float]:
	"""Return the CPU seconds of one call through the dispatcher and of one bare request."""
	place.pace(pace)
	name = place.planned(PEOPLE)
	seconds = cpu(dispatcher.run)
	frappe.db.rollback()
	calls = frappe.db.count("Dialer Call Log", {"campaign": name, "carrier_sid": ("is", "set")})
	place.discard(name)
	bare = client(carrier.url, carrier.account, carrier.token)
	return {
		"calls": calls,
		"dispatch": seconds / calls,
		"bare": cpu(lambda: place_calls(bare, calls, pace)) / calls,
	}


def cpu(work: Callable[[], Any]) -> float:
	begin = time.process_time()
	work()
	return time.process_time() - begin


def place_calls(bare: Client, count: int, pace: float) -> None:
	begin = time.monotonic()
	for index in range(count):
		time.sleep(max(0.0, begin + index / pace - time.monotonic()))
		place_call(bare, index)


def place_call(bare: Client, index: int) -> None:
	"""Place a call with the parameters that the dispatcher sends."""
	url = f"{place.NOWHERE}/api/method/school_dialer.webhooks.twilio"
	bare.calls.create(
		to=f"+1312555{index:04d}",
		from_=SENDER,
		url=f"{url}.voice?log={index:016x}",
		method="POST",
		status_callback=f"{url}.status?log={index:016x}",
		status_callback_method="POST",
		status_callback_event=["completed"],
		timeout=25,
		machine_detection=MESSAGE_END,
		machine_detection_timeout=LONGEST_GREETING,
	)
