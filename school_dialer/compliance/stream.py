"""JSON lines in, JSON lines out: one decision per line. No input stops the stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from json.encoder import encode_basestring_ascii
from typing import Any, BinaryIO, NoReturn

from school_dialer.compliance import policies
from school_dialer.compliance.codec import (
	Malformed,
	format_time,
	read_facts,
	read_request,
	read_time,
	refuse_unknown,
)
from school_dialer.compliance.engine import decide
from school_dialer.compliance.model import Decision
from school_dialer.compliance.reading import PolicyError

LONGEST_LINE = 1 << 20
CHUNK = 1 << 16
EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2200, 1, 1, tzinfo=timezone.utc)


def _no_constant(name: str) -> NoReturn:
	raise Malformed(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
	members = dict(pairs)
	if len(members) != len(pairs):
		raise Malformed("a field is there twice")
	return members


_read = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_object).raw_decode


def judge(data: Any) -> Decision:
	"""Return the decision for one parsed line. Raises Malformed or PolicyError."""
	if data.__class__ is not dict:
		raise Malformed("the line is not an object")
	refuse_unknown(data)
	at = read_time(data, "at")
	if at is None or not EARLIEST <= at < LATEST:
		raise Malformed("at is not a time between 1990 and 2200")
	request = read_request(data)
	name = data.get("policy")
	if name is not None and name.__class__ is not str:
		raise Malformed("policy is not a text")
	policy = policies.load(name) if name else policies.for_request(request)
	return decide(request, read_facts(data, at), policy, at)


def answer(line: bytes) -> str:
	"""Return one line's answer as JSON text without a line end, or "" for a blank line.

	Never raises, whatever the bytes.
	"""
	identity: Any = None
	try:
		text = line.decode("utf-8").strip()
		if not text:
			return ""
		data, end = _read(text)
		if end != len(text):
			raise Malformed("the line is not one JSON object")
		if data.__class__ is dict:
			identity = _identity(data.get("id"))
		decision = judge(data)
	except UnicodeDecodeError:
		return _error(identity, "the line is not UTF-8")
	except RecursionError:
		return _error(identity, "the line is nested too deeply")
	except (Malformed, PolicyError) as error:
		return _error(identity, str(error))
	except ValueError:
		return _error(identity, "the line is not JSON")
	return _reply(identity, decision)


def _reply(identity: Any, decision: Decision) -> str:
	until = "null" if decision.until is None else f'"{format_time(decision.until)}"'
	codes = ", ".join([f'"{code}"' for code in decision.codes]) if decision.reasons else ""
	return (
		f'{{"id": {_json(identity)}, "verdict": "{decision.verdict}", "until": {until}, '
		f'"reasons": [{codes}]}}'
	)


def run(source: BinaryIO, sink: BinaryIO) -> None:
	"""Answer every line of ``source`` as soon as it is complete.

	Memory is bounded by the longest line allowed.
	"""
	for lines in _batches(source):
		answers = [reply for line in lines if (reply := answer(line))]
		if answers:
			sink.write(("\n".join(answers) + "\n").encode("ascii"))
			sink.flush()


def _batches(source: BinaryIO) -> Iterator[list[bytes]]:
	"""Yield lists of complete lines as they arrive.

	A line longer than LONGEST_LINE is replaced by one that cannot be read.
	"""
	rest, skipping = b"", False
	while chunk := source.read1(CHUNK):
		*lines, rest = (rest + chunk).split(b"\n")
		if lines and skipping:
			lines[0], skipping = _TOO_LONG, False
		yield lines
		if len(rest) > LONGEST_LINE:
			rest, skipping = b"", True
	if skipping:
		rest = _TOO_LONG
	yield [rest]


_TOO_LONG = b'"a line longer than allowed"'


def _identity(value: Any) -> Any:
	if value is None or isinstance(value, str | int):
		return value
	if isinstance(value, float) and value - value == 0:
		return value
	raise Malformed("id is not a text or number")


def _json(value: Any) -> str:
	return encode_basestring_ascii(value) if value.__class__ is str else json.dumps(value)


def _error(identity: Any, message: str) -> str:
	return f'{{"id": {_json(identity)}, "error": {encode_basestring_ascii(message)}}}'
