"""``python -m dev.carrier.speed``: how many calls a second the simulated carrier takes and carries to their
end.

A call here is what one is in a chaos run: placed with machine detection, looked up once, its outcome in the
journal. Ends with 1 below ``--least`` calls a second.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from dev.carrier import API_VERSION
from dev.carrier.server import Handle, start
from dev.patience import PATIENCE

CONNECTIONS = 4
LEAST_CALLS_PER_SECOND = 200
WORDS = "<Response><Say>This is Lincoln School. School is closed tomorrow.</Say></Response>"


def main(arguments: list[str] | None = None) -> int:
	parser = argparse.ArgumentParser(prog="python -m dev.carrier.speed", description=__doc__)
	parser.add_argument("--calls", type=int, default=2000)
	parser.add_argument("--least", type=float, default=LEAST_CALLS_PER_SECOND, help="calls a second")
	given = parser.parse_args(arguments)
	with start(seed=1, speed=2000, calls_per_second=0) as carrier:
		share = given.calls // CONNECTIONS
		began = time.monotonic()
		with ThreadPoolExecutor(CONNECTIONS) as pool:
			list(pool.map(lambda first: _place(carrier, first, share), range(0, share * CONNECTIONS, share)))
		placed = time.monotonic() - began
		carrier.wait_until_idle()
		carried = time.monotonic() - began
		stats = carrier.control("stats")
	pace = share * CONNECTIONS / carried
	print(
		f"{stats['calls']} calls placed in {placed:.1f} s and carried in {carried:.1f} s: "
		f"{pace:.0f} a second, "
		f"{stats['most_calls_at_once']} at once, {len(stats['violations'])} violations"
	)
	return int(pace < given.least or bool(stats["violations"]))


def _place(carrier: Handle, first: int, count: int) -> None:
	"""Place ``count`` calls, to numbers from ``first`` on, and look each one up once, over one connection."""
	connection = HTTPConnection(urlsplit(carrier.url).netloc, timeout=PATIENCE)
	key = base64.b64encode(f"{carrier.account}:{carrier.token}".encode()).decode()
	path = f"/{API_VERSION}/Accounts/{carrier.account}/Calls"
	headers = {"Authorization": f"Basic {key}", "Content-Type": "application/x-www-form-urlencoded"}
	for number in range(first, first + count):
		to = f"+1312{5550000 + number % 10000:07}"
		call = {"To": to, "From": "+13125550100", "Twiml": WORDS, "MachineDetection": "DetectMessageEnd"}
		connection.request("POST", f"{path}.json", urlencode(call), headers)
		sid = json.load(connection.getresponse())["sid"]
		connection.request("GET", f"{path}/{sid}.json", headers=headers)
		connection.getresponse().read()
	connection.close()


if __name__ == "__main__":
	sys.exit(main())
