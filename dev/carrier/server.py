"""A carrier in its own process, for tests, demos and benchmarks.

``with start(seed=7) as carrier: carrier.control("people", {"+13125550142": {"behaviour": "busy"}})``
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from dev.carrier.__main__ import DEFAULT_ACCOUNT, DEFAULT_TOKEN
from dev.carrier.clock import DEFAULT_SPEED
from dev.carrier.dialects import DIALECTS
from dev.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
READING = ("stats", "idle", "person", "call", "health")
_opener = build_opener(ProxyHandler({}))


class ControlError(RuntimeError):
	"""The carrier could not do what a control request asked for."""


class Handle:
	"""A running carrier. It ends with ``stop()``, with its ``with`` block, or with this process."""

	def __init__(
		self,
		process: subprocess.Popen,
		url: str,
		account: str,
		token: str,
		log_path: Path,
		scratch: tempfile.TemporaryDirectory | None = None,
		root: str = "",
	):
		self.root = root
		self.process = process
		self.url = url
		self.account = account
		self.token = token
		self.log_path = log_path
		self.scratch = scratch
		self._read: list[tuple[int, dict]] = []
		self._read_bytes, self._first = 0, b""

	def control(self, action: str, given: Mapping[str, Any] | None = None, timeout: float = PATIENCE) -> dict:
		"""POST /_control/<action> with a JSON object, or GET for stats, idle, person, call and health.

		Returns the JSON answer. Raises ControlError with the carrier's reason.
		"""
		url = f"{self.url}{self.root}/_control/{action}"
		if action in READING:
			request = Request(f"{url}?{urlencode(given or {})}")
		else:
			body = json.dumps(given or {}).encode()
			request = Request(url, data=body, headers={"Content-Type": "application/json"})
		try:
			with _opener.open(request, timeout=timeout) as response:
				return json.load(response)
		except HTTPError as problem:
			raise ControlError(f"{action}: {problem.read().decode(errors='replace')}") from None

	def scenario(self, name: str) -> None:
		"""Apply a scenario of dev/carrier/world/scenarios.py. Raises ControlError for an unknown name."""
		self.control("scenario", {"name": name})

	def wait_until_idle(self, seconds: float = PATIENCE) -> dict:
		"""Wait until no call is in progress and no callback is pending, and return the carrier's state.

		Raises ControlError if that takes longer than ``seconds``, which only a benchmark sets.
		"""
		state = self.control("idle", {"timeout": seconds}, timeout=seconds + PATIENCE)
		if not state["idle"]:
			raise ControlError(f"not idle after {seconds} s: {state}")
		return state

	def log(self, *kinds: str, since: int = 0) -> list[dict]:
		"""The journal's lines so far, of all kinds or of those given; of a journal that had ``since`` bytes
		those after them.
		"""
		self._read_on()
		return [
			entry for begin, entry in self._read if begin >= since and (not kinds or entry["kind"] in kinds)
		]

	def _read_on(self) -> None:
		"""Parse what the journal has gained since the last look.

		A line that is still being written waits for the next one.
		"""
		with self.log_path.open("rb") as lines:
			if lines.read(len(self._first)) != self._first:
				# It was emptied, and begun again.
				self._read, self._read_bytes = [], 0
			lines.seek(self._read_bytes)
			for line in lines:
				if not line.endswith(b"\n"):
					break
				self._first = self._first if self._read_bytes else line
				self._read.append((self._read_bytes, json.loads(line)))
				self._read_bytes += len(line)

	def stop(self) -> None:
		if self.process.stdin:
			self.process.stdin.close()
		try:
			self.process.wait(PATIENCE)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		if self.process.stdout:
			self.process.stdout.close()
		if self.scratch:
			self.scratch.cleanup()

	def __enter__(self) -> Handle:
		return self

	def __exit__(self, *problem: object) -> None:
		self.stop()


def start(
	port: int = 0,
	*,
	seed: int = 1,
	account: str = DEFAULT_ACCOUNT,
	token: str = DEFAULT_TOKEN,
	log: str | Path | None = None,
	clock_offset: float = 0.0,
	speed: float = DEFAULT_SPEED,
	calls_per_second: float = 100.0,
	numbers: Sequence[str] = (),
	voice_url: str | None = None,
	sms_url: str | None = None,
	routes: Mapping[str, str] | None = None,
	dialect: str = "twilio",
	signing_key: str | None = None,
	more: Sequence[str] = (),
	python: str = sys.executable,
) -> Handle:
	"""Start a carrier and return once it answers.

	Without ``log``, the journal is a temporary file that ``stop`` deletes. ``python`` must have aiohttp,
	which comes with twilio. Raises RuntimeError if the carrier does not start.
	"""
	scratch = None if log else tempfile.TemporaryDirectory(prefix="carrier-")
	log_path = Path(log or Path(scratch.name, "carrier.jsonl"))
	command = [python, "-m", "dev.carrier", "--until-stdin-closes"]
	command += options(
		port=port,
		seed=seed,
		account=account,
		token=token,
		log=log_path.resolve(),
		clock_offset=clock_offset,
		speed=speed,
		calls_per_second=calls_per_second,
		dialect=dialect,
		signing_key=signing_key,
		voice_url=voice_url,
		sms_url=sms_url,
	)
	command += more
	command += [f"--number={number}" for number in numbers]
	command += [f"--route={public}={local}" for public, local in (routes or {}).items()]
	process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	root = DIALECTS[dialect].root
	return Handle(process, address_of(process), account, token, log_path.resolve(), scratch, root)


def options(**values: object) -> list[str]:
	"""Return command line options of these names, without those that are None."""
	return [f"--{name.replace('_', '-')}={value}" for name, value in values.items() if value is not None]


def address_of(process: subprocess.Popen) -> str:
	"""Return the URL in the carrier's first line. Raises RuntimeError if the carrier ended before it."""
	began = time.monotonic()
	first_line = process.stdout.readline() if process.stdout else ""
	if not first_line:
		code = process.wait()
		raise RuntimeError(
			f"the carrier ended with {code} after {time.monotonic() - began:.1f} s; its words are above"
		)
	return json.loads(first_line)["url"]
