"""``python -m dev.carrier``: serves until it is stopped, and prints its address as one JSON line."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from dataclasses import replace

from aiohttp import web

from dev.carrier.api.app import make_apps
from dev.carrier.carrier import Carrier, Options
from dev.carrier.clock import DEFAULT_SPEED
from dev.carrier.dialects import DIALECTS

LOOPBACK = "127.0.0.1"
DEFAULT_ACCOUNT = "AC" + "0" * 32
DEFAULT_TOKEN = "simulated-token"


def main(arguments: list[str] | None = None) -> int:
	given = _parser().parse_args(arguments)
	options = Options(
		account=given.account,
		token=given.token,
		log=given.log,
		seed=given.seed,
		clock_offset=given.clock_offset,
		speed=given.speed,
		calls_per_second=given.calls_per_second,
		numbers=tuple(given.number),
		voice_url=given.voice_url,
		sms_url=given.sms_url,
		routes=dict(given.route),
		dialect=given.dialect,
		signing_key=given.signing_key,
	)
	logging.basicConfig(level=logging.WARNING, format="carrier: %(message)s")
	try:
		asyncio.run(_serve(every(options, given.beside), given.port, given.until_stdin_closes))
	except OSError as problem:
		print(f"carrier: cannot listen on port {given.port}: {problem.strerror}", file=sys.stderr)
		return 1
	return 0


def every(options: Options, beside: str | None) -> list[Options]:
	"""Return the carriers of this process: one, or another one of the other dialect beside it."""
	if not beside:
		return [options]
	account, token, key, log = beside.split(",")
	other = "signalwire" if options.dialect == "twilio" else "twilio"
	return [
		options,
		replace(options, account=account, token=token, signing_key=key, log=log, dialect=other, numbers=()),
	]


async def _serve(all_options: list[Options], port: int, until_stdin_closes: bool) -> None:
	carriers = [Carrier(options) for options in all_options]
	runner = web.AppRunner(make_apps(carriers), access_log=None, shutdown_timeout=1)
	await runner.setup()
	site = web.TCPSite(runner, LOOPBACK, port, backlog=1024)
	await site.start()
	stopped = asyncio.Event()
	loop = asyncio.get_running_loop()
	for sign in (signal.SIGTERM, signal.SIGINT):
		loop.add_signal_handler(sign, stopped.set)
	if until_stdin_closes:
		await _watch_stdin(loop, stopped)
	base = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
	for carrier in carriers:
		carrier.address = base + carrier.dialect.root
	print(json.dumps({"url": base, "account": all_options[0].account}), flush=True)
	await stopped.wait()
	await runner.cleanup()


async def _watch_stdin(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
	class UntilClosed(asyncio.Protocol):
		def connection_lost(self, problem: Exception | None) -> None:
			stopped.set()

	await loop.connect_read_pipe(UntilClosed, sys.stdin)


def _parser() -> argparse.ArgumentParser:
	parser = argparse.ArgumentParser(prog="python -m dev.carrier", description=__doc__)
	parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 (default) takes a free one")
	parser.add_argument("--seed", type=int, default=1, help="of the people and the faults")
	parser.add_argument("--account", default=DEFAULT_ACCOUNT, help="account SID that clients use")
	parser.add_argument("--token", default=DEFAULT_TOKEN, help="auth token; also signs the webhooks")
	parser.add_argument("--dialect", choices=sorted(DIALECTS), default="twilio", help="whose API it speaks")
	parser.add_argument("--signing-key", default="", help="signs the webhooks in place of the token")
	parser.add_argument(
		"--beside",
		metavar="ACCOUNT,TOKEN,KEY,LOG",
		help="a second carrier of the other dialect in this process",
	)
	parser.add_argument("--log", default=".bench/carrier.jsonl", help="journal, appended to")
	parser.add_argument("--clock-offset", type=float, default=0.0, help="seconds the site's clock is ahead")
	parser.add_argument(
		"--speed", type=float, default=DEFAULT_SPEED, help="simulated seconds that pass in a real one"
	)
	parser.add_argument(
		"--calls-per-second", type=float, default=100.0, help="of the account, in real time; 0 for no limit"
	)
	parser.add_argument(
		"--number", action="append", default=[], help="a number the account has (repeat); without any, all do"
	)
	parser.add_argument("--voice-url", help="webhook for calls to the account's numbers")
	parser.add_argument("--sms-url", help="webhook for texts to the account's numbers")
	parser.add_argument(
		"--route",
		action="append",
		default=[],
		type=_route,
		metavar="PUBLIC=LOCAL",
		help="deliver webhooks for https://public.example at http://127.0.0.1:8000 (repeat)",
	)
	parser.add_argument(
		"--until-stdin-closes", action="store_true", help="end with the process that started it"
	)
	return parser


def _route(text: str) -> tuple[str, str]:
	public, separator, local = text.partition("=")
	if not separator or not public or not local:
		raise argparse.ArgumentTypeError("give PUBLIC=LOCAL")
	return public, local


if __name__ == "__main__":
	sys.exit(main())
