"""Answers as sparse as Twilio's description allows: null or missing fields, and undescribed extra ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from dev.carrier.api.contract.strict import description

Luck = Callable[..., bool]
LISTS = {"calls_page": "call", "messages_page": "message", "recordings_page": "recording"}
SURPRISES: tuple[tuple[str, Any], ...] = (
	("unheard_of", {"nested": [1, None, "text"]}),
	("annotation", None),
)


@cache
def nullable(kind: str) -> frozenset[str]:
	"""Return the fields of a resource that may be null, according to the description."""
	root = description()

	def types(schema: dict) -> list[str]:
		if "$ref" in schema:
			schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
		found = schema.get("type", [])
		return found if isinstance(found, list) else [found]

	fields = root["schemas"][kind]["properties"]
	return frozenset(name for name, schema in fields.items() if "null" in types(schema))


def bared(operation: str, body: dict, luck: Luck) -> dict:
	"""Return the answer to a create, fetch, update or list with some of its fields removed.

	``luck(to, field, what)`` decides whether that happens to a field of a resource sent to that number; what
	is "null", "missing" or "surprise".
	"""
	promised = description()["operations"].get(operation, {}).get("answer")
	if promised is None or "code" in body:
		return body
	if kind := LISTS.get(promised):
		rows = f"{kind}s"
		return {**body, rows: [_bared(kind, row, luck) for row in body[rows]]}
	return _bared(promised, body, luck)


def _bared(kind: str, resource: dict, luck: Luck) -> dict:
	to, empty = resource.get("to", ""), nullable(kind)
	kept = {
		name: None if name in empty and luck(to, name, "null") else value
		for name, value in resource.items()
		if name not in empty or not luck(to, name, "missing")
	}
	return {**kept, **{name: value for name, value in SURPRISES if luck(to, name, "surprise")}}
